import type { DuckDBConnection, DuckDBDataChunk, DuckDBResult } from "@duckdb/node-api";
import {
  columnBuilder,
  type ColumnBuilder,
  type FlatColumn,
  gather,
  PlainBuilder,
} from "@tocsin/data/column";
import type { ColumnKind, Raw } from "@tocsin/data/value";

/** Values of a store's rows while they are collected. */
interface Gathering {
  /** Takes the column `at` of a chunk, whose rows follow those before. */
  take(chunk: DuckDBDataChunk, at: number): void;
  /** The values so far, row `order[i]` at `i`. */
  finish(order: Uint32Array): FlatColumn;
}

type WideArray =
  | Float64Array<ArrayBuffer>
  | BigInt64Array<ArrayBuffer>
  | BigUint64Array<ArrayBuffer>;

/** Numbers and times: whole chunks are copied. */
class WideGathering implements Gathering {
  readonly #kind: "float" | "int" | "uint" | "time";
  #data: WideArray;
  #rows = 0;

  constructor(kind: "float" | "int" | "uint" | "time") {
    this.#kind = kind;
    this.#data = allocated(kind, 4096);
  }
  take(chunk: DuckDBDataChunk, at: number): void {
    const { items } = chunk.getColumnVector(at) as unknown as { items: WideArray };
    if (this.#rows + items.length > this.#data.length) {
      const larger = allocated(this.#kind, this.#data.length * 2);
      (larger as Float64Array).set(this.#data as Float64Array);
      this.#data = larger;
    }
    (this.#data as Float64Array).set(items as Float64Array, this.#rows);
    this.#rows += items.length;
  }
  finish(order: Uint32Array): FlatColumn {
    const data = this.#data.subarray(0, this.#rows);
    const column = { kind: this.#kind, form: "flat", data, valid: undefined } as FlatColumn;
    return isIdentity(order) ? column : gather(column, order, order.length);
  }
}

function allocated(kind: "float" | "int" | "uint" | "time", rows: number): WideArray {
  if (kind === "float") return new Float64Array(rows);
  return kind === "uint" ? new BigUint64Array(rows) : new BigInt64Array(rows);
}

function isIdentity(order: Uint32Array): boolean {
  for (let i = 0; i < order.length; i++) if (order[i] !== i) return false;
  return true;
}

/** Text of which most is new is not worth a dictionary: decided after so many rows. */
const trialRows = 4096;

/** Text and truth: cell by cell. */
class CellGathering implements Gathering {
  #builder: ColumnBuilder;
  #distinct: Set<Raw> | undefined;

  constructor(kind: ColumnKind) {
    this.#builder = columnBuilder(kind);
    this.#distinct = kind === "string" ? new Set() : undefined;
  }
  take(chunk: DuckDBDataChunk, at: number): void {
    const vector = chunk.getColumnVector(at);
    for (let row = 0; row < chunk.rowCount; row++) {
      const cell = vector.getItem(row) as Raw;
      this.#builder.append(cell);
      this.#distinct?.add(cell);
    }
    if (this.#distinct === undefined || this.#builder.rows < trialRows) return;
    if (this.#distinct.size * 2 > this.#builder.rows) this.#turnPlain();
    this.#distinct = undefined;
  }
  finish(order: Uint32Array): FlatColumn {
    const column = this.#builder.finish();
    return isIdentity(order) ? column : gather(column, order, order.length);
  }

  #turnPlain(): void {
    const before = this.#builder.finish();
    const plain = new PlainBuilder();
    for (let row = 0; row < this.#builder.rows; row++) plain.appendFrom(before, row);
    this.#builder = plain;
  }
}

function gathering(kind: ColumnKind): Gathering {
  return kind === "string" || kind === "bool" ? new CellGathering(kind) : new WideGathering(kind);
}

/** Rows of a query, series after series, each sorted by time. */
export interface SortedRows {
  /** Undefined where the query gives none. */
  readonly times: FlatColumn | undefined;
  readonly values: FlatColumn;
  /** Series `i` of those asked for has the rows `ends[i - 1] .. ends[i]`. */
  readonly ends: Uint32Array;
}

/**
 * The rows of `sql` (columns: series, [time,] value) for the series `ids`, in that order. Stores are
 * written in the order of time, so that sorting is mostly one counting pass over the series.
 */
export async function sortedRows(
  connection: DuckDBConnection,
  sql: string,
  { ids, kind, timed }: { ids: readonly number[]; kind: ColumnKind; timed: boolean },
): Promise<SortedRows> {
  const rank = rankOf(ids);
  const ranks = new RankGathering(rank);
  const times = timed ? new WideGathering("time") : undefined;
  const values = gathering(kind);
  // Not `stream`: there the rows simply end where a damaged block begins, without an error.
  const result = await connection.run(sql);
  await eachChunk(result, (chunk) => {
    ranks.take(chunk);
    times?.take(chunk, 1);
    values.take(chunk, timed ? 2 : 1);
  });
  const { order, ends } = ranks.finish(ids.length);
  const column = times?.finish(order);
  const sorted = column === undefined ? order : sortWithin(column, order, ends);
  if (sorted === order || times === undefined)
    return { times: column, values: values.finish(order), ends };
  return { times: times.finish(sorted), values: values.finish(sorted), ends };
}

async function eachChunk(
  result: DuckDBResult,
  use: (chunk: DuckDBDataChunk) => void,
): Promise<void> {
  for (;;) {
    const chunk = await result.fetchChunk();
    if (chunk === null || chunk.rowCount === 0) return;
    use(chunk);
  }
}

/** Place of each series id among those asked for. */
function rankOf(ids: readonly number[]): Int32Array {
  const rank = new Int32Array(ids.reduce((most, id) => Math.max(most, id), 0) + 1).fill(-1);
  ids.forEach((id, i) => (rank[id] = i));
  return rank;
}

/** Places of the rows' series, and the order that puts series after series. */
class RankGathering {
  readonly #rank: Int32Array;
  #rows = 0;
  #ranks = new Int32Array(4096);

  constructor(rank: Int32Array) {
    this.#rank = rank;
  }
  take(chunk: DuckDBDataChunk): void {
    const { items } = chunk.getColumnVector(0) as unknown as { items: Int32Array };
    if (this.#rows + items.length > this.#ranks.length) {
      const larger = new Int32Array(this.#ranks.length * 2);
      larger.set(this.#ranks);
      this.#ranks = larger;
    }
    for (let i = 0; i < items.length; i++) this.#ranks[this.#rows++] = this.#rank[items[i]];
  }
  finish(series: number): { order: Uint32Array; ends: Uint32Array } {
    const ends = new Uint32Array(series);
    for (let row = 0; row < this.#rows; row++) ends[this.#ranks[row]]++;
    const next = new Uint32Array(series);
    for (let i = 0, sum = 0; i < series; i++) {
      next[i] = sum;
      sum += ends[i];
      ends[i] = sum;
    }
    const order = new Uint32Array(this.#rows);
    for (let row = 0; row < this.#rows; row++) order[next[this.#ranks[row]]++] = row;
    return { order, ends };
  }
}

/** `order` with the rows of each series sorted by time; `order` itself when they are. */
function sortWithin(times: FlatColumn, order: Uint32Array, ends: Uint32Array): Uint32Array {
  if (times.kind !== "time") return order;
  const { data } = times;
  let sorted = order;
  for (let series = 0, from = 0; series < ends.length; from = ends[series++]) {
    let fine = true;
    for (let row = from + 1; fine && row < ends[series]; row++) fine = data[row - 1] <= data[row];
    if (fine) continue;
    if (sorted === order) sorted = order.slice();
    const start = from;
    const rows = Array.from({ length: ends[series] - start }, (_, i) => start + i);
    rows.sort((a, b) => (data[a] < data[b] ? -1 : data[a] > data[b] ? 1 : a - b));
    rows.forEach((row, i) => (sorted[start + i] = order[row]));
  }
  return sorted;
}
