import { type Batch, indexOf } from "@tocsin/data/column";
import { type ColumnNames, passing } from "@tocsin/engine/plan";
import { firstRows, type Limits } from "../first-rows.ts";
import { operatorKind } from "../per-batch.ts";
import { sortedRows, sortingRows } from "../row-order.ts";
import { keepingRows, selectedRows, selectRows, wholeBatchKind } from "../whole-batch.ts";

/**
 * What tables are sorted by, most important column first; columns that are not there do not count.
 */
export interface SortSpec {
  readonly columns: readonly string[];
  readonly desc: boolean;
}

const readBySort = ({ columns }: SortSpec, wanted: ColumnNames): ColumnNames =>
  passing(wanted, ...columns);

/** Sorts the rows of each table: nulls first in both directions, equal rows as they came. */
export const sortKind = wholeBatchKind<SortSpec>(
  { name: "sort", reads: readBySort, describe: describeSort },
  (spec) => (batch) => sorted(batch, spec),
);

function* sorted(batch: Batch, spec: SortSpec): Generator<Batch | undefined> {
  const rows = yield* sortingRows(batch, orderingOf(batch, spec));
  if (rows === undefined) return yield batch;
  yield* selectedRows(batch, rows, batch.tableEnds);
}

/** How many rows of each table are kept once they are sorted. */
export interface SortLimitSpec extends SortSpec {
  readonly n: number;
}

/** `sort |> limit`: only the first `n` rows of each table are ever kept. */
export const sortLimitKind = operatorKind<SortLimitSpec>(
  {
    name: "sortLimit",
    rowwise: false,
    reads: readBySort,
    describe: (spec) => `${describeSort(spec)}, ${spec.n}`,
  },
  (spec, out) => keepingRows(out, Math.max(0, spec.n), (batch) => firstSorted(batch, spec)),
);

function describeSort({ columns, desc }: SortSpec): string {
  return `${columns.join(", ")}${desc ? " descending" : ""}`;
}

function orderingOf(batch: Batch, { columns, desc }: SortSpec): Parameters<typeof sortedRows>[1] {
  const at = columns.map((label) => indexOf(batch.schema, label)).filter((column) => column >= 0);
  return { columns: at, descending: desc };
}

/** The first rows of each table of a batch, in their order. */
export function firstSorted(batch: Batch, spec: SortLimitSpec, limits?: Limits): Batch {
  const most = Math.max(0, spec.n);
  const { rows, ends } = firstRows(batch, orderingOf(batch, spec), most, limits);
  return selectRows(batch, rows, ends.length === 0 ? 0 : ends[ends.length - 1], ends);
}
