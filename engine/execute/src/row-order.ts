import {
  type Batch,
  Dictionary,
  type FlatColumn,
  isValid,
  materialized,
  tableStart,
} from "@tocsin/data/column";

/** What rows are sorted by, most important first. */
export interface Ordering {
  /** Positions of columns in the batch. */
  readonly columns: readonly number[];
  readonly descending: boolean;
}

/**
 * One column as numbers in whose order its cells are: 64 bits in two halves. Nulls come first in
 * both directions.
 */
interface SortKey {
  readonly high: Uint32Array;
  readonly low: Uint32Array;
  /** 1 where there is a value; undefined when there is one everywhere. */
  readonly present: Uint8Array | undefined;
}

/** Below this many rows a comparing sort is faster than counting digits. */
const COUNTING_ROWS = 4096;

/**
 * The rows of a batch, sorted in each of its tables, equal ones in the order in which they came.
 * Undefined: they are in order already.
 */
export function sortedRows(batch: Batch, ordering: Ordering): Uint32Array | undefined {
  const keys = ordering.columns.flatMap((at) => {
    const column = batch.columns[at];
    return column.form === "table" ? [] : [sortKey(column, ordering.descending)];
  });
  if (isSorted(batch, keys)) return undefined;
  const rows = Uint32Array.from({ length: batch.rows }, (_, row) => row);
  if (batch.rows >= COUNTING_ROWS) return byCounting(batch, keys, rows);
  for (let table = 0; table < batch.tableEnds.length; table++) {
    rows
      .subarray(tableStart(batch, table), batch.tableEnds[table])
      .sort((a, b) => compareRows(keys, a, b) || a - b);
  }
  return rows;
}

function isSorted(batch: Batch, keys: readonly SortKey[]): boolean {
  for (let table = 0; table < batch.tableEnds.length; table++) {
    const to = batch.tableEnds[table];
    for (let row = tableStart(batch, table) + 1; row < to; row++)
      if (compareRows(keys, row - 1, row) > 0) return false;
  }
  return true;
}

function compareRows(keys: readonly SortKey[], a: number, b: number): number {
  for (const { high, low, present } of keys) {
    if (present !== undefined && present[a] !== present[b]) return present[a] - present[b];
    if (high[a] !== high[b]) return high[a] < high[b] ? -1 : 1;
    if (low[a] !== low[b]) return low[a] < low[b] ? -1 : 1;
  }
  return 0;
}

/** Least significant digit first; the number of the table is the most significant one. */
function byCounting(batch: Batch, keys: readonly SortKey[], rows: Uint32Array): Uint32Array {
  const sorter = new DigitSorter(rows);
  for (const { high, low, present } of keys.toReversed()) {
    sorter.pass(low, 0);
    sorter.pass(low, 16);
    sorter.pass(high, 0);
    sorter.pass(high, 16);
    if (present !== undefined) sorter.pass(present, 0);
  }
  if (batch.tableEnds.length > 1) {
    const tables = new Uint32Array(batch.rows);
    let row = 0;
    for (let table = 0; table < batch.tableEnds.length; table++)
      while (row < batch.tableEnds[table]) tables[row++] = table;
    sorter.pass(tables, 0);
    sorter.pass(tables, 16);
  }
  return sorter.rows;
}

class DigitSorter {
  rows: Uint32Array;
  #other: Uint32Array;
  readonly #counts = new Uint32Array(65_536);

  constructor(rows: Uint32Array) {
    this.rows = rows;
    this.#other = new Uint32Array(rows.length);
  }
  /** Sorts by 16 bits of a number a row, keeping the order of equal ones. */
  pass(numbers: Uint32Array | Uint8Array, shift: number): void {
    const counts = this.#counts.fill(0);
    const { length } = this.rows;
    for (let row = 0; row < length; row++) counts[(numbers[row] >>> shift) & 0xffff]++;
    if (counts[(numbers[0] >>> shift) & 0xffff] === length) return;
    let at = 0;
    for (let digit = 0; digit < counts.length; digit++) {
      const count = counts[digit];
      counts[digit] = at;
      at += count;
    }
    const from = this.rows;
    const to = this.#other;
    for (let i = 0; i < length; i++) {
      const row = from[i];
      to[counts[(numbers[row] >>> shift) & 0xffff]++] = row;
    }
    this.rows = to;
    this.#other = from;
  }
}

