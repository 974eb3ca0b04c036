import { halvesOf, isValid, topBit } from "@tocsin/data/column";
import type { TimeBounds } from "@tocsin/engine/plan";
import type { Steps } from "@tocsin/platform/host";
import type { Times } from "./times.ts";
import { WindowList } from "./window-list.ts";
import type { Windows } from "./windows.ts";

/** Rows of one call: a loop that is called often is compiled soon, and stays compiled. */
const rowsAtOnce = 1024;
/** More windows than this for each row are not worth a list. */
export const windowsPerRow = 4;

/**
 * Lists the windows between the earliest and the latest of some times; keeps the list while it covers further times.
 */
export class WindowLists {
  readonly #windows: Windows;
  readonly #bounds: TimeBounds;
  #covered: TimeBounds | undefined;
  #list: WindowList | undefined;

  constructor(windows: Windows, bounds: TimeBounds) {
    this.#windows = windows;
    this.#bounds = bounds;
  }
  /**
   * The windows from the earliest of the times to the latest, as far as these lie in the bounds. Undefined: they are
   * too many for so few times.
   */
  *of(times: Times): Steps<WindowList | undefined> {
    const rows = times.data.length;
    const span = spanOf(times);
    if (span === undefined) return new WindowList(new BigInt64Array(1));
    const bounds = this.#bounds;
    // A time outside the bounds matters only if its window reaches into them.
    const start = clamped(span.start, bounds.start, bounds.stop - 1n);
    const stop = clamped(span.stop, bounds.start + 1n, bounds.stop);
    const covered = this.#covered;
    if (covered !== undefined && covered.start <= start && stop <= covered.stop) return this.#list;
    const wide = covered === undefined ? { start, stop } : hull(covered, { start, stop });
    const made = (yield* this.#made(wide, rows)) ?? (yield* this.#made({ start, stop }, rows));
    if (made !== undefined) this.#list = made;
    return made;
  }

  *#made(span: TimeBounds, rows: number): Steps<WindowList | undefined> {
    const first = this.#windows.latest(span.start);
    const length = first.stop - first.start;
    if ((span.stop - span.start) / length > BigInt(rows * windowsPerRow + 1024)) return undefined;
    this.#covered = span;
    return new WindowList(yield* this.#windows.edges(span));
  }
}

/** From the earliest time to behind the latest; undefined when there is none. */
function spanOf({ data, valid }: Times): TimeBounds | undefined {
  const times = halvesOf(data);
  const span = { least: -1, most: -1 };
  for (let from = 0; from < data.length; from += rowsAtOnce)
    widen(span, times, valid, { from, to: Math.min(data.length, from + rowsAtOnce) });
  const { least, most } = span;
  return least < 0 ? undefined : { start: data[least], stop: data[most] + 1n };
}

/** Widens `span`, the rows with the earliest and the latest time (-1: none yet), by the rows `from .. to`. */
function widen(
  span: { least: number; most: number },
  times: Int32Array,
  valid: Times["valid"],
  { from, to }: { readonly from: number; readonly to: number },
): void {
  let { least, most } = span;
  let row = from;
  while (least < 0 && row < to) {
    if (valid === undefined || isValid(valid, row)) least = most = row;
    row++;
  }
  if (least < 0) return;
  let leastHigh = times[2 * least + 1];
  let leastLow = times[2 * least] ^ topBit;
  let mostHigh = times[2 * most + 1];
  let mostLow = times[2 * most] ^ topBit;
  for (; row < to; row++) {
    if (valid !== undefined && !isValid(valid, row)) continue;
    const high = times[2 * row + 1];
    const low = times[2 * row] ^ topBit;
    if (high < leastHigh || (high === leastHigh && low < leastLow)) {
      least = row;
      leastHigh = high;
      leastLow = low;
    } else if (high > mostHigh || (high === mostHigh && low > mostLow)) {
      most = row;
      mostHigh = high;
      mostLow = low;
    }
  }
  span.least = least;
  span.most = most;
}

const clamped = (t: bigint, least: bigint, most: bigint): bigint =>
  t < least ? least : t > most ? most : t;

const hull = (a: TimeBounds, b: TimeBounds): TimeBounds => ({
  start: a.start < b.start ? a.start : b.start,
  stop: a.stop > b.stop ? a.stop : b.stop,
});
