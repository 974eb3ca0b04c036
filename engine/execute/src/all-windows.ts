import type { TimeBounds } from "./bounds.ts";
import { NOWHERE, type Times, WindowList } from "./window-list.ts";
import type { Window } from "./windows.ts";

/** The windows of each of some rows: all from its first to its last; `NOWHERE`: it is in none. */
export interface FirstAndLast {
  readonly firsts: Uint32Array;
  readonly lasts: Uint32Array;
}

/**
 * All windows that share an instant with bounds, earliest first, by number. They may overlap, or leave gaps; but none
 * that begins later ends earlier.
 */
export class AllWindows {
  /** Clipped to the bounds. */
  readonly starts: BigInt64Array;
  readonly stops: BigInt64Array;
  /** So many of them come before one that is as long as the bounds. */
  readonly outsideAt: number;
  /** By where each begins, and by where the one before ends. The same, if each begins where another ends. */
  readonly #begun: WindowList;
  readonly #ended: WindowList;
  #firsts = new Uint32Array(0);
  #lasts = new Uint32Array(0);

  private constructor(
    { starts, stops }: { readonly starts: BigInt64Array; readonly stops: BigInt64Array },
    { begun, ended }: { readonly begun: WindowList; readonly ended: WindowList },
    outsideAt: number,
  ) {
    this.starts = starts;
    this.stops = stops;
    this.#begun = begun;
    this.#ended = ended;
    this.outsideAt = outsideAt;
  }
  /** Of windows each of which begins where the one before ends. */
  static seamless(list: WindowList, bounds: TimeBounds): AllWindows {
    const { starts, stops, list: within } = list.clipped(bounds);
    return new AllWindows({ starts, stops }, { begun: within, ended: within }, list.before(bounds));
  }
  /** Undefined: one that begins later ends earlier. */
  static of(windows: readonly Window[], bounds: TimeBounds): AllWindows | undefined {
    const size = windows.length;
    const starts = new BigInt64Array(size);
    const stops = new BigInt64Array(size);
    let outsideAt = 0;
    for (let i = 0; i < size; i++) {
      const { start, stop } = windows[i];
      const next = windows[i + 1];
      if (next !== undefined && (next.start < start || next.stop < stop)) return undefined;
      starts[i] = start < bounds.start ? bounds.start : start;
      stops[i] = stop > bounds.stop ? bounds.stop : stop;
      const before = start < bounds.start || (start === bounds.start && stop <= bounds.stop);
      if (before) outsideAt = i + 1;
    }
    const begun = new BigInt64Array(size + 1);
    const ended = new BigInt64Array(size + 1);
    begun.set(starts);
    ended.set(stops, 1);
    if (size > 0) {
      begun[size] = stops[size - 1];
      ended[0] = starts[0];
    }
    const lists = { begun: new WindowList(begun), ended: new WindowList(ended) };
    return new AllWindows({ starts, stops }, lists, outsideAt);
  }
  get size(): number {
    return this.starts.length;
  }
  /** The windows of the first `rows` times. What is given holds until the next call. */
  number(times: Times, rows: number): FirstAndLast {
    if (this.#firsts.length < rows) this.#firsts = new Uint32Array(rows);
    const firsts = this.#firsts;
    this.#ended.number(times, 0, rows, firsts);
    if (this.#begun === this.#ended) return { firsts, lasts: firsts };
    if (this.#lasts.length < rows) this.#lasts = new Uint32Array(rows);
    const lasts = this.#lasts;
    this.#begun.number(times, 0, rows, lasts);
    for (let row = 0; row < rows; row++)
      if (lasts[row] === NOWHERE || firsts[row] > lasts[row]) firsts[row] = NOWHERE;
    return { firsts, lasts };
  }
}
