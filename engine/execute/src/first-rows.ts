import { type Batch, tableStart } from "@tocsin/data/column";
import {
  type Cells,
  cellOrder,
  chained,
  type Compare,
  comparedColumns,
  type Ordering,
} from "./cell-order.ts";
import { type Limit, type Passing, passing, skipNumbers, skipTexts } from "./passing-rows.ts";
import { keyOrder } from "./row-order.ts";
import { type TextLimit, TextSkip } from "./text-limit.ts";
import { textPrefixes } from "./text-prefixes.ts";

/**
 * What earlier batches say of the tables of a batch: a row whose most important column is behind the limit that `of`
 * gives is not among the first, as enough others are before it. `note` is told of narrower limits.
 */
export interface Limits {
  readonly of: (table: number) => Limit | undefined;
  readonly note: (table: number, limit: Limit) => void;
}

/** Some rows of each table, and where they end. */
interface SomeRows {
  readonly rows: Uint32Array;
  readonly ends: Uint32Array;
}

/** The first `most` rows of each table in an order. */
export function firstRows(
  batch: Batch,
  ordering: Ordering,
  most: number,
  limits?: Limits,
): SomeRows {
  const order = orderOf(batch, ordering, false);
  const compare = most * 8 < batch.rows ? order.compare : keyOrder(batch, ordering);
  return rowsInOrder(batch, order, { most, inOrder: (a, b) => compare(a, b) || a - b, limits });
}

/** The last `most` rows of each table in an order, themselves in that order. */
export function lastRows(batch: Batch, ordering: Ordering, most: number): SomeRows {
  const order = orderOf(batch, ordering, true);
  const byKeys = most * 8 < batch.rows ? undefined : keyOrder(batch, ordering);
  const compare: Compare = byKeys === undefined ? order.compare : (a, b) => byKeys(b, a);
  const inOrder: Compare = (a, b) => compare(a, b) || b - a;
  const { rows, ends } = rowsInOrder(batch, order, { most, inOrder });
  ends.forEach(
    (end, table) => void rows.subarray(table === 0 ? 0 : ends[table - 1], end).reverse(),
  );
  return { rows, ends };
}

function rowsInOrder(
  batch: Batch,
  order: Order,
  { most, inOrder, limits }: { most: number; inOrder: Compare; limits?: Limits | undefined },
): SomeRows {
  const ends = new Uint32Array(batch.tableEnds.length);
  const rows = new Uint32Array(Math.min(batch.rows, most * ends.length));
  let count = 0;
  for (let table = 0; table < ends.length; table++) {
    const from = tableStart(batch, table);
    const to = batch.tableEnds[table];
    const heap = new LastFirst(rows.subarray(count), most, inOrder);
    // In rows of the opposite order each would come before all others so far, so they are taken from the end.
    const backwards = to - from > most && mostDescend(from, to, inOrder);
    const step = backwards ? -1 : 1;
    const end = backwards ? from - 1 : to;
    let row = backwards ? to - 1 : from;
    let limit = order.lasting ? limits?.of(table) : undefined;
    let next: Limit | undefined;
    for (; most > 0 && row !== end; row += step) {
      if (limit !== undefined) row = order.skip(row, end, step, limit);
      if (row === end) break;
      if (next !== undefined && order.tieIsBehind(row, heap.last, next)) {
        const tied = order.tied(row + step, end, step, heap.last);
        // These may not be all: the next row is looked at again.
        row = (order.next?.skip(row + step, tied, step, next) ?? row + step) - step;
        continue;
      }
      if (heap.offer(row) && heap.size === most) {
        limit = order.limit(heap.last);
        next = order.next?.limit(heap.last);
      }
    }
    if (heap.size === most && most > 0 && order.lasting)
      limits?.note(table, order.limit(heap.last));
    rows.subarray(count, count + heap.size).sort(inOrder);
    ends[table] = count += heap.size;
  }
  return { rows, ends };
}

/** How many pairs of rows are compared to see which way they go. */
const rowsCompared = 16;

/** Whether rows of the second half mostly come before those of the first half. */
function mostDescend(from: number, to: number, inOrder: Compare): boolean {
  const half = (to - from) >> 1;
  const step = Math.max(1, Math.floor(half / rowsCompared));
  let sum = 0;
  for (let row = from; row < from + half; row += step) sum += Math.sign(inOrder(row + half, row));
  return sum < 0;
}

