import { close, createReadStream, fstatSync, openSync, read, readSync } from "node:fs";
import { FileError, type Files, type Signal } from "@tocsin/platform/host";

/** Bytes of a piece: one is used while the next one is read. */
const pieceBytes = 512 * 1024;
/** A file of fewer bytes is read at once, without asking another thread. */
const smallBytes = 64 * 1024;

/** The machine's files; `-` is standard input. A piece may be written over when the next one is asked for. */
export const systemFiles: Files = {
  async *read(path, signal) {
    try {
      if (path === "-") yield* streamed(process.stdin, signal);
      else yield* opened(path, signal);
    } catch (error) {
      throw new FileError(path, `cannot read ${path}: ${reason(error)}`);
    }
  },
};

async function* opened(path: string, signal: Signal | undefined): AsyncGenerator<Uint8Array> {
  const file = openSync(path, "r");
  const stat = fstatSync(file);
  // Others, such as pipes, may keep us waiting.
  if (stat.isFile()) yield* pieces(file, stat.size < smallBytes ? smallBytes : pieceBytes, signal);
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

/** The bytes of a plain file in two buffers that take turns: one is used while the other is filled. */
async function* pieces(
  file: number,
  size: number,
  signal: Signal | undefined,
): AsyncGenerator<Uint8Array> {
  let present = Buffer.allocUnsafeSlow(size);
  let pending: Promise<number> | undefined;
  try {
    let count = readSync(file, present, 0, size, null);
    if (count < size) {
      yield present.subarray(0, count);
      count = readSync(file, present, 0, size, null);
    }
    let next = Buffer.allocUnsafeSlow(count === 0 ? 0 : size);
    while (count > 0 && signal?.aborted !== true) {
      pending = readNext(file, next);
      pending.catch(() => undefined);
      yield present.subarray(0, count);
      count = await pending;
      pending = undefined;
      [present, next] = [next, present];
    }
  } finally {
    // Whoever stops early leaves a read under way.
    await pending?.catch(() => undefined);
    close(file);
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
