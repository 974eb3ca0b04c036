import {
  type Batch,
  type Column,
  type ColumnSpec,
  expand,
  type FlatColumn,
  gather,
  indexOf,
  isValid,
  tableStart,
} from "@tocsin/data/column";
import { FluxError } from "@tocsin/data/value";
import type { Steps } from "@tocsin/platform/host";
import type { TimeBounds } from "./bounds.ts";
import {
  type ClippedWindows,
  ListedRows,
  type Times,
  WindowList,
  WindowLists,
  wordsOf,
} from "./window-list.ts";
import { WindowRuns } from "./window-runs.ts";
import { isEndless, type Window, type WindowShape, type Windows, windowsOf } from "./windows.ts";

const rowsPerStep = 65_536;

/** How the rows of a batch fall into windows: one segment for each table and window. */
export interface WindowCut {
  /** Rows of the batch, segment after segment; undefined: all of them, as they lie. */
  readonly rows: Uint32Array | undefined;
  /** Where the rows of each segment end. */
  readonly ends: Uint32Array;
  /** The table of the batch that each segment was cut from. */
  readonly tables: Uint32Array;
  /** Each segment's window, clipped to the bounds; nanoseconds since the epoch. */
  readonly starts: BigInt64Array;
  readonly stops: BigInt64Array;
}

/** How a cutter treats what is special. */
export interface CutOptions {
  /** Every table gets all windows of the bounds, also those without rows. */
  readonly createEmpty: boolean;
  /**
   * Rows outside of the bounds (their time was changed after `range`, or is null): they share a
   * window that is as long as the bounds, unless their own reaches into the bounds; or they are
   * left out.
   */
  readonly outside: "share" | "leave";
}

/** A table of the batch that is cut: its rows are `from .. to`. */
interface Stretch {
  readonly table: number;
  readonly from: number;
  readonly to: number;
}

/**
 * Cuts tables into windows. Tables whose rows come window after window are cut where they lie; of
 * others the rows are put in the order of windows, keeping their order in each.
 */
export class WindowCutter {
  readonly #windows: Windows | undefined;
  readonly #bounds: TimeBounds;
  /** With `createEmpty`: all windows of the bounds, which every table gets. */
  readonly #all: readonly Window[];
  #listOfAll: WindowList | undefined;
  readonly #lists: WindowLists | undefined;
  readonly #createEmpty: boolean;
  readonly #outside: "share" | "leave";
  #rows: Uint32Array | undefined;
  #count = 0;
  #segments: Segments;

