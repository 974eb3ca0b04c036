import type { FlatColumn } from "@tocsin/data/column";
import { invalid } from "@tocsin/data/value";
import { PairIndex } from "@tocsin/engine/execute";
import { PivotKey } from "./pivot-key.ts";

/** How many rows are looked up by their cells before following the earlier rows is tried again. */
const firstLook = 64;
/** Of this many rows one may be out of order. */
const rowsPerHop = 8;

/** The first rows of a table of the result that came one after the other. */
interface Stretch {
  readonly from: number;
  to: number;
  /** The first column of the row key ascends in it. */
  ascending: boolean;
  /** The table has no other rows. */
  whole: boolean;
}

/**
 * Numbers the rows of a pivot's result over all tables, as they first appear. Series have the same
 * times in the same order: a row is tried to be the one behind the last one, then, where times ascend, to
 * be a new one; all others are found by their cells.
 */
export class PivotRows {
  readonly #keys: PivotKey[] = [];
  readonly #labels: readonly string[];
  readonly #pairs: readonly PairIndex[];
  /** How many rows have their cells in the indexes: the others were never looked for. */
  #indexed = 0;
  readonly #stretches: Stretch[] = [];
  /** The place behind the last row that was found, of each table. */
  readonly #cursors: number[] = [];
  /** The table of each row. */
  groupOf = new Uint32Array(64);
  count = 0;
  /** The row of the result of each row of the batch at hand, where `place` does not say it. */
  places = new Uint32Array(0);

