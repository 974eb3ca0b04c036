import {
  type Batch,
  type FlatColumn,
  isValid,
  materialized,
  tableStart,
} from "@tocsin/data/column";
import { finished, type Steps } from "@tocsin/platform/host";
import { counted, DigitSorter } from "./digit-sort.ts";
import { numberWords, type Words } from "./number-order.ts";
import { textRanks, type Texts } from "./text-order.ts";

/** What rows are sorted by, most important first. */
export interface Ordering {
  /** Positions of columns in the batch. */
  readonly columns: readonly number[];
  readonly descending: boolean;
}

/** One column as numbers in whose order its cells are. Nulls come first in both directions. */
interface SortKey extends Words {
  /** 1 where there is a value; undefined when there is one everywhere. */
  readonly present: Uint8Array | undefined;
}

/** Below this many rows a comparing sort is faster than counting digits. */
const COUNTING_ROWS = 4096;
const rowsPerStep = 262_144;

/**
 * The rows of a batch, sorted in each of its tables, equal ones in the order in which they came.
 * Undefined: they are in order already.
 */
export const sortedRows = (batch: Batch, ordering: Ordering): Uint32Array | undefined =>
  finished(sortingRows(batch, ordering));

/** As `sortedRows`, in steps. */
export function* sortingRows(
  batch: Batch,
  { columns, descending }: Ordering,
): Steps<Uint32Array | undefined> {
  const keys: SortKey[] = [];
  for (const at of columns) {
    const column = batch.columns[at];
    if (column.form === "table") continue;
    keys.push(yield* sortKey(column, descending));
    yield;
  }
  if (yield* isSorted(batch, keys)) return undefined;
  const rows = counted(batch.rows);
  if (batch.rows >= COUNTING_ROWS) return yield* byCounting(batch, keys, rows);
  for (let table = 0; table < batch.tableEnds.length; table++) {
    rows
      .subarray(tableStart(batch, table), batch.tableEnds[table])
      .sort((a, b) => compareRows(keys, a, b) || a - b);
  }
  return rows;
}

function* isSorted(batch: Batch, keys: readonly SortKey[]): Steps<boolean> {
  for (let table = 0; table < batch.tableEnds.length; table++) {
    const to = batch.tableEnds[table];
    for (let row = tableStart(batch, table) + 1; row < to; row++) {
      if (compareRows(keys, row - 1, row) > 0) return false;
      if (row % rowsPerStep === 0) yield;
    }
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
function* byCounting(
  batch: Batch,
  keys: readonly SortKey[],
  rows: Uint32Array<ArrayBuffer>,
): Steps<Uint32Array> {
  const sorter = new DigitSorter(rows);
  for (const { high, low, present } of keys.toReversed()) {
    yield* sorter.word(low, high);
    if (present !== undefined) yield* sorter.pass(present, 0);
  }
  if (batch.tableEnds.length > 1) {
    const tables = new Uint32Array(batch.rows);
    let row = 0;
    for (let table = 0; table < batch.tableEnds.length; table++)
      while (row < batch.tableEnds[table]) tables[row++] = table;
    yield* sorter.pass(tables, 0);
    yield* sorter.pass(tables, 16);
  }
  return sorter.order;
}

function* sortKey(column: FlatColumn, descending: boolean): Steps<SortKey> {
  const real = materialized(column);
  const key = real.form === "flat" ? numberWords(real) : yield* textKey(real);
  const present = real.valid === undefined ? undefined : presence(real.valid, key.low.length);
  if (descending) {
    for (let row = 0; row < key.low.length; row++) {
      key.high[row] = ~key.high[row];
      key.low[row] = ~key.low[row];
    }
  }
  // What stands in for a null must not order nulls among themselves.
  if (present !== undefined) {
    for (let row = 0; row < present.length; row++)
      if (present[row] === 0) key.high[row] = key.low[row] = 0;
  }
  return { ...key, present };
}

function presence(valid: Uint8Array, rows: number): Uint8Array {
  const present = new Uint8Array(rows);
  for (let row = 0; row < rows; row++) if (isValid(valid, row)) present[row] = 1;
  return present;
}

type Text = Extract<FlatColumn, { form: "coded" | "plain" }>;

/** Ranks of strings by their UTF-8 bytes; equal strings have equal ranks. */
function* textKey(column: Text): Steps<Words> {
  const texts: Texts = column.form === "coded" ? column.dictionary.plain : column;
  const rows = column.form === "coded" ? column.codes.length : column.offsets.length - 1;
  const high = new Uint32Array(rows);
  if (column.form === "plain") return { high, low: yield* textRanks(texts, counted(rows)) };
  const { codes, dictionary, valid } = column;
  const rankOf = new Int32Array(dictionary.size).fill(-1);
  const used = new Uint32Array(dictionary.size);
  let count = 0;
  for (let row = 0; row < rows; row++) {
    if (!isValid(valid, row) || rankOf[codes[row]] !== -1) continue;
    rankOf[codes[row]] = 0;
    used[count++] = codes[row];
  }
  const ranks = yield* textRanks(texts, used.subarray(0, count));
  for (let i = 0; i < count; i++) rankOf[used[i]] = ranks[i];
  const low = new Uint32Array(rows);
  for (let row = 0; row < rows; row++) if (isValid(valid, row)) low[row] = rankOf[codes[row]];
  return { high, low };
}
