import { halvesOf, isValid, topBit, wordsOf } from "@tocsin/data/column";
import type { TimeBounds } from "@tocsin/engine/plan";
import { finished, type Steps } from "@tocsin/platform/host";
import type { Times } from "./times.ts";
import { WindowKernel } from "./window-kernel.ts";

/** The number of the window of a time that is in none. */
export const NOWHERE = 0xffffffff;
/** Rows of one call: a loop that is called often is compiled soon, and stays compiled. */
const rowsAtOnce = 1024;
const edgesPerStep = 262_144;

/** The parts of windows that lie in bounds. */
export interface ClippedWindows {
  readonly starts: BigInt64Array;
  readonly stops: BigInt64Array;
  /** The same times in halves, the lower one first. */
  readonly startWords: Uint32Array;
  readonly stopWords: Uint32Array;
  /** The same windows as a list, to look up times in. */
  readonly list: WindowList;
}

const two32 = 2 ** 32;
/** Times numbered before it pays to make machine code for the rest. */
const kernelFrom = 16_384;

/** Windows that follow each other without gaps, numbered from 0: finds the window of each time. */
export class WindowList {
  /** Window `i` begins at `edges[i]` and ends at `edges[i + 1]`. */
  readonly edges: BigInt64Array;
  readonly #halves: Int32Array;
  /** Windows in a nanosecond, on average. */
  readonly #density: number;
  #numbered = 0;
  /** Null: there can be none; undefined: none was tried. */
  #kernel: WindowKernel | null | undefined;
  #clipped: { readonly bounds: TimeBounds; readonly windows: ClippedWindows } | undefined;

  constructor(edges: BigInt64Array) {
    this.edges = edges;
    this.#halves = halvesOf(edges);
    const { size } = this;
    this.#density = size === 0 ? 0 : size / Number(edges[size] - edges[0]);
  }
  get size(): number {
    return this.edges.length - 1;
  }
  /**
   * Writes the number of the window of each time `from .. to` to `numbers`: `NOWHERE` for times outside of all
   * windows and for nulls.
   */
  number({ data, valid }: Times, from: number, to: number, numbers: Uint32Array): void {
    if (this.size === 0) return void numbers.fill(NOWHERE, 0, to - from);
    if (valid === undefined && this.#isBusy(to - from)) {
      this.#kernel ??= WindowKernel.of(this.edges, this.#density) ?? null;
      if (this.#kernel !== null) return this.#kernel.number(data, from, to, numbers);
    }
    const work = { times: halvesOf(data), valid, from, numbers };
    let near = 0;
    for (let row = from; row < to; row += rowsAtOnce)
      near = this.#numberSome(work, { row, to: Math.min(to, row + rowsAtOnce), near });
  }
  /** Whether machine code pays, after all the times numbered so far and `more` of them now. */
  #isBusy(more: number): boolean {
    this.#numbered += more;
    return this.#numbered > kernelFrom;
  }
  /** The window of the time with these halves; -1: it is in none. */
  find(high: number, low: number): number {
    const edges = this.#halves;
    const { size } = this;
    if (size === 0) return -1;
    // Most windows are equally long: this guess is mostly right.
    const since = (high - edges[1]) * two32 + (low >>> 0) - (edges[0] >>> 0);
    const guess = Math.floor(since * this.#density);
    if (this.holds(guess, high, low)) return guess;
    let below = 0;
    let above = size + 1;
    while (below < above) {
      const middle = (below + above) >> 1;
      if (this.#isFrom(middle, high, low)) below = middle + 1;
      else above = middle;
    }
    return below > size ? -1 : below - 1;
  }
  /** Whether there is a window with that number, and the time lies in it. */
  holds(number: number, high: number, low: number): boolean {
    return (
      number >= 0 &&
      number < this.size &&
      this.#isFrom(number, high, low) &&
      !this.#isFrom(number + 1, high, low)
    );
  }
  /** Whether the time is at the edge or later. */
  #isFrom(edge: number, high: number, low: number): boolean {
    const edges = this.#halves;
    const edgeHigh = edges[2 * edge + 1];
    return high > edgeHigh || (high === edgeHigh && (low ^ topBit) >= (edges[2 * edge] ^ topBit));
  }
  /** Numbers the rows `row .. to`; tries the window `near` first, and gives that of the last row that is in one. */
  #numberSome(
    { times, valid, from, numbers }: NumberWork,
    { row, to, near }: { row: number; to: number; near: number },
  ): number {
    const edges = this.#halves;
    let startHigh = edges[2 * near + 1];
    let startLow = edges[2 * near] ^ topBit;
    let stopHigh = edges[2 * near + 3];
    let stopLow = edges[2 * near + 2] ^ topBit;
    for (; row < to; row++) {
      if (valid !== undefined && !isValid(valid, row)) {
        numbers[row - from] = NOWHERE;
        continue;
      }
      const low = times[2 * row];
      const high = times[2 * row + 1];
      const flipped = low ^ topBit;
      if (
        high < startHigh ||
        (high === startHigh && flipped < startLow) ||
        high > stopHigh ||
        (high === stopHigh && flipped >= stopLow)
      ) {
        const number = this.holds(near + 1, high, low) ? near + 1 : this.find(high, low);
        if (number < 0) {
          numbers[row - from] = NOWHERE;
          continue;
        }
        near = number;
        startHigh = edges[2 * near + 1];
        startLow = edges[2 * near] ^ topBit;
        stopHigh = edges[2 * near + 3];
        stopLow = edges[2 * near + 2] ^ topBit;
      }
      numbers[row - from] = near;
    }
    return near;
  }
  /** How many of the windows come before one that is as long as the bounds: 0 or 1. */
  before(bounds: TimeBounds): number {
    const { edges, size } = this;
    if (size === 0) return 0;
    const earlier = edges[0] < bounds.start;
    return earlier || (edges[0] === bounds.start && edges[1] <= bounds.stop) ? 1 : 0;
  }
  /** The windows clipped to bounds, kept for the next call. Of many windows call `clip` first, which takes steps. */
  clipped(bounds: TimeBounds): ClippedWindows {
    return finished(this.clip(bounds));
  }
  /** As `clipped`, in steps. */
  *clip({ start, stop }: TimeBounds): Steps<ClippedWindows> {
    const kept = this.#clipped;
    if (kept !== undefined && kept.bounds.start === start && kept.bounds.stop === stop)
      return kept.windows;
    const { edges, size } = this;
    const early = size > 0 && edges[0] < start;
    const late = size > 0 && edges[size] > stop;
    const within = early || late ? yield* copied(edges) : edges;
    if (early) within[0] = start;
    if (late) within[size] = stop;
    const starts = within.subarray(0, size);
    const stops = within.subarray(1);
    const words = { startWords: wordsOf(starts), stopWords: wordsOf(stops) };
    const list = within === edges ? this : new WindowList(within);
    const windows = { starts, stops, ...words, list };
    this.#clipped = { bounds: { start, stop }, windows };
    return windows;
  }
}

function* copied(edges: BigInt64Array): Steps<BigInt64Array> {
  const copy = new BigInt64Array(edges.length);
  for (let from = 0; from < edges.length; from += edgesPerStep) {
    copy.set(edges.subarray(from, from + edgesPerStep), from);
    yield;
  }
  return copy;
}

/** Times in halves, and where their numbers go. */
interface NumberWork {
  readonly times: Int32Array;
  readonly valid: Times["valid"];
  /** The row whose number comes first in `numbers`. */
  readonly from: number;
  readonly numbers: Uint32Array;
}
