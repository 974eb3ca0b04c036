import { UsageError } from "./command.ts";

const units: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/** `30s`, `1h30m`, `500ms` in milliseconds. `0` is allowed. Throws `UsageError`. */
export function milliseconds(text: string, option: string): number {
  if (text === "0") return 0;
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|[smhdw])/gu)];
  if (parts.length === 0 || parts.map((one) => one[0]).join("") !== text) {
    throw new UsageError(`${option} takes a duration such as 30s, 500ms or 1h30m, not "${text}"`);
  }
  return parts.reduce((sum, [, number, unit]) => sum + Number(number) * units[unit], 0);
}

const sizes: Readonly<Record<string, number>> = { "": 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 };

/** What Node and Tocsin take before there is a row. */
const smallestMemory = "128MB";

/** A limit of memory as `byteSize` reads it. Throws `UsageError` where no script could run within it. */
export function memorySize(text: string, option: string): number {
  const bytes = byteSize(text, option);
  if (bytes >= byteSize(smallestMemory, option)) return bytes;
  throw new UsageError(`${option} takes ${smallestMemory} or more, not "${text}"`);
}

/** `512MB`, `2GiB`, `1g` in bytes (powers of 1024). Throws `UsageError`. */
function byteSize(text: string, option: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([kmg]?)(?:i?b)?$/iu.exec(text);
  if (match === null)
    throw new UsageError(`${option} takes a size such as 512MB or 2GB, not "${text}"`);
  return Math.floor(Number(match[1]) * sizes[match[2].toLowerCase()]);
}
