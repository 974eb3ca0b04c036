import type { Http } from "@tocsin/platform/host";
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
  return {
    send: async (request, signal) => (await proxied()).send(request, signal),
    stream: async (request, signal) => (await proxied()).stream(request, signal),
    close: async () => (await loaded)?.close(),
  };
}
