import type { FlatColumn } from "@tocsin/data/column";
import { type ColumnKind, invalid } from "@tocsin/data/value";
import { shortened, utf8 } from "@tocsin/platform/host";
import type { CsvKernel } from "./csv-kernel.ts";
import { type ColumnPlace, oddBytes } from "./csv-kernel-plan.ts";
import { rework, type CsvRows } from "./csv-rows.ts";

/** What a column of a CSV table is, from its annotations. */
export interface CsvColumn {
  readonly label: string;
  readonly kind: ColumnKind;
  readonly key: boolean;
  /** Layout of times that are not RFC 3339. */
  readonly layout: string | undefined;
  /** Stands for an empty cell; undefined: such a cell has no value. */
  readonly fallback: string | undefined;
}

/** Cells of one column that become a column of batches, or are only checked when nobody reads them. */
export abstract class CsvCells {
  readonly column: CsvColumn;
  /** Nobody reads these cells: they must be of their type, and are forgotten. */
  unread = false;
  rows = 0;
  /** Rows of the batch before: the next one will have about as many. */
  #before = 64;
  /** Cells that `take` has filled but `keep` has not confirmed, and a bit for each, 0 where it has no value. */
  #taken = 0;
  #lacking: Uint8Array | undefined;
  readonly #fallback: Uint8Array | undefined;
  readonly #present = new Presence();

