import { type Batch, indexOf, isValid } from "@tocsin/data/column";
import { type ColumnNames, passing } from "@tocsin/engine/plan";
import { firstRows, lastRows, type Limits } from "../first-rows.ts";
import { operatorKind } from "../per-batch.ts";
import { sortedRows, sortingRows } from "../row-order.ts";
import { keepingRows, keepRows, selectedRows, selectRows, wholeBatchKind } from "../whole-batch.ts";

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

/** Which end of each table is kept once it is sorted, of the rows with a value in `column` where that is given. */
export interface SortEndSpec extends SortLimitSpec {
  readonly end: "first" | "last";
  readonly column: string | undefined;
}

/** `sort |> tail`, `sort |> first`, `sort |> last`: only rows of an end are ever kept. */
export const sortEndKind = operatorKind<SortEndSpec>(
  {
    name: "sortEnd",
    rowwise: false,
    reads: (spec, wanted) => passing(readBySort(spec, wanted), ...columnOf(spec)),
    describe: (spec) => `${describeSort(spec)}, ${spec.end} ${spec.n}`,
  },
  (spec, out) => keepingRows(out, Math.max(0, spec.n), (batch) => endOfSorted(batch, spec)),
);

const columnOf = ({ column }: SortEndSpec): string[] => (column === undefined ? [] : [column]);

function endOfSorted(batch: Batch, spec: SortEndSpec): Batch {
  const valued = columnOf(spec).reduce(withValue, batch);
  if (spec.end === "first") return firstSorted(valued, spec);
  const { rows, ends } = lastRows(valued, orderingOf(valued, spec), Math.max(0, spec.n));
  return selectRows(valued, rows, ends.length === 0 ? 0 : ends[ends.length - 1], ends);
}

/** The rows with a value in a column; all of them where it is none, or one for each table. */
function withValue(batch: Batch, label: string): Batch {
  const at = indexOf(batch.schema, label);
  const column = at < 0 ? undefined : batch.columns[at];
  if (column === undefined || column.form === "table" || column.valid === undefined) return batch;
  const rows = new Uint32Array(batch.rows);
  let count = 0;
  for (let row = 0; row < batch.rows; row++) if (isValid(column.valid, row)) rows[count++] = row;
  return count === batch.rows ? batch : keepRows(batch, rows.subarray(0, count));
}

function describeSort({ columns, desc }: SortSpec): string {
  return `${columns.join(", ")}${desc ? " descending" : ""}`;
}

function orderingOf(batch: Batch, { columns, desc }: SortSpec): Parameters<typeof sortedRows>[1] {
  const at = columns.map((label) => indexOf(batch.schema, label)).filter((column) => column >= 0);
  return { columns: at, descending: desc };
}

/** The first rows of each table of a batch, in their order. */
export function firstSorted(batch: Batch, spec: SortLimitSpec, limits?: Limits): Batch {
  const { rows, ends } = firstInOrder(batch, spec, limits);
  return selectRows(batch, rows, ends.length === 0 ? 0 : ends[ends.length - 1], ends);
}

/** The numbers of these rows, and where those of each table end. Only the columns sorted by are read. */
export const firstInOrder = (
  batch: Batch,
  spec: SortLimitSpec,
  limits?: Limits,
): ReturnType<typeof firstRows> =>
  firstRows(batch, orderingOf(batch, spec), Math.max(0, spec.n), limits);