/** A heap of the first rows so far with the last of them at its root, so that most others are ruled out at once. */
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
  /** The last of the rows so far, if there are `most`. */
  get last(): number {
    return this.#rows[0];
  }
  /** Takes a row, if it is among the first so far; whether it is. */
  offer(row: number): boolean {
    const rows = this.#rows;
    if (this.size < this.#most) {
      rows[this.size++] = row;
      if (this.size === this.#most) for (let i = this.size >> 1; i >= 0; i--) this.#sink(i);
      return true;
    }
    if (this.size === 0 || this.#compare(row, rows[0]) >= 0) return false;
    rows[0] = row;
    this.#sink(0);
    return true;
  }
  #sink(from: number): void {
    const rows = this.#rows;
    for (let at = from; ;) {
      let child = 2 * at + 1;
      if (child >= this.size) return;
      if (child + 1 < this.size && this.#compare(rows[child + 1], rows[child]) > 0) child += 1;
      if (this.#compare(rows[child], rows[at]) <= 0) return;
      const row = rows[at];
      rows[at] = rows[child];
      rows[child] = row;
      at = child;
    }
  }
}

/** An order of rows, and how rows are passed over by its most important column. */
interface Order extends Passing {
  readonly compare: Compare;
  /** Whether limits hold for other batches, too. */
  readonly lasting: boolean;
  /** How rows that are equal in the first column are passed over by the next. */
  readonly next: Passing | undefined;
  /** Whether a row is equal to another in the first column, and behind a limit in the next. */
  readonly tieIsBehind: (row: number, other: number, limit: Limit) => boolean;
  /** The end of the rows from `row` on that equal another one in the first column, or of the first of them. */
  readonly tied: (row: number, end: number, step: number, other: number) => number;
}

/** The order by comparing cells, without ranks of texts: few rows are compared. `backwards`: the reverse order. */
function orderOf(batch: Batch, ordering: Ordering, backwards: boolean): Order {
  const descending = ordering.descending !== backwards;
  const columns = comparedColumns(batch, ordering);
  const orders = columns.map((column): Compare => {
    const order = cellOrder(column, ordering.descending);
    return backwards ? (a, b) => order(b, a) : order;
  });
  const [first, second] = columns;
  if (first === undefined)
    return {
      compare: () => 0,
      ...passesNone,
      ...ties(() => 0),
      lasting: false,
    };
  const numbers = (column: Cells): Passing | undefined =>
    // Passing over rows takes nulls to come first.
    backwards && column.valid !== undefined ? undefined : passing(column, descending);
  const shared = ties(orders[0], second && numbers(second));
  if (first.form === "plain" && first.valid === undefined) {
    const texts = new TextSkip(first);
    const limit = (row: number): TextLimit => texts.limit(row);
    const skip = skipTexts(texts, descending);
    return { compare: chained(orders), skip, limit, ...shared, lasting: true };
  }
  const passed = numbers(first);
  if (passed !== undefined)
    return { compare: chained(orders), ...passed, ...shared, lasting: true };
  if (first.form === "flat")
    return { compare: chained(orders), ...passesNone, ...shared, lasting: false };
  const prefixes = textPrefixes(first, ordering.descending ? Infinity : -1);
  const sign = descending ? -1 : 1;
  // Nulls are infinite here, and the difference of two would be NaN.
  const byPrefix: Compare = (a, b) =>
    prefixes[a] === prefixes[b] ? 0 : sign * (prefixes[a] - prefixes[b]);
  return {
    compare: chained([byPrefix, ...orders]),
    skip: skipNumbers(prefixes, descending),
    limit: (row) => prefixes[row],
    ...shared,
    lasting: false,
  };
}

const passesNone: Passing = { skip: (row) => row, limit: () => 0 };

/** Rows that are looked at for ties at once, most of which may have to be looked at again. */
const tiesAtOnce = 64;

const ties = (order: Compare, next?: Passing): Pick<Order, "next" | "tieIsBehind" | "tied"> => ({
  next,
  tieIsBehind: (row, other, limit) =>
    order(row, other) === 0 && next?.skip(row, row + 1, 1, limit) !== row,
  tied: (from, end, step, other) => {
    const stop = (end - from) * step > tiesAtOnce ? from + step * tiesAtOnce : end;
    let row = from;
    while (row !== stop && order(row, other) === 0) row += step;
    return row;
  },
});
