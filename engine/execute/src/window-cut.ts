import { type Batch, isValid, tableStart } from "@tocsin/data/column";
import type { TimeBounds } from "@tocsin/engine/plan";
import type { Steps } from "@tocsin/platform/host";
import { AllWindows, type FirstAndLast } from "./all-windows.ts";
import { CutRows } from "./cut-rows.ts";
import { ListedRows } from "./listed-rows.ts";
import { rowsWithin } from "./rows-within.ts";
import { spreadCounts, spreadRows } from "./spread-rows.ts";
import { type Times, timesOf } from "./times.ts";
import { type ClippedWindows, WindowList } from "./window-list.ts";
import { WindowLists, windowsPerRow } from "./window-lists.ts";
import { unlike, WindowNumbers } from "./window-numbers.ts";
import { WindowRuns } from "./window-runs.ts";
import { Segments } from "./window-segments.ts";
import { isEndless, type Window, type WindowShape, type Windows, windowsOf } from "./windows.ts";

const rowsPerStep = 65_536;

/** How the rows of a batch fall into windows: one segment for each table and window. */
export interface WindowCut {
  /** Rows of the batch, segment after segment; undefined: all of them, in the order of the batch. */
  readonly rows: Uint32Array | undefined;
  /** Where the rows of each segment end. */
  readonly ends: Uint32Array;
  /** The table of the batch that each segment was cut from. */
  readonly tables: Uint32Array;
  /** Each segment's window, clipped to the bounds; nanoseconds since the epoch. */
  readonly starts: BigInt64Array;
  readonly stops: BigInt64Array;
  /**
   * The number of each segment's window in the cutter's `all`, if windows are `numbered`; rows outside of all windows
   * have the number after the last.
   */
  readonly numbers: Uint32Array;
  /** An extra last segment without rows: it stands for every numbered window that has none. */
  readonly without: number | undefined;
}

interface CutOptions {
  /** Every table gets all windows of the bounds, also those without rows. */
  readonly createEmpty: boolean;
  /**
   * Rows outside the bounds (their time was changed after `range`, or is null): `share`: they get one window, as
   * long as the bounds, unless a window of their own reaches into the bounds; `leave`: they are left out.
   */
  readonly outside: "share" | "leave";
  /** Segments say the number of their window in the cutter's `all`. */
  readonly numbered?: boolean;
}

/** A table of the batch: its rows are `from .. to`. */
interface Stretch {
  readonly table: number;
  readonly from: number;
  readonly to: number;
}

/**
 * Cuts tables into windows. Where the rows of a table come window after window, they stay in place; otherwise they
 * are put in the order of their windows, and keep their order within each.
 */
export class WindowCutter {
  readonly #windows: Windows | undefined;
  readonly #bounds: TimeBounds;
  readonly #options: CutOptions;
  readonly #lists: WindowLists | undefined;
  #listOfAll: WindowList | undefined;
  #all: AllWindows | undefined;
  /** The same windows one by one, where they had to be listed so. */
  #each: readonly Window[] | undefined;
  #near: { readonly list: WindowList; readonly all: AllWindows } | undefined;
  #rows = new CutRows();
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
  /** All windows of the bounds. Undefined: the only one is endless, or there are about `most` of them or more. */
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
      else this.#all = AllWindows.listed(this.#eachOf(windows), bounds);
    }
    return this.#all;
  }
  /**
   * The windows from the earliest time of some whole tables to the latest. Undefined: tables get all windows of the
   * bounds anyway, or these are too many for so few times.
   */
  *near(batch: Batch, timeColumn: string): Steps<AllWindows | undefined> {
    if (this.#lists === undefined) return undefined;
    const list = yield* this.#lists.of(timesOf(batch, timeColumn));
    if (list === undefined || list.size === 0) return undefined;
    if (this.#near?.list !== list)
      this.#near = { list, all: AllWindows.seamless(list, this.#bounds) };
    return this.#near.all;
  }
  /** In steps; the next cut may begin when this one is finished. */
  *cut(batch: Batch, timeColumn: string): Steps<WindowCut> {
    const times = timesOf(batch, timeColumn);
    this.#rows = new CutRows();
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
    return { rows: this.#rows.named, ...this.#segments.finish(), without };
  }
  /** Adds the segment `without`, if any table lacks rows in a window; gives its number. */
  #numbered(tables: number): number | undefined {
    const size = this.#all?.size;
    if (this.#options.numbered !== true || size === undefined) return undefined;
    const segments = this.#segments;
    if (segments.countBelow(size) === tables * size) return undefined;
    segments.add({ table: 0, number: size, end: this.#rows.count }, this.#bounds);
    return segments.count - 1;
  }

  /** The windows that the rows are looked for in. Undefined: they overlap or leave gaps, or are too many. */
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
  /**
   * Of windows that overlap or leave gaps, those of each row. Undefined: rows outside the bounds share a window.
   */
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
  /** The endless window holds every row, whatever its time. */
  #whole({ table, from, to }: Stretch): void {
    if (to === from && !this.#options.createEmpty) return;
    this.#rows.pass(from, to);
    this.#segments.add({ table, number: 0, end: this.#rows.count }, this.#bounds);
  }
  /** Cuts a table whose rows come window after window. False: they do not, and nothing was done. */
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
    const at = { table, first: from, place: this.#rows.count };
    if (this.#options.createEmpty) this.#segments.addAll(at, windows, runs);
    else this.#segments.addRuns(at, windows, runs);
    this.#rows.pass(from, to);
    return true;
  }
  /** Cuts a table whose windows are in a list, rows in any order. */
  *#listed(listed: ListedRows, times: Times, { table, from, to }: Stretch): Steps {
    yield* listed.place(times, from, to);
    const base = this.#rows.count;
    const { order, count } = listed;
    if (order === undefined) this.#rows.pass(from, to);
    else {
      const rows = this.#rows.append(count);
      for (let i = 0; i < count; i++) rows[i] = from + order[i];
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
  /** Adds the windows with the keys `from .. to`, which have no rows; the rows before them end at `end`. */
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
  /** Cuts a table whose rows may each be in several windows. */
  *#spreading({ all, ...windows }: Spread, { table, from, to }: Stretch): Steps {
    const counts = spreadCounts(windows, { from, to });
    yield;
    const base = this.#rows.count;
    const { least, most, ends } = counts;
    spreadRows(windows, counts, { from, to }, this.#rows.append(ends.at(-1) ?? 0));
    yield;
    const { createEmpty } = this.#options;
    const last = createEmpty ? all.size - 1 : most;
    let end = base;
    for (let number = createEmpty ? 0 : least; number <= last; number++) {
      const before = end;
      if (number >= least && number <= most) end = base + ends[number - least];
      if (createEmpty || end > before) this.#segments.addListed({ table, number, end }, all);
    }
  }
  /** Cuts a table by finding the windows of each row one by one. */
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
    let end = this.#rows.count;
    this.#rows.append(rows.length).set(rows);
    for (const number of order) {
      if (counts[number] === 0 && !createEmpty) continue;
      end += counts[number];
      this.#segments.add({ table, number, end }, list[number]);
    }
  }
}

/** All windows, and those of each row among them. */
interface Spread extends FirstAndLast {
  readonly all: AllWindows;
}
