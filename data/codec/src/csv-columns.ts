import { Dictionary, type FlatColumn, PlainBuilder } from "@tocsin/data/column";
import {
  type ColumnKind,
  invalid,
  parseFloatBytes,
  parseIntBytes,
  parseTimeLayout,
  parseUintBytes,
  TimeReader,
} from "@tocsin/data/value";
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

/** Cells of one column that become a column of batches. */
export abstract class CsvCells {
  readonly column: CsvColumn;
  rows = 0;
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
      if (!this.cell(bytes, starts[cell], end)) throw this.#misfit(rows, row, starts[cell], end);
    }
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
    this.rows = 0;
    return made;
  }
  /** Makes room for so many rows. */
  abstract reserve(rows: number): void;
  protected abstract parse(bytes: Uint8Array, from: number, to: number): boolean;
  protected abstract absent(): void;
  protected abstract taken(valid: Uint8Array | undefined): FlatColumn;

  #misfit(rows: CsvRows, row: number, from: number, to: number): Error {
    const text = rows.text(from, Math.min(to, from + 60));
    const { label, kind } = this.column;
    return invalid(
      `line ${rows.lines[row]}: column ${JSON.stringify(label)} holds ${JSON.stringify(text)}, ` +
        `which is not ${kindWords[kind]}`,
    );
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
    this.#bits ??= filledBits(row);
    if (row >> 3 >= this.#bits.length) {
      const larger = new Uint8Array(this.#bits.length * 2);
      larger.set(this.#bits);
      this.#bits = larger;
    }
    if (present) this.#bits[row >> 3] |= 1 << (row & 7);
  }
  finish(rows: number): Uint8Array | undefined {
    const bits = this.#bits;
    this.#bits = undefined;
    return bits?.subarray(0, (rows + 7) >> 3);
  }
}

/** Ones below `row`, zeros from it on, with room for more. */
function filledBits(row: number): Uint8Array<ArrayBuffer> {
  const bits = new Uint8Array(Math.max(64, (row >> 2) + 1));
  bits.fill(255, 0, row >> 3);
  bits[row >> 3] = (1 << (row & 7)) - 1;
  return bits;
}

type WideData =
  | Float64Array<ArrayBuffer>
  | BigInt64Array<ArrayBuffer>
  | BigUint64Array<ArrayBuffer>;

class FloatCells extends CsvCells {
  readonly #slot = { values: new Float64Array(0), at: 0 };

  reserve(rows: number): void {
    this.#slot.values = withRoom(
      this.#slot.values,
      rows,
      Float64Array,
    ) as Float64Array<ArrayBuffer>;
  }
  protected parse(bytes: Uint8Array, from: number, to: number): boolean {
    this.#slot.at = this.rows;
    return parseFloatBytes(bytes, from, to, this.#slot);
  }
  protected absent(): void {}
  protected taken(valid: Uint8Array | undefined): FlatColumn {
    const data = this.#slot.values.subarray(0, this.rows);
    this.#slot.values = new Float64Array(0);
    return { kind: "float", form: "flat", data, valid };
  }
}

/** Whole numbers and times: 64 bits, filled through their halves. */
abstract class WordCells extends CsvCells {
  protected readonly slot = { words: new Uint32Array(0), at: 0 };
  #buffer = new ArrayBuffer(0);

  reserve(rows: number): void {
    if (rows * 8 <= this.#buffer.byteLength) return;
    const larger = new Uint32Array(Math.max(rows, this.slot.words.length, 64) * 2);
    larger.set(this.slot.words);
    this.#buffer = larger.buffer;
    this.slot.words = larger;
  }
  protected absent(): void {}
  protected taken(valid: Uint8Array | undefined): FlatColumn {
    const { kind } = this.column;
    const buffer = this.#buffer;
    this.#buffer = new ArrayBuffer(0);
    this.slot.words = new Uint32Array(0);
    if (kind === "uint") {
      return { kind, form: "flat", data: new BigUint64Array(buffer, 0, this.rows), valid };
    }
    const data = new BigInt64Array(buffer, 0, this.rows);
    return { kind: kind === "time" ? "time" : "int", form: "flat", data, valid };
  }
}

class IntCells extends WordCells {
  protected parse(bytes: Uint8Array, from: number, to: number): boolean {
    this.slot.at = this.rows;
    return parseIntBytes(bytes, from, to, this.slot);
  }
}

class UintCells extends WordCells {
  protected parse(bytes: Uint8Array, from: number, to: number): boolean {
    this.slot.at = this.rows;
    return parseUintBytes(bytes, from, to, this.slot);
  }
}

class TimeCells extends WordCells {
  readonly #reader = new TimeReader();

