import { type FlatColumn, halvesOf, isValid, topBit, wordsOf } from "@tocsin/data/column";
import type { TimeBounds } from "@tocsin/engine/plan";
import type { Steps } from "@tocsin/platform/host";
import { WindowKernel } from "./window-kernel.ts";

/** A column of times. */
export type Times = Extract<FlatColumn, { form: "flat"; kind: "int" | "time" }>;

/** Stands for a window where a time is in none. */
export const NOWHERE = 0xffffffff;
/** So many rows a call: a loop that is called often is compiled soon, and stays so. */
const rowsAtOnce = 1024;
const edgesPerStep = 262_144;

/** Windows as far as they lie in bounds. */
export interface ClippedWindows {
  readonly starts: BigInt64Array;
  readonly stops: BigInt64Array;
  /** The same, in halves, the lower one first. */
  readonly startWords: Uint32Array;
  readonly stopWords: Uint32Array;
  /** The same windows, to look for times in. */
  readonly list: WindowList;
}

const two32 = 2 ** 32;
/** After so many times machine code is made to number others. */
const kernelFrom = 16_384;

/** Windows that follow each other without gaps, by number: what times are sorted into. */
export class WindowList {
  /** Window `i` begins at `edges[i]` and ends at `edges[i + 1]`. */
  readonly edges: BigInt64Array;
  readonly #halves: Int32Array;
  /** How many windows there are in a nanosecond, on average. */
  readonly #density: number;
  #numbered = 0;
  /** Null: there is none. */
  #kernel: WindowKernel | null | undefined;
  #clipped: { readonly bounds: TimeBounds; readonly windows: ClippedWindows } | undefined;

  constructor(edges: BigInt64Array) {
    this.edges = edges;
    this.#halves = halvesOf(edges);
    const { size } = this;
    this.#density = size === 0 ? 0 : size / Number(edges[size] - edges[0]);
  }
  /** How many windows there are. */
  get size(): number {
    return this.edges.length - 1;
  }
  /**
   * Writes the number of the window of each time `from .. to` to `numbers`; for those outside of all
   * windows, and where there is no time, `NOWHERE`.
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
  /** Whether so many times were numbered that machine code for it pays. */
  #isBusy(more: number): boolean {
    this.#numbered += more;
    return this.#numbered > kernelFrom;
  }
  /** The window of a time that is given by its halves; -1: it is in none. */
  find(high: number, low: number): number {
    const edges = this.#halves;
    const { size } = this;
    if (size === 0) return -1;
    // Most are equally long: a guess is close.
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
  /** Whether a time lies in a window; false where there is no such window. */
  holds(number: number, high: number, low: number): boolean {
    return (
      number >= 0 &&
      number < this.size &&
      this.#isFrom(number, high, low) &&
      !this.#isFrom(number + 1, high, low)
    );
  }
  /** Whether a time is at an edge or later. */
  #isFrom(edge: number, high: number, low: number): boolean {
    const edges = this.#halves;
    const edgeHigh = edges[2 * edge + 1];
    return high > edgeHigh || (high === edgeHigh && (low ^ topBit) >= (edges[2 * edge] ^ topBit));
  }
  /** Numbers some rows, the one before which was in or near the window `near`; gives that of the last. */
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
  /** How many of the windows come before one that is as long as the bounds: none or one. */
  before(bounds: TimeBounds): number {
    const { edges, size } = this;
    if (size === 0) return 0;
    const earlier = edges[0] < bounds.start;
    return earlier || (edges[0] === bounds.start && edges[1] <= bounds.stop) ? 1 : 0;
  }
  /** The windows cut to bounds; the list keeps them. Of many windows `clip` them first. */
  clipped(bounds: TimeBounds): ClippedWindows {
    const steps = this.clip(bounds);
    for (;;) {
      const { done, value } = steps.next();
      if (done === true) return value;
    }
  }
  /** The same in steps. */
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

/** Times to be numbered, and where their numbers go. */
interface NumberWork {
  readonly times: Int32Array;
  readonly valid: FlatColumn["valid"];
  /** The row whose number comes first. */
  readonly from: number;
  readonly numbers: Uint32Array;
}
