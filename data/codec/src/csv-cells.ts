import type { FlatColumn } from "@tocsin/data/column";
import { type ColumnKind, invalid } from "@tocsin/data/value";
import { utf8 } from "@tocsin/platform/host";
import type { CsvRows } from "./csv-rows.ts";

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

const comma = 0x2c;
const newline = 0x0a;
const carriageReturn = 0x0d;
const quote = 0x22;

/** Cells of one column that become a column of batches, or are only checked when nobody reads them. */
export abstract class CsvCells {
  readonly column: CsvColumn;
  /** Nobody reads these cells: they must be of their type, and are forgotten. */
  unread = false;
  rows = 0;
  /** Rows of the batch before: the next one will have about as many. */
  #before = 64;
  readonly #fallback: Uint8Array | undefined;
  readonly #present = new Presence();

  constructor(column: CsvColumn) {
    this.column = column;
    this.#fallback = column.fallback === undefined ? undefined : utf8.encode(column.fallback);
  }
  /** The cells of column `at` in the rows `from .. to` of the block that `rows` holds. */
  block(rows: CsvRows, at: number, columns: number, from: number, to: number): void {
    this.reserve(this.rows + to - from);
    const { bytes, starts, ends } = rows;
    for (let row = from, cell = from * columns + at; row < to; row++, cell += columns) {
      const end = ends[cell] < 0 ? rows.plain(cell) : ends[cell];
      if (!this.cell(bytes, starts[cell], end))
        throw this.misfit(rows.text(starts[cell], end), rows.lines[row]);
    }
    if (this.unread) this.rows = 0;
  }
  /**
   * Reads the next cell of each of `count` lines of `rows`, and moves their cursors behind it. It
   * stops before a line whose cell needs a closer look; gives the lines that it read. What it read
   * counts when `keep` says so. `last`: the cell ends its line.
   */
  sweep(rows: CsvRows, count: number, last: boolean): number {
    this.reserve(this.rows + count);
    this.#present.all(this.rows, this.rows + count);
    return this.read(rows, count, last);
  }
  /** The first `count` of the cells that `sweep` read are cells of the column. */
  keep(count: number): void {
    if (!this.unread) this.rows += count;
  }
  /** One cell, after `reserve`; false when its bytes are not of this column's type. */
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
  /** The cells so far, and begins anew. */
  finish(): FlatColumn {
    const made = this.taken(this.#present.finish(this.rows));
    this.#before = this.rows;
    this.rows = 0;
    return made;
  }
  /** The length of a buffer for `rows` rows, in place of one for `have`. */
  protected roomFor(rows: number, have: number): number {
    return Math.max(rows, have * 2, this.#before);
  }
  /** The error of a cell that is not of this column's type. */
  misfit(text: string, line: number): Error {
    const { label, kind } = this.column;
    return invalid(
      `line ${line}: column ${JSON.stringify(label)} holds ` +
        `${JSON.stringify(text.slice(0, 60))}, which is not ${kindWords[kind]}`,
    );
  }
  /** Makes room for so many rows. */
  abstract reserve(rows: number): void;
  /** Fills the cell at `rows`, which has a value. */
  protected abstract parse(bytes: Uint8Array, from: number, to: number): boolean;
  /** Fills the cell at `rows`, which has no value. */
  protected abstract absent(): void;
  protected abstract taken(valid: Uint8Array | undefined): FlatColumn;
  /** The work of `sweep`: fills the cells from `rows` on. */
  protected abstract read(rows: CsvRows, count: number, last: boolean): number;

  /** In `read`: notes the empty cell of line `line`; false when that needs a closer look. */
  protected empty(line: number): boolean {
    if (this.#fallback !== undefined) return false;
    this.#present.note(this.rows + line, false);
    return true;
  }
  /**
   * In `read`: parses the cell of line `line` that begins at `from`, whatever it holds; gives its
   * end, or -1 when that needs a closer look.
   */
  protected odd(rows: CsvRows, line: number, from: number, last: boolean): number {
    const end = cellEnd(rows, line, from, last);
    if (end < 0) return -1;
    if (end === from) return this.empty(line) ? end : -1;
    const { rows: base } = this;
    this.rows = base + line;
    const fits = this.parse(rows.bytes, from, end);
    this.rows = base;
    return fits ? end : -1;
  }
}

/** Where the cell of a line that begins at `from` ends; -1 where it is quoted, or does not end there. */
export function cellEnd(rows: CsvRows, line: number, from: number, last: boolean): number {
  const { bytes } = rows;
  if (bytes[from] === quote) return -1;
  let end = from;
  let b = bytes[end];
  while (b !== comma && b !== newline) b = bytes[++end];
  if (!last) return b === comma ? end : -1;
  if (b === comma) return -1;
  if (end > from && bytes[end - 1] === carriageReturn) end--;
  return end === rows.stops[line] ? end : -1;
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
    // Rows that follow have a value until it is said that they have none.
    let bits = (this.#bits ??= new Uint8Array((row >> 2) + 128).fill(255));
    if (row >> 3 >= bits.length) bits = this.#grow(row);
    const bit = 1 << (row & 7);
    if (present) bits[row >> 3] |= bit;
    else bits[row >> 3] &= ~bit;
  }
  /** All of the rows `from .. to` have one. */
  all(from: number, to: number): void {
    if (this.#bits === undefined) return;
    const bits = to >> 3 < this.#bits.length ? this.#bits : this.#grow(to);
    for (let row = from; row < to; row++) bits[row >> 3] |= 1 << (row & 7);
  }
  finish(rows: number): Uint8Array | undefined {
    const bits = this.#bits;
    this.#bits = undefined;
    return bits?.subarray(0, (rows + 7) >> 3);
  }
  #grow(row: number): Uint8Array<ArrayBuffer> {
    const before = this.#bits ?? new Uint8Array(0);
    this.#bits = new Uint8Array(Math.max(before.length * 2, (row >> 2) + 128)).fill(255);
    this.#bits.set(before);
    return this.#bits;
  }
}
