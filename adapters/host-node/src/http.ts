import type { Dispatcher } from "undici";
import { type Http, HttpError, type HttpRequest, type HttpResponse } from "@tocsin/platform/host";
import type { HttpStream, Signal } from "@tocsin/platform/host";
import { httpError, type Progress } from "./http-errors.ts";

const defaultBodyLimit = 1024 * 1024;

/** The network, through undici, which is loaded by the first request. */
export function undiciHttp(environment: Readonly<Record<string, string | undefined>>): Http & {
  close(): Promise<void>;
} {
  const agents = new Map<boolean, Promise<Dispatcher>>();
  const agentFor = (request: HttpRequest): Promise<Dispatcher> => {
    const insecure = request.insecureSkipVerify === true;
    const agent = agents.get(insecure) ?? makeAgent(environment, insecure);
    agents.set(insecure, agent);
    return agent;
  };
  return {
    send: async (request, signal) => {
      const agent = await agentFor(request);
      refuseWhenStopped(signal);
      return send(agent, request, signal);
    },
    stream: async (request, signal) => {
      const agent = await agentFor(request);
      refuseWhenStopped(signal);
      return stream(agent, request, signal);
    },
    close: async () => {
      for (const agent of agents.values()) await (await agent).destroy();
      agents.clear();
    },
  };
}

async function makeAgent(
  environment: Readonly<Record<string, string | undefined>>,
  insecure: boolean,
): Promise<Dispatcher> {
  const { Agent, EnvHttpProxyAgent } = await import("undici");
  const tls = insecure ? { rejectUnauthorized: false } : {};
  // Only the request's own, total limit counts: a server that trickles must not reset it.
  const options = { headersTimeout: 0, bodyTimeout: 0, connect: tls };
  const of = (name: string) => environment[name] ?? environment[name.toLowerCase()] ?? "";
  const [httpProxy, httpsProxy] = [of("HTTP_PROXY"), of("HTTPS_PROXY")];
  if (httpProxy === "" && httpsProxy === "") return new Agent(options);
  const proxies = {
    ...(httpProxy === "" ? {} : { httpProxy }),
    ...(httpsProxy === "" ? {} : { httpsProxy }),
    noProxy: of("NO_PROXY"),
  };
  return new EnvHttpProxyAgent({ ...options, ...proxies, requestTls: tls });
}

interface Target {
  readonly origin: string;
  readonly path: string;
  readonly method: Dispatcher.HttpMethod;
  readonly headers: Record<string, string>;
  readonly body: Uint8Array | null;
}

function targetOf({ url, method, headers, body }: HttpRequest): Target {
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch {
    throw new HttpError("invalid-url", "this is not a URL", false);
  }
  if (parsed.protocol !== "http:" && parsed.protocol !== "https:") {
    throw new HttpError("invalid-url", "the URL must begin with http:// or https://", false);
  }
  const { origin, pathname, search, username, password } = parsed;
  const named = { ...headers };
  const authorised = Object.keys(headers).some((name) => name.toLowerCase() === "authorization");
  if (username !== "" && !authorised) {
    const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
    named["Authorization"] = `Basic ${Buffer.from(credentials).toString("base64")}`;
  }
  return {
    origin,
    path: pathname + search,
    method: method as Dispatcher.HttpMethod,
    headers: named,
    body: body ?? null,
  };
}

function refuseWhenStopped(signal: Signal | undefined): void {
  if (signal?.aborted) throw new HttpError("aborted", "stopped before anything was sent", false);
}

/** Raises `stop` when the time is over or the caller gives up; call the result when it is done. */
function watch(request: HttpRequest, signal: Signal | undefined, stop: (why: HttpError) => void) {
  const { timeoutMilliseconds } = request;
  const late = () =>
    stop(new HttpError("timeout", `no answer within ${timeoutMilliseconds / 1000} s`, true));
  const timer = timeoutMilliseconds > 0 ? setTimeout(late, timeoutMilliseconds) : undefined;
  const aborted = () => stop(new HttpError("aborted", "stopped before the answer came", true));
  signal?.addEventListener("abort", aborted);
  return () => {
    clearTimeout(timer);
    signal?.removeEventListener("abort", aborted);
  };
}

function send(agent: Dispatcher, request: HttpRequest, signal?: Signal): Promise<HttpResponse> {
  const target = targetOf(request);
  const limit = request.bodyLimit ?? defaultBodyLimit;
  return new Promise((resolve, reject) => {
    let progress: Progress = "connecting";
    let abort: (reason: Error) => void = () => {};
    let over: HttpError | undefined;
    let status = 0;
    let headers: Record<string, string> = {};
    const chunks: Uint8Array[] = [];
    let kept = 0;
    const fail = (error: unknown) => {
      done();
      reject(httpError(error, progress));
    };
    const started = performance.now();
    const done = watch(request, signal, (why) => {
      over = new HttpError(why.failure, why.message, progress !== "connecting");
      fail(over);
      abort(over);
    });
    agent.dispatch(target, {
      onRequestStart(controller) {
        abort = (reason) => controller.abort(reason);
        const { timeoutMilliseconds: limit } = request;
        // After a stop of the process a connection may be there before the timer that it is too late for.
        if (over === undefined && limit > 0 && performance.now() - started >= limit) {
          over = new HttpError("timeout", `not sent within ${limit / 1000} s`, false);
        }
        if (over !== undefined) controller.abort(over);
        else progress = "sent";
      },
      onResponseStart(_controller, code, received) {
        // 100 and 103 come before the answer.
        if (code < 200) return;
        progress = "answering";
        status = code;
        headers = plain(received);
      },
      onResponseData(_controller, chunk) {
        const room = limit - kept;
        if (room <= 0) return;
        const part = chunk.subarray(0, room);
        chunks.push(part);
        kept += part.length;
      },
      onResponseEnd() {
        done();
        resolve({ status, headers, body: Buffer.concat(chunks) });
      },
      onResponseError: (_controller, error) => fail(error),
    });
  });
}

async function stream(
  agent: Dispatcher,
  request: HttpRequest,
  signal?: Signal,
): Promise<HttpStream> {
  const target = targetOf(request);
  const controller = new AbortController();
  const done = watch(request, signal, (why) => controller.abort(why));
  const failure = (error: unknown, progress: Progress) =>
    httpError(controller.signal.aborted ? controller.signal.reason : error, progress);
  try {
    const response = await agent.request({ ...target, signal: controller.signal });
    return {
      status: response.statusCode,
      headers: plain(response.headers),
      body: (async function* () {
        try {
          for await (const chunk of response.body) yield chunk as Uint8Array;
        } catch (error) {
          throw failure(error, "answering");
        } finally {
          done();
        }
      })(),
    };
  } catch (error) {
    done();
    throw failure(error, "sent");
  }
}

function plain(
  headers: Readonly<Record<string, string | string[] | undefined>>,
): Record<string, string> {
  const result: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined) continue;
    result[name.toLowerCase()] = Array.isArray(value) ? value.join(", ") : value;
  }
  return result;
}
