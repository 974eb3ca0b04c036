import type { Raw } from "@tocsin/data/value";
import { utf8 } from "@tocsin/platform/host";
import type { LineColumn } from "./line-codes.ts";
import type { FieldKind, LineField, LinePoint, LineSeries } from "./line-point.ts";

/** Fields for which there is room at first. */
const firstRoom = 8;

/**
 * A line of line protocol, read without making an object for it: the decoder has one, fills it again
 * for every line and shows it to its sink, which takes what it needs before it returns.
 */
export class ParsedLine {
  /** Its number, counted from 1. */
  number = 0;
  series: LineSeries = { measurement: "", tags: [] };
  /** The same for lines whose series is written with the same bytes; dense, from 0. */
  seriesCode = 0;
  /** Nanoseconds since the epoch, in the only cell. */
  readonly time = new BigInt64Array(1);
  /** How many fields there are; what follows has one entry for each. */
  count = 0;
  readonly keys: string[] = [];
  /** The same for keys that are the same; dense, from 0. */
  readonly keyCodes: number[] = [];
  /** Where each key stands, as it was written, in the bytes that the decoder reads from. */
  readonly keyFrom: number[] = [];
  readonly keyTo: number[] = [];
  readonly kinds: FieldKind[] = [];
  /** Codes of the fields: of a key of one type in one series; dense, from 0. */
  readonly codes: number[] = [];
  /** Text as UTF-8: a view that holds until the sink returns. Empty for other kinds. */
  readonly texts: Uint8Array[] = [];
  /** The value of an int, and 0 or 1 for a bool. */
  longs = new BigInt64Array(firstRoom);
  /** The value of a float, in the same memory. */
  floats = new Float64Array(this.longs.buffer);
  /** The value of a uint, in the same memory. */
  unsigned = new BigUint64Array(this.longs.buffer);

  /** Makes room for the value of one more field. */
  makeRoom(): void {
    if (this.count < this.longs.length) return;
    const larger = new BigInt64Array(this.longs.length * 2);
    larger.set(this.longs);
    this.longs = larger;
    this.floats = new Float64Array(larger.buffer);
    this.unsigned = new BigUint64Array(larger.buffer);
  }
  /** Puts field `from` in the place of field `to`. */
  move(from: number, to: number): void {
    this.keys[to] = this.keys[from];
    this.keyCodes[to] = this.keyCodes[from];
    this.keyFrom[to] = this.keyFrom[from];
    this.keyTo[to] = this.keyTo[from];
    this.kinds[to] = this.kinds[from];
    this.texts[to] = this.texts[from];
    this.longs[to] = this.longs[from];
  }
  value(field: number): Raw {
    switch (this.kinds[field]) {
      case "float":
        return this.floats[field];
      case "int":
        return this.longs[field];
      case "uint":
        return this.unsigned[field];
      case "bool":
        return this.longs[field] !== 0n;
      case "string":
        return utf8.decode(this.texts[field]);
    }
  }
}

/** Consecutive lines, one row for each value. What it points to is overwritten when the sink returns. */
export interface LineBlock {
  readonly lines: number;
  /** The number of the first. */
  readonly number: number;
  readonly rows: number;
  /** What codes mean; it grows. */
  readonly columns: readonly LineColumn[];
  /** The column of each row. */
  readonly codes: Int32Array;
  /** Which of these lines it stands in, from 0; never decreasing. */
  readonly lineOf: Int32Array;
  /** Nanoseconds since the epoch. */
  readonly times: BigInt64Array;
  /** Bits of the numbers, 0 or 1 of a bool; of a text where it ends in `texts`, in which they stand in order. */
  readonly values: BigInt64Array;
  readonly texts: Uint8Array;
}

/** A line as a point of its own. */
export function pointOf(line: ParsedLine): LinePoint {
  const fields: LineField[] = [];
  for (let i = 0; i < line.count; i++) fields.push([line.keys[i], line.kinds[i], line.value(i)]);
  const { measurement, tags } = line.series;
  return { measurement, tags, fields, time: line.time[0] };
}
