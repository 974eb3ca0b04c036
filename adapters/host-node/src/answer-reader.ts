import { Slab } from "@tocsin/platform/host";

/** What a server sent is not an answer in HTTP/1.1; `code` says what is wrong with it. */
export class NotHttp extends Error {
  readonly code: string;
  constructor(what: string) {
    super(`not HTTP: ${what}`);
    this.code = `HPE_${what.toUpperCase().replaceAll(" ", "_")}`;
  }
}

/** The beginning of an answer. */
interface Head {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** How many bytes the body has; "chunked"; "rest": everything until the connection ends. */
  readonly body: number | "chunked" | "rest";
  /** Whether the connection may carry another request. */
  readonly persists: boolean;
}

/** The limits of Node's own reader. Bytes. */
const longestHead = 16 * 1024;
const longestLine = 4096;

const nothing = Buffer.alloc(0);

type State = "head" | "fixed" | "rest" | "size" | "chunk" | "chunk end" | "trailer" | "done";

/**
 * Reads one answer to a request other than HEAD, from bytes in whatever pieces they come (RFC 9112). It is
 * strict: the end of one answer must never be taken for a part of the next.
 */
export class AnswerReader {
  readonly #limit: number;
  #state: State = "head";
  #head: Head | undefined;
  /** The bytes of an incomplete line. */
  #pending: Buffer = nothing;
  /** How many bytes of the body, or of this chunk, are missing. */
  #left = 0;
  #parts: Buffer[] = [];
  #kept = 0;
  #extra = false;

  /** `limit`: how many bytes of the body are kept; the rest is read and dropped. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** The status and headers, once they have been read. */
  get head(): Head | undefined {
    return this.#head;
  }
  get body(): Buffer {
    return this.#parts.length === 1 ? this.#parts[0] : Buffer.concat(this.#parts);
  }
  /** Whether the connection may carry another request after this answer. */
  get persists(): boolean {
    return this.#head?.persists === true && !this.#extra;
  }

  /** Takes bytes, and copies what it keeps. True: the answer is complete. Throws `NotHttp`. */
  push(bytes: Buffer): boolean {
    const data = this.#pending.length === 0 ? bytes : Buffer.concat([this.#pending, bytes]);
    this.#pending = nothing;
    for (let at = 0; ;) {
      if (this.#state === "done") {
        this.#extra = at < data.length;
        return true;
      }
      const next = this.#step(data, at);
      if (next < 0) {
        this.#pending = Buffer.from(data.subarray(at));
        return false;
      }
      at = next;
    }
  }

  /** Call it when the connection ends. True: the answer is complete. */
  end(): boolean {
    return this.#state === "done" || this.#state === "rest";
  }

  /** Reads the next part; returns where it ends, or -1 when more bytes are needed. */
  #step(data: Buffer, at: number): number {
    switch (this.#state) {
      case "head":
        return this.#readHead(data, at);
      case "fixed":
      case "chunk":
        return this.#readPart(data, at);
      case "rest":
        return at === data.length ? -1 : this.#keep(data, at, data.length);
      case "size":
        return this.#line(data, at, (line) => this.#beginChunk(line));
      case "chunk end":
        return this.#line(data, at, (line) => {
          if (line !== "") throw new NotHttp("strict");
          this.#state = "size";
        });
      case "trailer":
        return this.#line(data, at, (line) => {
          if (line === "") this.#state = "done";
        });
      case "done":
        return at;
    }
  }

  #readHead(data: Buffer, at: number): number {
    if (last !== undefined && last.begins(data, at)) {
      this.#begin(last.head);
      return at + last.bytes.length;
    }
    const end = data.indexOf("\r\n\r\n", at, "latin1");
    const length = (end < 0 ? data.length : end) - at;
    if (length > longestHead) throw new NotHttp("header overflow");
    if (end < 0) {
      const start = "HTTP/1.";
      if (!start.startsWith(data.toString("latin1", at, Math.min(data.length, at + start.length))))
        throw new NotHttp("invalid constant");
      return -1;
    }
    const head = headOf(data.toString("latin1", at, end));
    if (head.status === 101) throw new NotHttp("unexpected upgrade");
    // 100 and 103 come before the answer.
    if (head.status < 200) return end + 4;
    this.#begin(head);
    last = new KnownHead(head, Buffer.from(data.subarray(at, end + 4)));
    return end + 4;
  }
  #begin(head: Head): void {
    this.#head = head;
    if (typeof head.body === "number") {
      this.#left = head.body;
      this.#state = head.body === 0 ? "done" : "fixed";
    } else {
      this.#state = head.body === "rest" ? "rest" : "size";
    }
  }
  #readPart(data: Buffer, at: number): number {
    if (at === data.length) return -1;
    const end = this.#keep(data, at, Math.min(data.length, at + this.#left));
    this.#left -= end - at;
    if (this.#left === 0) this.#state = this.#state === "fixed" ? "done" : "chunk end";
    return end;
  }
  #beginChunk(line: string): void {
    const size = /^([\da-f]{1,12})[ \t]*(?:;.*)?$/i.exec(line);
    if (size === null) throw new NotHttp("invalid chunk size");
    this.#left = Number.parseInt(size[1], 16);
    this.#state = this.#left === 0 ? "trailer" : "chunk";
  }
  #line(data: Buffer, at: number, take: (line: string) => void): number {
    const end = endOfLine(data, at);
    if ((end < 0 ? data.length : end) - at > longestLine) throw new NotHttp("line overflow");
    if (end < 0) return -1;
    take(data.toString("latin1", at, end));
    return end + 2;
  }
  #keep(data: Buffer, from: number, to: number): number {
    const room = Math.min(to - from, this.#limit - this.#kept);
    if (room > 0) this.#parts.push(Buffer.from(data.subarray(from, from + room)));
    this.#kept += Math.max(0, room);
    return to;
  }
}

