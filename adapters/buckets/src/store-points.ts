import { Dictionary, type FlatColumn, gather, PlainBuilder } from "@tocsin/data/column";
import type { ColumnKind } from "@tocsin/data/value";
import type { Answer, Chunk } from "./duckdb.ts";

/**
 * Stretches of a chunk whose rows belong to one series: they follow each other in the answer, too.
 * Stretch `i` has `lengths[i]` rows and goes to the row `places[i]`.
 */
interface Stretches {
  readonly places: Uint32Array;
  readonly lengths: Uint32Array;
}

/** Cells of rows that are put where they belong. */
interface Cells {
  /** Takes the column `at` of a chunk. */
  take(chunk: Chunk, at: number, stretches: Stretches): void;
  finish(): FlatColumn;
}

type Wide = Float64Array | BigInt64Array | BigUint64Array;

/** Stretches of fewer rows are copied cell by cell. */
const shortStretch = 16;

/** Numbers and times. */
class WideCells implements Cells {
  readonly #kind: "float" | "int" | "uint" | "time";
  readonly #data: Wide;
  /** Bits are bits: all of them are copied as doubles, as they are. */
  readonly #bits: Float64Array;

  constructor(kind: "float" | "int" | "uint" | "time", rows: number) {
    this.#kind = kind;
    this.#bits = new Float64Array(rows);
    const { buffer } = this.#bits;
    this.#data =
      kind === "float"
        ? this.#bits
        : kind === "uint"
          ? new BigUint64Array(buffer)
          : new BigInt64Array(buffer);
  }
  take(chunk: Chunk, at: number, { places, lengths }: Stretches): void {
    const from = chunk.bits(at);
    const to = this.#bits;
    for (let i = 0, row = 0; i < lengths.length; i++) {
      const end = row + lengths[i];
      let place = places[i];
      if (end - row < shortStretch) while (row < end) to[place++] = from[row++];
      else to.set(from.subarray(row, end), place);
      row = end;
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
  take(chunk: Chunk, at: number, { places, lengths }: Stretches): void {
    const from = chunk.bytes(at);
    for (let i = 0, row = 0; i < lengths.length; row += lengths[i++])
      this.#data.set(from.subarray(row, row + lengths[i]), places[i]);
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
  take(chunk: Chunk, at: number, { places, lengths }: Stretches): void {
    const texts = chunk.texts(at);
    for (let i = 0, row = 0; i < lengths.length; i++)
      for (let place = places[i], end = row + lengths[i]; row < end; row++) {
        this.#source[place++] = this.#rows;
        this.#add(texts.utf8(row));
      }
  }
  finish(): FlatColumn {
    const source = this.#source;
    if (this.#plain !== undefined) return gather(this.#plain.finish(), source, source.length);
    const dictionary = this.#dictionary;
    const codes = source.map((row) => this.#codes[row]);
    return { kind: "string", form: "coded", codes, dictionary, valid: undefined };
  }

  #add(text: Uint8Array): void {
    if (this.#plain !== undefined) this.#plain.appendBytes(text, 0, text.length);
    else this.#codes[this.#rows] = this.#dictionary.codeOfBytes(text, 0, text.length);
    this.#rows += 1;
    if (this.#rows === trialRows && this.#dictionary.size * 2 > trialRows) this.#turnPlain();
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

/** What the rows of a query are: its columns are series, [time,] value. */
export interface RowShape {
  /** The series, in the order in which they are wanted. */
  readonly ids: readonly number[];
  readonly kind: ColumnKind;
  readonly timed: boolean;
}

/**
 * The rows that a query gave, sorted. Each commit has put its rows in order of series and time, so that
 * they mostly come in runs.
 */
export function sortedRows(answer: Answer, { ids, kind, timed }: RowShape): SortedRows {
  const chunks = [...answer.chunks()];
  const { stretches, ends } = placed(chunks, ids);
  const times = timed ? new WideCells("time", answer.rows) : undefined;
  const values = cellsOf(kind, answer.rows);
  chunks.forEach((chunk, i) => {
    times?.take(chunk, 1, stretches[i]);
    values.take(chunk, timed ? 2 : 1, stretches[i]);
  });
  const columns = { times: times?.finish(), values: values.finish() };
  const order = columns.times === undefined ? undefined : orderByTime(columns.times, ends);
  if (order === undefined || columns.times === undefined) return { ...columns, ends };
  return {
    times: gather(columns.times, order, order.length),
    values: gather(columns.values, order, order.length),
    ends,
  };
}

/** Where the rows of each chunk go, and where those of each series end. */
function placed(
  chunks: readonly Chunk[],
  ids: readonly number[],
): { stretches: readonly Stretches[]; ends: Uint32Array } {
  const rankOf = new Uint32Array(ids.reduce((most, id) => Math.max(most, id), 0) + 1);
  ids.forEach((id, rank) => (rankOf[id] = rank));
  const ends = new Uint32Array(ids.length);
  const stretches = chunks.map((chunk) => stretchesOf(chunk.integers(0), rankOf, ends));
  const next = new Uint32Array(ids.length);
  for (let i = 1; i < ends.length; i++) {
    next[i] = ends[i - 1];
    ends[i] += next[i];
  }
  for (const { places, lengths } of stretches)
    for (let i = 0; i < places.length; i++) {
      const rank = places[i];
      places[i] = next[rank];
      next[rank] += lengths[i];
    }
  return { stretches, ends };
}

/** Stretches with the ranks of their series in place of their places; adds their rows to `counts`. */
function stretchesOf(series: Int32Array, rankOf: Uint32Array, counts: Uint32Array): Stretches {
  const ranks = new Uint32Array(series.length);
  const lengths = new Uint32Array(series.length);
  let count = 0;
  for (let row = 0; row < series.length; count++) {
    const from = row;
    const id = series[from];
    do row++;
    while (row < series.length && series[row] === id);
    const rank = rankOf[id];
    ranks[count] = rank;
    lengths[count] = row - from;
    counts[rank] += row - from;
  }
  // Copies: most chunks have few stretches, and all are kept.
  return { places: ranks.slice(0, count), lengths: lengths.slice(0, count) };
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
