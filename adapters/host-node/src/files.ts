import { close, createReadStream, fstatSync, openSync, read, readSync } from "node:fs";
import { type Clock, FileError, type Files, type Signal } from "@tocsin/platform/host";
import { systemLoop } from "./clock.ts";

/** Bytes of a piece: few enough to be in the processor's cache when they are used. */
const pieceBytes = 256 * 1024;
/** A file of fewer bytes needs no larger buffer. */
const smallBytes = 64 * 1024;
/** A piece that was in memory takes far less; one alone may have waited for the processor. */
const slowMilliseconds = 4;
const slowReads = 2;

type Monotonic = Pick<Clock, "monotonic">;

/** The machine's files; `-` is standard input. A piece may be written over when the next one is asked for. */
export const filesTimedBy = (clock: Monotonic): Files => ({
  async *read(path, signal) {
    try {
      if (path === "-") yield* streamed(process.stdin, signal);
      else yield* opened(path, clock, signal);
    } catch (error) {
      throw new FileError(path, `cannot read ${path}: ${reason(error)}`);
    }
  },
});

async function* opened(
  path: string,
  clock: Monotonic,
  signal: Signal | undefined,
): AsyncGenerator<Uint8Array> {
  const file = openSync(path, "r");
  const stat = fstatSync(file);
  // Others, such as pipes, may keep us waiting.
  if (stat.isFile()) {
    const buffer = Buffer.allocUnsafeSlow(stat.size < smallBytes ? smallBytes : pieceBytes);
    yield* pieces(file, { buffer, clock }, signal);
  } else
    yield* streamed(createReadStream(path, { fd: file, highWaterMark: 2 * pieceBytes }), signal);
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
 * The bytes of a plain file. What the system has in its memory is copied at once: to ask another thread for
 * it, and to be woken by it, takes longer. Once that keeps us waiting, one piece is used while the next is
 * on its way.
 */
async function* pieces(
  file: number,
  { buffer, clock }: { readonly buffer: Buffer; readonly clock: Monotonic },
  signal: Signal | undefined,
): AsyncGenerator<Uint8Array> {
  const loop = systemLoop();
  let slow = 0;
  try {
    while (slow < slowReads && signal?.aborted !== true) {
      const start = clock.monotonic();
      const count = readSync(file, buffer, 0, buffer.length, null);
      slow = clock.monotonic() - start > slowMilliseconds ? slow + 1 : 0;
      if (count === 0) return;
      yield buffer.subarray(0, count);
      if (loop.due()) await loop.turn();
    }
    yield* inTurns(file, [buffer, Buffer.allocUnsafeSlow(buffer.length)], signal);
  } finally {
    close(file);
  }
}

/** The rest of a file, in two buffers that take turns: one is used while the other is filled. */
async function* inTurns(
  file: number,
  [present, next]: [Buffer, Buffer],
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
    // Whoever stops early leaves a read under way.
    await pending.catch(() => undefined);
  }
}

function readNext(file: number, into: Buffer): Promise<number> {
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
