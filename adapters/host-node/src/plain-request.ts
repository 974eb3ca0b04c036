import { type HttpRequest, Slab } from "@tocsin/platform/host";
import { type Target, targetOf } from "./http-target.ts";

const methods = new Set(["DELETE", "GET", "PATCH", "POST", "PUT"]);
const managed =
  /^(?:connection|content-length|expect|host|keep-alive|te|trailer|transfer-encoding|upgrade)$/i;

/** Whether `Connections` can send a request. One whose headers say how it is framed or carried is left to Node's client. */
export function isPlain({ method, headers }: HttpRequest): boolean {
  if (last?.headers === headers && last.method === method) return true;
  return methods.has(method) && !Object.keys(headers).some((name) => managed.test(name));
}

/** Where requests that differ only in their bodies go, and the bytes with which each of them begins. */
export interface Route {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Requests with the same key may share a connection. */
  readonly key: string;
  readonly secure: boolean;
  readonly verified: boolean;
  readonly host: string;
  readonly port: number;
  /** All bytes before the length of the body. */
  readonly opening: Buffer;
}

/** The route of the last request: most requests of a run differ only in their bodies. */
let last: Route | undefined;

/** The route of a request. Throws an `HttpError` for an address, and an error for a header, that cannot be sent. */
export function routeOf(request: HttpRequest): Route {
  const { url, method, headers } = request;
  const verified = request.insecureSkipVerify !== true;
  const known = last?.url === url && last.method === method && last.verified === verified;
  if (last !== undefined && known && sameHeaders(last.headers, headers)) return last;
  const target = targetOf(request);
  const { origin, protocol, hostname, port } = target.url;
  const secure = protocol === "https:";
  last = {
    url,
    method,
    headers,
    secure,
    verified,
    key: `${verified ? "" : "unverified "}${origin}`,
    host: hostname.replace(/^\[(.*)\]$/, "$1"),
    port: port === "" ? (secure ? 443 : 80) : Number(port),
    opening: Buffer.from(openingOf(method, target), "latin1"),
  };
  return last;
}

type Headers = Readonly<Record<string, string>>;

function sameHeaders(one: Headers, other: Headers): boolean {
  if (one === other) return true;
  const names = Object.keys(one);
  return (
    names.length === Object.keys(other).length && names.every((name) => one[name] === other[name])
  );
}

function openingOf(method: string, { url, headers }: Target): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${sendable(name, value)}`);
  return [
    `${method} ${url.pathname}${url.search} HTTP/1.1`,
    ...lines,
    `Host: ${url.host}`,
    "Connection: keep-alive",
    "",
  ].join("\r\n");
}

function sendable(name: string, value: string): string {
  if (/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name) && /^[\t\x20-\x7e\x80-\xff]*$/.test(value))
    return value;
  throw Object.assign(new Error("a header cannot be sent"), { code: "ERR_INVALID_CHAR" });
}

/** Memory into which requests are written. */
const requests = new Slab(64 * 1024, Buffer.allocUnsafeSlow);

/** A request as it is sent. */
export function bytesOf({ opening }: Route, { method, body }: HttpRequest): Uint8Array {
  const size = body?.length ?? 0;
  const length = body === undefined && method === "GET" ? "" : `Content-Length: ${size}\r\n`;
  const whole = opening.length + length.length + 2 + size;
  const bytes = requests.cut(whole);
  bytes.set(opening);
  let at = opening.length;
  for (let i = 0; i < length.length; i++) bytes[at++] = length.charCodeAt(i);
  bytes[at++] = 13;
  bytes[at++] = 10;
  if (body !== undefined) bytes.set(body, at);
  return bytes;
}