/** A complete answer. */
export interface Usual {
  readonly head: Head;
  readonly body: Buffer;
  /** Whether its connection may carry another request. */
  readonly persists: boolean;
}

/**
 * Reads an answer that is complete in `bytes`, has the same head as the last one, and a short body in one
 * piece. Undefined: it is not like that, and `AnswerReader` has to read it.
 */
export function usualAnswer(bytes: Buffer, limit: number): Usual | undefined {
  if (last === undefined || !last.begins(bytes, 0)) return undefined;
  const { head } = last;
  const from = last.bytes.length;
  const [begin, end] = head.body === "chunked" ? onlyChunk(bytes, from) : [from, bytes.length];
  const size = end - begin;
  if (size > Math.min(limit, longestKept)) return undefined;
  if (head.body !== size && (head.body !== "chunked" || size < 1)) return undefined;
  return { head, body: keep(bytes, begin, end), persists: head.persists };
}

/** Where the only chunk of a body begins and ends; `nowhere`: there are several, or something is unusual. */
function onlyChunk(bytes: Buffer, from: number): readonly [number, number] {
  let size = 0;
  let at = from;
  for (; at < from + 4 && hexDigit(bytes[at]) >= 0; at++) size = size * 16 + hexDigit(bytes[at]);
  const end = at + 2 + size;
  const ends = bytes.length === end + 7 && at > from && isEnd(bytes, at) && isEnd(bytes, end);
  if (!ends || bytes[end + 2] !== 48 || !isEnd(bytes, end + 3) || !isEnd(bytes, end + 5))
    return nowhere;
  return [at + 2, end];
}

const nowhere = [0, 0] as const;
const isEnd = (bytes: Buffer, at: number): boolean => bytes[at] === 13 && bytes[at + 1] === 10;

function hexDigit(byte: number): number {
  if (byte >= 48 && byte <= 57) return byte - 48;
  const letter = byte | 32;
  return letter >= 97 && letter <= 102 ? letter - 87 : -1;
}

/** Memory for the bodies of usual answers. */
const bodies = new Slab(16 * 1024, Buffer.allocUnsafeSlow);
/** Bytes. */
const longestKept = 1024;

/** Copies byte by byte, which is faster than a call into the engine for a few bytes. */
function keep(bytes: Buffer, from: number, to: number): Buffer {
  const kept = bodies.cut(to - from);
  for (let at = from; at < to; at++) kept[at - from] = bytes[at];
  return kept;
}

/** A head that was read before, and its bytes. */
class KnownHead {
  readonly head: Head;
  readonly bytes: Buffer;

  constructor(head: Head, bytes: Buffer) {
    this.head = head;
    this.bytes = bytes;
  }
  /** Whether the same bytes stand at a place. */
  begins(data: Buffer, at: number): boolean {
    const end = at + this.bytes.length;
    return end <= data.length && data.compare(this.bytes, 0, this.bytes.length, at, end) === 0;
  }
}

/** The last head: the answers that a server gives within one second differ only in their bodies. */
let last: KnownHead | undefined;

/** Where the next line ends; -1: it is incomplete. Lines are short, so a loop is faster than a call into the engine. */
function endOfLine(data: Buffer, from: number): number {
  const most = Math.min(data.length - 1, from + longestLine + 1);
  for (let at = from; at < most; at++) if (data[at] === 13 && data[at + 1] === 10) return at;
  return -1;
}

function headOf(text: string): Head {
  const [first, ...lines] = text.split("\r\n");
  const start = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: [\t\x20-\x7e\x80-\xff]*)?$/.exec(first);
  if (start === null) throw new NotHttp("invalid status");
  const status = Number(start[2]);
  const headers = fieldsOf(lines);
  const body = bodyOf(status, headers);
  const options = optionsOf(headers["connection"]);
  const persists =
    body !== "rest" &&
    !(body === "chunked" && headers["content-length"] !== undefined) &&
    (start[1] === "1" ? !options.includes("close") : options.includes("keep-alive"));
  return { status, headers, body, persists };
}

const field = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\t\x20-\x7e\x80-\xff]*)$/;
/** Headers of which the first one counts; the values of others are joined. */
const single = new Set(["content-type", "date", "location", "retry-after", "server"]);

function fieldsOf(lines: readonly string[]): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const found = field.exec(line);
    if (found === null) throw new NotHttp("invalid header");
    const name = found[1].toLowerCase();
    const value = found[2].trimEnd();
    if (!Object.hasOwn(headers, name)) headers[name] = value;
    else if (name === "content-length") {
      if (headers[name] !== value) throw new NotHttp("unexpected content length");
    } else if (!single.has(name)) headers[name] += `, ${value}`;
  }
  return headers;
}

function bodyOf(status: number, headers: Readonly<Record<string, string>>): Head["body"] {
  if (status < 200 || status === 204 || status === 304) return 0;
  const codings = optionsOf(headers["transfer-encoding"]);
  if (codings.length > 0) return codings.at(-1) === "chunked" ? "chunked" : "rest";
  const length = headers["content-length"];
  if (length === undefined) return "rest";
  if (!/^\d{1,15}$/.test(length)) throw new NotHttp("invalid content length");
  return Number(length);
}

function optionsOf(text = ""): string[] {
  return text === "" ? [] : text.split(",").map((one) => one.trim().toLowerCase());
}