  constructor(shape: WindowShape, bounds: TimeBounds, { createEmpty, outside }: CutOptions) {
    this.#windows = isEndless(shape) ? undefined : windowsOf(shape);
    this.#bounds = bounds;
    this.#segments = new Segments(bounds);
    this.#createEmpty = createEmpty;
    this.#outside = outside;
    const windows = this.#windows;
    const seamless = windows?.seamless === true;
    this.#all = createEmpty && !seamless ? (windows?.within(bounds) ?? [bounds]) : [];
    if (seamless && !createEmpty) this.#lists = new WindowLists(windows, bounds);
  }
  /** All windows of the bounds. Undefined: they overlap, have gaps, or are more than about `most`. */
  *all(most: number): Steps<ClippedWindows | undefined> {
    const windows = this.#windows;
    if (windows?.seamless !== true) return undefined;
    if (this.#listOfAll === undefined) {
      const { start, stop } = this.#bounds;
      const first = windows.latest(start);
      if (Number(stop - start) / Number(first.stop - first.start) > most) return undefined;
      this.#listOfAll = new WindowList(yield* windows.edges(this.#bounds));
    }
    return this.#listOfAll.clipped(this.#bounds);
  }
  /** In steps: one cut at a time. */
  *cut(batch: Batch, timeColumn: string): Steps<WindowCut> {
    const times = timesOf(batch, timeColumn);
    this.#rows = undefined;
    this.#count = 0;
    this.#segments = new Segments(this.#bounds);
    const list = yield* this.#list(times);
    const listed =
      list === undefined ? undefined : new ListedRows(list, this.#bounds, this.#outside);
    const windows = list?.clipped(this.#bounds);
    const runs =
      windows === undefined || times.valid !== undefined
        ? undefined
        : new WindowRuns(windows, times.data);
    for (let table = 0; table < batch.tableEnds.length; table++) {
      const stretch = { table, from: tableStart(batch, table), to: batch.tableEnds[table] };
      if (this.#windows === undefined) this.#whole(stretch);
      else if (listed !== undefined && windows !== undefined) {
        const cut = runs !== undefined && (yield* this.#inPlace(runs, windows, stretch));
        if (!cut) yield* this.#listed(listed, times, stretch);
      } else yield* this.#sorting(this.#windows, times, stretch);
    }
    return { rows: this.#kept(), ...this.#segments.finish() };
  }

  /** Undefined: the windows of the rows are found one by one. */
  *#list(times: Times): Steps<WindowList | undefined> {
    if (this.#windows?.seamless !== true) return undefined;
    if (this.#lists !== undefined) return yield* this.#lists.of(times);
    this.#listOfAll ??= new WindowList(yield* this.#windows.edges(this.#bounds));
    return this.#listOfAll;
  }
  #kept(): Uint32Array | undefined {
    return this.#rows?.subarray(0, this.#count);
  }
  /** A window without ends: every row is in it, whatever its time. */
  #whole({ table, from, to }: Stretch): void {
    if (to === from && !this.#createEmpty) return;
    this.#pass(from, to);
    this.#segments.add(table, this.#bounds, this.#count);
  }
  /** Cuts a table whose rows come window after window; false: they do not, and nothing was done. */
  *#inPlace(
    runs: WindowRuns,
    windows: ClippedWindows,
    { table, from, to }: Stretch,
  ): Steps<boolean> {
    if (from === to) return false;
    runs.reset();
    for (let row = from; row < to; row += rowsPerStep) {
      if (row > from) yield;
      if (!runs.take(row, Math.min(to, row + rowsPerStep))) return false;
    }
    runs.close(to);
    const at = { table, first: from, place: this.#count };
    if (this.#createEmpty) this.#segments.addAll(at, windows, runs);
    else this.#segments.addRuns(at, windows, runs);
    this.#pass(from, to);
    return true;
  }
  *#listed(listed: ListedRows, times: Times, { table, from, to }: Stretch): Steps {
    yield* listed.place(times, from, to);
    const base = this.#count;
    const { order, count } = listed;
    if (order === undefined) this.#pass(from, to);
    else {
      this.#makeRows(count);
      addRows(this.#rows as Uint32Array, this.#count, order, from);
      this.#count += count;
    }
    let place = 0;
    let next = 0;
    while (place < count) {
      const most = Math.min(count, place + rowsPerStep);
      while (place < most) {
        const key = listed.key(place);
        this.#addEmpty(listed, table, { from: next, to: key, end: base + place });
        place = listed.endOfRun(place);
        this.#addWindow(listed, table, key, base + place);
        next = key + 1;
      }
      if (place < count) yield;
    }
    this.#addEmpty(listed, table, { from: next, to: listed.keys, end: base + count });
  }
  /** Windows without rows, by key, and where the rows before them end. */
  #addEmpty(
    listed: ListedRows,
    table: number,
    { from, to, end }: { from: number; to: number; end: number },
  ): void {
    if (!this.#createEmpty) return;
    for (let key = from; key < to; key++)
      if (key !== listed.outside) this.#addWindow(listed, table, key, end);
  }
  #addWindow(listed: ListedRows, table: number, key: number, end: number): void {
    if (key === listed.outside) this.#segments.add(table, this.#bounds, end);
    else {
      const windows = listed.list.clipped(this.#bounds);
      this.#segments.addListed(table, windows, listed.number(key), end);
    }
  }
  *#sorting(windows: Windows, times: Times, { table, from, to }: Stretch): Steps {
    const numbers = new WindowNumbers(windows, this.#bounds);
    for (const window of this.#all) numbers.of(window);
    const { start, stop } = this.#bounds;
    for (let row = from; row < to; row++) {
      const t = times.data[row];
      const inside = isValid(times.valid, row) && t >= start && t < stop;
      if (inside || this.#outside === "share") numbers.place(times, row);
      if ((row - from) % rowsPerStep === rowsPerStep - 1) yield;
    }
    const { rows, counts, order, list } = yield* numbers.sorted();
    this.#makeRows(rows.length);
    this.#rows?.set(rows, this.#count);
    for (const number of order) {
      if (counts[number] === 0 && !this.#createEmpty) continue;
      this.#count += counts[number];
      this.#segments.add(table, list[number], this.#count);
    }
  }
  /** The rows `from .. to` as they lie. */
  #pass(from: number, to: number): void {
    if (this.#rows === undefined && from === this.#count) {
      this.#count = to;
      return;
    }
    this.#makeRows(to - from);
    for (let row = from; row < to; row++) (this.#rows as Uint32Array)[this.#count++] = row;
  }
  /** Room for `more` rows; rows that were passed as they lay are named now. */
  #makeRows(more: number): void {
    const length = this.#count + more;
    const before = this.#rows;
    if (before !== undefined && before.length >= length) return;
    const rows = new Uint32Array(Math.max(length, 2 * (before?.length ?? 0)));
    if (before === undefined) for (let row = 0; row < this.#count; row++) rows[row] = row;
    else rows.set(before);
    this.#rows = rows;
  }
}

function addRows(rows: Uint32Array, at: number, order: Uint32Array, from: number): void {
  for (let i = 0; i < order.length; i++) rows[at + i] = from + order[i];
}

/** The table that runs are of, its first row, and where that is among the rows of the cut. */
interface RunPlace {
  readonly table: number;
  readonly first: number;
  readonly place: number;
}

/** Segments of a cut in the making: their windows are clipped to the bounds. */
class Segments {
  readonly #bounds: TimeBounds;
  #ends = new Uint32Array(64);
  #tables = new Uint32Array(64);
  #starts = new BigInt64Array(64);
  #stops = new BigInt64Array(64);
  /** The same, in halves: no bigint is made of them. */
  #startWords = wordsOf(this.#starts);
  #stopWords = wordsOf(this.#stops);
  count = 0;

  constructor(bounds: TimeBounds) {
    this.#bounds = bounds;
  }
  add(table: number, { start, stop }: Window, end: number): void {
    this.#reserve(1);
    const at = this.count++;
    this.#tables[at] = table;
    this.#ends[at] = end;
    this.#starts[at] = start < this.#bounds.start ? this.#bounds.start : start;
    this.#stops[at] = stop > this.#bounds.stop ? this.#bounds.stop : stop;
  }
  /** The window `number` of a list. */
  addListed(table: number, { starts, stops }: ClippedWindows, number: number, end: number): void {
    this.#reserve(1);
    const at = this.count++;
    this.#tables[at] = table;
    this.#ends[at] = end;
    this.#starts[at] = starts[number];
    this.#stops[at] = stops[number];
  }
  /** The windows with rows. */
  addRuns({ table, first, place }: RunPlace, windows: ClippedWindows, runs: WindowRuns): void {
    const { numbers, ends, count } = runs;
    const base = place - first;
    this.#reserve(count);
    const at = this.count;
    for (let i = 0; i < count; i++) this.#ends[at + i] = base + ends[i];
    this.#tables.fill(table, at, at + count);
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
  /** All windows, those without rows too. */
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
    }
    this.#tables.fill(table, at, at + all);
    this.#starts.set(starts, at);
    this.#stops.set(stops, at);
    this.count += all;
  }
  finish(): Omit<WindowCut, "rows"> {
    const { count } = this;
    return {
      ends: this.#ends.subarray(0, count),
      tables: this.#tables.subarray(0, count),
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

/** The times of rows; throws where there are none. */
export function timesOf(batch: Batch, label: string): Times {
  const at = indexOf(batch.schema, label);
  if (at < 0) throw new FluxError("failed precondition", `missing time column "${label}"`);
  const column = expand(batch.columns[at], batch.tableEnds);
  if (column.form === "flat" && column.kind === "time") return column;
  throw new FluxError(
    "failed precondition",
    `window: column "${label}" should be of type time, but is ${column.kind}`,
  );
}

/** Numbers the windows that the rows of one table lie in, and sorts the rows by them. */
class WindowNumbers {
  readonly #windows: Windows;
  readonly #bounds: TimeBounds;
  readonly #numbers = new Map<bigint, number>();
  readonly list: Window[] = [];
  /** Pairs of a window and a row in it. */
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
  /** The number of a window; all that share no instant with the bounds are one. */
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

const larger = (numbers: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> =>
  longer(numbers, numbers.length * 2);

function longer(numbers: Uint32Array<ArrayBuffer>, length: number): Uint32Array<ArrayBuffer> {
  const more = new Uint32Array(length);
  more.set(numbers);
  return more;
}

function compareWindows(a: Window, b: Window): number {
  if (a.start !== b.start) return a.start < b.start ? -1 : 1;
  return a.stop < b.stop ? -1 : a.stop > b.stop ? 1 : 0;
}

/**
 * The segments of a cut as the tables of a batch, with their windows as key columns `start` and
 * `stop`.
 */
export function windowBatch(
  batch: Batch,
  cut: WindowCut,
  names: { readonly start: string; readonly stop: string },
): Batch {
  const schema: ColumnSpec[] = [];
  const columns: Column[] = [];
  const segments = cut.ends.length;
  const put = (label: string, data: BigInt64Array): void => {
    schema.push({ label, kind: "time", key: true });
    const values: FlatColumn = { kind: "time", form: "flat", data, valid: undefined };
    columns.push({ kind: "time", form: "table", values });
  };
  batch.schema.forEach((spec, i) => {
    const column = batch.columns[i];
    if (spec.label === names.start) put(spec.label, cut.starts);
    else if (spec.label === names.stop) put(spec.label, cut.stops);
    else {
      schema.push(spec);
      columns.push(
        column.form === "table"
          ? { ...column, values: gather(column.values, cut.tables, segments) }
          : cut.rows === undefined
            ? column
            : gather(column, cut.rows, cut.rows.length),
      );
    }
  });
  if (indexOf(schema, names.start) < 0) put(names.start, cut.starts);
  if (indexOf(schema, names.stop) < 0) put(names.stop, cut.stops);
  const rows = cut.rows?.length ?? batch.rows;
  return { schema, columns, rows, tableEnds: cut.ends, open: false };
}
