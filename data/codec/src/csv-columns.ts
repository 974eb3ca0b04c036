import type { FlatColumn } from "@tocsin/data/column";
import {
  parseFloatBytes,
  parseIntBytes,
  parseTimeLayout,
  parseUintBytes,
  rfc3339,
  TimeReader,
} from "@tocsin/data/value";
import { utf8 } from "@tocsin/platform/host";
import { type CsvColumn, CsvCells } from "./csv-cells.ts";
import type { CsvKernel } from "./csv-kernel.ts";
import type { ColumnPlace } from "./csv-kernel-plan.ts";
import { CsvTexts, StringCells, UnreadTexts } from "./csv-texts.ts";

class FloatCells extends CsvCells {
  readonly #slot = { values: new Float64Array(0), at: 0 };

  reserve(rows: number): void {
    const { values } = this.#slot;
    if (rows <= values.length) return;
    const larger = new Float64Array(this.roomFor(rows, values.length));
    larger.set(values);
    this.#slot.values = larger;
  }
  protected parse(bytes: Uint8Array, from: number, to: number): boolean {
    this.#slot.at = this.rows;
    return parseFloatBytes(bytes, from, to, this.#slot);
  }
  protected fill({ bytes }: CsvKernel, { values }: ColumnPlace, count: number): void {
    this.#slot.values.set(new Float64Array(bytes.buffer, values, count), this.rows);
  }
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
    const { words } = this.slot;
    const larger = new Uint32Array(this.roomFor(rows, words.length / 2) * 2);
    larger.set(words);
    this.#buffer = larger.buffer;
    this.slot.words = larger;
  }
  protected fill({ bytes }: CsvKernel, { values }: ColumnPlace, count: number): void {
    this.slot.words.set(new Uint32Array(bytes.buffer, values, 2 * count), 2 * this.rows);
  }
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
  protected override expected(text: string): string {
    const { layout = rfc3339 } = this.column;
    const fault = parseTimeLayout(layout, text);
    const why = typeof fault === "bigint" ? "" : `: ${fault.reason}`;
    const example = layout === rfc3339 ? "such as 2026-01-31T09:30:00Z" : `as ${layout} writes it`;
    return `a time ${example}${why}`;
  }
}

const booleans: ReadonlyMap<string, number> = new Map([
  ...["1", "t", "T", "true", "True", "TRUE"].map((word) => [word, 1] as const),
  ...["0", "f", "F", "false", "False", "FALSE"].map((word) => [word, 0] as const),
]);

const trueBytes = utf8.encode("true");
const falseBytes = utf8.encode("false");

function isWord(word: Uint8Array, bytes: Uint8Array, from: number, to: number): boolean {
  if (to - from !== word.length) return false;
  for (let i = 0; i < word.length; i++) if (bytes[from + i] !== word[i]) return false;
  return true;
}

class BoolCells extends CsvCells {
  #data = new Uint8Array(0);

  reserve(rows: number): void {
    if (rows <= this.#data.length) return;
    const larger = new Uint8Array(this.roomFor(rows, this.#data.length));
    larger.set(this.#data);
    this.#data = larger;
  }
  protected parse(bytes: Uint8Array, from: number, to: number): boolean {
    const value = isWord(trueBytes, bytes, from, to)
      ? 1
      : isWord(falseBytes, bytes, from, to)
        ? 0
        : booleans.get(utf8.decode(bytes.subarray(from, to)));
    if (value === undefined) return false;
    this.#data[this.rows] = value;
    return true;
  }
  protected fill({ bytes }: CsvKernel, { values }: ColumnPlace, count: number): void {
    this.#data.set(bytes.subarray(values, values + count), this.rows);
  }
  protected taken(valid: Uint8Array | undefined): FlatColumn {
    const data = this.#data.subarray(0, this.rows);
    this.#data = new Uint8Array(0);
    return { kind: "bool", form: "flat", data, valid };
  }
}

/** Checks the cells of a column that nobody reads. */
export function unreadCells(column: CsvColumn): CsvCells {
  const cells =
    column.kind === "string" ? new UnreadTexts(column) : csvCells(column, () => noTexts);
  cells.unread = true;
  return cells;
}

const noTexts = new CsvTexts(0);

/** Reads the cells of a column; string columns with one label share `texts`. */
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
