import type { TimeBounds } from "@tocsin/engine/plan";
import type { Times } from "./times.ts";
import { NOWHERE, WindowList } from "./window-list.ts";
import type { Window, WindowEnds } from "./windows.ts";

/** The windows of each row: all from its first to its last; where the first is `NOWHERE` it is in none. */
export interface FirstAndLast {
  readonly firsts: Uint32Array;
  readonly lasts: Uint32Array;
}

/** The windows that share an instant with bounds, numbered from the earliest on. They may overlap, or leave gaps. */
export class AllWindows {
  /** Clipped to the bounds. */
  readonly starts: BigInt64Array;
  readonly stops: BigInt64Array;
  /** How many of them come before a window as long as the bounds, which rows outside of all windows have. */
  readonly outsideAt: number;
  /**
   * The same windows as if each went on until the next begins, and as if each began where the one before ends. One
   * list if there are neither gaps nor overlaps.
   */
  readonly #begun: WindowList;
  readonly #ended: WindowList;
  /** No window ends before an earlier one does: only then can times be numbered. */
  readonly ordered: boolean;
  /** Where the windows begin and end, repeated for as many tables as asked for so far. */
  readonly #repeated: { _start: BigInt64Array; _stop: BigInt64Array };
  #firsts = new Uint32Array(0);
  #lasts = new Uint32Array(0);

  private constructor(
    { starts, stops }: Pick<AllWindows, "starts" | "stops">,
    { begun, ended }: { readonly begun: WindowList; readonly ended: WindowList },
    { outsideAt, ordered }: Pick<AllWindows, "outsideAt" | "ordered">,
  ) {
    this.starts = starts;
    this.stops = stops;
    this.#repeated = { _start: starts, _stop: stops };
    this.#begun = begun;
    this.#ended = ended;
    this.outsideAt = outsideAt;
    this.ordered = ordered;
  }
  /** Windows each of which begins where the one before ends. */
  static seamless(list: WindowList, bounds: TimeBounds): AllWindows {
    const { starts, stops, list: within } = list.clipped(bounds);
    const outsideAt = list.before(bounds);
    const lists = { begun: within, ended: within };
    return new AllWindows({ starts, stops }, lists, { outsideAt, ordered: true });
  }
  /**
   * Windows in the order in which they begin; `ordered`: also in that in which they end. Clips both lists in place.
   */
  static of({ begun, ended }: WindowEnds, bounds: TimeBounds, ordered: boolean): AllWindows {
    const size = begun.length - 1;
    const starts = begun.subarray(0, size);
    const stops = ended.subarray(1);
    let outsideAt = 0;
    const isBefore = (i: number): boolean =>
      starts[i] < bounds.start || (starts[i] === bounds.start && stops[i] <= bounds.stop);
    while (outsideAt < size && isBefore(outsideAt)) outsideAt++;
    for (let i = 0; i < size && starts[i] < bounds.start; i++) starts[i] = bounds.start;
    for (let i = size; i-- > 0 && (stops[i] > bounds.stop || !ordered);)
      if (stops[i] > bounds.stop) stops[i] = bounds.stop;
    if (size > 0) {
      begun[size] = stops[size - 1];
      ended[0] = starts[0];
    }
    const lists = { begun: new WindowList(begun), ended: new WindowList(ended) };
    return new AllWindows({ starts, stops }, lists, { outsideAt, ordered });
  }
  /** The same of windows that were listed one by one. */
  static listed(windows: readonly Window[], bounds: TimeBounds): AllWindows {
    const begun = new BigInt64Array(windows.length + 1);
    const ended = new BigInt64Array(windows.length + 1);
    windows.forEach(({ start, stop }, i) => {
      begun[i] = start;
      ended[i + 1] = stop;
    });
    const ordered = windows.every(({ stop }, i) => i === 0 || stop >= windows[i - 1].stop);
    return AllWindows.of({ begun, ended }, bounds, ordered);
  }
  get size(): number {
    return this.starts.length;
  }
  /** The windows of the first `rows` times. The arrays are used again by the next call. */
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
  /** Where all windows begin, or end, repeated for each of some tables. Shared: not to be written to. */
  times(of: "_start" | "_stop", tables: number): BigInt64Array {
    const { size } = this;
    if (this.#repeated[of].length < tables * size) {
      const once = this.#repeated[of].subarray(0, size);
      const times = new BigInt64Array(tables * size);
      for (let table = 0; table < tables; table++) times.set(once, table * size);
      this.#repeated[of] = times;
    }
    return this.#repeated[of].subarray(0, tables * size);
  }
}
