import type { Socket } from "node:net";
import {
  HttpError,
  type HttpRequest,
  type HttpResponse,
  type Signal,
  Slab,
} from "@tocsin/platform/host";
import { AnswerReader, type Usual, usualAnswer } from "./answer-reader.ts";
import { monotonic } from "./clock.ts";
import { withPlainBody } from "./content-coding.ts";
import { httpError, type Progress, tooLate } from "./http-errors.ts";
import { defaultBodyLimit, refuseWhenStopped, type Target, targetOf } from "./http-target.ts";

/** A connection that nobody uses is closed after this time: before most servers do so. */
const idleMilliseconds = 4000;
/** So long may it take until a connection stands. */
const connectMilliseconds = 10_000;
/** The longest time that the platform's timers know. */
const longestTimer = 2 ** 31 - 1;
/** So long connections keep the process alive that nobody uses. */
const restMilliseconds = 10;
/** Connections that nobody uses, at most, of each origin. */
const mostIdle = 512;

/** A request. `started`: when it was asked for (`monotonic`). */
interface Asked {
  readonly request: HttpRequest;
  readonly signal: Signal | undefined;
  readonly started: number;
}

/** What is kept of one origin. */
interface Origin {
  readonly idle: Connection[];
  /** What makes the next TLS handshake a short one. */
  session: Buffer | undefined;
}

const methods = new Set(["DELETE", "GET", "PATCH", "POST", "PUT"]);
const managed =
  /^(?:connection|content-length|expect|host|keep-alive|te|trailer|transfer-encoding|upgrade)$/i;

/** Whether `Connections` can send it: what says how it is framed or carried is left to Node's client. */
export function isPlain({ method, headers }: HttpRequest): boolean {
  if (last?.headers === headers && last.method === method) return true;
  return methods.has(method) && !Object.keys(headers).some((name) => managed.test(name));
}

/**
 * Sends plain requests over connections that are kept open, one at a time on each: in a third of the
 * processor time of Node's own client.
 */
export class Connections {
  readonly #origins = new Map<string, Origin>();
  readonly #all = new Set<Connection>();
  #restless = false;
  #sweeper: NodeJS.Timeout | undefined;
  readonly #limits = new TimeLimits(() => this.#exchanges());

