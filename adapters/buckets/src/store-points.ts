import { Dictionary, type FlatColumn, gather, PlainBuilder } from "@tocsin/data/column";
import type { ColumnKind } from "@tocsin/data/value";
import type { Answer, Chunk } from "./duckdb.ts";

/**
 * Stretches of an answer whose rows belong to one series: stretch `i` has `lengths[i]` rows, which go
 * to the row `places[i]`.
 */
interface Stretches {
  readonly places: Uint32Array;
  readonly lengths: Uint32Array;
}

/** Cells of an answer: taken in its order, and then put where they belong. */
interface Cells {
  /** Takes the column `at` of the next chunk. */
  take(chunk: Chunk, at: number): void;
  /** `stretches` is undefined where all rows are in their places. */
  finish(stretches: Stretches | undefined): FlatColumn;
}

/** Stretches of fewer rows are copied cell by cell. */
const shortStretch = 16;

function placed<Data extends Float64Array | Uint8Array | Uint32Array>(
  from: Data,
  stretches: Stretches | undefined,
): Data {
  if (stretches === undefined) return from;
  const { places, lengths } = stretches;
  const to = new (from.constructor as new (length: number) => Data)(from.length);
  for (let i = 0, row = 0; i < lengths.length; i++) {
    const end = row + lengths[i];
    let place = places[i];
    if (end - row < shortStretch) while (row < end) to[place++] = from[row++];
    else to.set(from.subarray(row, end), place);
    row = end;
  }
  return to;
}

/** Numbers and times. */
class WideCells implements Cells {
  readonly #kind: "float" | "int" | "uint" | "time";
  /** Bits are bits: all of them are copied as doubles, as they are. */
  readonly #bits: Float64Array;
  #rows = 0;

  constructor(kind: "float" | "int" | "uint" | "time", rows: number) {
    this.#kind = kind;
    this.#bits = new Float64Array(rows);
  }
  take(chunk: Chunk, at: number): void {
    this.#bits.set(chunk.bits(at), this.#rows);
    this.#rows += chunk.rows;
  }
  finish(stretches: Stretches | undefined): FlatColumn {
    const bits = placed(this.#bits, stretches);
    const kind = this.#kind;
    const data =
      kind === "float"
        ? bits
        : kind === "uint"
          ? new BigUint64Array(bits.buffer)
          : new BigInt64Array(bits.buffer);
    return { kind, form: "flat", data, valid: undefined } as FlatColumn;
  }
}

class BoolCells implements Cells {
  readonly #data: Uint8Array;
  #rows = 0;

