import { halvesOf, topBit } from "@tocsin/data/column";
import type { ClippedWindows, WindowList } from "./window-list.ts";

/**
 * Finds where, in rows in the order of time, one window ends and the next begins. Compares times by their halves: a
 * bigint for each window would cost more than its rows.
 */
export class WindowRuns {
  readonly #list: WindowList;
  readonly #edges: Int32Array;
  readonly #halves: Int32Array;
  /** The windows with rows, and where those of each end. */
  numbers: Uint32Array;
  ends: Uint32Array;
  count = 0;
  #present = -1;

  constructor({ list }: ClippedWindows, times: BigInt64Array) {
    this.#list = list;
    this.#edges = halvesOf(list.edges);
    this.#halves = halvesOf(times);
    // A table has no more windows than there are, nor than it has rows.
    const most = Math.min(list.size, times.length);
    this.numbers = new Uint32Array(most);
    this.ends = new Uint32Array(most);
  }
  /** Begins a new table. */
  reset(): void {
    this.count = 0;
    this.#present = -1;
  }
  /** Takes the rows `from .. to`. False: one is in an earlier window than the row before, or in none. */
  take(from: number, to: number): boolean {
    const halves = this.#halves;
    const edges = this.#edges;
    for (let row = from; row < to;) {
      // The first row of a window, then the others in it.
      const number = this.#next(row);
      if (number < 0) return false;
      const startHigh = edges[2 * number + 1];
      const startLow = edges[2 * number] ^ topBit;
      const stopHigh = edges[2 * number + 3];
      const stopLow = edges[2 * number + 2] ^ topBit;
      for (row++; row < to; row++) {
        const high = halves[2 * row + 1];
        const low = halves[2 * row] ^ topBit;
        if (high > stopHigh || (high === stopHigh && low >= stopLow)) break;
        if (high < startHigh || (high === startHigh && low < startLow)) return false;
      }
    }
    return true;
  }
  /** The table has ended before row `end`. */
  close(end: number): void {
    if (this.#present >= 0) this.#end(end);
    this.#present = -1;
  }

  /** The window of a row: that of the row before or a later one; -1: it is in none of these. */
  #next(row: number): number {
    const present = this.#present;
    const low = this.#halves[2 * row];
    const high = this.#halves[2 * row + 1];
    if (present >= 0 && this.#list.holds(present, high, low)) return present;
    const next = present + 1;
    const number = this.#list.holds(next, high, low) ? next : this.#list.find(high, low);
    if (number <= present) return -1;
    if (present >= 0) this.#end(row);
    this.#present = number;
    return number;
  }
  #end(row: number): void {
    this.numbers[this.count] = this.#present;
    this.ends[this.count++] = row;
  }
}
