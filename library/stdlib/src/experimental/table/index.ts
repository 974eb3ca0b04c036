import {
  type Batch,
  type Column,
  columnBuilder,
  concatenate,
  slice,
  tableStart,
} from "@tocsin/data/column";
import { wholeBatchKind } from "@tocsin/engine/execute";
import { definePackage, transformation } from "@tocsin/engine/interpret";

const fillKind = wholeBatchKind<Record<string, never>>({ name: "table.fill" }, () => filled);

/** Gives each table without rows one row, in which only the group key has values. */
function filled(batch: Batch): Batch {
  const empty = batch.tableEnds.filter((end, table) => end === tableStart(batch, table)).length;
  if (empty === 0) return batch;
  const columns = batch.columns.map((column): Column => {
    if (column.form === "table") return column;
    const none = columnBuilder(column.kind, 1);
    none.append(null);
    const nothing = none.finish();
    const pieces = Array.from(batch.tableEnds, (end, table) => {
      const start = tableStart(batch, table);
      return end === start ? nothing : slice(column, start, end);
    });
    return concatenate(pieces);
  });
  let added = 0;
  const tableEnds = batch.tableEnds.map((end, table) => {
    if (end === tableStart(batch, table)) added += 1;
    return end + added;
  });
  return { ...batch, columns, tableEnds, rows: batch.rows + empty };
}

const fill = transformation({
  name: "fill",
  type: "(<-tables: stream[A]) => stream[A] where A: Record",
  docs:
    "Gives each table without rows one row that has the values of the group key and is null otherwise, so that " +
    "what follows does not lose the table.",
  example: `import "experimental/table"
import "sampledata"
sampledata.int()
    |> filter(fn: (r) => r._value > 100, onEmpty: "keep")
    |> table.fill()`,
  kind: fillKind,
  spec: () => ({}),
});

export const packageDefinition = definePackage({
  path: "experimental/table",
  docs: "Works on whole tables.",
  members: [fill],
});