  constructor(rows: number) {
    this.#data = new Uint8Array(rows);
  }
  take(chunk: Chunk, at: number): void {
    this.#data.set(chunk.bytes(at), this.#rows);
    this.#rows += chunk.rows;
  }
  finish(stretches: Stretches | undefined): FlatColumn {
    return { kind: "bool", form: "flat", data: placed(this.#data, stretches), valid: undefined };
  }
}

/** Text of which most is new is not worth a dictionary: decided after so many rows. */
const trialRows = 4096;

/** Text: as codes, or end to end. */
class TextCells implements Cells {
  readonly #codes: Uint32Array;
  readonly #dictionary = new Dictionary();
  #plain: PlainBuilder | undefined;
  #rows = 0;

  constructor(rows: number) {
    this.#codes = new Uint32Array(rows);
  }
  take(chunk: Chunk, at: number): void {
    const texts = chunk.texts(at);
    for (let row = 0; row < chunk.rows; row++) this.#add(texts.utf8(row));
  }
  finish(stretches: Stretches | undefined): FlatColumn {
    if (this.#plain !== undefined) {
      const plain = this.#plain.finish();
      if (stretches === undefined) return plain;
      const source = placed(Uint32Array.from(this.#codes.keys()), stretches);
      return gather(plain, source, source.length);
    }
    const codes = placed(this.#codes, stretches);
    return { kind: "string", form: "coded", codes, dictionary: this.#dictionary, valid: undefined };
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

/** Takes cells of a kind. */
export function cellsOf(kind: ColumnKind, rows: number): Cells {
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

/** What the rows of a query are: its columns are [series,] [time,] value. */
export interface RowShape {
  /** Without it all rows are of the only series. */
  readonly named: boolean;
  /** The series, in the order in which they are wanted. */
  readonly ids: readonly number[];
  readonly kind: ColumnKind;
  readonly timed: boolean;
}

/**
 * The rows that a query gave, sorted. Each commit has put its rows in order of series and time, so that
 * they mostly come in runs.
 */
export function sortedRows(
  answers: readonly Answer[],
  { ids, kind, named, timed }: RowShape,
): SortedRows {
  const rows = answers.reduce((sum, answer) => sum + answer.rows, 0);
  const times = timed ? new WideCells("time", rows) : undefined;
  const values = cellsOf(kind, rows);
  const series = new SeriesOfRows(ids, rows);
  for (const answer of answers) {
    // A chunk is freed with its object: none is kept.
    for (const chunk of answer.chunks()) {
      let at = 0;
      if (named) series.take(chunk.integers(at++));
      else series.takeAll(chunk.rows);
      times?.take(chunk, timed ? at++ : at);
      values.take(chunk, at);
    }
  }
  const { stretches, ends } = series.finish();
  const columns = { times: times?.finish(stretches), values: values.finish(stretches) };
  const order = columns.times === undefined ? undefined : orderByTime(columns.times, ends);
  if (order === undefined || columns.times === undefined) return { ...columns, ends };
  return {
    times: gather(columns.times, order, order.length),
    values: gather(columns.values, order, order.length),
    ends,
  };
}

/** Which series the rows of an answer belong to, and so where they go. */
class SeriesOfRows {
  readonly #rankOf: Uint32Array;
  readonly #counts: Uint32Array;
  #ranks: Uint32Array;
  #lengths: Uint32Array;
  #stretches = 0;
  #sorted = true;

  constructor(ids: readonly number[], rows: number) {
    this.#rankOf = new Uint32Array(ids.reduce((most, id) => Math.max(most, id), 0) + 1);
    ids.forEach((id, rank) => (this.#rankOf[id] = rank));
    this.#counts = new Uint32Array(ids.length);
    const room = Math.min(rows, 4096);
    this.#ranks = new Uint32Array(room);
    this.#lengths = new Uint32Array(room);
  }
  take(series: Int32Array): void {
    for (let row = 0; row < series.length;) {
      const from = row;
      const id = series[from];
      do row++;
      while (row < series.length && series[row] === id);
      this.#add(this.#rankOf[id], row - from);
    }
  }
  /** Rows of the first series. */
  takeAll(rows: number): void {
    this.#add(0, rows);
  }
  finish(): { stretches: Stretches | undefined; ends: Uint32Array } {
    const ends = this.#counts;
    const next = new Uint32Array(ends.length);
    for (let i = 1; i < ends.length; i++) {
      next[i] = ends[i - 1];
      ends[i] += next[i];
    }
    if (this.#sorted) return { stretches: undefined, ends };
    const places = this.#ranks.subarray(0, this.#stretches);
    const lengths = this.#lengths.subarray(0, this.#stretches);
    for (let i = 0; i < places.length; i++) {
      const rank = places[i];
      places[i] = next[rank];
      next[rank] += lengths[i];
    }
    return { stretches: { places, lengths }, ends };
  }

  #add(rank: number, rows: number): void {
    this.#counts[rank] += rows;
    const last = this.#stretches - 1;
    if (last >= 0 && this.#ranks[last] === rank) {
      this.#lengths[last] += rows;
      return;
    }
    if (last >= 0 && this.#ranks[last] > rank) this.#sorted = false;
    if (this.#stretches === this.#ranks.length) {
      this.#ranks = grown(this.#ranks);
      this.#lengths = grown(this.#lengths);
    }
    this.#ranks[this.#stretches] = rank;
    this.#lengths[this.#stretches++] = rows;
  }
}

function grown(array: Uint32Array): Uint32Array {
  const larger = new Uint32Array(array.length * 2);
  larger.set(array);
  return larger;
}

/** The order that sorts the rows of each series by time; undefined when they are. */
function orderByTime(times: FlatColumn, ends: Uint32Array): Uint32Array | undefined {
  if (times.kind !== "time") return undefined;
  const { data } = times;
  const words = new Int32Array(data.buffer, data.byteOffset, 2 * data.length);
  let order: Uint32Array | undefined;
  for (let series = 0, from = 0; series < ends.length; from = ends[series++]) {
    if (increasing(words, from, ends[series])) continue;
    order ??= Uint32Array.from(data.keys());
    order
      .subarray(from, ends[series])
      .sort((a, b) => (data[a] < data[b] ? -1 : data[a] > data[b] ? 1 : a - b));
  }
  return order;
}

/** Of times as two words each: 64-bit integers are objects to V8 until it compiles a loop. */
function increasing(words: Int32Array, from: number, to: number): boolean {
  for (let at = 2 * from + 3; at < 2 * to; at += 2) {
    const more = words[at] - words[at - 2];
    if (more < 0) return false;
    if (more === 0 && words[at - 1] >>> 0 < words[at - 3] >>> 0) return false;
  }
  return true;
}
