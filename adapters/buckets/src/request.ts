import { compareUtf8, FluxError, invalid } from "@tocsin/data/value";
import type { BucketRead, Point } from "@tocsin/engine/plan";

/** Throws for a range without time in it, as InfluxDB does. */
export function checkRange({ bucket, start, stop }: BucketRead): void {
  if (start < stop) return;
  throw invalid(
    `bucket ${JSON.stringify(bucket)}: cannot query an empty range: its start is not before its stop`,
  );
}

/** The point with its tags sorted by key and without empty ones. */
export function sortedTags(point: Point): Point {
  const { tags } = point;
  const fine = tags.every(
    ([key, value], i) => value !== "" && (i === 0 || compareUtf8(tags[i - 1][0], key) < 0),
  );
  if (fine) return point;
  const kept = tags.filter(([, value]) => value !== "").sort((a, b) => compareUtf8(a[0], b[0]));
  return { ...point, tags: kept };
}

/** The error, in a form that names the bucket. */
export function namingBucket(bucket: string, error: unknown): FluxError {
  const name = `bucket ${JSON.stringify(bucket)}`;
  if (error instanceof FluxError) {
    if (error.message.startsWith(name)) return error;
    return new FluxError(error.code, `${name}: ${error.message}`, {
      hint: error.hint,
      cause: error,
    });
  }
  const message = error instanceof Error ? error.message : String(error);
  const { code, path } = Object(error) as { code?: unknown; path?: unknown };
  if ((code === "EACCES" || code === "EPERM") && typeof path === "string")
    return new FluxError("unavailable", `${name}: cannot read ${path}: permission denied`, {
      cause: error,
    });
  const { problem, hint } = troubles.find(({ sign }) => sign.test(message)) ?? {};
  return new FluxError("unavailable", `${name}: ${problem ?? message}`, { hint, cause: error });
}

/** Errors of the system that the engine reports, in words for people. */
const troubles: readonly { sign: RegExp; problem: string; hint: string }[] = [
  {
    sign: /^Out of Memory Error/i,
    problem: "its answer needs more memory than the run may take",
    hint: "read a shorter range, or filter or aggregate earlier; or give it more with --memory",
  },
  {
    sign: /No space left on device|not enough space|disk is full/i,
    problem: "the disk is full",
    hint: "make room where the data folder is, or name another one with --data",
  },
  {
    sign: /Read-only file system/i,
    problem: "the file system is read-only",
    hint: "name a data folder that can be written with --data",
  },
  {
    sign: /Permission denied/i,
    problem: "its file cannot be read or written: permission denied",
    hint: "run as the user whose data folder it is, or name another one with --data",
  },
  {
    sign: /Is a directory/i,
    problem: "a folder is in the place of its file",
    hint: "move it out of the data folder",
  },
];
