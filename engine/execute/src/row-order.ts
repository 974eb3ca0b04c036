import {
  type Batch,
  type FlatColumn,
  isValid,
  materialized,
  tableStart,
} from "@tocsin/data/column";
import { finished, type Steps } from "@tocsin/platform/host";
import { cellOrder, chained, type Compare, comparedColumns, type Ordering } from "./cell-order.ts";
import { counted, digits, DigitSorter } from "./digit-sort.ts";
import { numberWords, type Words } from "./number-order.ts";
import { textRanks, type Texts } from "./text-order.ts";

/** One column as numbers in whose order its cells are. Nulls come first in both directions. */
interface SortKey extends Words {
  /** 1 where there is a value; undefined when there is one everywhere. */
  readonly present: Uint8Array | undefined;
  /** Bits that are not the same in all rows. */
  readonly varying: { readonly high: number; readonly low: number };
}

/** Below this many rows a comparing sort is faster than counting digits. */
const COUNTING_ROWS = 4096;
/** Runs of this many rows each are merged faster than their digits are counted. */
const runRows = 64;
const rowsPerStep = 131_072;

/**
 * The rows of a batch, sorted in each of its tables, equal ones in the order in which they came.
 * Undefined: they are in order already.
 */
export const sortedRows = (batch: Batch, ordering: Ordering): Uint32Array | undefined =>
  finished(sortingRows(batch, ordering));

/** As `sortedRows`, in steps. */
export function* sortingRows(batch: Batch, ordering: Ordering): Steps<Uint32Array | undefined> {
  if (yield* areSorted(batch, ordering)) return undefined;
  const keys = yield* sortKeys(batch, ordering);
  const compare = comparing(keys);
  const runs = yield* runsOf(batch, compare);
  const rows = counted(batch.rows);
  if (batch.rows >= runRows * runs.length) return yield* mergedRuns(rows, runs, compare);
  if (batch.rows >= COUNTING_ROWS) return yield* byCounting(batch, keys, rows);
  for (let table = 0; table < batch.tableEnds.length; table++) {
    rows
      .subarray(tableStart(batch, table), batch.tableEnds[table])
      .sort((one, other) => compare(one, other) || one - other);
  }
  return rows;
}

/** The order of the rows of a batch, by ranks of all its texts. */
export const keyOrder = (batch: Batch, ordering: Ordering): Compare =>
  comparing(finished(sortKeys(batch, ordering)));

function* sortKeys(batch: Batch, { columns, descending }: Ordering): Steps<SortKey[]> {
  const keys: SortKey[] = [];
  for (const at of columns) {
    const column = batch.columns[at];
    if (column.form === "table") continue;
    keys.push(yield* sortKey(column, descending));
    yield;
  }
  return keys;
}

/** Whether all rows are in order: those of series often are, and then nothing is made of them. */
function* areSorted(batch: Batch, ordering: Ordering): Steps<boolean> {
  const columns = comparedColumns(batch, ordering);
  const compare = chained(columns.map((column) => cellOrder(column, ordering.descending)));
  if (columns.length === 0) return true;
  for (let table = 0; table < batch.tableEnds.length; table++) {
    const to = batch.tableEnds[table];
    for (let row = tableStart(batch, table) + 1; row < to; row += rowsPerStep) {
      const most = Math.min(to, row + rowsPerStep);
      if (firstDescent(row, most, compare) < most) return false;
      if (most < to) yield;
    }
  }
  return true;
}

/** Rows of one table that ascend: those before `end`, from the end of the run before. */
interface Run {
  readonly table: number;
  readonly end: number;
}

/** The stretches in which rows ascend already. A table of any length has one at least. */
function* runsOf(batch: Batch, compare: Compare): Steps<Run[]> {
  const runs: Run[] = [];
  for (let table = 0; table < batch.tableEnds.length; table++) {
    const to = batch.tableEnds[table];
    for (let row = tableStart(batch, table) + 1; row < to;) {
      const most = Math.min(to, row + rowsPerStep);
      const found = firstDescent(row, most, compare);
      if (found < most) runs.push({ table, end: found });
      else if (most < to) yield;
      row = found < most ? found + 1 : most;
      // This many runs are not worth merging: the caller will count instead.
      if (runs.length * runRows > batch.rows + batch.tableEnds.length * runRows) return runs;
    }
    runs.push({ table, end: to });
  }
  return runs;
}

/** The first row of `from .. to` that is less than the one before it; `to` when there is none. */
function firstDescent(from: number, to: number, compare: Compare): number {
  let row = from;
  while (row < to && compare(row - 1, row) <= 0) row++;
  return row;
}

/** Merges the runs of each table, two and two, until there is one. */
function* mergedRuns(
  rows: Uint32Array<ArrayBuffer>,
  runs: readonly Run[],
  compare: Compare,
): Steps<Uint32Array> {
  let from = rows;
  let to = new Uint32Array(rows.length);
  for (let left: readonly Run[] = runs; ;) {
    const merged: Run[] = [];
    let start = 0;
    for (let i = 0; i < left.length; i++) {
      const { table, end } = left[i];
      const next = i + 1 < left.length && left[i + 1].table === table ? left[++i].end : end;
      const merge = new Merge({ from, to, compare }, { start, middle: end, end: next });
      while (merge.step()) yield;
      merged.push({ table, end: next });
      start = next;
    }
    [from, to] = [to, from];
    if (merged.length === left.length) return from;
    left = merged;
  }
}

