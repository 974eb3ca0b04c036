import { halvesOf, isValid, topBit } from "@tocsin/data/column";
import type { TimeBounds } from "@tocsin/engine/plan";
import type { Times } from "./times.ts";

/** Rows of one call: a loop that is called often is compiled soon, and stays compiled. */
const rowsAtOnce = 1024;

/** The rows whose times lie in bounds; a null lies in none. Undefined: all of them. */
export function rowsWithin({ data, valid }: Times, bounds: TimeBounds): Uint32Array | undefined {
  const work = { times: halvesOf(data), valid, ...halvesOfBounds(bounds) };
  const count = data.length;
  let inside = 0;
  while (inside < count) {
    const to = Math.min(count, inside + rowsAtOnce);
    inside = endOfInside(work, inside, to);
    if (inside < to) break;
  }
  if (inside === count) return undefined;
  const rows = new Uint32Array(count);
  for (let row = 0; row < inside; row++) rows[row] = row;
  let kept = inside;
  for (let from = inside; from < count; from += rowsAtOnce)
    kept = addInside(work, { from, to: Math.min(count, from + rowsAtOnce) }, rows, kept);
  return rows.subarray(0, kept);
}

/** Times and bounds in halves: until a loop is optimized, each bigint in it is an object. */
interface Comparison {
  readonly times: Int32Array;
  readonly valid: Times["valid"];
  readonly startHigh: number;
  readonly startLow: number;
  readonly stopHigh: number;
  readonly stopLow: number;
}

function halvesOfBounds({
  start,
  stop,
}: TimeBounds): Pick<Comparison, "startHigh" | "startLow" | "stopHigh" | "stopLow"> {
  const [startLow, startHigh, stopLow, stopHigh] = halvesOf(BigInt64Array.of(start, stop));
  return { startHigh, startLow: startLow ^ topBit, stopHigh, stopLow: stopLow ^ topBit };
}

/** The first row of `from .. to` that is not inside; `to` when all are. */
function endOfInside(work: Comparison, from: number, to: number): number {
  const { times, valid, startHigh, startLow, stopHigh, stopLow } = work;
  for (let row = from; row < to; row++) {
    const high = times[2 * row + 1];
    if (valid === undefined && high > startHigh && high < stopHigh) continue;
    const low = times[2 * row] ^ topBit;
    const after = high > startHigh || (high === startHigh && low >= startLow);
    const before = high < stopHigh || (high === stopHigh && low < stopLow);
    if (!after || !before || (valid !== undefined && !isValid(valid, row))) return row;
  }
  return to;
}

/** Appends the rows of `from .. to` that are inside to the first `kept` of `rows`; gives how many these are now. */
function addInside(
  work: Comparison,
  { from, to }: { readonly from: number; readonly to: number },
  rows: Uint32Array,
  kept: number,
): number {
  const { times, valid, startHigh, startLow, stopHigh, stopLow } = work;
  for (let row = from; row < to; row++) {
    const high = times[2 * row + 1];
    const low = times[2 * row] ^ topBit;
    const after = high > startHigh || (high === startHigh && low >= startLow);
    const before = high < stopHigh || (high === stopHigh && low < stopLow);
    if (after && before && (valid === undefined || isValid(valid, row))) rows[kept++] = row;
  }
  return kept;
}
