import type { FieldKind, LinePoint, LineSeries, ParsedLine } from "@tocsin/data/codec";
import type { Raw } from "@tocsin/data/value";
import { utf8 } from "@tocsin/platform/host";
import type { Refusal } from "./intake.ts";
import { faultOf } from "./point-rules.ts";
import { seriesText } from "./series.ts";

/** A field of a series, as it is numbered among points that are collected. */
export interface CollectedField {
  readonly series: LineSeries;
  readonly field: string;
  readonly kind: FieldKind;
}

const kindNumbers: Readonly<Record<FieldKind, number>> = {
  float: 0,
  int: 1,
  uint: 2,
  string: 3,
  bool: 4,
};
/** More field keys than a stream can have. */
const keysMax = 2 ** 26;

/** Numbers of the fields that the lines of a series had last: most lines of one have the same. */
interface Layout {
  readonly keyCodes: number[];
  readonly kinds: FieldKind[];
  readonly numbers: number[];
}

/**
 * Points on their way into a store, by the types of their fields, a row a value. Nothing is made for a
 * point but its cells: lines of known series find the numbers of their fields by comparing codes.
 */
export class PointColumns {
  /** Fields by their numbers, which stay the same for as long as this is used. */
  readonly fields: CollectedField[] = [];
  readonly kinds: Readonly<Record<FieldKind, KindColumn>> = {
    float: new KindColumn(),
    int: new KindColumn(),
    uint: new KindColumn(),
    string: new KindColumn(),
    bool: new KindColumn(),
  };
  /** Points so far; those of a commit are numbered from 0. */
  points = 0;
  /** Points that cannot be stored, which have no rows. */
  readonly faults: Refusal[] = [];
  /** About how many bytes they take. */
  bytes = 0;
  readonly #layouts: (Layout | undefined)[] = [];
  readonly #byCodes = new Map<number, number>();
  readonly #byText = new Map<string, number>();

  addLine(line: ParsedLine): void {
    const layout = (this.#layouts[line.seriesCode] ??= { keyCodes: [], kinds: [], numbers: [] });
    const { time } = line;
    for (let i = 0; i < line.count; i++) {
      const kind = line.kinds[i];
      if (layout.keyCodes[i] !== line.keyCodes[i] || layout.kinds[i] !== kind) {
        layout.keyCodes[i] = line.keyCodes[i];
        layout.kinds[i] = kind;
        layout.numbers[i] = this.#numberOf(line, i);
      }
      const column = this.kinds[kind];
      const row = column.addRow(layout.numbers[i], this.points);
      // From cell to cell: a variable would hold a BigInt of its own.
      column.times[row] = time[0];
      if (kind === "float") column.floats[row] = line.floats[i];
      else if (kind === "string") this.bytes += column.addText(line.texts[i]);
      else column.longs[row] = line.longs[i];
    }
    this.points += 1;
    this.bytes += 24 * line.count;
  }
  /** Takes a point that is none of line protocol, and may be none that can be stored. */
  addPoint(point: LinePoint): void {
    const fault = faultOf(point);
    if (fault !== undefined) this.faults.push({ point: this.points, reason: fault });
    for (const [field, kind, value] of fault === undefined ? point.fields : []) {
      const column = this.kinds[kind];
      const row = column.addRow(this.#known(point, field, kind), this.points);
      column.times[row] = point.time;
      this.#set(column, row, value);
    }
    this.points += 1;
    this.bytes += 24 * point.fields.length;
  }
  /** Forgets the points. */
  clear(): void {
    for (const column of Object.values(this.kinds)) column.clear();
    this.faults.length = this.points = this.bytes = 0;
  }

  #numberOf(line: ParsedLine, i: number): number {
    const kind = line.kinds[i];
    const codes = (line.seriesCode * 5 + kindNumbers[kind]) * keysMax + line.keyCodes[i];
    let number = this.#byCodes.get(codes);
    if (number === undefined) {
      number = this.#known(line.series, line.keys[i], kind);
      this.#byCodes.set(codes, number);
    }
    return number;
  }
  #known(series: LineSeries, field: string, kind: FieldKind): number {
    const text = `${seriesText(series)}${kind}${field}`;
    let number = this.#byText.get(text);
    if (number === undefined) {
      const { measurement, tags } = series;
      number = this.fields.push({ series: { measurement, tags }, field, kind }) - 1;
      this.#byText.set(text, number);
    }
    return number;
  }
  #set(column: KindColumn, row: number, value: Raw): void {
    if (typeof value === "number") column.floats[row] = value;
    else if (typeof value === "string") this.bytes += column.addText(utf8.encode(value));
    else if (typeof value === "boolean") column.longs[row] = value ? 1n : 0n;
    else if (value !== null) column.longs[row] = BigInt.asIntN(64, value);
  }
}

const firstRows = 1024;

/** The rows of fields of one type. */
export class KindColumn {
  rows = 0;
  /** Numbers of fields. */
  fields = new Int32Array(firstRows);
  /** Numbers of points; never decreasing. */
  points = new Int32Array(firstRows);
  times = new BigInt64Array(firstRows);
  /** Values of ints, uints (their bits) and bools (0 or 1). */
  longs = new BigInt64Array(firstRows);
  /** Values of floats, in the same memory. */
  floats = new Float64Array(this.longs.buffer);
  #texts = new Uint8Array(0);
  #ends = new Uint32Array(0);
  #textRows = 0;

  /** Adds a row without time and value; gives its number. */
  addRow(field: number, point: number): number {
    const row = this.rows;
    if (row === this.fields.length) this.#grow();
    this.fields[row] = field;
    this.points[row] = point;
    this.rows = row + 1;
    return row;
  }
  /** Adds the text of the next row; gives its length. */
  addText(text: Uint8Array): number {
    const from = this.#textRows === 0 ? 0 : this.#ends[this.#textRows - 1];
    const end = from + text.length;
    if (end > this.#texts.length) {
      const larger = new Uint8Array(Math.max(end, this.#texts.length * 2, firstRows));
      larger.set(this.#texts);
      this.#texts = larger;
    }
    if (this.#textRows === this.#ends.length) {
      const larger = new Uint32Array(Math.max(firstRows, this.#ends.length * 2));
      larger.set(this.#ends);
      this.#ends = larger;
    }
    this.#texts.set(text, from);
    this.#ends[this.#textRows++] = end;
    return text.length;
  }
  text(row: number): Uint8Array {
    return this.#texts.subarray(row === 0 ? 0 : this.#ends[row - 1], this.#ends[row]);
  }
  clear(): void {
    this.rows = 0;
    this.#textRows = 0;
  }

  #grow(): void {
    const rows = this.fields.length * 2;
    const fields = new Int32Array(rows);
    fields.set(this.fields);
    const points = new Int32Array(rows);
    points.set(this.points);
    const times = new BigInt64Array(rows);
    times.set(this.times);
    const longs = new BigInt64Array(rows);
    longs.set(this.longs);
    this.fields = fields;
    this.points = points;
    this.times = times;
    this.longs = longs;
    this.floats = new Float64Array(longs.buffer);
  }
}
