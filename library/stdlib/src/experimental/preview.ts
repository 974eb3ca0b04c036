import { type Batch, batchesOf, slice, type Table, tableOf } from "@tocsin/data/column";
import { invalid } from "@tocsin/data/value";
import { operatorKind, pushing, WholeBatches } from "@tocsin/engine/execute";
import { transformation } from "@tocsin/engine/interpret";

interface PreviewSpec {
  readonly rows: number;
  readonly tables: number;
}

const previewKind = operatorKind<PreviewSpec>(
  {
    name: "preview",
    rowwise: false,
    describe: ({ rows, tables }) => `${rows} rows of ${tables} tables`,
  },
  ({ rows, tables }, out) => {
    let left = tables;
    const whole = new WholeBatches();
    const begun = function* (): Generator<Batch | undefined> {
      for (const batch of whole.take()) {
        if (batch === undefined) yield;
        else {
          const count = Math.min(left, batch.tableEnds.length);
          left -= count;
          yield* batchesOf(
            Array.from({ length: count }, (_, i) => beginning(tableOf(batch, i), rows)),
          );
        }
      }
    };
    return {
      push: (batch) => {
        if (left > 0) whole.add(batch);
      },
      finish: () => undefined,
      steps: () => pushing(out, begun()),
    };
  },
);

function beginning(table: Table, rows: number): Table {
  if (table.rows <= rows) return table;
  const columns = table.columns.map((column) =>
    column.form === "table" ? column : slice(column, 0, rows),
  );
  return { ...table, columns, rows, tableEnds: Uint32Array.of(rows) };
}

export const preview = transformation({
  name: "preview",
  type: "(<-tables: stream[A], ?nrows: int, ?ntables: int) => stream[A] where A: Record",
  docs: "The first `nrows` rows of the first `ntables` tables (default 5 and 5).",
  example: `import "experimental"
import "sampledata"
sampledata.int() |> experimental.preview(nrows: 2, ntables: 1)`,
  kind: previewKind,
  spec: (args) => {
    const [rows, tables] = [args.count("nrows", 5), args.count("ntables", 5)];
    if (rows < 0 || tables < 0)
      throw invalid("experimental.preview: nrows and ntables must not be negative");
    return { rows, tables };
  },
});
