import { type Http, HttpError, type HttpRequest } from "@tocsin/platform/host";
import { directHttp } from "./direct-http.ts";

/** A network whose connections can be closed. */
export type ClosableHttp = Http & { close(): Promise<void> };

/**
 * The network: straight to the host, or through the proxies that the environment names. Nothing is
 * loaded before the first request.
 */
export function networkHttp(
  environment: Readonly<Record<string, string | undefined>>,
): ClosableHttp {
  const of = (name: string): string => environment[name] ?? environment[name.toLowerCase()] ?? "";
  const proxies = { http: of("HTTP_PROXY"), https: of("HTTPS_PROXY"), not: of("NO_PROXY") };
  if (proxies.http === "" && proxies.https === "") return directHttp();
  let loaded: Promise<ClosableHttp> | undefined;
  const proxied = (): Promise<ClosableHttp> =>
    (loaded ??= import("./proxied-http.ts").then(({ proxiedHttp }) => proxiedHttp(proxies)));
  // The process may stand still while undici is loaded: that counts, too.
  const begin = async (asked: HttpRequest): Promise<[ClosableHttp, HttpRequest]> => {
    const started = performance.now();
    const http = await proxied();
    return [http, withTimeLeft(asked, performance.now() - started)];
  };
  return {
    send: async (request, signal) => {
      const [http, left] = await begin(request);
      return http.send(left, signal);
    },
    stream: async (request, signal) => {
      const [http, left] = await begin(request);
      return http.stream(left, signal);
    },
    close: async () => (await loaded)?.close(),
  };
}

/** A request of whose time some is spent. Throws when none is left. */
function withTimeLeft(request: HttpRequest, spent: number): HttpRequest {
  const { timeoutMilliseconds: limit } = request;
  if (limit <= 0) return request;
  if (spent >= limit) throw new HttpError("timeout", `not sent within ${limit / 1000} s`, false);
  return { ...request, timeoutMilliseconds: Math.ceil(limit - spent) };
}
