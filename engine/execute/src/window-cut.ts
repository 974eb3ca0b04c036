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
import type { TimeBounds } from "@tocsin/engine/plan";
import type { Steps } from "@tocsin/platform/host";
import { AllWindows, type FirstAndLast } from "./all-windows.ts";
import { ListedRows } from "./listed-rows.ts";
import { rowsWithin } from "./rows-within.ts";
import { type ClippedWindows, NOWHERE, type Times, WindowList } from "./window-list.ts";
import { WindowLists, windowsPerRow } from "./window-lists.ts";
import { unlike, WindowNumbers } from "./window-numbers.ts";
import { WindowRuns } from "./window-runs.ts";
import { Segments } from "./window-segments.ts";
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
  /**
   * Each segment's window among all of the bounds, where it was asked for; of rows outside of them the number behind
   * the last.
   */
  readonly numbers: Uint32Array;
  /** The last segment, where windows were numbered and some have no rows: it stands for them. */
  readonly without: number | undefined;
}

/** How a cutter treats what is special. */
interface CutOptions {
  /** Every table gets all windows of the bounds, also those without rows. */
  readonly createEmpty: boolean;
  /**
   * Rows outside of the bounds (their time was changed after `range`, or is null): they share a
   * window that is as long as the bounds, unless their own reaches into the bounds; or they are
   * left out.
   */
  readonly outside: "share" | "leave";
  /** Windows are numbered among all of the bounds: the cutter's `all`. */
  readonly numbered?: boolean;
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
  readonly #options: CutOptions;
  readonly #lists: WindowLists | undefined;
  #listOfAll: WindowList | undefined;
  #all: AllWindows | undefined;
  /** The same one by one, as far as they were asked for. */
  #each: readonly Window[] | undefined;
  #near: { readonly list: WindowList; readonly all: AllWindows } | undefined;
  #rows: Uint32Array | undefined;
  #count = 0;
  #segments: Segments;

