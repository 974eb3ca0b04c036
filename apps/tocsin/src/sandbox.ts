import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import {
  type Incident,
  OnCall,
  onCallAddress,
  type Receipt,
  restVersion,
  wordsOf,
} from "@tocsin/alerting/oncall";
import { type Clock, seeded, shortened } from "@tocsin/platform/host";
import { breakOff } from "./break-off.ts";
import { UsageError } from "./command.ts";
import { type Fault, parseFault, strike } from "./sandbox-faults.ts";

/** How the stand-in is started. */
export interface SandboxOptions {
  /** Default: 0, any free port. */
  readonly port?: number;
  /** In the form that `parseFault` reads. */
  readonly faults?: readonly string[];
  /** Seed of the faults' randomness. Default: 1. */
  readonly seed?: number;
  readonly clock: Clock;
  /** Receives each line of the timeline, which never contains the integration key. */
  readonly onTimeline?: (line: string) => void;
}

/** A request that the stand-in received completely. */
interface SandboxRequest {
  /** RFC 3339. */
  readonly at: string;
  readonly method: string;
  /** The path as requested, with the integration key. `GET /requests` hides the key. */
  readonly path: string;
  readonly contentType: string;
  /** Parsed when it is JSON. */
  readonly body: unknown;
  /** The status of its answer; 0 when it got none. */
  readonly status: number;
  /** What On-Call would do, or which fault struck. */
  readonly effect: string;
}

/** A stand-in for On-Call on this machine. */
export interface Sandbox {
  /** `http://127.0.0.1:PORT` */
  readonly origin: string;
  requests(): readonly SandboxRequest[];
  incidents(): readonly Readonly<Incident>[];
  close(): Promise<void>;
}

const bodyLimit = 1024 * 1024;

/** Why a port is not available, by the system's code. */
const portTrouble: Readonly<Partial<Record<string, string>>> = {
  EADDRINUSE: "is taken by another program",
  EACCES: "cannot be used by this user",
};

/** Starts a stand-in. Rejects with `UsageError` when the port is not available. */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const state = new State(options);
  const server = createServer((request, response) => void state.handle(request, response));
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) => {
      const why = "code" in error ? portTrouble[String(error.code)] : undefined;
      reject(
        why === undefined
          ? error
          : new UsageError(`port ${options.port} ${why}; choose one with --port`),
      );
    });
    server.listen(options.port ?? 0, "127.0.0.1", resolve);
  });
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    origin: `http://127.0.0.1:${port}`,
    requests: () => state.requests,
    incidents: () => state.oncall.incidents,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

class State {
  readonly requests: SandboxRequest[] = [];
  readonly lines: string[] = [];
  readonly oncall: OnCall;
  readonly #options: SandboxOptions;
  readonly #faults: readonly Fault[];
  readonly #random;
  #saidVersion = false;

