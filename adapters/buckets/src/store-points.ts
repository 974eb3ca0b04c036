import { Dictionary, type FlatColumn, gather, PlainBuilder } from "@tocsin/data/column";
import type { ColumnKind } from "@tocsin/data/value";
import type { Answer, Chunk, Connection } from "./duckdb.ts";

/** Cells of rows that are put where they belong. */
interface Cells {
  /** Takes the column `at` of a chunk: row `row` goes to `places[row]`. */
  take(chunk: Chunk, at: number, places: Uint32Array): void;
  finish(): FlatColumn;
}

type Wide = Float64Array | BigInt64Array | BigUint64Array;

/** Numbers and times: rows that go to places that follow each other are copied at once. */
class WideCells implements Cells {
  readonly #kind: "float" | "int" | "uint" | "time";
  readonly #data: Wide;

  constructor(kind: "float" | "int" | "uint" | "time", rows: number) {
    this.#kind = kind;
    this.#data =
      kind === "float"
        ? new Float64Array(rows)
        : kind === "uint"
          ? new BigUint64Array(rows)
          : new BigInt64Array(rows);
  }
  take(chunk: Chunk, at: number, places: Uint32Array): void {
    // Bits are bits: doubles are copied fastest, and as they are.
    const from = chunk.bits(at);
    const to = new Float64Array(this.#data.buffer);
    for (let row = 0; row < chunk.rows;) {
      const start = row;
      for (row++; row < chunk.rows && places[row] === places[row - 1] + 1;) row++;
      if (row - start < 16) for (let i = start; i < row; i++) to[places[i]] = from[i];
      else to.set(from.subarray(start, row), places[start]);
    }
  }
  finish(): FlatColumn {
    return { kind: this.#kind, form: "flat", data: this.#data, valid: undefined } as FlatColumn;
  }
}

class BoolCells implements Cells {
  readonly #data: Uint8Array;

  constructor(rows: number) {
    this.#data = new Uint8Array(rows);
  }
  take(chunk: Chunk, at: number, places: Uint32Array): void {
    const from = chunk.bytes(at);
    for (let row = 0; row < chunk.rows; row++) this.#data[places[row]] = from[row];
  }
  finish(): FlatColumn {
    return { kind: "bool", form: "flat", data: this.#data, valid: undefined };
  }
}

/** Text of which most is new is not worth a dictionary: decided after so many rows. */
const trialRows = 4096;

/** Text: in the order in which it comes, as codes or end to end; put in its places at the end. */
class TextCells implements Cells {
  /** Which of the rows that came stands at each place. */
  readonly #source: Uint32Array;
  readonly #codes: Uint32Array;
  readonly #dictionary = new Dictionary();
  #plain: PlainBuilder | undefined;
  #rows = 0;

  constructor(rows: number) {
    this.#source = new Uint32Array(rows);
    this.#codes = new Uint32Array(rows);
  }
  take(chunk: Chunk, at: number, places: Uint32Array): void {
    const texts = chunk.texts(at);
    for (let row = 0; row < chunk.rows; row++) {
      const text = texts.utf8(row);
      this.#source[places[row]] = this.#rows;
      if (this.#plain !== undefined) this.#plain.appendBytes(text, 0, text.length);
      else this.#codes[this.#rows] = this.#dictionary.codeOfBytes(text, 0, text.length);
      this.#rows += 1;
      if (this.#rows === trialRows && this.#dictionary.size * 2 > trialRows) this.#turnPlain();
    }
  }
  finish(): FlatColumn {
    const source = this.#source;
    if (this.#plain !== undefined) return gather(this.#plain.finish(), source, source.length);
    const dictionary = this.#dictionary;
    const codes = source.map((row) => this.#codes[row]);
    return { kind: "string", form: "coded", codes, dictionary, valid: undefined };
  }

  #turnPlain(): void {
    this.#plain = new PlainBuilder(this.#codes.length);
    for (let row = 0; row < this.#rows; row++) {
      const text = this.#dictionary.bytes(this.#codes[row]);
      this.#plain.appendBytes(text, 0, text.length);
    }
  }
}

function cellsOf(kind: ColumnKind, rows: number): Cells {
  if (kind === "string") return new TextCells(rows);
  return kind === "bool" ? new BoolCells(rows) : new WideCells(kind, rows);
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
 * The rows of `sql` (columns: series, [time,] value) for the series `ids`, in that order. Each commit
 * has put its rows in order of series and time, so that rows mostly come in runs.
 */
export async function sortedRows(
  connection: Connection,
  sql: string,
  { ids, kind, timed }: { ids: readonly number[]; kind: ColumnKind; timed: boolean },
): Promise<SortedRows> {
  // Not streamed: there the rows simply end where a damaged block begins, without an error.
  const answer = await connection.run(sql);
  const { ranks, ends } = ranksOf(answer, ids);
  const next = new Uint32Array(ids.length);
  next.set(ends.subarray(0, -1), 1);
  const times = timed ? new WideCells("time", answer.rows) : undefined;
  const values = cellsOf(kind, answer.rows);
  let row = 0;
  for (const chunk of answer.chunks()) {
    const places = new Uint32Array(chunk.rows);
    for (let i = 0; i < places.length; i++) places[i] = next[ranks[row++]]++;
    times?.take(chunk, 1, places);
    values.take(chunk, timed ? 2 : 1, places);
  }
  const columns = { times: times?.finish(), values: values.finish() };
  const order = columns.times === undefined ? undefined : orderByTime(columns.times, ends);
  if (order === undefined || columns.times === undefined) return { ...columns, ends };
  return {
    times: gather(columns.times, order, order.length),
    values: gather(columns.values, order, order.length),
    ends,
  };
}

/** Place of each row's series among those asked for, and where the rows of each end. */
function ranksOf(
  answer: Answer,
  ids: readonly number[],
): { ranks: Uint32Array; ends: Uint32Array<ArrayBuffer> } {
  const rankOf = new Uint32Array(ids.reduce((most, id) => Math.max(most, id), 0) + 1);
  ids.forEach((id, rank) => (rankOf[id] = rank));
  const ranks = new Uint32Array(answer.rows);
  const ends = new Uint32Array(ids.length);
  let row = 0;
  for (const chunk of answer.chunks()) {
    const series = chunk.integers(0);
    for (let i = 0; i < series.length; i++) {
      const rank = rankOf[series[i]];
      ranks[row++] = rank;
      ends[rank]++;
    }
  }
  for (let i = 1; i < ends.length; i++) ends[i] += ends[i - 1];
  return { ranks, ends };
}

/** The order that sorts the rows of each series by time; undefined when they are. */
function orderByTime(times: FlatColumn, ends: Uint32Array): Uint32Array | undefined {
  if (times.kind !== "time") return undefined;
  const { data } = times;
  let order: Uint32Array | undefined;
  for (let series = 0, from = 0; series < ends.length; from = ends[series++]) {
    if (increasing(data, from, ends[series])) continue;
    order ??= Uint32Array.from(data.keys());
    order
      .subarray(from, ends[series])
      .sort((a, b) => (data[a] < data[b] ? -1 : data[a] > data[b] ? 1 : a - b));
  }
  return order;
}

function increasing(times: BigInt64Array, from: number, to: number): boolean {
  for (let row = from + 1; row < to; row++) if (times[row - 1] > times[row]) return false;
  return true;
}
