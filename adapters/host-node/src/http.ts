import type { Http, HttpRequest } from "@tocsin/platform/host";
import { monotonic } from "./clock.ts";
import { directHttp } from "./direct-http.ts";
import { tooLate } from "./http-errors.ts";

/** A network whose connections can be closed. */
export type ClosableHttp = Http & { close(): Promise<void> };

/**
 * The network: straight to the host, or through the proxies that the environment names. Nothing is
 * loaded before the first request.
 */
export function networkHttp(
  environment: Readonly<Record<string, string | undefined>>,
): ClosableHttp {
  // An empty variable is an unset one, as for Go's client, which upstream uses.
  const of = (name: string): string => environment[name] || environment[name.toLowerCase()] || "";
  const proxies = { http: of("HTTP_PROXY"), https: of("HTTPS_PROXY"), not: of("NO_PROXY") };
  const straight = directHttp();
  if (proxies.http === "" && proxies.https === "") return straight;
  let loaded: Promise<ClosableHttp> | undefined;
  const load = async (): Promise<ClosableHttp> => {
    try {
      return (await import("./proxied-http.ts")).proxiedHttp(proxies);
    } catch (error) {
      // undici may be missing while an installation is being replaced, and be there again later.
      loaded = undefined;
      throw error;
    }
  };
  const proxied = (): Promise<ClosableHttp> => (loaded ??= load());
  // The process may be stopped while undici is loaded, and that time counts.
  const begin = async (asked: HttpRequest): Promise<[ClosableHttp, HttpRequest]> => {
    const started = monotonic();
    const http = await proxied();
    return [http, withTimeLeft(asked, started)];
  };
  return {
    send: async (request, signal) => {
      if (isLoopback(request.url)) return straight.send(request, signal);
      const [http, left] = await begin(request);
      return http.send(left, signal);
    },
    stream: async (request, signal) => {
      if (isLoopback(request.url)) return straight.stream(request, signal);
      const [http, left] = await begin(request);
      return http.stream(left, signal);
    },
    close: async () => {
      await straight.close();
      await (await loaded)?.close();
    },
  };
}

/** Whether a request goes to this machine, and so past any proxy, as with Go's client. */
export function isLoopback(url: string): boolean {
  return /^https?:\/\/(?:[^/?#@]*@)?(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?=[:/?#]|$)/iu.test(
    url,
  );
}

/** The request with the time that is left of its limit. Throws an `HttpError` when none is. */
function withTimeLeft(request: HttpRequest, started: number): HttpRequest {
  const { timeoutMilliseconds: limit } = request;
  if (limit <= 0) return request;
  const late = tooLate(request, started);
  if (late !== undefined) throw late;
  const left = limit - (monotonic() - started);
  return { ...request, timeoutMilliseconds: Math.max(1, Math.ceil(left)) };
}
