import { halvesOf, isValid, topBit } from "@tocsin/data/column";
import type { TimeBounds } from "@tocsin/engine/plan";
import type { Times } from "./times.ts";

/** Rows of one call: a loop that is called often is compiled soon, and stays compiled. */
const rowsAtOnce = 1024;

/** The rows whose times lie in bounds; a null lies in none. Undefined: all of them. */
export function rowsWithin({ data, valid }: Times, bounds: TimeBounds): Uint32Array | undefined {
  const work = { times: halvesOf(data), valid, ...halvesOfBounds(bounds) };
  const count = data.length;
  const inside = endOf(work, 0, count, true);
  if (inside === count) return undefined;
  const rows = new Uint32Array(count);
  for (let row = 0; row < inside; row++) rows[row] = row;
  let kept = inside;
  for (let from = inside; from < count; from += rowsAtOnce)
    kept = addInside(work, { from, to: Math.min(count, from + rowsAtOnce) }, rows, kept);
  return rows.subarray(0, kept);
}

/**
 * The runs of neighbouring rows whose times lie in bounds, each as its first row and the one behind its last.
 * Undefined: there are more than `most`.
 */
export function runsWithin(
  { data, valid }: Times,
  bounds: TimeBounds,
  most: number,
): number[] | undefined {
  const work = { times: halvesOf(data), valid, ...halvesOfBounds(bounds) };
  const runs: number[] = [];
  for (let row = 0; ;) {
    const from = endOf(work, row, data.length, false);
    if (from === data.length) return runs;
    row = endOf(work, from, data.length, true);
    if (runs.push(from, row) > 2 * most) return undefined;
  }
}

/** The first row of `from .. to` that is not inside as those before it, or not outside. */
function endOf(work: Comparison, from: number, to: number, inside: boolean): number {
  for (let row = from; row < to;) {
    const end = Math.min(to, row + rowsAtOnce);
    row = inside ? endOfInside(work, row, end) : endOfOutside(work, row, end);
    if (row < end) return row;
  }
  return to;
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

/** The first row of `from .. to` that is inside; `to` when none is. */
function endOfOutside(work: Comparison, from: number, to: number): number {
  const { times, valid, startHigh, startLow, stopHigh, stopLow } = work;
  for (let row = from; row < to; row++) {
    const high = times[2 * row + 1];
    if (high < startHigh || high > stopHigh) continue;
    const low = times[2 * row] ^ topBit;
    const after = high > startHigh || low >= startLow;
    const before = high < stopHigh || low < stopLow;
    if (after && before && (valid === undefined || isValid(valid, row))) return row;
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
