import { type FlatColumn, halvesOf, isValid, wordsOf } from "@tocsin/data/column";
import type { Steps } from "@tocsin/platform/host";
import type { TimeBounds } from "./bounds.ts";
import { counted } from "./digit-sort.ts";
import { WindowKernel } from "./window-kernel.ts";
import type { Windows } from "./windows.ts";

/** A column of times. */
export type Times = Extract<FlatColumn, { form: "flat"; kind: "int" | "time" }>;

/** Stands for a window where a time is in none. */
export const NOWHERE = 0xffffffff;
/** So many rows a call: a loop that is called often is compiled soon, and stays so. */
const rowsAtOnce = 1024;
const rowsPerStep = 65_536;
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

/** Flipped, the highest bit of a lower half orders it among the signed. */
export const topBit = -0x80000000;
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

/**
 * The rows of one table after the other, in the order of the windows of a list. Keys number the windows
 * in order; among them is one for the rows outside of all windows, if they are not left out.
 */
export class ListedRows {
  readonly list: WindowList;
  readonly #bounds: TimeBounds;
  readonly #share: boolean;
  /** Where the window of rows outside of all others is in the order of windows. */
  readonly #outsideAt: number;
  #keys = new Uint32Array(1024);
  /** Rows of the table that are kept. */
  count = 0;
  /** Their order, counted from the table's first row; undefined: as they lie, all of them. */
  order: Uint32Array | undefined;
  /** The key of rows outside of all windows; -1 when there is none. */
  outside = -1;

  constructor(list: WindowList, bounds: TimeBounds, outside: "share" | "leave") {
    this.list = list;
    this.#bounds = bounds;
    this.#share = outside === "share";
    this.#outsideAt = list.before(bounds);
  }
  /** All keys are below. */
  get keys(): number {
    return this.list.size + (this.outside < 0 ? 0 : 1);
  }
  /** The key of the row at a place in the order. */
  key(place: number): number {
    return this.#keys[this.order === undefined ? place : this.order[place]];
  }
  /** The first place behind `place` in the order that has another key. */
  endOfRun(place: number): number {
    const keys = this.#keys;
    const { order, count } = this;
    const key = this.key(place);
    let end = place + 1;
    if (order === undefined) while (end < count && keys[end] === key) end++;
    else while (end < count && keys[order[end]] === key) end++;
    return end;
  }
  /** The number in the list of the window with a key. */
  number(key: number): number {
    return this.outside >= 0 && key > this.outside ? key - 1 : key;
  }
  /** Takes the rows `from .. to`. */
  *place(times: Times, from: number, to: number): Steps {
    const count = to - from;
    if (this.#keys.length < count) this.#keys = new Uint32Array(count);
    const keys = this.#keys;
    let nowhere = 0;
    for (let row = from; row < to; row += rowsPerStep) {
      const end = Math.min(to, row + rowsPerStep);
      const some = keys.subarray(row - from, end - from);
      this.list.number(times, row, end, some);
      nowhere += this.#share ? countNowhere(some) : this.#leave(times, row, some);
      if (end < to) yield;
    }
    this.outside = -1;
    this.count = count;
    if (nowhere > 0 && this.#share) this.#makeRoom(keys.subarray(0, count));
    else this.count -= nowhere;
    const { inOrder, least, most } = sketch(keys, count);
    if (inOrder && this.count === count) this.order = undefined;
    else if (most - least > 4 * this.count + 64) this.order = sortedFew(keys, count);
    else this.order = yield* sortedMany(keys, count, { least, most });
  }

  /** Rows outside of the bounds are in no window, even where a window reaches out. */
  #leave({ data }: Times, from: number, keys: Uint32Array): number {
    const { start, stop } = this.#bounds;
    let nowhere = 0;
    for (let i = 0; i < keys.length; i++) {
      const t = data[from + i];
      if (t < start || t >= stop) keys[i] = NOWHERE;
      if (keys[i] === NOWHERE) nowhere += 1;
    }
    return nowhere;
  }
  /** Makes a key for rows outside of all windows. */
  #makeRoom(keys: Uint32Array): void {
    const at = this.#outsideAt;
    this.outside = at;
    for (let i = 0; i < keys.length; i++) {
      if (keys[i] === NOWHERE) keys[i] = at;
      else if (keys[i] >= at) keys[i] += 1;
    }
  }
}

function countNowhere(keys: Uint32Array): number {
  let count = 0;
  for (let i = 0; i < keys.length; i++) if (keys[i] === NOWHERE) count += 1;
  return count;
}

/** Whether keys ascend, and between which they lie. */
function sketch(
  keys: Uint32Array,
  count: number,
): { inOrder: boolean; least: number; most: number } {
  let inOrder = true;
  let least = NOWHERE;
  let most = 0;
  let before = 0;
  for (let i = 0; i < count; i++) {
    const key = keys[i];
    if (key === NOWHERE) continue;
    if (key < before) inOrder = false;
    before = key;
    if (key < least) least = key;
    if (key > most) most = key;
  }
  return { inOrder, least: Math.min(least, most), most };
}

/** Places of keys in ascending order, without those that are nowhere; for few keys far apart. */
function sortedFew(keys: Uint32Array, count: number): Uint32Array {
  const places = counted(count).filter((place) => keys[place] !== NOWHERE);
  return places.sort((a, b) => keys[a] - keys[b] || a - b);
}

/** As `sortedFew`, by counting. */
function* sortedMany(
  keys: Uint32Array,
  count: number,
  { least, most }: { readonly least: number; readonly most: number },
): Steps<Uint32Array> {
  const next = new Uint32Array(most - least + 2);
  for (let i = 0; i < count; i++) if (keys[i] !== NOWHERE) next[keys[i] - least + 1]++;
  yield;
  for (let key = 1; key < next.length; key++) next[key] += next[key - 1];
  const places = new Uint32Array(next[next.length - 1]);
  for (let from = 0; from < count; from += rowsPerStep) {
    const to = Math.min(count, from + rowsPerStep);
    for (let i = from; i < to; i++) if (keys[i] !== NOWHERE) places[next[keys[i] - least]++] = i;
    if (to < count) yield;
  }
  return places;
}

/** More windows than that for each row are not worth a list. */
const windowsPerRow = 4;

/** Lists of windows for times that lie in bounds; kept while the times of a stream stay the same. */
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
   * All windows of the bounds that hold one of the times, and those between them. Undefined: they are
   * too many for so few times.
   */
  *of(times: Times): Steps<WindowList | undefined> {
    const rows = times.data.length;
    const span = spanOf(times);
    if (span === undefined) return new WindowList(new BigInt64Array(1));
    const bounds = this.#bounds;
    // Of times beside the bounds, only the windows count that reach into them.
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

/** From the earliest time to the latest; undefined when there is none. */
function spanOf({ data, valid }: Times): TimeBounds | undefined {
  const times = halvesOf(data);
  const span = { least: -1, most: -1 };
  for (let from = 0; from < data.length; from += rowsAtOnce)
    widen(span, times, valid, { from, to: Math.min(data.length, from + rowsAtOnce) });
  const { least, most } = span;
  return least < 0 ? undefined : { start: data[least], stop: data[most] + 1n };
}

/** Takes some rows into account: which has the earliest time, and which the latest. */
function widen(
  span: { least: number; most: number },
  times: Int32Array,
  valid: FlatColumn["valid"],
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
