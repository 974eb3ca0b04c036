import { blankColumn, isBlank } from "./blank.ts";
import { isValid } from "./cell.ts";
import { cellBytes } from "./cell-bytes.ts";
import type { Column, FlatColumn, PlainColumn, Validity } from "./column.ts";

/** The rows of `column` named by `rows[0 .. count]`, in that order. */
export function gather(column: FlatColumn, rows: Uint32Array, count: number): FlatColumn {
  if (isBlank(column)) return blankColumn(column.kind, count);
  const valid = gatherValidity(column.valid, rows, count);
  switch (column.form) {
    case "flat":
      return {
        kind: column.kind,
        form: "flat",
        data: gatherData(column.data, rows, count),
        valid,
      } as FlatColumn;
    case "coded":
      return { ...column, codes: gatherCodes(column.codes, rows, count), valid };
    case "plain":
      return { ...column, ...gatherBytes(column, rows, count), valid };
    case "lazy":
      return {
        ...column,
        columns: column.columns.map((one) => gatherColumn(one, rows, count)),
        rows: count,
        valid,
      };
  }
}

function gatherColumn(column: Column, rows: Uint32Array, count: number): Column {
  return column.form === "table" ? column : gather(column, rows, count);
}

function gatherCodes(codes: Uint32Array, rows: Uint32Array, count: number): Uint32Array {
  const out = new Uint32Array(count);
  for (let i = 0; i < count; i++) out[i] = codes[rows[i]];
  return out;
}

/** Shorter texts are copied byte by byte: a call of `set` takes as long as copying this many. */
const shortText = 24;

function gatherBytes(
  { bytes, offsets }: PlainColumn,
  rows: Uint32Array,
  count: number,
): Pick<PlainColumn, "bytes" | "offsets"> {
  const ends = new Uint32Array(count + 1);
  for (let i = 0; i < count; i++) ends[i + 1] = ends[i] + offsets[rows[i] + 1] - offsets[rows[i]];
  const gathered = new Uint8Array(ends[count]);
  for (let i = 0; i < count; i++) {
    const from = offsets[rows[i]];
    const to = offsets[rows[i] + 1];
    if (to - from < shortText)
      for (let at = from, out = ends[i]; at < to; at++) gathered[out++] = bytes[at];
    else gathered.set(bytes.subarray(from, to), ends[i]);
  }
  return { bytes: gathered, offsets: ends };
}

type Data = Float64Array | BigInt64Array | BigUint64Array | Uint8Array;

function gatherData(data: Data, rows: Uint32Array, count: number): Data {
  if (data instanceof Float64Array) {
    const out = new Float64Array(count);
    for (let i = 0; i < count; i++) out[i] = data[rows[i]];
    return out;
  }
  if (!(data instanceof Uint8Array)) {
    const out =
      data instanceof BigInt64Array ? new BigInt64Array(count) : new BigUint64Array(count);
    gatherWords(data, rows, count, out);
    return out;
  }
  const out = new Uint8Array(count);
  for (let i = 0; i < count; i++) out[i] = data[rows[i]];
  return out;
}

/** Copies 64 bits by their halves: until a loop is optimized, each bigint would be an object. */
function gatherWords(
  data: BigInt64Array | BigUint64Array,
  rows: Uint32Array,
  count: number,
  out: BigInt64Array | BigUint64Array,
): void {
  const from = new Uint32Array(data.buffer, data.byteOffset, 2 * data.length);
  const to = new Uint32Array(out.buffer, out.byteOffset, 2 * count);
  for (let i = 0; i < count; i++) {
    const at = 2 * rows[i];
    to[2 * i] = from[at];
    to[2 * i + 1] = from[at + 1];
  }
}

function gatherValidity(valid: Validity, rows: Uint32Array, count: number): Validity {
  if (valid === undefined) return undefined;
  const out = new Uint8Array((count + 7) >> 3);
  // Without a branch, which nulls here and there would make slow.
  for (let i = 0; i < count; i++)
    out[i >> 3] |= ((valid[rows[i] >> 3] >> (rows[i] & 7)) & 1) << (i & 7);
  return out;
}

/** The rows `from .. to` of `column`, sharing its memory where the form allows. */
export function slice(column: FlatColumn, from: number, to: number): FlatColumn {
  const valid = sliceValidity(column.valid, from, to);
  switch (column.form) {
    case "flat":
      return { ...column, data: column.data.subarray(from, to), valid } as FlatColumn;
    case "coded":
      return { ...column, codes: column.codes.subarray(from, to), valid };
    case "plain":
      return { ...column, offsets: column.offsets.subarray(from, to + 1), valid };
    case "lazy": {
      const columns = column.columns.map((one) =>
        one.form === "table" ? one : slice(one, from, to),
      );
      return { ...column, columns, rows: to - from, valid };
    }
  }
}

