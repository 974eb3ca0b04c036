import { HttpError, type HttpRequest, type Signal } from "@tocsin/platform/host";
import { startTimer } from "./timer.ts";

/** How many bytes of an answer are kept, unless the request says. */
export const defaultBodyLimit = 1024 * 1024;

/** Where a request goes, and its headers, among them one for the user and password of the address. */
export interface Target {
  readonly url: URL;
  readonly headers: Record<string, string>;
  readonly body: Uint8Array | null;
}

/** Reads the address of a request. Throws an `HttpError` that does not contain it. */
export function targetOf({ url, headers, body }: HttpRequest): Target {
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch {
    throw new HttpError("invalid-url", "this is not a URL", false);
  }
  if (parsed.protocol !== "http:" && parsed.protocol !== "https:") {
    throw new HttpError("invalid-url", "the URL must begin with http:// or https://", false);
  }
  const { username, password } = parsed;
  const named = { ...headers };
  const authorised = Object.keys(headers).some((name) => name.toLowerCase() === "authorization");
  if (username !== "" && !authorised) {
    const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
    named["Authorization"] = `Basic ${Buffer.from(credentials).toString("base64")}`;
  }
  return { url: parsed, headers: named, body: body ?? null };
}

/** Throws when the caller has given up already. */
export function refuseWhenStopped(signal: Signal | undefined): void {
  if (signal?.aborted) throw new HttpError("aborted", "stopped before anything was sent", false);
}

/** Calls `stop` when the time of a request is over or its caller gives up. Call the result when it is done. */
export function watch(
  request: HttpRequest,
  signal: Signal | undefined,
  stop: (why: HttpError) => void,
): () => void {
  const { timeoutMilliseconds } = request;
  let last: NodeJS.Immediate | undefined;
  const late = () => {
    // When the process was stopped, the answer may have arrived unread: what is there is read first.
    last = setImmediate(() =>
      stop(new HttpError("timeout", `no answer within ${timeoutMilliseconds / 1000} s`, true)),
    );
  };
  const stopTimer = timeoutMilliseconds > 0 ? startTimer(timeoutMilliseconds, late) : undefined;
  const aborted = () => stop(new HttpError("aborted", "stopped before the answer came", true));
  signal?.addEventListener("abort", aborted);
  return () => {
    stopTimer?.();
    clearImmediate(last);
    signal?.removeEventListener("abort", aborted);
  };
}

/** Headers with one text each, names in lower case. */
export function plainHeaders(
  headers: Readonly<Record<string, string | string[] | undefined>>,
): Record<string, string> {
  const result: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined) continue;
    result[name.toLowerCase()] = Array.isArray(value) ? value.join(", ") : value;
  }
  return result;
}
