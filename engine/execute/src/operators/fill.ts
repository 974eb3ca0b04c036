import {
  type Batch,
  type Column,
  columnBuilder,
  type FlatColumn,
  gather,
  indexOf,
  isValid,
  rowsOf,
  tableStart,
} from "@tocsin/data/column";
import { type ColumnKind, FluxError, type Raw } from "@tocsin/data/value";
import { type ColumnNames, passing } from "@tocsin/engine/plan";
import { constantColumn, withColumn } from "../column-change.ts";
import { perBatchKind } from "../per-batch.ts";
import { wholeBatchKind } from "../whole-batch.ts";

/** A cell for every row that has none in `column`. */
export interface FillSpec {
  readonly column: string;
  readonly kind: ColumnKind;
  readonly cell: Raw;
}

const readByFill = ({ column }: { readonly column: string }, wanted: ColumnNames): ColumnNames =>
  passing(wanted, column);

/** Puts a value where a column has none. A column that is not there is made. */
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
      throw new FluxError(
        "failed precondition",
        `fill: fill column type mismatch: ${column.kind}/${spec.kind}`,
        { hint: `column "${spec.column}" is of type ${column.kind}: fill it with such a value` },
      );
    }
    const filled = filledColumn(column, spec.cell);
    return filled === column ? batch : { ...batch, columns: batch.columns.with(at, filled) };
  },
);

function filledColumn(column: Column, cell: Raw): Column {
  if (column.form === "table") {
    const values = filledColumn(column.values, cell) as FlatColumn;
    return values === column.values ? column : { ...column, values };
  }
  if (column.valid === undefined) return column;
  const rows = rowsOf(column);
  const builder = columnBuilder(column.kind, rows);
  for (let row = 0; row < rows; row++) {
    if (isValid(column.valid, row)) builder.appendFrom(column, row);
    else builder.append(cell);
  }
  return builder.finish();
}

/**
 * Repeats the last value of a table where a column has none. Before the first one nothing is
 * filled.
 */
export const fillPreviousKind = wholeBatchKind<{ readonly column: string }>(
  { name: "fill", describe: ({ column }) => `${column} with the previous value` },
  ({ column: label }) =>
    (batch) => {
      const at = indexOf(batch.schema, label);
      const column = at < 0 ? undefined : batch.columns[at];
      if (column === undefined || column.form === "table" || column.valid === undefined)
        return batch;
      const rows = previousRows(batch, column);
      return { ...batch, columns: batch.columns.with(at, gather(column, rows, batch.rows)) };
    },
);

function previousRows(batch: Batch, { valid }: FlatColumn): Uint32Array {
  const rows = new Uint32Array(batch.rows);
  for (let table = 0; table < batch.tableEnds.length; table++) {
    let last = -1;
    for (let row = tableStart(batch, table); row < batch.tableEnds[table]; row++) {
      if (isValid(valid, row)) last = row;
      rows[row] = last < 0 ? row : last;
    }
  }
  return rows;
}
