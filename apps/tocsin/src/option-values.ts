import { resolve } from "node:path";
import { UsageError } from "./command.ts";

/** `NAME=VALUE` options as pairs. */
export function pairs(
  texts: readonly string[],
  option: string,
  form: string,
): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const one of texts) {
    const at = one.indexOf("=");
    if (at < 1 || at === one.length - 1)
      throw new UsageError(`${option} takes ${form}, not "${one}"`);
    found.set(one.slice(0, at), one.slice(at + 1));
  }
  return found;
}

/** The source of a bucket. One without a scheme (`influxdb2:`) is a path, relative to `folder`; `c:` is a drive. */
export function bucketSource(source: string, folder: string): string {
  return /^[a-z][a-z0-9]+:/u.test(source) ? source : resolve(folder, source);
}

/** A path that an option gives, relative to the folder where the command runs. */
export function placeOf(file: string | undefined, cwd: string): string | undefined {
  return file === undefined ? undefined : resolve(cwd, file);
}

/** A time that an option gives, in nanoseconds since the epoch. */
export async function timeOf(
  given: string | undefined,
  option: string,
): Promise<bigint | undefined> {
  if (given === undefined) return undefined;
  const { parseTime } = await import("@tocsin/data/value");
  const time = parseTime(given);
  if (typeof time === "bigint") return time;
  throw new UsageError(
    `${option} takes a time such as 2026-01-31T08:00:00Z, not "${given}" (${time.reason})`,
  );
}
