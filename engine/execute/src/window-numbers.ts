import { isValid } from "@tocsin/data/column";
import type { TimeBounds } from "@tocsin/engine/plan";
import type { Steps } from "@tocsin/platform/host";
import type { Times } from "./times.ts";
import type { Window, Windows } from "./windows.ts";

const rowsPerStep = 65_536;

/** Numbers the windows that the rows of one table lie in, and sorts the rows by windows. */
export class WindowNumbers {
  readonly #windows: Windows;
  readonly #bounds: TimeBounds;
  readonly #numbers = new Map<bigint, number>();
  readonly list: Window[] = [];
  /** Pairs of a window's number and a row in it. */
  #ofPair = new Uint32Array(256);
  #rowOfPair = new Uint32Array(256);
  #pairs = 0;
  #outside = -1;
  #last: Window = { start: 0n, stop: 0n };
  #lastNumber = -1;

  constructor(windows: Windows, bounds: TimeBounds) {
    this.#windows = windows;
    this.#bounds = bounds;
  }
  /** The number of a window; all that share no instant with the bounds have the same. */
  of(window: Window): number {
    const { start, stop } = this.#bounds;
    if (window.stop <= start || window.start >= stop) {
      if (this.#outside < 0) this.#outside = this.list.push(this.#bounds) - 1;
      return this.#outside;
    }
    let number = this.#numbers.get(window.start);
    if (number === undefined) {
      number = this.list.push(window) - 1;
      this.#numbers.set(window.start, number);
    }
    return number;
  }
  /** Finds the windows of a row. */
  place({ data, valid }: Times, row: number): void {
    if (!isValid(valid, row)) {
      const { stop } = this.#bounds;
      return this.#pair(this.of({ start: stop, stop }), row);
    }
    const t = data[row];
    if (this.#windows.seamless) {
      if (this.#lastNumber < 0 || t < this.#last.start || t >= this.#last.stop) {
        this.#last = this.#windows.latest(t);
        this.#lastNumber = this.of(this.#last);
      }
      return this.#pair(this.#lastNumber, row);
    }
    for (const window of this.#windows.containing(t)) this.#pair(this.of(window), row);
  }
  /** The windows in order, how many rows each has, and these rows, window after window. */
  *sorted(): Steps<{ rows: Uint32Array; counts: Uint32Array; order: Uint32Array; list: Window[] }> {
    const { list } = this;
    const order = Uint32Array.from(list, (_, number) => number);
    order.sort((a, b) => compareWindows(list[a], list[b]));
    yield;
    const counts = new Uint32Array(list.length);
    const pairs = this.#pairs;
    for (let i = 0; i < pairs; i++) counts[this.#ofPair[i]]++;
    yield;
    const next = new Uint32Array(list.length);
    let at = 0;
    for (const number of order) {
      next[number] = at;
      at += counts[number];
    }
    const rows = new Uint32Array(at);
    for (let i = 0; i < pairs; i++) {
      rows[next[this.#ofPair[i]]++] = this.#rowOfPair[i];
      if (i % rowsPerStep === rowsPerStep - 1) yield;
    }
    return { rows, counts, order, list };
  }
  #pair(number: number, row: number): void {
    if (this.#pairs === this.#ofPair.length) {
      this.#ofPair = larger(this.#ofPair);
      this.#rowOfPair = larger(this.#rowOfPair);
    }
    this.#ofPair[this.#pairs] = number;
    this.#rowOfPair[this.#pairs++] = row;
  }
}

function compareWindows(a: Window, b: Window): number {
  if (a.start !== b.start) return a.start < b.start ? -1 : 1;
  return a.stop < b.stop ? -1 : a.stop > b.stop ? 1 : 0;
}

/** Windows in order, and of those that begin at the same time only the shortest. */
export function unlike(windows: readonly Window[]): Window[] {
  const sorted = windows.toSorted(compareWindows);
  return sorted.filter(({ start }, i) => i === 0 || start !== sorted[i - 1].start);
}

function larger(numbers: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const more = new Uint32Array(numbers.length * 2);
  more.set(numbers);
  return more;
}
