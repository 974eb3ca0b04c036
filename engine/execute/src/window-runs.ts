import type { ClippedWindows } from "./window-list.ts";

/**
 * The windows that rows in the order of time lie in, one after the other. Times are compared by their
 * halves: a bigint for each window would cost more than its rows.
 */
export class WindowRuns {
  readonly #windows: ClippedWindows;
  readonly #starts: Int32Array;
  readonly #stops: Int32Array;
  readonly #times: BigInt64Array;
  readonly #halves: Int32Array;
  /** The windows with rows, and where those of each end. */
  numbers: Uint32Array;
  ends: Uint32Array;
  count = 0;
  #present = -1;

  constructor(windows: ClippedWindows, times: BigInt64Array) {
    this.#windows = windows;
    this.#starts = halvesOf(windows.starts);
    this.#stops = halvesOf(windows.stops);
    this.#times = times;
    this.#halves = halvesOf(times);
    // A table has no more windows than there are, nor than it has rows.
    const most = Math.min(windows.starts.length, times.length);
    this.numbers = new Uint32Array(most);
    this.ends = new Uint32Array(most);
  }
  /** A new table begins. */
  reset(): void {
    this.count = 0;
    this.#present = -1;
  }
  /** Takes the rows `from .. to`; false: their times go back, or lie in no window. */
  take(from: number, to: number): boolean {
    const halves = this.#halves;
    for (let row = from; row < to;) {
      // The first row of a window, then all others in it.
      const number = this.#next(row);
      if (number < 0) return false;
      const startHigh = this.#starts[2 * number + 1];
      const startLow = this.#starts[2 * number] >>> 0;
      const stopHigh = this.#stops[2 * number + 1];
      const stopLow = this.#stops[2 * number] >>> 0;
      for (row++; row < to; row++) {
        const high = halves[2 * row + 1];
        const low = halves[2 * row] >>> 0;
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

  /** The window of a row, which is that of the row before or a later one; -1: it is neither. */
  #next(row: number): number {
    const present = this.#present;
    if (present >= 0 && this.#holds(present, row)) return present;
    let number = present + 1;
    if (!this.#holds(number, row)) number = this.#windows.find(this.#times[row]);
    if (number <= present) return -1;
    if (present >= 0) this.#end(row);
    this.#present = number;
    return number;
  }
  #holds(number: number, row: number): boolean {
    if (2 * number >= this.#starts.length) return false;
    const high = this.#halves[2 * row + 1];
    const low = this.#halves[2 * row] >>> 0;
    const start = this.#starts[2 * number + 1];
    const stop = this.#stops[2 * number + 1];
    return (
      (high > start || (high === start && low >= this.#starts[2 * number] >>> 0)) &&
      (high < stop || (high === stop && low < this.#stops[2 * number] >>> 0))
    );
  }
  #end(row: number): void {
    this.numbers[this.count] = this.#present;
    this.ends[this.count++] = row;
  }
}

const halvesOf = (numbers: BigInt64Array): Int32Array =>
  new Int32Array(numbers.buffer, numbers.byteOffset, 2 * numbers.length);
