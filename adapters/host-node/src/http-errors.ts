import { HttpError, type HttpFailure, type HttpRequest } from "@tocsin/platform/host";
import { monotonic } from "./clock.ts";

const tls =
  /^(CERT_|ERR_TLS_|ERR_SSL_|EPROTO|UNABLE_TO_|DEPTH_ZERO|SELF_SIGNED|HOSTNAME_M|INVALID_CA)/;

/** How far a request got before it failed. */
export type Progress = "connecting" | "sent" | "answering";

const byCode: Readonly<Record<string, [HttpFailure, string]>> = {
  ECONNREFUSED: ["refused", "connection refused"],
  ECONNRESET: ["reset", "the connection was closed before the answer"],
  EPIPE: ["reset", "the connection was closed before the answer"],
  UND_ERR_SOCKET: ["reset", "the connection was closed before the answer"],
  ENOTFOUND: ["no-such-host", "the host name does not exist"],
  EAI_AGAIN: ["dns", "the host name could not be looked up now"],
  EAI_FAIL: ["dns", "the host name could not be looked up now"],
  ETIMEDOUT: ["timeout", "no connection in time"],
  UND_ERR_PRX_CONN: ["reset", "the proxy closed the connection"],
  HTTPParserError: ["other", "the answer is not HTTP"],
  UND_ERR_CONNECT_TIMEOUT: ["timeout", "no connection in time"],
  EHOSTUNREACH: ["unreachable", "no route to that host"],
  ENETUNREACH: ["unreachable", "no route to that network"],
  EADDRNOTAVAIL: ["unreachable", "no free local address"],
  EMFILE: ["unreachable", "too many open files"],
};

/** Codes of requests that the client refuses to send. */
const unsendable = /^(?:UND_ERR_INVALID_ARG|ERR_INVALID_|ERR_HTTP_INVALID_|ERR_UNESCAPED_)/;

/**
 * Why a request that was asked for at `started` (`monotonic`) may no longer be sent; undefined: it may.
 * After the process was stopped, a connection may become ready before the timer that ends the request.
 * `maybe`: some of the request may have been sent already.
 */
export function tooLate(
  { timeoutMilliseconds: limit }: HttpRequest,
  started: number,
  maybe = false,
): HttpError | undefined {
  if (limit <= 0 || monotonic() - started < limit) return undefined;
  return new HttpError("timeout", `not sent within ${limit / 1000} s`, maybe);
}

/** What an error of a client or of the system means. The text never contains the address. */
export function httpError(error: unknown, progress: Progress): HttpError {
  if (error instanceof HttpError) return error;
  const code = codeOf(error);
  const known = Object.hasOwn(byCode, code) ? byCode[code] : undefined;
  // Before there is a connection nothing can have been processed.
  const maybe = progress !== "connecting";
  const words = error instanceof Error ? error.message : "";
  // The answer to CONNECT, or to a request that the proxy should have forwarded.
  const proxy = /Proxy (?:response|Authentication Required) \((\d+)\)/.exec(words);
  if (proxy !== null) {
    return new HttpError("unreachable", `the proxy refused the connection (${proxy[1]})`, false);
  }
  if (unsendable.test(code)) {
    const text = "the request cannot be sent: its address, method or a header is not valid";
    return new HttpError("other", `${text} (${code})`, false);
  }
  if (tls.test(code)) return new HttpError("tls", `no trusted connection (${code})`, false);
  if (progress === "answering") {
    return new HttpError("truncated", `the answer broke off (${code})`, true);
  }
  if (known !== undefined) return new HttpError(known[0], `${known[1]} (${code})`, maybe);
  if (code.startsWith("HPE_"))
    return new HttpError("other", `the answer is not HTTP (${code})`, true);
  return new HttpError("other", `the request failed (${code})`, maybe);
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return "unknown";
  if ("code" in error && typeof error.code === "string") return error.code;
  if (error instanceof AggregateError && error.errors.length > 0) return codeOf(error.errors[0]);
  return error.cause === undefined ? error.name : codeOf(error.cause);
}
