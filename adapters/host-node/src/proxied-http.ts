import { type Dispatcher, EnvHttpProxyAgent } from "undici";
import {
  HttpError,
  type HttpRequest,
  type HttpResponse,
  type HttpStream,
  type Signal,
} from "@tocsin/platform/host";
import { monotonic } from "./clock.ts";
import { withPlainBody } from "./content-coding.ts";
import type { ClosableHttp } from "./http.ts";
import { httpError, type Progress, tooLate } from "./http-errors.ts";
import {
  defaultBodyLimit,
  plainHeaders,
  refuseWhenStopped,
  targetOf,
  watch,
} from "./http-target.ts";

/** Addresses of proxies, "" for none. `not`: hosts that are reached directly (`NO_PROXY`). */
interface Proxies {
  readonly http: string;
  readonly https: string;
  readonly not: string;
}

/** The network through proxies, with undici. */
export function proxiedHttp(proxies: Proxies): ClosableHttp {
  const agents = new Map<boolean, Dispatcher>();
  const agentFor = (request: HttpRequest): Dispatcher => {
    const insecure = request.insecureSkipVerify === true;
    const agent = agents.get(insecure) ?? makeAgent(proxies, insecure);
    agents.set(insecure, agent);
    return agent;
  };
  return {
    send: async (request, signal) => {
      refuseWhenStopped(signal);
      return send(agentFor(request), request, signal);
    },
    stream: async (request, signal) => {
      refuseWhenStopped(signal);
      return stream(agentFor(request), request, signal);
    },
    close: async () => {
      for (const agent of agents.values()) await agent.destroy();
      agents.clear();
    },
  };
}

/** The address of a proxy as undici takes it. HOST:PORT without a scheme is accepted, as by curl and Go. */
function proxyAddress(name: string, value: string): string {
  const address = /^[a-z][a-z0-9+.-]*:\/\//iu.test(value) ? value : `http://${value}`;
  if (URL.canParse(address) && /^(?:https?|socks5?):/iu.test(address)) return address;
  // The value is not shown: it may contain a password.
  const text = `${name} is not the address of a proxy, such as http://proxy.example:3128`;
  throw new HttpError("unreachable", text, false);
}

function makeAgent(proxies: Proxies, insecure: boolean): Dispatcher {
  const tls = insecure ? { rejectUnauthorized: false } : {};
  // Only the request's own total limit counts, which a server that trickles does not reset.
  const options = { headersTimeout: 0, bodyTimeout: 0, connect: tls };
  return new EnvHttpProxyAgent({
    ...options,
    ...(proxies.http === "" ? {} : { httpProxy: proxyAddress("HTTP_PROXY", proxies.http) }),
    ...(proxies.https === "" ? {} : { httpsProxy: proxyAddress("HTTPS_PROXY", proxies.https) }),
    noProxy: proxies.not,
    requestTls: tls,
  });
}

/** A request in the form that undici takes. */
function dispatchOf(request: HttpRequest): Dispatcher.DispatchOptions {
  const { url, headers, body } = targetOf(request);
  return {
    origin: url.origin,
    path: url.pathname + url.search,
    method: request.method as Dispatcher.HttpMethod,
    headers,
    body,
  };
}

function send(agent: Dispatcher, request: HttpRequest, signal?: Signal): Promise<HttpResponse> {
  const target = dispatchOf(request);
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
    const started = monotonic();
    const done = watch(request, signal, (why) => {
      over = new HttpError(why.failure, why.message, progress !== "connecting");
      fail(over);
      abort(over);
    });
    agent.dispatch(target, {
      onRequestStart(controller) {
        abort = (reason) => controller.abort(reason);
        over ??= tooLate(request, started);
        if (over !== undefined) controller.abort(over);
        else progress = "sent";
      },
      onResponseStart(_controller, code, received) {
        // 100 and 103 come before the answer.
        if (code < 200) return;
        progress = "answering";
        status = code;
        headers = plainHeaders(received);
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
        resolve(withPlainBody({ status, headers, body: Buffer.concat(chunks) }, limit));
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
  const target = dispatchOf(request);
  const controller = new AbortController();
  const done = watch(request, signal, (why) => controller.abort(why));
  const failure = (error: unknown, progress: Progress) =>
    httpError(controller.signal.aborted ? controller.signal.reason : error, progress);
  try {
    const response = await agent.request({ ...target, signal: controller.signal });
    return {
      status: response.statusCode,
      headers: plainHeaders(response.headers),
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
