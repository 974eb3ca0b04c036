import { type Batch, cellAt, expand, type FlatColumn, indexOf, isValid } from "@tocsin/data/column";
import { compareUtf8, invalid } from "@tocsin/data/value";
import { chained, type Compare, sortingRows } from "@tocsin/engine/execute";
import type { Steps } from "@tocsin/platform/host";

/** Rows of a batch in the order of the columns that a join compares. */
export interface KeyedRows {
  readonly batch: Batch;
  readonly labels: readonly string[];
  readonly columns: readonly FlatColumn[];
  /** Row at each place; undefined: the rows lie in order. */
  readonly rows: Uint32Array | undefined;
}

/** The rows of `batch`, sorted in each of its tables by the columns `labels`, which it has. */
export function* keyedRows(batch: Batch, labels: readonly string[]): Steps<KeyedRows> {
  const positions = labels.map((label) => indexOf(batch.schema, label));
  const columns = positions.map((at) => expand(batch.columns[at], batch.tableEnds));
  const rows = yield* sortingRows(batch, { columns: positions, descending: false });
  return { batch, labels, columns, rows };
}

/**
 * Compares a row of one side and a row of the other (or of the same) by their keys, neither of which has
 * a missing part.
 */
export function orderBetween(left: KeyedRows, right: KeyedRows): Compare {
  const orders = left.columns.map((column, i) => {
    const other = right.columns[i];
    if (column.kind !== other.kind) {
      throw invalid(
        `join.tables: l.${left.labels[i]} is ${column.kind} but r.${right.labels[i]} is ` +
          `${other.kind}, so no rows can match`,
        "make both of one type before the join, with map() and float(v: …) or string(v: …)",
      );
    }
    return cellOrder(column, other);
  });
  return chained(orders);
}

function cellOrder(left: FlatColumn, right: FlatColumn): Compare {
  if (left.form === "flat" && right.form === "flat") {
    const a = left.data;
    const b = right.data;
    return (i, j) => (a[i] < b[j] ? -1 : a[i] > b[j] ? 1 : 0);
  }
  if (left.form === "coded" && right.form === "coded") {
    const { codes, dictionary } = left;
    const { codes: others, dictionary: other } = right;
    const shared = dictionary === other;
    return (i, j) =>
      shared && codes[i] === others[j]
        ? 0
        : compareUtf8(dictionary.text(codes[i]), other.text(others[j]));
  }
  return (i, j) => compareUtf8(cellAt(left, i) as string, cellAt(right, j) as string);
}

/** Whether a part of a row's key is missing or not a number: such a row matches none. */
export function unmatchable({ columns }: KeyedRows): (row: number) => boolean {
  const tests = columns.flatMap((column) => {
    const { valid } = column;
    const missing = valid === undefined ? [] : [(row: number) => !isValid(valid, row)];
    if (column.kind !== "float") return missing;
    return [...missing, (row: number) => Number.isNaN(column.data[row])];
  });
  if (tests.length === 0) return () => false;
  return (row) => tests.some((test) => test(row));
}
