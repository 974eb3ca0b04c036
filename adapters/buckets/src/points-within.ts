import { cellAt, type FlatColumn, gather, slice } from "@tocsin/data/column";
import type { BucketRead } from "@tocsin/engine/plan";
import type { ValueTest } from "./predicate.ts";

/** The times of a column of times: nanoseconds. */
export function timesOf(column: FlatColumn): BigInt64Array {
  if (column.kind !== "time") throw new Error("a column of times was expected");
  return column.data;
}

/** The points, sorted by time, that are in the range and pass the test; undefined when there is none. */
export function within(
  { times, values }: { times: FlatColumn; values: FlatColumn },
  { start, stop }: BucketRead,
  test: ValueTest | undefined,
): { times: FlatColumn; values: FlatColumn } | undefined {
  const data = timesOf(times);
  const from = firstNotBefore(data, start, 0);
  const to = firstNotBefore(data, stop, from);
  if (from >= to) return undefined;
  if (test === undefined) return { times: slice(times, from, to), values: slice(values, from, to) };
  const rows = new Uint32Array(to - from);
  let count = 0;
  for (let row = from; row < to; row++) if (test(cellAt(values, row))) rows[count++] = row;
  if (count === 0) return undefined;
  return { times: gather(times, rows, count), values: gather(values, rows, count) };
}

/** Number of the first time from `low` on that is not before `limit`; the times are sorted. */
function firstNotBefore(times: BigInt64Array, limit: bigint, low: number): number {
  let from = low;
  // Ranges are short beside the history: look near the start first.
  for (let step = 1; from + step < times.length && times[from + step] < limit; step *= 2)
    from += step;
  let high = times.length;
  while (from < high) {
    const middle = (from + high) >>> 1;
    if (times[middle] < limit) from = middle + 1;
    else high = middle;
  }
  return from;
}