  protected parse(bytes: Uint8Array, from: number, to: number): boolean {
    this.slot.at = this.rows;
    const { layout } = this.column;
    if (layout === undefined) return this.#reader.read(bytes, from, to, this.slot);
    const time = parseTimeLayout(layout, utf8.decode(bytes.subarray(from, to)));
    if (typeof time !== "bigint") return false;
    this.slot.words[2 * this.rows] = Number(BigInt.asUintN(32, time));
    this.slot.words[2 * this.rows + 1] = Number(BigInt.asUintN(32, time >> 32n));
    return true;
  }
}

const booleans: ReadonlyMap<string, number> = new Map([
  ...["1", "t", "T", "true", "True", "TRUE"].map((word) => [word, 1] as const),
  ...["0", "f", "F", "false", "False", "FALSE"].map((word) => [word, 0] as const),
]);

class BoolCells extends CsvCells {
  #data = new Uint8Array(0);

  reserve(rows: number): void {
    if (rows <= this.#data.length) return;
    const larger = new Uint8Array(Math.max(rows, 64) * 2);
    larger.set(this.#data);
    this.#data = larger;
  }
  protected parse(bytes: Uint8Array, from: number, to: number): boolean {
    const value = booleans.get(utf8.decode(bytes.subarray(from, to)));
    if (value === undefined) return false;
    this.#data[this.rows] = value;
    return true;
  }
  protected absent(): void {}
  protected taken(valid: Uint8Array | undefined): FlatColumn {
    const data = this.#data.subarray(0, this.rows);
    this.#data = new Uint8Array(0);
    return { kind: "bool", form: "flat", data, valid };
  }
}

/** After so many values it is seen whether most of them are new. */
const trialRows = 4096;

/**
 * Distinct strings of one column of a stream, whatever tables it occurs in: codes stay comparable from
 * batch to batch. When most values are new, a dictionary only costs, and the column turns plain.
 */
export class CsvTexts {
  readonly dictionary = new Dictionary();
  plain = false;
  #seen = 0;

  /** Told after each `rows` values that were coded. */
  judge(rows: number): void {
    this.#seen += rows;
    if (this.#seen >= trialRows && this.dictionary.size * 2 > this.#seen) this.plain = true;
  }
}

class StringCells extends CsvCells {
  readonly #texts: CsvTexts;
  #codes = new Uint32Array(0);
  #builder: PlainBuilder | undefined;
  #judged = 0;

  constructor(column: CsvColumn, texts: CsvTexts) {
    super(column);
    this.#texts = texts;
  }
  reserve(rows: number): void {
    if (!this.#texts.plain && this.rows - this.#judged >= trialRows) {
      this.#texts.judge(this.rows - this.#judged);
      this.#judged = this.rows;
    }
    if (this.#texts.plain) this.#builder ??= this.#turned();
    else if (rows > this.#codes.length) {
      const larger = new Uint32Array(Math.max(rows, 64) * 2);
      larger.set(this.#codes);
      this.#codes = larger;
    }
  }
  protected parse(bytes: Uint8Array, from: number, to: number): boolean {
    if (this.#builder !== undefined) this.#builder.appendBytes(bytes, from, to);
    else this.#codes[this.rows] = this.#texts.dictionary.codeOfBytes(bytes, from, to);
    return true;
  }
  protected absent(): void {
    if (this.#builder !== undefined) this.#builder.append(null);
    else this.#codes[this.rows] = 0;
  }
  protected taken(valid: Uint8Array | undefined): FlatColumn {
    const builder = this.#builder;
    this.#builder = undefined;
    this.#judged = 0;
    if (builder !== undefined) return { ...builder.finish(), valid } as FlatColumn;
    const codes = this.#codes.subarray(0, this.rows);
    this.#codes = new Uint32Array(0);
    return { kind: "string", form: "coded", codes, dictionary: this.#texts.dictionary, valid };
  }
  /** The coded rows so far as a plain builder; rows without a value get an empty text. */
  #turned(): PlainBuilder {
    const builder = new PlainBuilder(this.rows);
    const { dictionary } = this.#texts;
    for (let row = 0; row < this.rows; row++) {
      const known = this.#codes[row] < dictionary.size;
      const bytes = known ? dictionary.bytes(this.#codes[row]) : new Uint8Array(0);
      builder.appendBytes(bytes, 0, bytes.length);
    }
    return builder;
  }
}

function withRoom(data: WideData, rows: number, make: new (length: number) => WideData): WideData {
  if (rows <= data.length) return data;
  const larger = new make(Math.max(rows, 64) * 2);
  (larger as Float64Array).set(data as Float64Array);
  return larger;
}

/** Cells of one column; string columns of one label share `texts`. */
export function csvCells(column: CsvColumn, texts: () => CsvTexts): CsvCells {
  switch (column.kind) {
    case "float":
      return new FloatCells(column);
    case "int":
      return new IntCells(column);
    case "uint":
      return new UintCells(column);
    case "time":
      return new TimeCells(column);
    case "bool":
      return new BoolCells(column);
    case "string":
      return new StringCells(column, texts());
  }
}
