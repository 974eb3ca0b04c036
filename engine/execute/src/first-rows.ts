import {
  type Batch,
  type CodedColumn,
  type FlatColumn,
  isValid,
  materialized,
  type PlainColumn,
  tableStart,
} from "@tocsin/data/column";
import { type Compare, keyOrder, type Ordering } from "./row-order.ts";
import { textPrefixes } from "./text-prefixes.ts";

/** The first `most` rows of each table in an order, and where they end. */
export function firstRows(
  batch: Batch,
  ordering: Ordering,
  most: number,
): { readonly rows: Uint32Array; readonly ends: Uint32Array } {
  const orders = cellOrders(batch, ordering);
  const compare = most * 8 < batch.rows ? chained(orders) : keyOrder(batch, ordering);
  const inOrder = (a: number, b: number): number => compare(a, b) || a - b;
  const skip = orders.length > 0 ? orders[0].skip : undefined;
  const rows = new Uint32Array(batch.rows);
  const ends = new Uint32Array(batch.tableEnds.length);
  let count = 0;
  for (let table = 0; table < ends.length; table++) {
    const from = tableStart(batch, table);
    const to = batch.tableEnds[table];
    const heap = new LastFirst(rows.subarray(count), most, inOrder);
    // Of rows in the opposite order each would come before all so far: those are taken from the end.
    const backwards = to - from > most && inOrder(to - 1, from) < 0;
    const step = backwards ? -1 : 1;
    const end = backwards ? from - 1 : to;
    let row = backwards ? to - 1 : from;
    for (; heap.size < most && row !== end; row += step) heap.offer(row);
    for (; most > 0 && row !== end; row += step) {
      if (skip !== undefined) row = skip(row, end, step, heap.last);
      if (row === end) break;
      heap.offer(row);
    }
    rows.subarray(count, count + heap.size).sort(inOrder);
    ends[table] = count += heap.size;
  }
  return { rows, ends };
}

/** A heap of the first rows so far, the last of them at its root: most others are left out at once. */
class LastFirst {
  readonly #rows: Uint32Array;
  readonly #most: number;
  readonly #compare: Compare;
  size = 0;

  constructor(rows: Uint32Array, most: number, compare: Compare) {
    this.#rows = rows;
    this.#most = most;
    this.#compare = compare;
  }
  /** The last of the rows so far, once there are `most`. */
  get last(): number {
    return this.#rows[0];
  }
  offer(row: number): void {
    const rows = this.#rows;
    if (this.size < this.#most) {
      rows[this.size++] = row;
      if (this.size === this.#most) for (let i = this.size >> 1; i >= 0; i--) this.#sink(i);
    } else if (this.size > 0 && this.#compare(row, rows[0]) < 0) {
      rows[0] = row;
      this.#sink(0);
    }
  }
  #sink(from: number): void {
    const rows = this.#rows;
    for (let at = from; ;) {
      let child = 2 * at + 1;
      if (child >= this.size) return;
      if (child + 1 < this.size && this.#compare(rows[child + 1], rows[child]) > 0) child += 1;
      if (this.#compare(rows[child], rows[at]) <= 0) return;
      [rows[at], rows[child]] = [rows[child], rows[at]];
      at = child;
    }
  }
}

/** The order of rows by one column. */
interface CellOrder {
  readonly compare: Compare;
  readonly skip: Skip;
}

/**
 * The first of the rows from `row` to `end`, in steps of 1 or -1, that may come before the row `last`; else
 * `end`. Most rows come behind, and a loop over numbers takes a tenth of what a comparison of rows takes.
 */
type Skip = (row: number, end: number, step: number, last: number) => number;

/** The orders by each column, without ranks of texts: for those who compare few of them. */
function cellOrders(batch: Batch, { columns, descending }: Ordering): CellOrder[] {
  return columns.flatMap((at): CellOrder[] => {
    const column = batch.columns[at];
    if (column.form === "table") return [];
    const real = materialized(column);
    return [real.form === "flat" ? numberOrder(real, descending) : textOrder(real, descending)];
  });
}

function chained(orders: readonly CellOrder[]): Compare {
  if (orders.length === 1) return orders[0].compare;
  return (a, b) => {
    for (const { compare } of orders) {
      const by = compare(a, b);
      if (by !== 0) return by;
    }
    return 0;
  };
}

type Numbers = Extract<FlatColumn, { form: "flat" }>;

function numberOrder(column: Numbers, descending: boolean): CellOrder {
  const { valid } = column;
  const order = column.kind === "float" ? floatOrder(column.data) : wholeOrder(column.data);
  const skip = column.kind === "float" ? skipFloats(column.data) : skipWholes(column.data);
  if (valid === undefined)
    return { compare: descending ? (a, b) => order(b, a) : order, skip: skip(descending) };
  return {
    compare: nullsFirst(valid, descending ? (a, b) => order(b, a) : order),
    skip: (row) => row,
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

const wholeOrder =
  (data: Wholes): Compare =>
  (a, b) =>
    data[a] < data[b] ? -1 : data[a] > data[b] ? 1 : 0;

type Wholes = BigInt64Array | BigUint64Array | Uint8Array;

const skipFloats =
  (data: Float64Array) =>
  (descending: boolean): Skip =>
    descending
      ? (from, end, step, last) => {
          const limit = data[last];
          let row = from;
          while (row !== end && data[row] < limit) row += step;
          return row;
        }
      : (from, end, step, last) => {
          const limit = data[last];
          let row = from;
          while (row !== end && data[row] > limit) row += step;
          return row;
        };

const skipWholes =
  (data: Wholes) =>
  (descending: boolean): Skip =>
    descending
      ? (from, end, step, last) => {
          const limit = data[last];
          let row = from;
          while (row !== end && data[row] < limit) row += step;
          return row;
        }
      : (from, end, step, last) => {
          const limit = data[last];
          let row = from;
          while (row !== end && data[row] > limit) row += step;
          return row;
        };

function textOrder(column: CodedColumn | PlainColumn, descending: boolean): CellOrder {
  const { bytes, offsets } = column.form === "coded" ? column.dictionary.plain : column;
  const textOf = (row: number): number => (column.form === "coded" ? column.codes[row] : row);
  const sign = descending ? -1 : 1;
  const { valid } = column;
  const whole: Compare = (a, b) => {
    const [left, right] = [textOf(a), textOf(b)];
    if (left === right) return 0;
    const from = offsets[left];
    const other = offsets[right];
    const lengths = offsets[left + 1] - from - (offsets[right + 1] - other);
    const end = lengths < 0 ? offsets[left + 1] : from + offsets[right + 1] - other;
    for (let i = from, j = other; i < end; i++, j++)
      if (bytes[i] !== bytes[j]) return sign * (bytes[i] - bytes[j]);
    return sign * lengths;
  };
  const rest = valid === undefined ? whole : nullsFirst(valid, whole);
  const prefixes = textPrefixes(column, descending ? Infinity : -1);
  return {
    compare: (a, b) => sign * (prefixes[a] - prefixes[b]) || rest(a, b),
    skip: skipFloats(prefixes)(descending),
  };
}
