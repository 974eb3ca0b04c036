import { type FlatColumn, isValid, wordsOf } from "@tocsin/data/column";
import type { ColumnKind } from "@tocsin/data/value";
import { means, whereAny } from "./operators/table-sums.ts";
import type { FirstAndLast } from "./all-windows.ts";
import { NOWHERE } from "./window-list.ts";

/** What is made of the values of a window. */
export type Summing = "count" | "mean" | "sum";

/** What is made of a column of some kind. */
interface Summed {
  readonly what: Summing;
  readonly kind: ColumnKind;
}

export interface GridSpec extends Summed {
  /** Windows without rows get a row; otherwise the grid notes which windows have rows. */
  readonly createEmpty: boolean;
}

/** The rows `from .. to`, and the windows of each. */
interface NumberedRows extends FirstAndLast {
  readonly from: number;
  readonly to: number;
}

/** Rows of one call: a loop that is called often is compiled soon, and stays compiled. */
const rowsAtOnce = 1024;
const two32 = 2 ** 32;

/** Whether a grid can do it. */
export const canSum = ({ what, kind }: Summed): boolean =>
  kind === "float" || kind === "int" || kind === "uint" || (what === "count" && kind !== "time");

/** The kind of the column that results. */
export const kindOfSum = ({ what, kind }: Summed): ColumnKind =>
  what === "mean" ? "float" : what === "count" ? "int" : kind;

/**
 * Sums in the making: a cell for each window of some tables, table after table. Rows may be added in any order; they
 * are neither sorted nor held.
 */
export class WindowGrid {
  readonly tables: number;
  readonly #windows: number;
  readonly #of: GridSpec;
  /** Sums of floats. */
  readonly #floats: Float64Array<ArrayBuffer>;
  /** Sums of whole numbers, which wrap at 64 bits, in halves. */
  readonly #words: Uint32Array<ArrayBuffer>;
  /** How many values were summed up; for `count`, how many rows there were. */
  readonly #counts: Uint32Array<ArrayBuffer>;
  /** How many rows each window has, also rows with nulls; made when the first null may come. */
  #seen: Uint32Array<ArrayBuffer> | undefined;