function sortKey(column: FlatColumn, descending: boolean): SortKey {
  const real = materialized(column);
  const key = real.form === "flat" ? numberKey(real) : textKey(real);
  const present = real.valid === undefined ? undefined : presence(real.valid, key.low.length);
  if (descending) {
    for (let row = 0; row < key.low.length; row++) {
      key.high[row] = ~key.high[row];
      key.low[row] = ~key.low[row];
    }
  }
  // What stands in for a null must not order nulls among themselves.
  if (present !== undefined) {
    present.forEach((has, row) => {
      if (has === 0) key.high[row] = key.low[row] = 0;
    });
  }
  return { ...key, present };
}

function presence(valid: Uint8Array, rows: number): Uint8Array {
  const present = new Uint8Array(rows);
  for (let row = 0; row < rows; row++) if (isValid(valid, row)) present[row] = 1;
  return present;
}

type Fixed = Extract<FlatColumn, { form: "flat" }>;
type Text = Extract<FlatColumn, { form: "coded" | "plain" }>;

function numberKey(column: Fixed): { high: Uint32Array; low: Uint32Array } {
  const rows = column.data.length;
  const high = new Uint32Array(rows);
  const low = new Uint32Array(rows);
  if (column.kind === "bool") {
    low.set(column.data);
    return { high, low };
  }
  // Byte order is little-endian on every machine that runs Tocsin.
  const { buffer, byteOffset } = column.data;
  const words = new Uint32Array(buffer, byteOffset, rows * 2);
  const flip = column.kind === "uint" ? 0 : 0x80000000;
  for (let row = 0; row < rows; row++) {
    low[row] = words[2 * row];
    high[row] = words[2 * row + 1] ^ flip;
  }
  if (column.kind === "float") orderFloats(column.data, high, low);
  return { high, low };
}

/** Bits of doubles ascend with positive values only; -0 equals 0, and NaN comes before all. */
function orderFloats(data: Float64Array, high: Uint32Array, low: Uint32Array): void {
  for (let row = 0; row < data.length; row++) {
    const value = data[row];
    if (value < 0) {
      high[row] = ~(high[row] ^ 0x80000000);
      low[row] = ~low[row];
    } else if (value === 0) {
      high[row] = 0x80000000;
      low[row] = 0;
    } else if (Number.isNaN(value)) {
      high[row] = 0;
      low[row] = 0;
    }
  }
}

/** Ranks of strings by their UTF-8 bytes; equal strings have equal ranks. */
function textKey(column: Text): { high: Uint32Array; low: Uint32Array } {
  const { codes, dictionary } = column.form === "coded" ? column : codesOf(column);
  const rows = codes.length;
  const rankOf = new Int32Array(dictionary.size).fill(-1);
  const used: number[] = [];
  for (let row = 0; row < rows; row++) {
    if (!isValid(column.valid, row) || rankOf[codes[row]] !== -1) continue;
    rankOf[codes[row]] = 0;
    used.push(codes[row]);
  }
  const texts = used.map((code) => ({ code, bytes: dictionary.bytes(code) }));
  texts.sort((a, b) => compareBytes(a.bytes, b.bytes));
  texts.forEach(({ code }, rank) => (rankOf[code] = rank));
  const low = new Uint32Array(rows);
  for (let row = 0; row < rows; row++)
    if (isValid(column.valid, row)) low[row] = rankOf[codes[row]];
  return { high: new Uint32Array(rows), low };
}

function codesOf({ bytes, offsets, valid }: Extract<Text, { form: "plain" }>): {
  codes: Uint32Array;
  dictionary: Dictionary;
} {
  const dictionary = new Dictionary();
  const codes = new Uint32Array(offsets.length - 1);
  for (let row = 0; row < codes.length; row++)
    if (isValid(valid, row))
      codes[row] = dictionary.codeOfBytes(bytes, offsets[row], offsets[row + 1]);
  return { codes, dictionary };
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) if (a[i] !== b[i]) return a[i] - b[i];
  return a.length - b.length;
}