  constructor(labels: readonly string[]) {
    this.#labels = labels;
    // Without a row key the rows of a table are one.
    this.#pairs = (labels.length === 0 ? [""] : labels).map(() => new PairIndex());
  }
  /** Takes the columns of the row key of a batch that is not empty. */
  take(columns: readonly FlatColumn[], rows: number): void {
    if (this.places.length < rows) this.places = new Uint32Array(rows);
    columns.forEach((column, i) => {
      const key = (this.#keys[i] ??= new PivotKey(column.kind));
      if (key.kind !== column.kind)
        throw invalid(
          `pivot: row key column "${this.#labels[i]}" is both of type ${key.kind} and ${column.kind}`,
        );
      key.take(column);
    });
  }
  /**
   * Finds the rows `from .. to` of the batch, all of one table. Gives the place of the first one when the
   * others are behind it; else -1, and `places` has them.
   */
  place(group: number, from: number, to: number): number {
    const first = this.#guess(group, from);
    const followed = this.#follow(group, from, to, first);
    if (followed === to) {
      this.#cursors[group] = first + to - from;
      return first;
    }
    const { places } = this;
    for (let row = from; row < followed; row++) places[row] = first + row - from;
    this.#findAll(group, followed, to, first + followed - from);
    return isRising(places, from, to) ? places[from] : -1;
  }
  /** The columns of the row key, with a cell for each row. */
  columns(): Map<string, FlatColumn> {
    return new Map(this.#keys.map((key, i) => [this.#labels[i], key.column(this.count)]));
  }

  /** The first row of `from .. to` that is not at the place that follows, from `place` on. */
  #follow(group: number, from: number, to: number, place: number): number {
    const row = from + this.#same(group, from, to, place);
    const next = place + row - from;
    if (row === to || next !== this.count) return row;
    const fresh = this.#fresh(group, row, to);
    if (fresh > 0) this.#append(group, row, row + fresh, true);
    return row + fresh;
  }
  /** Finds the rows `from .. to`, the first perhaps at `next`. */
  #findAll(group: number, from: number, to: number, next: number): void {
    const { places } = this;
    let place = next;
    let look = firstLook;
    let hops = 0;
    for (let row = from; row < to;) {
      let count = this.#same(group, row, to, place);
      if (count === 0) {
        count = this.#fresh(group, row, to);
        if (count > 0) place = this.#append(group, row, row + count, true);
      }
      if (count > 0) for (let i = 0; i < count; i++) places[row + i] = place + i;
      else {
        const found = hops++ * rowsPerHop > row - from + firstLook ? -1 : this.#find(group, row);
        if (found >= 0) {
          place = found;
          continue;
        }
        count = Math.min(to - row, look);
        look *= 2;
        this.#look(group, row, row + count);
      }
      row += count;
      place = places[row - 1] + 1;
    }
    this.#cursors[group] = place;
  }
  /** Most likely: behind the last row, at it, or where the table begins. */
  #guess(group: number, row: number): number {
    const stretch = this.#stretches[group];
    if (stretch === undefined) return this.count;
    const cursor = this.#cursors[group];
    for (const place of [cursor, cursor - 1, stretch.from])
      if (this.#same(group, row, row + 1, place) > 0) return place;
    return cursor;
  }
  #same(group: number, row: number, to: number, place: number): number {
    const stretch = this.#stretches[group];
    if (stretch === undefined || place < stretch.from || place >= stretch.to) return 0;
    let end = Math.min(to, row + stretch.to - place);
    for (const key of this.#keys) end = row + key.same(row, end, place);
    return this.#keys.length === 0 ? 0 : end - row;
  }
  /** How many rows are new, because their times are later than all of the table. */
  #fresh(group: number, row: number, to: number): number {
    const stretch = this.#stretches[group];
    const [key] = this.#keys;
    if (key === undefined) return 0;
    const count = key.ascending(row, to);
    if (count === 0 || stretch === undefined) return count;
    return stretch.whole && stretch.ascending && key.isAbove(row, stretch.to - 1) ? count : 0;
  }
  /** The place of a row among those of its table that ascend; -1: it is not there. */
  #find(group: number, row: number): number {
    const stretch = this.#stretches[group];
    const [key] = this.#keys;
    if (stretch?.ascending !== true || key.ascending(row, row + 1) === 0) return -1;
    const place = key.firstFrom(row, stretch.from, stretch.to);
    return this.#same(group, row, row + 1, place) > 0 ? place : -1;
  }
  /** Finds rows by their cells. */
  #look(group: number, from: number, to: number): void {
    this.#index();
    const ids = this.places.subarray(from, to).fill(group);
    this.#number(ids, (key) => key.codes(from, to));
    for (let row = from; row < to;) {
      let end = row + 1;
      if (ids[row - from] >= this.count) {
        while (end < to && ids[end - from] === ids[end - 1 - from] + 1) end++;
        this.#append(group, row, end, false);
      }
      row = end;
    }
    this.#indexed = this.count;
  }
  /** Makes numbers of rows of numbers of tables. */
  #number(ids: Uint32Array, codesOf: (key: PivotKey) => Uint32Array): void {
    if (this.#keys.length === 0) this.#pairs[0].number(ids, new Uint32Array(ids.length));
    this.#keys.forEach((key, i) => this.#pairs[i].number(ids, codesOf(key)));
  }
  /** Puts the rows into the indexes that were never looked for. */
  #index(): void {
    const [from, to] = [this.#indexed, this.count];
    if (from === to) return;
    const ids = this.groupOf.slice(from, to);
    this.#number(ids, (key) => key.storedCodes(from, to));
    this.#indexed = to;
  }
  /** Adds rows of the batch to the result; gives the place of the first. */
  #append(group: number, from: number, to: number, ascending: boolean): number {
    const place = this.count;
    const end = place + to - from;
    if (end > this.groupOf.length) {
      const larger = new Uint32Array(Math.max(end, this.groupOf.length * 2));
      larger.set(this.groupOf);
      this.groupOf = larger;
    }
    this.groupOf.fill(group, place, end);
    for (const key of this.#keys) key.store(from, to, place);
    this.count = end;
    const stretch = this.#stretches[group];
    if (stretch === undefined)
      this.#stretches[group] = { from: place, to: end, ascending, whole: true };
    else if (stretch.to === place) {
      stretch.to = end;
      stretch.ascending &&= ascending;
    } else stretch.whole = false;
    return place;
  }
}

function isRising(places: Uint32Array, from: number, to: number): boolean {
  for (let row = from + 1; row < to; row++) if (places[row] !== places[row - 1] + 1) return false;
  return true;
}
