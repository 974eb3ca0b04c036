import {
  type Batch,
  type Column,
  columnBuilder,
  type ColumnBuilder,
  type FlatColumn,
  tableStart,
} from "@tocsin/data/column";
import { isKind, type Rule } from "@tocsin/engine/plan";
import { wholeBatchKind } from "../whole-batch.ts";

/** Gives each empty table one row, null in all columns but the key. */
export const fillEmptyKind = wholeBatchKind<Record<string, never>>(
  { name: "fillEmpty" },
  () => fillEmpty,
);

/** A batch of whole tables with a row of nulls in each empty one. */
export function fillEmpty(batch: Batch): Batch {
  const tables = batch.tableEnds.length;
  const ends = new Uint32Array(tables);
  let count = 0;
  for (let table = 0; table < tables; table++) {
    count += Math.max(1, batch.tableEnds[table] - tableStart(batch, table));
    ends[table] = count;
  }
  if (count === batch.rows) return batch;
  const columns = batch.columns.map((column): Column =>
    column.form === "table" ? column : withGaps(batch, column, ends),
  );
  return { ...batch, columns, rows: count, tableEnds: ends };
}

function withGaps(batch: Batch, column: FlatColumn, ends: Uint32Array): FlatColumn {
  const builder: ColumnBuilder = columnBuilder(column.kind, ends.at(-1) ?? 0);
  for (let table = 0; table < ends.length; table++) {
    const from = tableStart(batch, table);
    const to = batch.tableEnds[table];
    for (let row = from; row < to; row++) builder.appendFrom(column, row);
    if (from === to) builder.append(null);
  }
  return builder.finish();
}

/** Filling empty tables twice does no more than filling them once. */
export const fillEmptyOnce: Rule = {
  name: "experimental/table.IdempotentTableFill",
  phase: "logical",
  apply(node) {
    if (!isKind(node, fillEmptyKind)) return undefined;
    const [input] = node.inputs;
    return isKind(input, fillEmptyKind) ? input : undefined;
  },
};
