import {
  type Column,
  concatenate,
  type FlatColumn,
  gather,
  isValid,
  materialized,
  type PlainColumn,
  rowsOf,
  slice,
} from "@tocsin/data/column";
import type { Raw } from "@tocsin/data/value";
import { utf8 } from "@tocsin/platform/host";
import { counted } from "./digit-sort.ts";

/** The column with its nulls replaced by `cell`, which must be of its kind. */
export function filledWith(column: Column, cell: Raw): Column {
  if (column.form === "table") {
    const values = filledFlat(column.values, cell);
    return values === column.values ? column : { ...column, values };
  }
  return filledFlat(column, cell);
}

function filledFlat(column: FlatColumn, cell: Raw): FlatColumn {
  if (column.valid === undefined) return column;
  const gaps = gapsOf(column.valid, rowsOf(column));
  if (gaps.length === 0) return { ...column, valid: undefined };
  switch (column.form) {
    case "flat":
      return { ...filledNumbers(column, gaps, cell), valid: undefined };
    case "coded": {
      const codes = column.codes.slice();
      const code = column.dictionary.code(cell as string);
      for (let i = 0; i < gaps.length; i++) codes[gaps[i]] = code;
      return { ...column, codes, valid: undefined };
    }
    case "plain":
      return filledTexts(column, gaps, utf8.encode(cell as string));
    case "lazy":
      return filledFlat(materialized(column), cell);
  }
}

/** The rows that are null. */
function gapsOf(valid: Uint8Array, rows: number): Uint32Array {
  const gaps = new Uint32Array(rows);
  let count = 0;
  for (let from = 0; from < rows; from += 8) {
    if (valid[from >> 3] === 255) continue;
    const to = Math.min(rows, from + 8);
    for (let row = from; row < to; row++) if (!isValid(valid, row)) gaps[count++] = row;
  }
  return gaps.subarray(0, count);
}

type Numbers = Extract<FlatColumn, { form: "flat" }>;

function filledNumbers(column: Numbers, gaps: Uint32Array, cell: Raw): Numbers {
  switch (column.kind) {
    case "float": {
      const data = column.data.slice();
      for (let i = 0; i < gaps.length; i++) data[gaps[i]] = cell as number;
      return { ...column, data };
    }
    case "bool": {
      const data = column.data.slice();
      for (let i = 0; i < gaps.length; i++) data[gaps[i]] = Number(cell);
      return { ...column, data };
    }
    default: {
      const data = column.data.slice();
      putWords(data, gaps, cell as bigint);
      return { ...column, data } as Numbers;
    }
  }
}

/** Writes halves: until a loop is optimized, each bigint in it is an object. */
function putWords(data: BigInt64Array | BigUint64Array, gaps: Uint32Array, cell: bigint): void {
  const words = new Uint32Array(data.buffer, data.byteOffset, 2 * data.length);
  const low = Number(BigInt.asUintN(32, cell));
  const high = Number(BigInt.asUintN(32, cell >> 32n));
  for (let i = 0; i < gaps.length; i++) {
    words[2 * gaps[i]] = low;
    words[2 * gaps[i] + 1] = high;
  }
}

function filledTexts(column: PlainColumn, gaps: Uint32Array, text: Uint8Array): PlainColumn {
  const { offsets } = column;
  const rows = offsets.length - 1;
  const bytes = new Uint8Array(offsets[rows] - offsets[0] + gaps.length * text.length);
  const ends = new Uint32Array(rows + 1);
  let from = 0;
  for (let i = 0; i <= gaps.length; i++) {
    const gap = i < gaps.length ? gaps[i] : rows;
    // The rows before the gap stay together.
    bytes.set(column.bytes.subarray(offsets[from], offsets[gap]), ends[from]);
    const moved = ends[from] - offsets[from];
    for (let row = from; row < gap; row++) ends[row + 1] = offsets[row + 1] + moved;
    if (gap === rows) break;
    bytes.set(text, ends[gap]);
    ends[gap + 1] = ends[gap] + text.length;
    from = gap + 1;
  }
  return { ...column, bytes, offsets: ends, valid: undefined };
}

/**
 * The column with each null replaced by the value before it in its table. `before`: one row with the last value of the
 * first table in earlier batches. Nulls before the first value of a table stay.
 */
export function filledDown(
  column: FlatColumn,
  tableEnds: Uint32Array,
  before?: FlatColumn,
): FlatColumn {
  const { valid } = column;
  if (valid === undefined) return column;
  if (before !== undefined && !isValid(valid, 0) && tableEnds[0] > 0) {
    const ends = tableEnds.map((end) => end + 1);
    return slice(filledDown(concatenate([before, column]), ends), 1, rowsOf(column) + 1);
  }
  const gaps = gapsBelow(valid, tableEnds, rowsOf(column));
  switch (column.form) {
    case "flat":
      return { ...column, data: repeated(column.data, gaps), valid: gaps.valid } as FlatColumn;
    case "coded": {
      const codes = column.codes.slice();
      for (let i = 0; i < gaps.count; i++) codes[gaps.rows[i]] = codes[gaps.sources[i]];
      return { ...column, codes, valid: gaps.valid };
    }
    case "plain": {
      const rows = counted(rowsOf(column));
      for (let i = 0; i < gaps.count; i++) rows[gaps.rows[i]] = gaps.sources[i];
      return { ...gather(column, rows, rows.length), valid: gaps.valid };
    }
    case "lazy":
      return filledDown(materialized(column), tableEnds);
  }
}

/** The rows to be filled, the row whose value each gets, and the validity after that. */
interface Gaps {
  readonly rows: Uint32Array;
  readonly sources: Uint32Array;
  readonly count: number;
  readonly valid: Uint8Array | undefined;
}

function gapsBelow(valid: Uint8Array, tableEnds: Uint32Array, length: number): Gaps {
  const rows = new Uint32Array(length);
  const sources = new Uint32Array(length);
  let count = 0;
  let leading: Uint8Array | undefined;
  let row = 0;
  for (const end of tableEnds) {
    for (; row < end && !isValid(valid, row); row++) {
      leading ??= new Uint8Array((length + 7) >> 3).fill(255);
      leading[row >> 3] &= ~(1 << (row & 7));
    }
    let last = row;
    while (row < end) {
      // Most rows have a value.
      if ((row & 7) === 0 && row + 8 <= end && valid[row >> 3] === 255) row += 8;
      else if (isValid(valid, row)) row += 1;
      else {
        if (row > 0 && isValid(valid, row - 1)) last = row - 1;
        rows[count] = row++;
        sources[count++] = last;
      }
    }
  }
  return { rows, sources, count, valid: leading };
}

function repeated<Data extends Numbers["data"]>(before: Data, gaps: Gaps): Data {
  const data = before.slice() as Data;
  const { rows, sources, count } = gaps;
  if (data instanceof Uint8Array) {
    for (let i = 0; i < count; i++) data[rows[i]] = data[sources[i]];
    return data;
  }
  // By halves: until a loop is optimized, each bigint in it is an object.
  const words = new Uint32Array(data.buffer, data.byteOffset, 2 * data.length);
  for (let i = 0; i < count; i++) {
    words[2 * rows[i]] = words[2 * sources[i]];
    words[2 * rows[i] + 1] = words[2 * sources[i] + 1];
  }
  return data;
}