  constructor(options: SandboxOptions) {
    this.#options = options;
    this.#faults = (options.faults ?? []).map(parseFault);
    this.#random = seeded(options.seed ?? 1);
    let unnamed = 0;
    this.oncall = new OnCall(() => `sandbox-${++unnamed}`);
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? "/";
    if (request.method === "GET") return this.#show(path, response);
    const body = await read(request).catch(() => undefined);
    // The sender went away in the middle; On-Call would not have processed this request either.
    if (body === undefined) return;
    const { delay, fault } = strike(this.#faults, this.#random);
    if (delay > 0) await this.#options.clock.sleep(delay);
    if (fault === undefined) this.#answer(request, response, this.#receive(request, path, body));
    else this.#fail(fault, { request, response, path, body });
  }

  #receive(request: IncomingMessage, path: string, body: string): Receipt | undefined {
    const address = onCallAddress(`http://sandbox${path}`);
    if (request.method !== "POST" || address === undefined) {
      const status = request.method === "POST" ? 404 : 405;
      this.#note(request, { path, body, status, effect: `${status}: no such address at On-Call` });
      return undefined;
    }
    const at = this.#milliseconds();
    const receipt = this.oncall.receive(body, address.routingKey, at);
    if (address.version !== restVersion && !this.#saidVersion) {
      this.#saidVersion = true;
      this.#say(
        `note: the path contains ${address.version}; the stand-in takes any eight digits, ` +
          `On-Call only ${restVersion}`,
      );
    }
    this.#note(request, { path, body, status: receipt.status, effect: receipt.effect });
    for (const note of receipt.notes) this.#say(`          note: ${note}`);
    return receipt;
  }

  #answer(request: IncomingMessage, response: ServerResponse, receipt: Receipt | undefined): void {
    if (receipt !== undefined) return json(response, receipt.status, receipt.answer);
    const status = request.method === "POST" ? 404 : 405;
    json(response, status, { result: "failure", message: "no such address" });
  }

  #fail(fault: Fault, got: Got): void {
    const { request, response, path, body } = got;
    const noted = (status: number, effect: string) =>
      this.#note(request, { path, body, status, effect: `fault: ${effect}` });
    switch (fault.kind) {
      case "status":
        noted(fault.status, `answers ${fault.status}`);
        response.writeHead(fault.status).end();
        break;
      case "failure-body":
        noted(200, "answers 200 with a failure inside");
        json(response, 200, { result: "failure", message: "the stand-in was told to fail" });
        break;
      case "html":
        noted(200, "answers with a web page");
        response.writeHead(200, { "Content-Type": "text/html" });
        response.end("<!DOCTYPE html><title>Sign in</title><p>Please sign in.");
        break;
      case "hang":
        noted(0, "never answers");
        break;
      case "reset":
        // The worst case: it was processed, and the sender cannot know that.
        this.#receive(request, path, body);
        this.#say("          fault: the answer is lost");
        breakOff(request.socket);
        break;
      case "delay":
        break;
    }
  }

  #note(
    request: IncomingMessage,
    what: { path: string; body: string; status: number; effect: string },
  ): void {
    const at = new Date(this.#milliseconds()).toISOString();
    const body = parsed(what.body);
    const method = request.method ?? "";
    const contentType = request.headers["content-type"] ?? "";
    const { path, status, effect } = what;
    this.requests.push({ at, method, path, contentType, body, status, effect });
    this.#say(`${at.slice(11, 19)}  ${summary(body)}  ${effect}`);
  }

  #say(line: string): void {
    // Control characters in a request must not move a terminal's cursor.
    const clean = line.replace(/\p{Cc}/gu, " ");
    this.lines.push(clean);
    this.#options.onTimeline?.(clean);
  }

  #show(path: string, response: ServerResponse): void {
    if (path === "/requests") {
      return json(
        response,
        200,
        this.requests.map((one) => ({ ...one, path: hidden(one.path) })),
      );
    }
    if (path === "/incidents") return json(response, 200, this.oncall.incidents);
    if (path !== "/" && path !== "/timeline") {
      return json(response, 404, { message: "there are /, /requests and /incidents" });
    }
    response.writeHead(200, { "Content-Type": "text/plain; charset=utf-8" });
    response.end(this.lines.map((line) => `${line}\n`).join(""));
  }

  #milliseconds(): number {
    return Number(this.#options.clock.now() / 1_000_000n);
  }
}

interface Got {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly path: string;
  readonly body: string;
}

function hidden(path: string): string {
  return path.replace(/(\/alert(?:\/|(?=[^/?#])))[^/?#]+/, "$1***");
}

function summary(body: unknown): string {
  const fields = typeof body === "object" && body !== null ? Object.entries(body) : [];
  const of = new Map<string, unknown>(fields);
  const shown = (name: string) => wordsOf(of.get(name));
  const type = shown("message_type").padEnd(15);
  const short = shortened(shown("state_message"), 80);
  return `${type} ${shown("entity_id")}${short === "" ? "" : `  "${short}"`}`;
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return body;
  }
}

async function read(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size <= bodyLimit) chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function json(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { "Content-Type": "application/json" });
  response.end(JSON.stringify(value));
}