  /** Rejects with an `HttpError`. */
  send(asked: Asked): Promise<HttpResponse> {
    return new Promise((resolve, reject) => {
      refuseWhenStopped(asked.signal);
      const exchange = new Exchange(asked, resolve, reject);
      this.#limits.keep(asked);
      try {
        const route = routeOf(asked.request);
        const bytes = bytesOf(route, asked.request);
        exchange.over(this.#idle(route, asked.started) ?? this.#open(route), bytes);
      } catch (error) {
        exchange.fail(error);
      }
    });
  }
  close(): void {
    for (const connection of this.#all) connection.socket.destroy();
    clearInterval(this.#sweeper);
    this.#sweeper = undefined;
  }

  #origin({ key }: Route): Origin {
    let origin = this.#origins.get(key);
    if (origin === undefined) this.#origins.set(key, (origin = { idle: [], session: undefined }));
    return origin;
  }
  *#exchanges(): Generator<Exchange> {
    for (const { exchange } of this.#all) if (exchange !== undefined) yield exchange;
  }
  #idle(route: Route, now: number): Connection | undefined {
    const { idle } = this.#origin(route);
    // The one that was used last: it is the least likely to be closed by the other side.
    for (let last = idle.pop(); last !== undefined; last = idle.pop()) {
      if (last.isUsable(now)) return last;
      last.socket.destroy();
    }
    return undefined;
  }
  #open(route: Route): Connection {
    const origin = this.#origin(route);
    const opened = new Connection(
      (read) => (route.secure ? secureSocket(route, origin, read) : plainSocket(route, read)),
      route.secure,
      (one) => this.#rest(one, origin),
    );
    const { socket } = opened;
    this.#all.add(opened);
    socket.once("close", () => {
      this.#all.delete(opened);
      this.#restLater();
    });
    return opened;
  }
  #rest(connection: Connection, { idle }: Origin): void {
    if (idle.length >= mostIdle) connection.socket.destroy();
    else idle.push(connection);
    this.#restLater();
    this.#sweeper ??= setInterval(() => this.#sweep(), idleMilliseconds / 4).unref();
  }
  /** The next request is seldom far: to let go of all connections and take them again costs two calls for each. */
  #restLater(): void {
    if (this.#restless) return;
    this.#restless = true;
    setTimeout(() => this.#letGo(), restMilliseconds).unref();
  }
  /** Connections that nobody uses keep no process alive; while one is used, it is kept alive anyway. */
  #letGo(): void {
    this.#restless = false;
    for (const one of this.#all) if (one.exchange !== undefined) return;
    for (const one of this.#all) one.letGo();
  }
  #sweep(): void {
    const now = monotonic();
    for (const { idle } of this.#origins.values()) {
      for (const one of idle.splice(0)) {
        if (one.isUsable(now)) idle.push(one);
        else one.socket.destroy();
      }
    }
    if (this.#all.size > 0) return;
    clearInterval(this.#sweeper);
    this.#sweeper = undefined;
  }
}

/** What is read lies here until it is taken: the memory of one read serves all. */
let arrivals: Buffer | undefined;

// Not by `import()`: of these modules it reads all exports.
function plainSocket({ host, port }: Route, read: (bytes: Buffer) => void): Socket {
  const buffer = (arrivals ??= Buffer.allocUnsafeSlow(64 * 1024));
  const callback = (size: number): boolean => {
    read(buffer.subarray(0, size));
    return true;
  };
  const { connect } = process.getBuiltinModule("node:net");
  return connect({ host, port, noDelay: true, onread: { buffer, callback } });
}

function secureSocket(
  { host, port, verified }: Route,
  origin: Origin,
  read: (bytes: Buffer) => void,
): Socket {
  const { connect } = process.getBuiltinModule("node:tls");
  const { isIP } = process.getBuiltinModule("node:net");
  const { session } = origin;
  const socket = connect({
    host,
    port,
    rejectUnauthorized: verified,
    ALPNProtocols: ["http/1.1"],
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ...(session === undefined ? {} : { session }),
  });
  socket.setNoDelay(true);
  socket.on("session", (next: Buffer) => (origin.session = next));
  socket.on("data", read);
  return socket;
}

/** One connection, and the exchange that is on it. */
class Connection {
  readonly socket: Socket;
  /** Whether a request can be written. */
  ready = false;
  readonly #rest: (self: Connection) => void;
  #counted = true;
  #exchange: Exchange | undefined;
  #idleSince = 0;
  /** The other side sends nothing more. */
  #ended = false;
  #error: unknown;

  constructor(
    open: (read: (bytes: Buffer) => void) => Socket,
    secure: boolean,
    rest: (self: Connection) => void,
  ) {
    const socket = open((bytes) => this.read(bytes));
    this.socket = socket;
    this.#rest = rest;
    const late = setTimeout(() => {
      const error = new HttpError("timeout", "no connection in time (ETIMEDOUT)", false);
      this.#exchange?.fail(error);
    }, connectMilliseconds);
    socket.once(secure ? "secureConnect" : "connect", () => {
      clearTimeout(late);
      this.ready = true;
      this.#exchange?.begin();
    });
    socket.on("error", (error) => (this.#error = error));
    socket.on("end", () => {
      this.#ended = true;
      this.#exchange?.ended();
    });
    socket.on("close", () => {
      clearTimeout(late);
      const gone = Object.assign(new Error("the connection is closed"), { code: "ECONNRESET" });
      this.#exchange?.fail(this.#error ?? gone);
    });
  }
  read(bytes: Buffer): void {
    if (this.#exchange === undefined) this.socket.destroy();
    else this.#exchange.read(bytes);
  }
  get exchange(): Exchange | undefined {
    return this.#exchange;
  }
  isUsable(now: number): boolean {
    return !this.#ended && !this.socket.destroyed && now - this.#idleSince < idleMilliseconds;
  }
  take(exchange: Exchange): void {
    this.#exchange = exchange;
    if (!this.#counted) this.socket.ref();
    this.#counted = true;
  }
  /** Keeps the process alive no longer. */
  letGo(): void {
    this.socket.unref();
    this.#counted = false;
  }
  /** Its exchange is over. `persists`: another one may follow. */
  release(persists: boolean): void {
    this.#exchange = undefined;
    // An answer that came before all was sent leaves the rest of the request behind.
    if (!persists || this.socket.writableLength > 0) return void this.socket.destroy();
    this.#idleSince = monotonic();
    this.#rest(this);
  }
}

/** One request and its answer. Whatever goes wrong, also being too late, fails it. */
class Exchange {
  readonly asked: Asked;
  readonly #resolve: (answer: HttpResponse) => void;
  readonly #reject: (error: HttpError) => void;
  /** Undefined: nothing has come, or nothing but an answer that is whole at once. */
  #reader: AnswerReader | undefined;
  #connection: Connection | undefined;
  #bytes: Uint8Array | undefined;
  #progress: Progress = "connecting";
  #over = false;

  constructor(
    asked: Asked,
    resolve: (answer: HttpResponse) => void,
    reject: (error: HttpError) => void,
  ) {
    this.asked = asked;
    this.#resolve = resolve;
    this.#reject = reject;
  }
  over(connection: Connection, bytes: Uint8Array): void {
    this.#connection = connection;
    this.#bytes = bytes;
    connection.take(this);
    if (connection.ready) this.begin();
  }
  /** There is a connection. */
  begin(): void {
    const { request, started } = this.asked;
    const late = tooLate(request, started);
    if (late !== undefined) return this.fail(late);
    this.#progress = "sent";
    if (this.#bytes !== undefined) this.#connection?.socket.write(this.#bytes);
    this.#bytes = undefined;
  }
  read(bytes: Buffer): void {
    try {
      const limit = this.asked.request.bodyLimit ?? defaultBodyLimit;
      const usual = this.#reader === undefined ? usualAnswer(bytes, limit) : undefined;
      if (usual !== undefined) return this.#done(usual, usual.persists);
      const reader = (this.#reader ??= new AnswerReader(limit));
      const whole = reader.push(bytes);
      if (reader.head !== undefined) this.#progress = "answering";
      if (whole) this.#read(reader, reader.persists);
    } catch (error) {
      this.fail(error);
    }
  }
  ended(): void {
    if (this.#reader?.end() === true) this.#read(this.#reader, false);
  }
  /** It is stopped. */
  stop(failure: "timeout" | "aborted", message: string): void {
    this.fail(new HttpError(failure, message, this.#progress !== "connecting"));
  }
  fail(error: unknown): void {
    if (this.#over) return;
    this.#end(false);
    this.#reject(httpError(error, this.#progress));
  }
  #read({ head, body }: AnswerReader, persists: boolean): void {
    if (head !== undefined) this.#done({ head, body }, persists);
  }
  #done({ head, body }: Pick<Usual, "head" | "body">, persists: boolean): void {
    if (this.#over) return;
    this.#end(persists);
    const answer = { status: head.status, headers: head.headers, body };
    this.#resolve(withPlainBody(answer, this.asked.request.bodyLimit ?? defaultBodyLimit));
  }
  #end(persists: boolean): void {
    this.#over = true;
    this.#connection?.release(persists);
  }
}

/** Ends exchanges whose time is over or whose caller gives up: by one timer, and one listener for each signal. */
class TimeLimits {
  readonly #exchanges: () => Iterable<Exchange>;
  readonly #signals = new WeakSet<Signal>();
  #timer: NodeJS.Timeout | undefined;
  /** When it goes off. */
  #due = Infinity;

  constructor(exchanges: () => Iterable<Exchange>) {
    this.#exchanges = exchanges;
  }
  /** Keeps a request to its time from now on. */
  keep({ request, signal, started }: Asked): void {
    this.#await(endOf(request, started), started);
    if (signal === undefined || this.#signals.has(signal)) return;
    this.#signals.add(signal);
    signal.addEventListener("abort", () => this.#aborted(signal));
  }
  #await(end: number, now: number): void {
    if (end >= this.#due) return;
    clearTimeout(this.#timer);
    this.#due = end;
    // Not what keeps the process alive: connections do.
    this.#timer = setTimeout(() => this.#late(), Math.min(end - now, longestTimer)).unref();
  }
  #late(): void {
    // After the process stood still, answers may lie there unread: what is there is read first.
    setImmediate(() => {
      this.#due = Infinity;
      // A timer may be early by less than a millisecond.
      const now = monotonic() + 1;
      let next = Infinity;
      for (const exchange of this.#exchanges()) {
        const { request, started } = exchange.asked;
        const end = endOf(request, started);
        if (end > now) next = Math.min(next, end);
        else exchange.stop("timeout", `no answer within ${request.timeoutMilliseconds / 1000} s`);
      }
      this.#await(next, now);
    });
  }
  #aborted(signal: Signal): void {
    for (const exchange of this.#exchanges())
      if (exchange.asked.signal === signal)
        exchange.stop("aborted", "stopped before the answer came");
  }
}

/** When the time of a request is over. */
const endOf = ({ timeoutMilliseconds: limit }: HttpRequest, started: number): number =>
  limit > 0 ? started + limit : Infinity;

/** Where requests of one kind go, and how each of them begins. */
interface Route {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  /** What connections are shared by. */
  readonly key: string;
  readonly secure: boolean;
  readonly verified: boolean;
  readonly host: string;
  readonly port: number;
  /** All bytes before the length of the body. */
  readonly opening: Buffer;
}

/** That of the last request: most of a run's requests differ in their bodies alone. */
let last: Route | undefined;

function routeOf(request: HttpRequest): Route {
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

/** Where requests are written. */
const requests = new Slab(64 * 1024, Buffer.allocUnsafeSlow);

function bytesOf({ opening }: Route, { method, body }: HttpRequest): Uint8Array {
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