/** Two runs that become one: equal rows of the left one come first. */
class Merge {
  readonly #from: Uint32Array;
  readonly #to: Uint32Array;
  readonly #compare: Compare;
  readonly #middle: number;
  readonly #end: number;
  #left: number;
  #right: number;
  #at: number;

  constructor(
    { from, to, compare }: { from: Uint32Array; to: Uint32Array; compare: Compare },
    { start, middle, end }: { start: number; middle: number; end: number },
  ) {
    this.#from = from;
    this.#to = to;
    this.#compare = compare;
    this.#middle = middle;
    this.#end = end;
    this.#left = this.#at = start;
    this.#right = middle;
  }
  /** Puts some rows in order; false: all are. */
  step(): boolean {
    const from = this.#from;
    const to = this.#to;
    const compare = this.#compare;
    const middle = this.#middle;
    const end = this.#end;
    const most = Math.min(end, this.#at + rowsPerStep);
    let left = this.#left;
    let right = this.#right;
    let at = this.#at;
    while (at < most && left < middle && right < end)
      to[at++] = compare(from[left], from[right]) <= 0 ? from[left++] : from[right++];
    while (at < most && left < middle) to[at++] = from[left++];
    while (at < most && right < end) to[at++] = from[right++];
    this.#left = left;
    this.#right = right;
    this.#at = at;
    return at < end;
  }
}

/** The order of two rows by keys. */
function comparing(keys: readonly SortKey[]): Compare {
  if (keys.length !== 1 || keys[0].present !== undefined) return (a, b) => compareRows(keys, a, b);
  const [{ high, low }] = keys;
  return (a, b) => high[a] - high[b] || low[a] - low[b];
}

function compareRows(keys: readonly SortKey[], a: number, b: number): number {
  for (const { high, low, present } of keys) {
    if (present !== undefined && present[a] !== present[b]) return present[a] - present[b];
    if (high[a] !== high[b]) return high[a] - high[b];
    if (low[a] !== low[b]) return low[a] - low[b];
  }
  return 0;
}

/** Tables of this many rows are counted one by one, smaller ones together: what lies near stays near. */
const rowsTogether = 65_536;

/** Some tables, from one on, and the rows that they have. */
interface Stretch {
  readonly table: number;
  readonly tables: number;
  readonly from: number;
  readonly to: number;
}

function* stretchesOf({ tableEnds }: Batch): Generator<Stretch> {
  let from = 0;
  let first = 0;
  for (let table = 0; table < tableEnds.length; table++) {
    const to = tableEnds[table];
    if (to - from < rowsTogether && table < tableEnds.length - 1) continue;
    yield { table: first, tables: table + 1 - first, from, to };
    from = to;
    first = table + 1;
  }
}

/** Least significant digit first; the number of the table is the most significant one. */
function* byCounting(
  batch: Batch,
  keys: readonly SortKey[],
  rows: Uint32Array<ArrayBuffer>,
): Steps<Uint32Array> {
  const stretches = [...stretchesOf(batch)];
  const longest = stretches.reduce((most, { from, to }) => Math.max(most, to - from), 0);
  const room = { other: new Uint32Array(longest), counts: new Uint32Array(digits) };
  let numbers: Uint32Array | undefined;
  for (const stretch of stretches) {
    const part = rows.subarray(stretch.from, stretch.to);
    const sorter = new DigitSorter(part, room);
    for (const { high, low, present, varying } of keys.toReversed()) {
      yield* sorter.word(low, high, varying);
      if (present !== undefined) yield* sorter.pass(present, 0);
    }
    if (stretch.tables > 1) {
      numbers ??= new Uint32Array(batch.rows);
      yield* byTable(sorter, batch, numbers, stretch);
    }
    if (sorter.order !== part) part.set(sorter.order);
  }
  return rows;
}

function* byTable(
  sorter: DigitSorter,
  { tableEnds }: Batch,
  numbers: Uint32Array,
  { table, tables, from }: Stretch,
): Steps {
  let row = from;
  for (let i = 0; i < tables; i++) {
    numbers.fill(i, row, tableEnds[table + i]);
    row = tableEnds[table + i];
  }
  yield* sorter.pass(numbers, 0);
  yield* sorter.pass(numbers, 16);
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
  return { ...key, present, varying: varyingBits(key, present) };
}

/** Finds the bits that differ among values, and gives to nulls those of one of them: they are all equal. */
function varyingBits({ high, low }: Words, present: Uint8Array | undefined): SortKey["varying"] {
  const first = present === undefined ? 0 : Math.max(0, present.indexOf(1));
  const [firstHigh, firstLow] = [high[first], low[first]];
  let varying = 0;
  let varyingLow = 0;
  if (present !== undefined) {
    for (let row = 0; row < present.length; row++) {
      if (present[row] === 1) continue;
      high[row] = firstHigh;
      low[row] = firstLow;
    }
  }
  for (let row = 0; row < low.length; row++) {
    varying |= high[row] ^ firstHigh;
    varyingLow |= low[row] ^ firstLow;
  }
  return { high: varying, low: varyingLow };
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
