import type { Agent, ClientRequest, IncomingMessage } from "node:http";
import type { RequestOptions } from "node:https";
import type { Socket } from "node:net";
import { type Http, HttpError, type HttpRequest, type Signal } from "@tocsin/platform/host";
import { monotonic } from "./clock.ts";
import { connectMilliseconds, idleMilliseconds } from "./connection.ts";
import { Connections } from "./connections.ts";
import type { ClosableHttp } from "./http.ts";
import { withPlainBody } from "./content-coding.ts";
import { httpError, type Progress, tooLate } from "./http-errors.ts";
import {
  defaultBodyLimit,
  plainHeaders,
  refuseWhenStopped,
  type Target,
  targetOf,
  watch,
} from "./http-target.ts";
import { isPlain } from "./plain-request.ts";

/** Node's own client for one scheme, with the connections that it keeps open. */
interface Carrier {
  readonly agent: Agent;
  request(url: URL, options: RequestOptions): ClientRequest;
}

/**
 * The network without proxies. Plain requests go over `Connections`; streams, and requests whose headers
 * say how they are carried, go through Node's own client.
 */
export function directHttp(): ClosableHttp {
  const carriers = new Map<string, Carrier>();
  const connections = new Connections();
  const carrierOf = (target: Target, request: HttpRequest): Carrier => {
    const secure = target.url.protocol === "https:";
    const insecure = request.insecureSkipVerify === true;
    const name = secure ? `https ${insecure ? "unverified" : ""}` : "http";
    const carrier = carriers.get(name) ?? (secure ? secureCarrier(insecure) : plainCarrier());
    carriers.set(name, carrier);
    return carrier;
  };
  const begin = (request: HttpRequest, signal: Signal | undefined): Exchange => {
    // Before Node's client is loaded: the process may be stopped meanwhile, and that time counts.
    const started = monotonic();
    refuseWhenStopped(signal);
    const target = targetOf(request);
    return new Exchange({ carrier: carrierOf(target, request), target, request, signal, started });
  };
  const sendByNode: Http["send"] = async (request, signal) => {
    const exchange = begin(request, signal);
    const answer = await exchange.answer;
    const limit = request.bodyLimit ?? defaultBodyLimit;
    const body = await exchange.body(answer, limit);
    return withPlainBody({ ...headOf(answer), body }, limit);
  };
  return {
    send: (request, signal) =>
      isPlain(request)
        ? connections.send({ request, signal, started: monotonic() })
        : sendByNode(request, signal),
    stream: async (request, signal) => {
      const exchange = begin(request, signal);
      const answer = await exchange.answer;
      return { ...headOf(answer), body: exchange.chunks(answer) };
    },
    close: async () => {
      for (const carrier of carriers.values()) carrier.agent.destroy();
      carriers.clear();
      connections.close();
    },
  };
}

const kept = { keepAlive: true, timeout: idleMilliseconds } as const;

// `import()` would read all exports of these modules, one of which loads undici.
function plainCarrier(): Carrier {
  const { Agent, request } = process.getBuiltinModule("node:http");
  return { agent: new Agent(kept), request: (url, options) => request(url, options) };
}

function secureCarrier(insecure: boolean): Carrier {
  const { Agent, request } = process.getBuiltinModule("node:https");
  const agent = new Agent(insecure ? { ...kept, rejectUnauthorized: false } : kept);
  return { agent, request: (url, options) => request(url, options) };
}

const headOf = ({
  statusCode,
  headers,
}: IncomingMessage): { status: number; headers: Record<string, string> } => ({
  status: statusCode ?? 0,
  headers: plainHeaders(headers),
});

/** A request, what carries it, and when it was asked for (`started`, by `monotonic`). */
interface Asked {
  readonly carrier: Carrier;
  readonly target: Target;
  readonly request: HttpRequest;
  readonly signal: Signal | undefined;
  readonly started: number;
}

/** One request and its answer. Anything that goes wrong fails both, including being too late. */
class Exchange {
  /** Rejects with an `HttpError`. */
  readonly answer: Promise<IncomingMessage>;
  readonly #request: HttpRequest;
  readonly #started: number;
  readonly #done: () => void;
  #client: ClientRequest | undefined;
  #progress: Progress = "connecting";
  #over: HttpError | undefined;
  #fail: (error: HttpError) => void = () => undefined;

  constructor({ carrier, target, request, signal, started }: Asked) {
    this.#request = request;
    this.#started = started;
    this.#done = watch(request, signal, (why) =>
      this.#stop(new HttpError(why.failure, why.message, this.#progress !== "connecting")),
    );
    this.answer = new Promise((resolve, reject) => {
      this.#fail = reject;
      this.#send(carrier, target, resolve);
    });
  }
  /** The bytes of an answer, the first `limit` of them. */
  body(answer: IncomingMessage, limit: number): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      this.#fail = reject;
      const chunks: Uint8Array[] = [];
      let size = 0;
      answer.on("data", (chunk: Buffer) => {
        if (size >= limit) return;
        const part = chunk.subarray(0, limit - size);
        chunks.push(part);
        size += part.length;
      });
      answer.on("end", () => {
        this.#done();
        resolve(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks));
      });
      answer.on("error", (error) => this.#failed(error));
    });
  }
  /** The bytes of an answer as they come. */
  async *chunks(answer: IncomingMessage): AsyncGenerator<Uint8Array> {
    try {
      for await (const chunk of answer) yield chunk as Uint8Array;
    } catch (error) {
      throw this.#over ?? httpError(error, this.#progress);
    } finally {
      this.#done();
    }
  }

  #send(carrier: Carrier, target: Target, resolve: (answer: IncomingMessage) => void): void {
    const { url, body } = target;
    const headers: Record<string, string> = { ...target.headers };
    if (body !== null) headers["Content-Length"] = String(body.length);
    const { method } = this.#request;
    try {
      const client = carrier.request(url, { method, headers, agent: carrier.agent });
      this.#client = client;
      client.on("socket", (socket) => this.#connect(socket, url.protocol === "https:"));
      client.on("error", (error) => this.#failed(error));
      client.on("response", (answer) => {
        this.#progress = "answering";
        resolve(answer);
      });
      if (body === null) client.end();
      else client.end(body);
    } catch (error) {
      this.#failed(error);
    }
  }
  #connect(socket: Socket, secure: boolean): void {
    if (this.#client?.reusedSocket === true) return this.#begin(false);
    const late = setTimeout(
      () => this.#stop(new HttpError("timeout", "no connection in time (ETIMEDOUT)", false)),
      connectMilliseconds,
    );
    socket.once("close", () => clearTimeout(late));
    socket.once(secure ? "secureConnect" : "connect", () => {
      clearTimeout(late);
      this.#begin(secure);
    });
  }
  /** The connection is ready. `maybe`: some of the request may have been sent already. */
  #begin(maybe: boolean): void {
    const late = tooLate(this.#request, this.#started, maybe);
    if (late === undefined) this.#progress = "sent";
    else this.#stop(late);
  }
  #stop(why: HttpError): void {
    this.#over ??= why;
    this.#failed(why);
    this.#client?.destroy(why);
  }
  #failed(error: unknown): void {
    this.#done();
    this.#fail(this.#over ?? httpError(error, this.#progress));
  }
}
