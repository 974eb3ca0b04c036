import type { FieldKind, LineBlock, LinePoint, LineSeries, ParsedLine } from "@tocsin/data/codec";
import type { Raw } from "@tocsin/data/value";
import { utf8 } from "@tocsin/platform/host";
import type { TextCells } from "./duckdb.ts";
import type { Refusal } from "./intake.ts";
import { faultOf } from "./point-rules.ts";
import { fieldName } from "./series.ts";

/** A field of a series, as it is numbered among points that are collected. */
export interface CollectedField {
  readonly series: LineSeries;
  readonly field: string;
  readonly kind: FieldKind;
  /** All of that as a text. */
  readonly name: string;
}

const firstRows = 1024;
/** Of more rows a whole commit is expected: room that is not used takes no memory. */
const fewRows = 16 * 1024;
const manyRows = 9 << 17;

/**
 * Points on their way into a store, a row a value, in the order in which they came. Nothing is made for a
 * point but its cells.
 */
export class PointColumns {
  /** Fields by their numbers, which stay the same for as long as this is used. */
  readonly fields: CollectedField[] = [];
  /** Points so far; those of a commit are numbered from 0. */
  points = 0;
  rows = 0;
  /** Of each row the number of its field. */
  fieldOf = new Int32Array(firstRows);
  /** Of each row its point; never decreasing. */
  pointOf = new Int32Array(firstRows);
  times = new BigInt64Array(firstRows);
  /** Values of ints, uints (their bits) and bools (0 or 1); of strings the number of their text. */
  longs = new BigInt64Array(firstRows);
  /** Values of floats, in the same memory. */
  floats = new Float64Array(this.longs.buffer);
  readonly texts = new CollectedTexts();
  /** Points that cannot be stored, which have no rows. */
  readonly faults: Refusal[] = [];
  /** By codes of columns of the only decoder whose lines are taken. */
  readonly #numbers: (number | undefined)[] = [];
  readonly #byName = new Map<string, number>();

