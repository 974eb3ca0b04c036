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

/** Sources of buckets; those that are files are meant from where the command runs. */
export function located(sources: ReadonlyMap<string, string>, cwd: string): [string, string][] {
  return [...sources].map(([name, source]) => [
    name,
    /^[a-z][a-z0-9]+:/u.test(source) ? source : resolve(cwd, source),
  ]);
}

/** A path that an option names, meant from where the command runs. */
export function placeOf(file: string | undefined, cwd: string): string | undefined {
  return file === undefined ? undefined : resolve(cwd, file);
}

/** A moment that an option names, nanoseconds since the epoch. */
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