  constructor(of: GridSpec, windows: number, tables: number) {
    this.#of = of;
    this.#windows = windows;
    this.tables = tables;
    const cells = windows * tables;
    const summed = of.what === "count" ? 0 : cells;
    this.#floats = new Float64Array(of.kind === "float" ? summed : 0);
    this.#words = new Uint32Array(of.kind === "float" ? 0 : 2 * summed);
    this.#counts = new Uint32Array(cells);
  }
  get bytes(): number {
    return this.#floats.byteLength + this.#words.byteLength + this.#counts.byteLength;
  }
  /** Adds rows of one of the tables. */
  add(table: number, column: FlatColumn, { from, to, firsts, lasts }: NumberedRows): void {
    const base = table * this.#windows;
    const { valid } = column;
    if (valid !== undefined && !this.#of.createEmpty && this.#of.what !== "count")
      this.#seen ??= this.#counts.slice();
    for (let row = from; row < to; row += rowsAtOnce) {
      const rows = { base, from: row, to: Math.min(to, row + rowsAtOnce), firsts, lasts };
      if (this.#of.what === "count") countRows(this.#counts, rows);
      else if (column.form !== "flat" || column.kind === "bool") return;
      else {
        if (this.#seen !== undefined) countRows(this.#seen, rows);
        const sums = { counts: this.#counts, floats: this.#floats, words: this.#words };
        if (column.kind === "float") addFloats(sums, column.data, valid, rows);
        else addWholes(sums, wordsOf(column.data), valid, rows);
      }
    }
  }
  /** The results of the cells `from .. to`. Divides sums in place: to be called once for each cell. */
  cells(from: number, to: number): FlatColumn {
    const { what, kind } = this.#of;
    const counts = this.#counts.subarray(from, to);
    if (what === "count")
      return { kind: "int", form: "flat", data: wholes(counts), valid: undefined };
    const valid = whereAny(counts);
    const words = this.#words.subarray(2 * from, 2 * to);
    if (kind === "float") {
      const data = this.#floats.subarray(from, to);
      if (what === "mean") divide(data, counts);
      return { kind, form: "flat", data, valid };
    }
    const data =
      what === "mean" ? means(words, counts, kind === "uint" ? "uint" : "int") : undefined;
    if (data !== undefined) return { kind: "float", form: "flat", data, valid };
    return kind === "uint"
      ? {
          kind,
          form: "flat",
          data: new BigUint64Array(words.buffer, words.byteOffset, to - from),
          valid,
        }
      : {
          kind: "int",
          form: "flat",
          data: new BigInt64Array(words.buffer, words.byteOffset, to - from),
          valid,
        };
  }
  /** Those of the first `count` cells whose windows have rows. Undefined: all have. */
  seen(count: number): Uint32Array | undefined {
    const seen = (this.#seen ?? this.#counts).subarray(0, count);
    if (!seen.includes(0)) return undefined;
    const cells = new Uint32Array(count);
    let found = 0;
    for (let cell = 0; cell < count; cell++) if (seen[cell] > 0) cells[found++] = cell;
    return cells.subarray(0, found);
  }
  /** The cells of one table, which goes on, in a grid of their own. */
  alone(table: number): WindowGrid {
    const windows = this.#windows;
    const grid = new WindowGrid(this.#of, windows, 1);
    const from = table * windows;
    const to = from + windows;
    grid.#counts.set(this.#counts.subarray(from, to));
    grid.#floats.set(this.#floats.subarray(from, to));
    grid.#words.set(this.#words.subarray(2 * from, 2 * to));
    grid.#seen = this.#seen?.slice(from, to);
    return grid;
  }
}

/** Rows of a table whose cells begin at `base`. */
interface CellRows extends NumberedRows {
  readonly base: number;
}

interface Sums {
  readonly counts: Uint32Array;
  readonly floats: Float64Array;
  readonly words: Uint32Array;
}

function countRows(counts: Uint32Array, { base, from, to, firsts, lasts }: CellRows): void {
  for (let row = from; row < to;) {
    const start = row;
    const first = firsts[row];
    const last = lasts[row];
    for (row++; row < to && firsts[row] === first && lasts[row] === last; row++);
    if (first !== NOWHERE) for (let at = first; at <= last; at++) counts[base + at] += row - start;
  }
}

function addFloats(
  { counts, floats }: Sums,
  data: Float64Array,
  valid: FlatColumn["valid"],
  rows: CellRows,
): void {
  const { base, from, to, firsts, lasts } = rows;
  if (valid === undefined && firsts === lasts) return addFloatRuns({ counts, floats }, data, rows);
  for (let row = from; row < to; row++) {
    const first = firsts[row];
    if (first === NOWHERE || (valid !== undefined && !isValid(valid, row))) continue;
    for (let at = first; at <= lasts[row]; at++) {
      floats[base + at] += data[row];
      counts[base + at]++;
    }
  }
}

/** Rows without nulls, each in one window: a sum is only written when the window changes. */
function addFloatRuns(
  { counts, floats }: Pick<Sums, "counts" | "floats">,
  data: Float64Array,
  { base, from, to, firsts }: CellRows,
): void {
  for (let row = from; row < to;) {
    const start = row;
    const number = firsts[row];
    if (number === NOWHERE) {
      row++;
      continue;
    }
    let sum = floats[base + number];
    while (row < to && firsts[row] === number) sum += data[row++];
    floats[base + number] = sum;
    counts[base + number] += row - start;
  }
}

/** Adds in halves: until the loop is optimized, each bigint in it would be an object. */
function addWholes(
  { counts, words }: Sums,
  data: Uint32Array,
  valid: FlatColumn["valid"],
  rows: CellRows,
): void {
  const { base, from, to, firsts, lasts } = rows;
  if (valid === undefined && firsts === lasts) return addWholeRuns({ counts, words }, data, rows);
  for (let row = from; row < to; row++) {
    const first = firsts[row];
    if (first === NOWHERE || (valid !== undefined && !isValid(valid, row))) continue;
    for (let at = base + first; at <= base + lasts[row]; at++) {
      const low = words[2 * at] + data[2 * row];
      words[2 * at] = low;
      words[2 * at + 1] += data[2 * row + 1] + (low < two32 ? 0 : 1);
      counts[at]++;
    }
  }
}

/** As `addFloatRuns`. A double holds the sum of the halves of `rowsAtOnce` rows exactly. */
function addWholeRuns(
  { counts, words }: Pick<Sums, "counts" | "words">,
  data: Uint32Array,
  { base, from, to, firsts }: CellRows,
): void {
  for (let row = from; row < to;) {
    const start = row;
    const number = firsts[row];
    if (number === NOWHERE) {
      row++;
      continue;
    }
    const at = 2 * (base + number);
    let low = words[at];
    let high = words[at + 1];
    for (; row < to && firsts[row] === number; row++) {
      low += data[2 * row];
      high += data[2 * row + 1];
    }
    words[at] = low;
    words[at + 1] = high + Math.floor(low / two32);
    counts[base + number] += row - start;
  }
}

function divide(sums: Float64Array, counts: Uint32Array): void {
  for (let i = 0; i < sums.length; i++) if (counts[i] > 1) sums[i] /= counts[i];
}

function wholes(counts: Uint32Array): BigInt64Array {
  const data = new BigInt64Array(counts.length);
  const words = wordsOf(data);
  for (let i = 0; i < counts.length; i++) words[2 * i] = counts[i];
  return data;
}
