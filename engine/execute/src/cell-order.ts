import {
  type Batch,
  type CodedColumn,
  type FlatColumn,
  type IntColumn,
  isValid,
  materialized,
  type PlainColumn,
  type UintColumn,
} from "@tocsin/data/column";

/** What rows are sorted by, most important first. */
export interface Ordering {
  /** Positions of columns in the batch. */
  readonly columns: readonly number[];
  readonly descending: boolean;
}

/** The order of two rows of a batch. */
export type Compare = (a: number, b: number) => number;

/** A column as it is compared: lazy texts must have been made real. */
export type Cells = Exclude<FlatColumn, { form: "lazy" }>;

/** The columns of an ordering in which rows of one table can differ. */
export function comparedColumns(batch: Batch, { columns }: Ordering): Cells[] {
  return columns.flatMap((at) => {
    const column = batch.columns[at];
    return column.form === "table" ? [] : [materialized(column)];
  });
}

/** The order of rows by one column. Nulls come first, also where it descends. */
export function cellOrder(column: Cells, descending: boolean): Compare {
  const order =
    column.form !== "flat"
      ? textOrder(column)
      : column.kind === "float"
        ? floatOrder(column.data)
        : column.kind === "bool"
          ? boolOrder(column.data)
          : wholeOrder(orderedHalves(column));
  const directed: Compare = descending ? (a, b) => order(b, a) : order;
  return column.valid === undefined ? directed : nullsFirst(column.valid, directed);
}

/** Several orders, most important first. */
export function chained(orders: readonly Compare[]): Compare {
  if (orders.length === 1) return orders[0];
  return (a, b) => {
    for (const order of orders) {
      const by = order(a, b);
      if (by !== 0) return by;
    }
    return 0;
  };
}

function nullsFirst(valid: Uint8Array, order: Compare): Compare {
  return (a, b) => {
    const by = Number(isValid(valid, a)) - Number(isValid(valid, b));
    if (by !== 0) return by;
    return isValid(valid, a) ? order(a, b) : 0;
  };
}

const floatOrder =
  (data: Float64Array): Compare =>
  (a, b) => {
    const left = data[a];
    const right = data[b];
    if (left < right) return -1;
    if (left > right) return 1;
    return left === right ? 0 : Number(Number.isNaN(right)) - Number(Number.isNaN(left));
  };

const boolOrder =
  (data: Uint8Array): Compare =>
  (a, b) =>
    data[a] - data[b];

const wholeOrder =
  ({ high, low, flip }: Halves): Compare =>
  (a, b) => {
    const left = high[2 * a + 1] ^ flip;
    const right = high[2 * b + 1] ^ flip;
    return left === right ? low[2 * a] - low[2 * b] : left < right ? -1 : 1;
  };

/** 64-bit numbers by halves, the lower one first: until a loop is optimized, each bigint in it is an object. */
export interface Halves {
  readonly high: Int32Array;
  readonly low: Uint32Array;
  /** Turns the upper halves of unsigned numbers into signed ones of the same order, by xor. */
  readonly flip: number;
}

export function orderedHalves({ data, kind }: IntColumn | UintColumn): Halves {
  const { buffer, byteOffset, length } = data;
  return {
    high: new Int32Array(buffer, byteOffset, 2 * length),
    low: new Uint32Array(buffer, byteOffset, 2 * length),
    flip: kind === "uint" ? -0x80000000 : 0,
  };
}

function textOrder(column: CodedColumn | PlainColumn): Compare {
  const { bytes, offsets } = column.form === "coded" ? column.dictionary.plain : column;
  const codes = column.form === "coded" ? column.codes : undefined;
  return (a, b) => {
    const left = codes === undefined ? a : codes[a];
    const right = codes === undefined ? b : codes[b];
    if (left === right) return 0;
    const from = offsets[left];
    const other = offsets[right];
    const lengths = offsets[left + 1] - from - (offsets[right + 1] - other);
    const end = lengths < 0 ? offsets[left + 1] : from + offsets[right + 1] - other;
    for (let i = from, j = other; i < end; i++, j++)
      if (bytes[i] !== bytes[j]) return bytes[i] - bytes[j];
    return lengths;
  };
}
