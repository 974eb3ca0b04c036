import type { FirstAndLast } from "./all-windows.ts";
import { NOWHERE } from "./window-list.ts";

/** Rows of one table: `from .. to`. */
interface RowRange {
  readonly from: number;
  readonly to: number;
}

/**
 * How the rows of a table fall into windows that may overlap: the rows of the window `least + i` end before
 * `ends[i + 1]`, counted from the first row of the first window. No window has rows when `most` is less than `least`.
 */
interface SpreadCounts {
  readonly least: number;
  readonly most: number;
  readonly ends: Uint32Array;
}

/** Counts the rows of each window; a row belongs to all windows from its first to its last. */
export function spreadCounts(windows: FirstAndLast, rows: RowRange): SpreadCounts {
  const { firsts, lasts } = windows;
  const { least, most } = spanOf(windows, rows);
  const ends = new Uint32Array(Math.max(0, most - least + 2));
  for (let row = rows.from; row < rows.to; row++) {
    if (firsts[row] === NOWHERE) continue;
    for (let number = firsts[row]; number <= lasts[row]; number++) ends[number - least + 1]++;
  }
  for (let i = 1; i < ends.length; i++) ends[i] += ends[i - 1];
  return { least, most, ends };
}

/**
 * Names the rows of each window in turn. Moves `ends`: afterwards those of the window `least + i` end before
 * `ends[i]`.
 */
export function spreadRows(
  { firsts, lasts }: FirstAndLast,
  { least, ends }: SpreadCounts,
  { from, to }: RowRange,
  into: Uint32Array,
): void {
  for (let row = from; row < to; row++) {
    if (firsts[row] === NOWHERE) continue;
    for (let number = firsts[row]; number <= lasts[row]; number++)
      into[ends[number - least]++] = row;
  }
}

/** The windows between which those of some rows lie. */
function spanOf(
  { firsts, lasts }: FirstAndLast,
  { from, to }: RowRange,
): Pick<SpreadCounts, "least" | "most"> {
  let least = NOWHERE;
  let most = -1;
  for (let row = from; row < to; row++) {
    if (firsts[row] === NOWHERE) continue;
    if (firsts[row] < least) least = firsts[row];
    if (lasts[row] > most) most = lasts[row];
  }
  return { least, most };
}
