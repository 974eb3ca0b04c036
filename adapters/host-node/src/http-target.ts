import { HttpError, type HttpRequest, type Signal } from "@tocsin/platform/host";

/** Bytes of an answer that are kept where the request does not say. */
export const defaultBodyLimit = 1024 * 1024;

/** Where a request goes, and with which headers: an address's user and password become one. */
export interface Target {
  readonly url: URL;
  readonly headers: Record<string, string>;
  readonly body: Uint8Array | null;
}

/** Reads a request's address. Throws an `HttpError` that does not hold it. */
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

/** Raises `stop` when the time is over or the caller gives up; call the result when it is done. */
export function watch(
  request: HttpRequest,
  signal: Signal | undefined,
  stop: (why: HttpError) => void,
): () => void {
  const { timeoutMilliseconds } = request;
  let last: NodeJS.Immediate | undefined;
  const late = () => {
    // After the process stood still, the answer may lie there unread: what is there is read first.
    last = setImmediate(() =>
      stop(new HttpError("timeout", `no answer within ${timeoutMilliseconds / 1000} s`, true)),
    );
  };
  const timer = timeoutMilliseconds > 0 ? setTimeout(late, timeoutMilliseconds) : undefined;
  const aborted = () => stop(new HttpError("aborted", "stopped before the answer came", true));
  signal?.addEventListener("abort", aborted);
  return () => {
    clearTimeout(timer);
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