  /** About how many bytes they take. */
  get bytes(): number {
    return this.rows * 24 + this.texts.bytes;
  }
  addLine(line: ParsedLine): void {
    const { time, codes } = line;
    this.#reserve(line.count);
    for (let i = 0; i < line.count; i++) {
      const kind = line.kinds[i];
      const number = (this.#numbers[codes[i]] ??= this.#known(line.series, line.keys[i], kind));
      const row = this.#addRow(number);
      // From cell to cell: a variable would hold a BigInt of its own.
      this.times[row] = time[0];
      if (kind === "float") this.floats[row] = line.floats[i];
      else if (kind === "string") this.longs[row] = BigInt(this.texts.add(line.texts[i]));
      else this.longs[row] = line.longs[i];
    }
    this.points += 1;
  }
  addLines({ lines, rows, codes, lineOf, times, values, texts, columns }: LineBlock): void {
    this.#reserve(rows);
    const [first, { fieldOf, pointOf }] = [this.rows, this];
    this.times.set(times, first);
    this.longs.set(values, first);
    const endsBefore = this.texts.bytes;
    let textEnd = 0;
    for (let i = 0; i < rows; i++) {
      let number = this.#numbers[codes[i]];
      if (number === undefined) {
        const { series, key, kind } = columns[codes[i]];
        this.#numbers[codes[i]] = number = this.#known(series, key, kind);
      }
      fieldOf[first + i] = number;
      pointOf[first + i] = this.points + lineOf[i];
      if (this.fields[number].kind !== "string") continue;
      textEnd = Number(values[i]);
      this.longs[first + i] = BigInt(this.texts.addEnd(endsBefore + textEnd));
    }
    if (textEnd > 0) this.texts.put(texts.subarray(0, textEnd), endsBefore);
    this.rows += rows;
    this.points += lines;
  }
  /** Takes a point that is none of line protocol, and may be none that can be stored. */
  addPoint(point: LinePoint): void {
    const fault = faultOf(point);
    if (fault !== undefined) this.faults.push({ point: this.points, reason: fault });
    else this.#reserve(point.fields.length);
    for (const [field, kind, value] of fault === undefined ? point.fields : []) {
      const row = this.#addRow(this.#known(point, field, kind));
      this.times[row] = point.time;
      this.#set(row, value);
    }
    this.points += 1;
  }
  /** Forgets the points. */
  clear(): void {
    this.texts.clear();
    this.faults.length = this.points = this.rows = 0;
  }

  #addRow(field: number): number {
    const row = this.rows++;
    this.fieldOf[row] = field;
    this.pointOf[row] = this.points;
    return row;
  }
  #known(series: LineSeries, field: string, kind: FieldKind): number {
    const name = fieldName({ measurement: series.measurement, tags: series.tags, field, kind });
    let number = this.#byName.get(name);
    if (number === undefined) {
      const { measurement, tags } = series;
      number = this.fields.push({ series: { measurement, tags }, field, kind, name }) - 1;
      this.#byName.set(name, number);
    }
    return number;
  }
  #set(row: number, value: Raw): void {
    if (typeof value === "number") this.floats[row] = value;
    else if (typeof value === "string")
      this.longs[row] = BigInt(this.texts.add(utf8.encode(value)));
    else if (typeof value === "boolean") this.longs[row] = value ? 1n : 0n;
    else if (value !== null) this.longs[row] = BigInt.asIntN(64, value);
  }
  #reserve(more: number): void {
    if (this.rows + more <= this.fieldOf.length) return;
    const needed = this.rows + more;
    const usual = needed > fewRows ? manyRows : 0;
    const rows = Math.max(this.fieldOf.length * 2, needed, usual);
    const [fieldOf, pointOf] = [new Int32Array(rows), new Int32Array(rows)];
    const [times, longs] = [new BigInt64Array(rows), new BigInt64Array(rows)];
    fieldOf.set(this.fieldOf.subarray(0, this.rows));
    pointOf.set(this.pointOf.subarray(0, this.rows));
    times.set(this.times.subarray(0, this.rows));
    longs.set(this.longs.subarray(0, this.rows));
    Object.assign(this, { fieldOf, pointOf, times, longs });
    this.floats = new Float64Array(longs.buffer);
  }
}

/** Texts as UTF-8, end to end, by their numbers. */
class CollectedTexts {
  #bytes = new Uint8Array(firstRows);
  #ends = new Uint32Array(firstRows);
  #count = 0;

  get bytes(): number {
    return this.#count === 0 ? 0 : this.#ends[this.#count - 1];
  }
  /** Gives the number of the text. */
  add(text: Uint8Array): number {
    const from = this.bytes;
    this.put(text, from);
    return this.addEnd(from + text.length);
  }
  /** Adds a text whose bytes are put there later. */
  addEnd(end: number): number {
    if (this.#count === this.#ends.length) {
      const larger = new Uint32Array(this.#ends.length * 2);
      larger.set(this.#ends);
      this.#ends = larger;
    }
    this.#ends[this.#count] = end;
    return this.#count++;
  }
  /** Puts bytes of texts. */
  put(bytes: Uint8Array, from: number): void {
    const end = from + bytes.length;
    if (end > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(end, this.#bytes.length * 2));
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    this.#bytes.set(bytes, from);
  }
  /** The texts of these numbers. */
  cells(numbers: BigInt64Array): TextCells {
    const [from, to] = [new Uint32Array(numbers.length), new Uint32Array(numbers.length)];
    const words = new Uint32Array(numbers.buffer, numbers.byteOffset, numbers.length * 2);
    for (let i = 0; i < numbers.length; i++) {
      const number = words[i * 2];
      from[i] = number === 0 ? 0 : this.#ends[number - 1];
      to[i] = this.#ends[number];
    }
    return { bytes: this.#bytes, from, to };
  }
  clear(): void {
    this.#count = 0;
  }
}