  constructor(column: CsvColumn) {
    this.column = column;
    this.#fallback = column.fallback === undefined ? undefined : utf8.encode(column.fallback);
  }
  /**
   * Reads the cells at `at` in the first `count` rows that `rows` holds; gives how many rows come before the first
   * cell that is not of this column's type. The cells count once `keep` says so.
   */
  block(rows: CsvRows, at: number, columns: number, count: number): number {
    this.reserve(this.rows + count);
    const { rows: base } = this;
    const { bytes, starts, ends } = rows;
    let row = 0;
    for (let cell = at; row < count; row++, cell += columns) {
      const end = ends[cell] < 0 ? rows.plain(cell) : ends[cell];
      if (!this.cell(bytes, starts[cell], end)) break;
    }
    this.rows = base;
    return row;
  }
  /** Before the kernel reads: says how it is to store what it finds. */
  expect(_kernel: CsvKernel, _place: ColumnPlace): void {}
  /** Bytes of texts of which each row has its own. */
  get bytes(): number {
    return 0;
  }
  /** How many cells the kernel may read in one call. */
  get most(): number {
    return Infinity;
  }
  /**
   * Takes the cells that the kernel has read in `count` lines; gives how many lines come before the first cell that is
   * not of this column's type. The cells count once `keep` says so.
   */
  take(kernel: CsvKernel, place: ColumnPlace, count: number): number {
    this.#taken = count;
    if (!this.unread) {
      this.reserve(this.rows + count);
      this.fill(kernel, place, count);
    }
    this.#lacking = kernel.presentIn(place);
    const { words } = kernel;
    const base = this.rows;
    let odd = place.odds / 4;
    const end = odd + (words[place.odd / 4] * oddBytes) / 4;
    let fits = count;
    for (; odd < end && words[odd] < fits; odd += oddBytes / 4) {
      this.rows = base + words[odd];
      if (!this.odd(kernel, place, odd)) fits = words[odd];
    }
    this.rows = base;
    return fits;
  }
  /** Confirms the first `count` of the cells that `take` or `block` has read. */
  keep(count: number): void {
    // The cells after these will be read again, and may have a value then.
    if (this.#taken > count) this.#present.all(this.rows + count, this.rows + this.#taken);
    if (this.#lacking !== undefined) this.#present.only(this.#lacking, this.rows, count);
    this.#taken = 0;
    this.#lacking = undefined;
    if (!this.unread) this.rows += count;
  }
  /** Reads one cell, after `reserve`. False: its bytes are not of this column's type. */
  cell(bytes: Uint8Array, from: number, to: number): boolean {
    if (from !== to) {
      if (!this.parse(bytes, from, to)) return false;
      this.#present.note(this.rows++, true);
      return true;
    }
    const fallback = this.#fallback;
    if (fallback === undefined) this.absent();
    else if (!this.parse(fallback, 0, fallback.length)) return false;
    this.#present.note(this.rows++, fallback !== undefined);
    return true;
  }
  /** How many of the rows from `from` on have a value. */
  protected valued(from: number): number {
    return this.#present.count(from, this.rows);
  }
  /** The cells so far as a column; begins a new one. */
  finish(): FlatColumn {
    this.settle();
    const made = this.taken(this.#present.finish(this.rows));
    // With some to spare: a few more must not mean twice as many.
    this.#before = Math.ceil(this.rows * 1.05);
    this.rows = 0;
    return made;
  }
  /** The length of a buffer for `rows` rows that replaces one for `have`. */
  protected roomFor(rows: number, have: number): number {
    return Math.max(rows, have * 2, this.#before);
  }
  /** The error for a cell that is not of this column's type. */
  misfit(text: string, line: number): Error {
    const { label } = this.column;
    return invalid(
      `line ${line}: column ${JSON.stringify(label)} holds ` +
        `${JSON.stringify(shortened(text, 60))}, which is not ${this.expected(text)}`,
    );
  }
  /** What should stand in place of `text`. */
  protected expected(_text: string): string {
    return kindWords[this.column.kind];
  }
  /** Makes room for `rows` rows. */
  abstract reserve(rows: number): void;
  /** Fills the cell at `rows`, which has a value. */
  protected abstract parse(bytes: Uint8Array, from: number, to: number): boolean;
  /** Fills the cell at `rows`, which has none. */
  protected absent(): void {}
  /** Before they are taken, while it is known which of them have a value. */
  protected settle(): void {}
  protected abstract taken(valid: Uint8Array | undefined): FlatColumn;
  /** Copies the cells of `count` lines to `rows` and after; the content of odd cells does not matter. */
  protected abstract fill(kernel: CsvKernel, place: ColumnPlace, count: number): void;
  /** Reads the cell at `rows`, which the kernel has left (see `ColumnPlace.odd`). False: it needs a closer look. */
  protected odd({ bytes, words }: CsvKernel, _place: ColumnPlace, odd: number): boolean {
    const [from, to] = [words[odd + 1], words[odd + 2]];
    if (to >= 0) return this.cell(bytes, from, to);
    const text = new Uint8Array(-to - 1 - from);
    return this.cell(text, 0, rework(bytes, from, -to - 1, text, 0));
  }
}

const kindWords: Readonly<Record<ColumnKind, string>> = {
  bool: "true or false",
  int: "a whole number of 64 bits",
  uint: "an unsigned whole number of 64 bits",
  float: "a number",
  string: "text",
  time: "a time such as 2026-01-31T09:30:00Z",
};

/** Which rows have a value; no memory while all have. */
class Presence {
  #bits: Uint8Array<ArrayBuffer> | undefined;

  note(row: number, present: boolean): void {
    if (present && this.#bits === undefined) return;
    // Rows after this one count as valid until noted otherwise.
    let bits = (this.#bits ??= new Uint8Array((row >> 2) + 128).fill(255));
    if (row >> 3 >= bits.length) this.#bits = bits = this.#grown(bits, row);
    const bit = 1 << (row & 7);
    if (present) bits[row >> 3] |= bit;
    else bits[row >> 3] &= ~bit;
  }
  /** Of the `count` rows from `base` on, those whose bit is 0 have no value. */
  only(given: Uint8Array, base: number, count: number): void {
    let bits = (this.#bits ??= new Uint8Array(((base + count) >> 2) + 128).fill(255));
    if ((base + count) >> 3 >= bits.length) this.#bits = bits = this.#grown(bits, base + count);
    const shift = base & 7;
    for (let i = 0, at = base >> 3; i < count; i += 8, at++) {
      const lacking = ~given[i >> 3] & (count - i < 8 ? (1 << (count - i)) - 1 : 255);
      bits[at] &= ~(lacking << shift);
      bits[at + 1] &= ~((lacking << shift) >> 8);
    }
  }
  /** All of the rows `from .. to` have one. */
  all(from: number, to: number): void {
    const bits = this.#bits;
    if (bits === undefined) return;
    const known = Math.min(to, 8 * bits.length);
    for (let row = from; row < known; row++) bits[row >> 3] |= 1 << (row & 7);
  }
  /** How many of the rows `from .. to` have one. */
  count(from: number, to: number): number {
    const bits = this.#bits;
    if (bits === undefined) return to - from;
    let count = 0;
    for (let row = from; row < to; row++) count += ((bits[row >> 3] ?? 255) >> (row & 7)) & 1;
    return count;
  }
  finish(rows: number): Uint8Array | undefined {
    const bits = this.#bits;
    if (bits === undefined) return undefined;
    this.#bits = undefined;
    const all = (rows + 7) >> 3 <= bits.length ? bits : this.#grown(bits, rows);
    return all.subarray(0, (rows + 7) >> 3);
  }
  #grown(before: Uint8Array, row: number): Uint8Array<ArrayBuffer> {
    const bits = new Uint8Array(Math.max(before.length * 2, (row >> 2) + 128)).fill(255);
    bits.set(before);
    return bits;
  }
}
