import { fstatSync, statSync, write } from "node:fs";

/** Where a command writes: the part of Node's streams that commands need. */
export interface Sink {
  readonly isTTY?: boolean;
  /** False: wait for `drain` before writing more. `written` is called when the data has been written, or never will be. */
  write(data: string | Uint8Array, written?: () => void): boolean;
  on(event: "drain" | "close" | "error", listener: (error: NodeJS.ErrnoException) => void): unknown;
  off(event: "drain" | "close", listener: () => void): unknown;
}

/** When so many bytes are pending, writers should wait. */
const highWater = 65_536;

type NodeStream = NodeJS.WritableStream & { readonly isTTY?: boolean };

/** How many writes are under way. */
let underway = 0;

/** Whether something is being written; a reader that has stopped keeps it so. */
export const isWriting = (): boolean => underway > 0;

interface Piece {
  readonly bytes: Uint8Array;
  readonly written: (() => void) | undefined;
}

/** Standard output and standard error. Where both are one file (`2>&1`), everything stays in order. */
export function outputs(): { readonly out: Sink; readonly err: Sink } {
  const out = new Output(1, () => process.stdout);
  const [one, other] = [fstatSync(1), fstatSync(2)];
  const same = one.ino === other.ino && one.dev === other.dev && !one.isCharacterDevice();
  return { out, err: same ? out : new Output(2, () => process.stderr) };
}

/**
 * Standard output or standard error. Node's own streams load its network module, which takes as long as parsing and
 * checking a script; only a terminal gets them. Everything else is written by Node's thread pool, in order, so that a
 * reader that stops holds nothing else up.
 */
export class Output implements Sink {
  readonly #fd: number;
  readonly #nodes: () => NodeStream;
  #stream: NodeStream | undefined;
  readonly #listeners: (readonly [event: string, (error: NodeJS.ErrnoException) => void])[] = [];
  #waiting: Piece[] = [];
  #size = 0;
  #writing = false;
  #broken = false;

  /** `nodes`: Node's stream, where that is needed. */
  constructor(fd: number, nodes: () => NodeStream) {
    this.#fd = fd;
    this.#nodes = nodes;
    if (mayBeTerminal(fd)) this.#stream = nodes();
  }

  get isTTY(): boolean {
    return this.#stream?.isTTY === true;
  }
  write(data: string | Uint8Array, written?: () => void): boolean {
    if (this.#stream !== undefined) return this.#stream.write(data, written);
    if (this.#broken) {
      written?.();
      return true;
    }
    const bytes = typeof data === "string" ? Buffer.from(data) : data;
    this.#waiting.push({ bytes, written });
    this.#size += bytes.length;
    const free = this.#size < highWater;
    if (!this.#writing) this.#next();
    return free;
  }
  on(event: "drain" | "close" | "error", listener: (error: NodeJS.ErrnoException) => void): void {
    this.#listeners.push([event, listener]);
    this.#stream?.on(event, listener);
  }
  off(event: "drain" | "close", listener: (error: NodeJS.ErrnoException) => void): void {
    const at = this.#listeners.findIndex(([name, one]) => name === event && one === listener);
    if (at >= 0) this.#listeners.splice(at, 1);
    this.#stream?.off(event, listener);
  }

  #next(): void {
    const pieces = this.#waiting;
    this.#waiting = [];
    if (pieces.length === 0) return;
    const all =
      pieces.length === 1 ? pieces[0].bytes : Buffer.concat(pieces.map(({ bytes }) => bytes));
    this.#writing = true;
    this.#rest(all, pieces);
  }
  #rest(bytes: Uint8Array, pieces: readonly Piece[]): void {
    if (bytes.length === 0) return this.#done(pieces);
    underway += 1;
    write(this.#fd, bytes, (error, count) => {
      underway -= 1;
      if (error === null) this.#rest(bytes.subarray(count), pieces);
      // Another process made the descriptor non-blocking: Node knows how to wait for it.
      else if (error.code === "EAGAIN") this.#handOver(bytes, pieces);
      else this.#fail(error, pieces);
    });
  }
  #done(pieces: readonly Piece[]): void {
    const was = this.#size;
    for (const { bytes } of pieces) this.#size -= bytes.length;
    this.#writing = false;
    for (const { written } of pieces) written?.();
    if (!this.#writing) this.#next();
    if (was >= highWater && this.#size < highWater) this.#tell("drain");
  }
  #handOver(bytes: Uint8Array, pieces: readonly Piece[]): void {
    const stream = this.#nodes();
    this.#stream = stream;
    for (const [event, listener] of this.#listeners) stream.on(event, listener);
    stream.write(bytes, () => {
      for (const { written } of pieces) written?.();
    });
    for (const one of this.#waiting) stream.write(one.bytes, one.written);
    stream.write("", () => this.#tell("drain"));
  }
  #fail(error: NodeJS.ErrnoException, pieces: readonly Piece[]): void {
    this.#broken = true;
    this.#tell("error", error);
    for (const { written } of [...pieces, ...this.#waiting]) written?.();
    this.#waiting = [];
    this.#tell("close");
  }
  #tell(event: string, error: NodeJS.ErrnoException = new Error(event)): void {
    const told = this.#listeners.filter(([name]) => name === event);
    for (const [, listener] of told) listener(error);
  }
}

/** Whether it is a character device other than `/dev/null`. */
function mayBeTerminal(fd: number): boolean {
  const device = fstatSync(fd);
  if (!device.isCharacterDevice()) return false;
  return device.rdev !== statSync("/dev/null", { throwIfNoEntry: false })?.rdev;
}
