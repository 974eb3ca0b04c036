import type { FlatColumn } from "@tocsin/data/column";
import {
  parseFloatBytes,
  parseIntBytes,
  parseTimeLayout,
  parseUintBytes,
  TimeReader,
} from "@tocsin/data/value";
import { utf8 } from "@tocsin/platform/host";
import { type CsvColumn, CsvCells } from "./csv-cells.ts";
import type { CsvRows } from "./csv-rows.ts";
import { CsvTexts, StringCells, UnreadTexts } from "./csv-texts.ts";

const comma = 0x2c;
const minus = 0x2d;
const point = 0x2e;
const zero = 0x30;

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
  protected read(rows: CsvRows, count: number, last: boolean): number {
    const { bytes, cursors, stops } = rows;
    const { values } = this.#slot;
    for (let line = 0; line < count; line++) {
      const from = cursors[line];
      const start = bytes[from] === minus ? from + 1 : from;
      let at = start;
      let digit = bytes[at] - zero;
      let mantissa = 0;
      for (; digit >= 0 && digit <= 9; digit = bytes[++at] - zero) mantissa = mantissa * 10 + digit;
      const whole = at;
      if (bytes[at] === point) {
        digit = bytes[++at] - zero;
        for (; digit >= 0 && digit <= 9; digit = bytes[++at] - zero)
          mantissa = mantissa * 10 + digit;
      }
      // With so few digits the mantissa is exact, and a division of exact doubles rounds correctly.
      const scale = at === whole ? 0 : at - whole - 1;
      const ends = last ? at === stops[line] : bytes[at] === comma;
      if (ends && whole > start && at - start <= 16 && scale <= 15) {
        const magnitude = scale === 0 ? mantissa : mantissa / powers[scale];
        values[this.rows + line] = start === from ? magnitude : -magnitude;
      } else if ((at = this.odd(rows, line, from, last)) < 0) return line;
      cursors[line] = at + 1;
    }
    return count;
  }
  protected absent(): void {}
  protected taken(valid: Uint8Array | undefined): FlatColumn {
    const data = this.#slot.values.subarray(0, this.rows);
    this.#slot.values = new Float64Array(0);
    return { kind: "float", form: "flat", data, valid };
  }
}

const powers = [1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];

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
  /** Plain digits that a double holds exactly; everything else by `parse`. */
  protected read(rows: CsvRows, count: number, last: boolean): number {
    const { bytes, cursors, stops } = rows;
    const { words } = this.slot;
    for (let line = 0; line < count; line++) {
      const from = cursors[line];
      let at = from;
      let digit = bytes[at] - zero;
      let value = 0;
      for (; digit >= 0 && digit <= 9; digit = bytes[++at] - zero) value = value * 10 + digit;
      const ends = last ? at === stops[line] : bytes[at] === comma;
      if (ends && at > from && at - from <= 15) {
        const high = Math.floor(value / 4294967296);
        words[2 * (this.rows + line)] = value - high * 4294967296;
        words[2 * (this.rows + line) + 1] = high;
      } else if ((at = this.odd(rows, line, from, last)) < 0) return line;
      cursors[line] = at + 1;
    }
    return count;
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
  protected override read(rows: CsvRows, count: number, last: boolean): number {
    const { bytes, view, cursors, stops } = rows;
    const { slot } = this;
    const plain = this.column.layout === undefined;
    for (let line = 0; line < count; line++) {
      const from = cursors[line];
      slot.at = this.rows + line;
      let at = plain ? this.#reader.scan(bytes, view, from, slot) : -1;
      const ends = last ? at === stops[line] : bytes[at] === comma;
      if (at < 0 || !ends) at = this.odd(rows, line, from, last);
      if (at < 0) return line;
      cursors[line] = at + 1;
    }
    return count;
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
  protected read(rows: CsvRows, count: number, last: boolean): number {
    const { cursors } = rows;
    for (let line = 0; line < count; line++) {
      const end = this.odd(rows, line, cursors[line], last);
      if (end < 0) return line;
      cursors[line] = end + 1;
    }
    return count;
  }
  protected absent(): void {}
  protected taken(valid: Uint8Array | undefined): FlatColumn {
    const data = this.#data.subarray(0, this.rows);
    this.#data = new Uint8Array(0);
    return { kind: "bool", form: "flat", data, valid };
  }
}

/** Cells of a column that nobody reads. */
export function unreadCells(column: CsvColumn): CsvCells {
  const cells =
    column.kind === "string" ? new UnreadTexts(column) : csvCells(column, () => noTexts);
  cells.unread = true;
  return cells;
}

const noTexts = new CsvTexts();

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
