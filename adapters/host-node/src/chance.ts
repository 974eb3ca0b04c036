import { closeSync, openSync, readSync } from "node:fs";

/** Bytes that nobody can guess. They come from the system: loading Node's module takes as long as a small script. */
export function randomBytes(count: number): Buffer {
  const bytes = Buffer.alloc(count);
  try {
    const source = openSync("/dev/urandom", "r");
    try {
      if (readSync(source, bytes) === count) return bytes;
    } finally {
      closeSync(source);
    }
  } catch {
    // There is no such file here, so Node asks the system.
  }
  return process.getBuiltinModule("node:crypto").randomBytes(count);
}

/** A random UUID (RFC 9562, version 4). */
export function randomUuid(): string {
  const bytes = randomBytes(16);
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const [a, b, c, d, e] = [0, 4, 6, 8, 10].map((from, i, ends) =>
    bytes.toString("hex", from, ends[i + 1]),
  );
  return `${a}-${b}-${c}-${d}-${e}`;
}
