import { wordsOf } from "@tocsin/data/column";
import type { TimeBounds } from "@tocsin/engine/plan";
import type { WindowCut } from "./window-cut.ts";
import type { ClippedWindows } from "./window-list.ts";
import type { WindowRuns } from "./window-runs.ts";
import type { Window } from "./windows.ts";

/** The table that runs belong to, its first row, and the place of that among the rows of the cut. */
interface RunPlace {
  readonly table: number;
  readonly first: number;
  readonly place: number;
}

/** A segment: its table, the number of its window, where its rows end. */
interface Segment {
  readonly table: number;
  readonly number: number;
  readonly end: number;
}

/** The segments of a cut in the making. Their windows are clipped to the bounds. */
export class Segments {
  readonly #bounds: TimeBounds;
  #ends = new Uint32Array(64);
  #tables = new Uint32Array(64);
  #numbers = new Uint32Array(64);
  #starts = new BigInt64Array(64);
  #stops = new BigInt64Array(64);
  /** The same times in halves, which are copied without making bigints. */
  #startWords = wordsOf(this.#starts);
  #stopWords = wordsOf(this.#stops);
  count = 0;

  constructor(bounds: TimeBounds) {
    this.#bounds = bounds;
  }
  add(segment: Segment, { start, stop }: Window): void {
    const at = this.#add(segment);
    this.#starts[at] = start < this.#bounds.start ? this.#bounds.start : start;
    this.#stops[at] = stop > this.#bounds.stop ? this.#bounds.stop : stop;
  }
  /** Adds a segment whose window is in a list, clipped. */
  addListed(segment: Segment, windows: Pick<ClippedWindows, "starts" | "stops">): void {
    const at = this.#add(segment);
    this.#starts[at] = windows.starts[segment.number];
    this.#stops[at] = windows.stops[segment.number];
  }
  #add({ table, number, end }: Segment): number {
    this.#reserve(1);
    const at = this.count++;
    this.#tables[at] = table;
    this.#ends[at] = end;
    this.#numbers[at] = number;
    return at;
  }
  /** Adds the windows that have rows. */
  addRuns({ table, first, place }: RunPlace, windows: ClippedWindows, runs: WindowRuns): void {
    const { numbers, ends, count } = runs;
    const base = place - first;
    this.#reserve(count);
    const at = this.count;
    for (let i = 0; i < count; i++) this.#ends[at + i] = base + ends[i];
    this.#tables.fill(table, at, at + count);
    this.#numbers.set(numbers.subarray(0, count), at);
    const starts = this.#startWords;
    const stops = this.#stopWords;
    for (let i = 0; i < count; i++) {
      const from = 2 * numbers[i];
      const to = 2 * (at + i);
      starts[to] = windows.startWords[from];
      starts[to + 1] = windows.startWords[from + 1];
      stops[to] = windows.stopWords[from];
      stops[to + 1] = windows.stopWords[from + 1];
    }
    this.count += count;
  }
  /** Adds all windows, also those without rows. */
  addAll({ table, first, place }: RunPlace, windows: ClippedWindows, runs: WindowRuns): void {
    const { numbers, ends, count } = runs;
    const { starts, stops } = windows;
    const all = starts.length;
    this.#reserve(all);
    const at = this.count;
    let end = place;
    let next = 0;
    for (let number = 0; number < all; number++) {
      if (next < count && numbers[next] === number) end = place + ends[next++] - first;
      this.#ends[at + number] = end;
      this.#numbers[at + number] = number;
    }
    this.#tables.fill(table, at, at + all);
    this.#starts.set(starts, at);
    this.#stops.set(stops, at);
    this.count += all;
  }
  /** How many segments have a window whose number is less than `most`. */
  countBelow(most: number): number {
    let found = 0;
    for (let i = 0; i < this.count; i++) if (this.#numbers[i] < most) found++;
    return found;
  }
  finish(): Omit<WindowCut, "rows" | "without"> {
    const { count } = this;
    return {
      ends: this.#ends.subarray(0, count),
      tables: this.#tables.subarray(0, count),
      numbers: this.#numbers.subarray(0, count),
      starts: this.#starts.subarray(0, count),
      stops: this.#stops.subarray(0, count),
    };
  }
  #reserve(more: number): void {
    const needed = this.count + more;
    if (needed <= this.#ends.length) return;
    const length = Math.max(needed, 2 * this.#ends.length);
    this.#ends = longer(this.#ends, length);
    this.#tables = longer(this.#tables, length);
    this.#numbers = longer(this.#numbers, length);
    const starts = new BigInt64Array(length);
    const stops = new BigInt64Array(length);
    starts.set(this.#starts);
    stops.set(this.#stops);
    this.#starts = starts;
    this.#stops = stops;
    this.#startWords = wordsOf(starts);
    this.#stopWords = wordsOf(stops);
  }
}

function longer(numbers: Uint32Array<ArrayBuffer>, length: number): Uint32Array<ArrayBuffer> {
  const more = new Uint32Array(length);
  more.set(numbers);
  return more;
}