function sliceValidity(valid: Validity, from: number, to: number): Validity {
  if (valid === undefined) return undefined;
  if ((from & 7) === 0) return valid.subarray(from >> 3, (to + 7) >> 3);
  const out = new Uint8Array((to - from + 7) >> 3);
  const [first, shift] = [from >> 3, from & 7];
  for (let i = 0; i < out.length; i++) {
    const next = first + i + 1 < valid.length ? valid[first + i + 1] : 0;
    out[i] = (valid[first + i] >> shift) | (next << (8 - shift));
  }
  return out;
}

/** Number of rows of a flat column. */
export function rowsOf(column: FlatColumn): number {
  switch (column.form) {
    case "flat":
      return column.data.length;
    case "coded":
      return column.codes.length;
    case "plain":
      return column.offsets.length - 1;
    case "lazy":
      return column.rows;
  }
}

/** A column per row from a column per table: each table's value, once for each of its rows. */
export function expand(column: Column, tableEnds: Uint32Array): FlatColumn {
  if (column.form !== "table") return column;
  const { values } = column;
  const rows = tableEnds.length === 0 ? 0 : tableEnds[tableEnds.length - 1];
  const each = { tableEnds, rows };
  const valid = values.valid === undefined ? undefined : spreadBits(values.valid, each);
  if (values.form === "coded")
    return { ...values, codes: spread(values.codes, new Uint32Array(rows), each), valid };
  if (values.form === "flat")
    return { ...values, data: spreadData(values.data, each), valid } as FlatColumn;
  if (values.form === "lazy") {
    const columns = values.columns.map((one) =>
      expand(
        one.form === "table" ? one : { kind: one.kind, form: "table", values: one },
        tableEnds,
      ),
    );
    return { ...values, columns, rows, valid };
  }
  const tableOf = new Uint32Array(rows);
  for (let table = 0, row = 0; table < tableEnds.length; table++)
    while (row < tableEnds[table]) tableOf[row++] = table;
  return gather(values, tableOf, rows);
}

/** Tables, and how many rows they have together. */
interface Each {
  readonly tableEnds: Uint32Array;
  readonly rows: number;
}

function spreadData(data: Data, each: Each): Data {
  if (data instanceof Float64Array) return spread(data, new Float64Array(each.rows), each);
  if (data instanceof BigInt64Array) return spread(data, new BigInt64Array(each.rows), each);
  if (data instanceof BigUint64Array) return spread(data, new BigUint64Array(each.rows), each);
  return spread(data, new Uint8Array(each.rows), each);
}

function spread<Numbers extends Data | Uint32Array>(
  from: Numbers,
  to: Numbers,
  { tableEnds }: Each,
): Numbers {
  let row = 0;
  for (let table = 0; table < tableEnds.length; table++) {
    const end = tableEnds[table];
    if (end - row > shortRun) (to as Uint32Array).fill(from[table] as number, row, (row = end));
    else while (row < end) to[row++] = from[table];
  }
  return to;
}

/** Shorter runs are written cell by cell. */
const shortRun = 32;

function spreadBits(valid: Uint8Array, { tableEnds, rows }: Each): Uint8Array {
  const bits = new Uint8Array((rows + 7) >> 3);
  let row = 0;
  for (let table = 0; table < tableEnds.length; table++) {
    const present = isValid(valid, table);
    for (; row < tableEnds[table]; row++) if (present) bits[row >> 3] |= 1 << (row & 7);
  }
  return bits;
}

/** A column in which row after row has the same cell as `column` at `row`. */
export function repeat(column: FlatColumn, row: number, count: number): FlatColumn {
  const rows = new Uint32Array(count).fill(row);
  return gather(column, rows, count);
}

/** A lazy column made real; any other as it is. */
export function materialized(column: FlatColumn): Exclude<FlatColumn, { form: "lazy" }> {
  if (column.form !== "lazy") return column;
  const { rows, valid } = column;
  const { bound, write } = cellBytes(column, "nine digits");
  const offsets = new Uint32Array(rows + 1);
  let bytes = new Uint8Array(Math.max(64, bound, rows * 16));
  let at = 0;
  for (let row = 0; row < rows; row++) {
    if (at + bound > bytes.length) {
      const larger = new Uint8Array(Math.max(at + bound, bytes.length * 2));
      larger.set(bytes);
      bytes = larger;
    }
    if (isValid(valid, row)) at = write(row, bytes, at);
    offsets[row + 1] = at;
  }
  return { kind: "string", form: "plain", bytes: bytes.subarray(0, at), offsets, valid };
}
