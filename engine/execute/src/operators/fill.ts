import { type Batch, type FlatColumn, gather, indexOf, isValid, rowsOf } from "@tocsin/data/column";
import { type ColumnKind, FluxError, type Raw } from "@tocsin/data/value";
import { type ColumnNames, passing } from "@tocsin/engine/plan";
import { constantColumn, withColumn } from "../column-change.ts";
import { filledDown, filledWith } from "../filled-column.ts";
import { operatorKind, perBatchKind } from "../per-batch.ts";

/** The cell that replaces nulls in `column`. */
interface FillSpec {
  readonly column: string;
  readonly kind: ColumnKind;
  readonly cell: Raw;
}

const readByFill = ({ column }: { readonly column: string }, wanted: ColumnNames): ColumnNames =>
  passing(wanted, column);

/**
 * Replaces the nulls of a column by a value. A missing column is made; a key column without nulls may be of any type.
 */
export const fillKind = perBatchKind<FillSpec>(
  { name: "fill", rowwise: true, reads: readByFill, describe: ({ column }) => column },
  (spec) => (batch) => {
    const at = indexOf(batch.schema, spec.column);
    if (at < 0) {
      const column = constantColumn(spec.kind, spec.cell, batch.rows);
      return withColumn(batch, { label: spec.column, kind: spec.kind, key: false }, column);
    }
    const column = batch.columns[at];
    if (column.kind !== spec.kind) {
      if (column.form === "table" && isWhole(column.values)) return batch;
      throw new FluxError(
        "failed precondition",
        `fill: fill column type mismatch: ${column.kind}/${spec.kind}`,
        { hint: `column "${spec.column}" is of type ${column.kind}: fill it with such a value` },
      );
    }
    const filled = filledWith(column, spec.cell);
    return filled === column ? batch : { ...batch, columns: batch.columns.with(at, filled) };
  },
);

function isWhole(column: FlatColumn): boolean {
  const rows = rowsOf(column);
  let row = 0;
  while (row < rows && isValid(column.valid, row)) row++;
  return row === rows;
}

/** Replaces the nulls of a column by the value before them in their table. Nulls before the first value stay. */
export const fillPreviousKind = operatorKind<{ readonly column: string }>(
  {
    name: "fill",
    rowwise: false,
    reads: readByFill,
    describe: ({ column }) => `${column} with the previous value`,
  },
  ({ column: label }, out) => {
    /** The last value of the table that goes on. */
    let before: FlatColumn | undefined;
    return {
      push(batch) {
        const at = indexOf(batch.schema, label);
        const column = at < 0 ? undefined : batch.columns[at];
        if (column === undefined || column.form === "table") return out.push(batch);
        const filled = filledDown(column, batch.tableEnds, before);
        before = batch.open ? lastOf(batch, filled, before) : undefined;
        out.push(filled === column ? batch : { ...batch, columns: batch.columns.with(at, filled) });
      },
      finish: () => undefined,
    };
  },
);

/** The last value of a batch's last table; `before` if that is its first table, too, and has no row. */
function lastOf(
  { rows, tableEnds }: Batch,
  filled: FlatColumn,
  before: FlatColumn | undefined,
): FlatColumn | undefined {
  const start = tableEnds.length === 1 ? 0 : tableEnds[tableEnds.length - 2];
  if (start === rows) return tableEnds.length === 1 ? before : undefined;
  const last = rows - 1;
  return isValid(filled.valid, last) ? gather(filled, Uint32Array.of(last), 1) : undefined;
}
