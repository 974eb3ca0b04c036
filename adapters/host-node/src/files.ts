import { close, createReadStream, fstatSync, openSync, read, readSync } from "node:fs";
import { type Clock, FileError, type Files, type Signal } from "@tocsin/platform/host";
import { systemLoop } from "./clock.ts";

/** Size of a piece, small enough to be in the processor's cache when it is used. */
const pieceBytes = 512 * 1024;
/** Size of the first piece, after which the reader may know better where the next ones should go. */
const firstBytes = 64 * 1024;
/** Reading a piece from memory takes far less; a single slow one may have waited for the processor. */
const slowMilliseconds = 4;
const slowReads = 2;

type Monotonic = Pick<Clock, "monotonic">;

/** The machine's files; `-` is standard input. A piece may be overwritten when the next one is requested. */
export const filesTimedBy = (clock: Monotonic): Files => ({
  async *read(path, signal, room) {
    try {
      if (path === "-") yield* streamed(process.stdin, signal);
      else yield* opened(path, { clock, room }, signal);
    } catch (error) {
      throw new FileError(path, `cannot read ${path}: ${reason(error)}`);
    }
  },
});

/** How a file is read. */
interface Reading {
  readonly clock: Monotonic;
  readonly room: ((bytes: number) => Uint8Array) | undefined;
}

async function* opened(
  path: string,
  reading: Reading,
  signal: Signal | undefined,
): AsyncGenerator<Uint8Array> {
  const file = openSync(path, "r");
  // Pipes and other special files may block.
  if (fstatSync(file).isFile()) yield* pieces(file, reading, signal);
  else yield* streamed(createReadStream(path, { fd: file, highWaterMark: pieceBytes }), signal);
}

async function* streamed(
  source: NodeJS.ReadableStream & { destroy(): unknown },
  signal: Signal | undefined,
): AsyncGenerator<Uint8Array> {
  const stop = (): void => void source.destroy();
  signal?.addEventListener("abort", stop);
  try {
    for await (const chunk of source)
      yield typeof chunk === "string" ? Buffer.from(chunk) : (chunk as Uint8Array);
  } finally {
    signal?.removeEventListener("abort", stop);
  }
}

/**
 * The bytes of a regular file. They are read synchronously at first, because copying from the system's cache is
 * faster than asking another thread. Once reads turn out slow, one piece is used while the next one is read.
 */
async function* pieces(
  file: number,
  { clock, room = oneBuffer() }: Reading,
  signal: Signal | undefined,
): AsyncGenerator<Uint8Array> {
  let size = firstBytes;
  const loop = systemLoop();
  let slow = 0;
  try {
    while (slow < slowReads && signal?.aborted !== true) {
      const buffer = room(size);
      const start = clock.monotonic();
      const count = readSync(file, buffer, 0, size, null);
      slow = clock.monotonic() - start > slowMilliseconds ? slow + 1 : 0;
      if (count === 0) return;
      yield buffer.subarray(0, count);
      if (loop.due()) await loop.turn();
      size = pieceBytes;
    }
    yield* inTurns(file, [anyBytes(pieceBytes), anyBytes(pieceBytes)], signal);
  } finally {
    close(file);
  }
}

const anyBytes = (size: number): Uint8Array => Buffer.allocUnsafeSlow(size);

/** Returns the same memory each time. */
function oneBuffer(): (bytes: number) => Uint8Array {
  let buffer: Uint8Array = new Uint8Array(0);
  return (bytes) => {
    if (buffer.length < bytes) buffer = anyBytes(bytes);
    return buffer;
  };
}

/** The rest of a file, in two buffers: one is used while the other is filled. */
async function* inTurns(
  file: number,
  [present, next]: [Uint8Array, Uint8Array],
  signal: Signal | undefined,
): AsyncGenerator<Uint8Array> {
  let pending = readNext(file, present);
  try {
    for (;;) {
      const count = await pending;
      if (count === 0 || signal?.aborted === true) return;
      pending = readNext(file, next);
      pending.catch(() => undefined);
      yield present.subarray(0, count);
      [present, next] = [next, present];
    }
  } finally {
    // A reader that stops early leaves a read under way.
    await pending.catch(() => undefined);
  }
}

function readNext(file: number, into: Uint8Array): Promise<number> {
  return new Promise((resolve, reject) => {
    read(file, into, 0, into.length, null, (error, count) => {
      if (error === null) resolve(count);
      else reject(error);
    });
  });
}

function reason(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  switch (code) {
    case "ENOENT":
      return "no such file";
    case "EISDIR":
      return "it is a folder, and a file is needed here";
    case "EACCES":
    case "EPERM":
      return "permission denied; may this user read it?";
    default:
      return error instanceof Error ? error.message : String(error);
  }
}
