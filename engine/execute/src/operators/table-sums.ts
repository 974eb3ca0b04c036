import {
  type FlatColumn,
  type FloatColumn,
  type IntColumn,
  isValid,
  type UintColumn,
  wordsOf,
} from "@tocsin/data/column";
import type { Stretches } from "../aggregate.ts";

/** What is made of the values of a table. */
export type OfSum = "sum" | "mean";

/** How many 32-bit halves are added up in a double, which holds the sum of 2^21 of them exactly. */
const halvesMost = 2 ** 20;
const two32 = 2 ** 32;

/** How many rows each table has. */
export function tableCounts({ from, ends }: Stretches): FlatColumn {
  const data = new BigInt64Array(ends.length);
  const words = new Uint32Array(data.buffer);
  let start = from;
  for (let table = 0; table < ends.length; table++) {
    words[2 * table] = ends[table] - start;
    start = ends[table];
  }
  return { kind: "int", form: "flat", data, valid: undefined };
}

/** The sum, or mean, of the floats of each table; null where there are none. */
export function floatSums(
  { data, valid }: FloatColumn,
  { from, ends }: Stretches,
  what: OfSum,
): FlatColumn {
  const sums = new Float64Array(ends.length);
  const counts = new Uint32Array(ends.length);
  const work = { data, valid, ends, sums, counts, mean: what === "mean" };
  let row = from;
  for (let table = 0; table < ends.length; table += tablesAtOnce)
    row = sumFloats(work, { row, table, to: Math.min(ends.length, table + tablesAtOnce) });
  return { kind: "float", form: "flat", data: sums, valid: whereAny(counts) };
}

/** Tables of one call: a loop that is called often is compiled soon, and stays compiled. */
const tablesAtOnce = 128;

/** Sums of floats in the making. */
interface FloatWork extends Pick<FloatColumn, "data" | "valid"> {
  readonly ends: Uint32Array;
  readonly sums: Float64Array;
  readonly counts: Uint32Array;
  readonly mean: boolean;
}

/** Sums up the tables `table .. to`, the first of which begins with `row`; gives the row behind the last. */
function sumFloats(
  { data, valid, ends, sums, counts, mean }: FloatWork,
  { row, table, to }: { row: number; table: number; to: number },
): number {
  for (; table < to; table++) {
    const start = row;
    const end = ends[table];
    let total = 0;
    let count = 0;
    if (valid === undefined) {
      for (; row < end; row++) total += data[row];
      count = end - start;
    } else
      for (; row < end; row++)
        if (isValid(valid, row)) {
          total += data[row];
          count++;
        }
    sums[table] = mean ? total / count : total;
    counts[table] = count;
  }
  return row;
}

/** As `floatSums`, of 64-bit integers, whose sums wrap. Adds up their halves as doubles: no bigint is made. */
export function wholeSums(
  column: IntColumn | UintColumn,
  { from, ends }: Stretches,
  what: OfSum,
): FlatColumn {
  const { data, valid, kind } = column;
  const words = wordsOf(data);
  const counts = new Uint32Array(ends.length);
  const sums = new Uint32Array(2 * ends.length);
  let row = from;
  for (let table = 0; table < ends.length; table++) {
    let low = 0;
    let high = 0;
    let count = 0;
    while (row < ends[table]) {
      for (const end = Math.min(ends[table], row + halvesMost); row < end; row++) {
        if (valid !== undefined && !isValid(valid, row)) continue;
        low += words[2 * row];
        high += words[2 * row + 1];
        count++;
      }
      const carry = Math.floor(low / two32);
      low -= carry * two32;
      high = (high + carry) % two32;
    }
    sums[2 * table] = low;
    sums[2 * table + 1] = high;
    counts[table] = count;
  }
  const some = whereAny(counts);
  if (what === "mean")
    return { kind: "float", form: "flat", data: means(sums, counts, kind), valid: some };
  return kind === "uint"
    ? { kind, form: "flat", data: new BigUint64Array(sums.buffer), valid: some }
    : { kind: "int", form: "flat", data: new BigInt64Array(sums.buffer), valid: some };
}

/** The means of tables whose sums are given in halves. */
export function means(
  sums: Uint32Array,
  counts: Uint32Array,
  kind: "int" | "time" | "uint",
): Float64Array {
  const made = new Float64Array(counts.length);
  for (let table = 0; table < made.length; table++) {
    const word = sums[2 * table + 1];
    const high = kind === "uint" ? word : word | 0;
    made[table] = (high * two32 + sums[2 * table]) / counts[table];
  }
  return made;
}

/** Which tables have a value, a bit for each. Undefined: all have. */
export function whereAny(counts: Uint32Array): Uint8Array | undefined {
  if (!counts.includes(0)) return undefined;
  const bits = new Uint8Array((counts.length + 7) >> 3);
  for (let table = 0; table < counts.length; table++)
    if (counts[table] > 0) bits[table >> 3] |= 1 << (table & 7);
  return bits;
}