  constructor(shape: WindowShape, bounds: TimeBounds, options: CutOptions) {
    this.#windows = isEndless(shape) ? undefined : windowsOf(shape);
    this.#bounds = bounds;
    this.#segments = new Segments(bounds);
    this.#options = options;
    const windows = this.#windows;
    const { createEmpty, numbered } = options;
    if (windows?.seamless === true && !createEmpty && numbered !== true)
      this.#lists = new WindowLists(windows, bounds);
  }
  /** All windows of the bounds. Undefined: there is only one without ends, or they are more than about `most`. */
  *all(most: number): Steps<AllWindows | undefined> {
    const windows = this.#windows;
    if (windows === undefined) return undefined;
    if (this.#all === undefined) {
      const bounds = this.#bounds;
      if (windows.estimate(bounds) > (windows.fixed ? most : most / 16)) return undefined;
      const ends = windows.seamless ? undefined : yield* windows.ends(bounds);
      if (windows.seamless) {
        const list = yield* this.#listAll(windows);
        yield* list.clip(bounds);
        this.#all = AllWindows.seamless(list, bounds);
      } else if (ends !== undefined) this.#all = AllWindows.of(ends, bounds, true);
      else this.#all = allOf(this.#eachOf(windows), bounds);
    }
    return this.#all;
  }
  /**
   * All windows that hold one of the times of some whole tables, and those between. Undefined: every table gets all of
   * the bounds, or they are too many for so few times.
   */
  *near(batch: Batch, timeColumn: string): Steps<AllWindows | undefined> {
    if (this.#lists === undefined) return undefined;
    const list = yield* this.#lists.of(timesOf(batch, timeColumn));
    if (list === undefined || list.size === 0) return undefined;
    if (this.#near?.list !== list)
      this.#near = { list, all: AllWindows.seamless(list, this.#bounds) };
    return this.#near.all;
  }
  /** In steps: one cut at a time. */
  *cut(batch: Batch, timeColumn: string): Steps<WindowCut> {
    const times = timesOf(batch, timeColumn);
    this.#rows = undefined;
    this.#count = 0;
    this.#segments = new Segments(this.#bounds);
    const list = yield* this.#list(times);
    const listed =
      list === undefined ? undefined : new ListedRows(list, this.#bounds, this.#options.outside);
    const windows = list?.clipped(this.#bounds);
    const runs =
      windows === undefined || times.valid !== undefined
        ? undefined
        : new WindowRuns(windows, times.data);
    const spread = yield* this.#spread(times);
    for (let table = 0; table < batch.tableEnds.length; table++) {
      const stretch = { table, from: tableStart(batch, table), to: batch.tableEnds[table] };
      if (this.#windows === undefined) this.#whole(stretch);
      else if (listed !== undefined && windows !== undefined) {
        const cut = runs !== undefined && (yield* this.#inPlace(runs, windows, stretch));
        if (!cut) yield* this.#listed(listed, times, stretch);
      } else if (spread !== undefined) yield* this.#spreading(spread, stretch);
      else yield* this.#sorting(this.#windows, times, stretch);
    }
    const without = this.#numbered(batch.tableEnds.length);
    return { rows: this.#kept(), ...this.#segments.finish(), without };
  }
  /** Adds a segment for windows without rows, if there are any. */
  #numbered(tables: number): number | undefined {
    const size = this.#all?.size;
    if (this.#options.numbered !== true || size === undefined) return undefined;
    const segments = this.#segments;
    if (segments.countBelow(size) === tables * size) return undefined;
    segments.add({ table: 0, number: size, end: this.#count }, this.#bounds);
    return segments.count - 1;
  }

  /** Undefined: the windows of the rows are found one by one. */
  *#list(times: Times): Steps<WindowList | undefined> {
    const windows = this.#windows;
    if (windows?.seamless !== true) return undefined;
    return yield* this.#lists === undefined ? this.#listAll(windows) : this.#lists.of(times);
  }
  *#listAll(windows: Windows): Steps<WindowList> {
    this.#listOfAll ??= new WindowList(yield* windows.edges(this.#bounds));
    return this.#listOfAll;
  }
  #eachOf(windows: Windows | undefined): readonly Window[] {
    this.#each ??= unlike(windows?.within(this.#bounds) ?? [this.#bounds]);
    return this.#each;
  }
  /** The windows of rows that may be in several. Undefined: some lie outside of the bounds, and share a window. */
  *#spread(times: Times): Steps<Spread | undefined> {
    if (this.#windows === undefined || this.#windows.seamless) return undefined;
    const { createEmpty, numbered, outside } = this.#options;
    const rows = times.data.length;
    const most = createEmpty || numbered === true ? Infinity : windowsPerRow * rows + 1024;
    const all = yield* this.all(most);
    if (all?.ordered !== true) return undefined;
    if (outside === "share" && rowsWithin(times, this.#bounds) !== undefined) return undefined;
    return { all, ...all.number(times, rows) };
  }
  #kept(): Uint32Array | undefined {
    return this.#rows?.subarray(0, this.#count);
  }
  /** A window without ends: every row is in it, whatever its time. */
  #whole({ table, from, to }: Stretch): void {
    if (to === from && !this.#options.createEmpty) return;
    this.#pass(from, to);
    this.#segments.add({ table, number: 0, end: this.#count }, this.#bounds);
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
    if (this.#options.createEmpty) this.#segments.addAll(at, windows, runs);
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
    if (!this.#options.createEmpty) return;
    for (let key = from; key < to; key++)
      if (key !== listed.outside) this.#addWindow(listed, table, key, end);
  }
  #addWindow(listed: ListedRows, table: number, key: number, end: number): void {
    const { list } = listed;
    if (key === listed.outside)
      return this.#segments.add({ table, number: list.size, end }, this.#bounds);
    const number = listed.number(key);
    this.#segments.addListed({ table, number, end }, list.clipped(this.#bounds));
  }
  /** Puts each row into all windows from its first to its last. */
  *#spreading({ all, firsts, lasts }: Spread, { table, from, to }: Stretch): Steps {
    const { createEmpty } = this.#options;
    const { least, most } = spanOf(firsts, lasts, { from, to });
    const ends = new Uint32Array(Math.max(0, most - least + 2));
    for (let row = from; row < to; row++) {
      if (firsts[row] === NOWHERE) continue;
      for (let number = firsts[row]; number <= lasts[row]; number++) ends[number - least + 1]++;
    }
    yield;
    for (let i = 1; i < ends.length; i++) ends[i] += ends[i - 1];
    const base = this.#count;
    this.#makeRows(ends.at(-1) ?? 0);
    const rows = this.#rows as Uint32Array;
    for (let row = from; row < to; row++) {
      if (firsts[row] === NOWHERE) continue;
      for (let number = firsts[row]; number <= lasts[row]; number++)
        rows[base + ends[number - least]++] = row;
    }
    yield;
    // By now each end is where the next window begins.
    let end = base;
    for (
      let number = createEmpty ? 0 : least;
      number < (createEmpty ? all.size : most + 1);
      number++
    ) {
      const before = end;
      if (number >= least && number <= most) end = base + ends[number - least];
      if (createEmpty || end > before) this.#segments.addListed({ table, number, end }, all);
    }
    this.#count = end;
  }
  *#sorting(windows: Windows, times: Times, { table, from, to }: Stretch): Steps {
    const { createEmpty, numbered, outside } = this.#options;
    const numbers = new WindowNumbers(windows, this.#bounds);
    if (createEmpty || numbered === true)
      for (const window of this.#eachOf(windows)) numbers.of(window);
    const { start, stop } = this.#bounds;
    for (let row = from; row < to; row++) {
      const t = times.data[row];
      const inside = isValid(times.valid, row) && t >= start && t < stop;
      if (inside || outside === "share") numbers.place(times, row);
      if ((row - from) % rowsPerStep === rowsPerStep - 1) yield;
    }
    const { rows, counts, order, list } = yield* numbers.sorted();
    this.#makeRows(rows.length);
    this.#rows?.set(rows, this.#count);
    for (const number of order) {
      if (counts[number] === 0 && !createEmpty) continue;
      this.#count += counts[number];
      this.#segments.add({ table, number, end: this.#count }, list[number]);
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

/** The windows that rows may lie in, and those of each row. */
interface Spread extends FirstAndLast {
  readonly all: AllWindows;
}

/** The windows between which those of some rows lie: `least` is above `most` when there are none. */
function spanOf(
  firsts: Uint32Array,
  lasts: Uint32Array,
  { from, to }: { readonly from: number; readonly to: number },
): { least: number; most: number } {
  let least = NOWHERE;
  let most = -1;
  for (let row = from; row < to; row++) {
    if (firsts[row] === NOWHERE) continue;
    if (firsts[row] < least) least = firsts[row];
    if (lasts[row] > most) most = lasts[row];
  }
  return { least, most };
}

function allOf(windows: readonly Window[], bounds: TimeBounds): AllWindows {
  const begun = new BigInt64Array(windows.length + 1);
  const ended = new BigInt64Array(windows.length + 1);
  windows.forEach(({ start, stop }, i) => {
    begun[i] = start;
    ended[i + 1] = stop;
  });
  const ordered = windows.every(({ stop }, i) => i === 0 || stop >= windows[i - 1].stop);
  return AllWindows.of({ begun, ended }, bounds, ordered);
}

function addRows(rows: Uint32Array, at: number, order: Uint32Array, from: number): void {
  for (let i = 0; i < order.length; i++) rows[at + i] = from + order[i];
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
