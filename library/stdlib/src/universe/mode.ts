import { type Batch, columnBuilder, expand, indexOf, tableStart } from "@tocsin/data/column";
import { CellIndex, nullColumn, wholeBatchKind } from "@tocsin/engine/execute";
import { transformation } from "@tocsin/engine/interpret";
import { evenEnds, keyAnd } from "./table-result.ts";

const modeKind = wholeBatchKind<{ readonly column: string }>(
  { name: "mode", describe: ({ column }) => column },
  ({ column: label }) =>
    (batch) => {
      const at = indexOf(batch.schema, label);
      const tables = batch.tableEnds.length;
      if (at < 0) {
        const column = nullColumn("string", tables);
        return keyAnd(batch, [{ label: "_value", column }], evenEnds(tables));
      }
      const column = batch.columns[at];
      if (column.form === "table")
        return keyAnd(batch, [{ label: "_value", column: column.values }], evenEnds(tables));
      return modes(batch, at);
    },
);

function modes(batch: Batch, at: number): Batch {
  const cells = new CellIndex();
  const codes = new Uint32Array(batch.rows);
  const column = expand(batch.columns[at], batch.tableEnds);
  cells.codesOf(column, codes);
  const builder = columnBuilder(column.kind);
  const ends = new Uint32Array(batch.tableEnds.length);
  for (let table = 0; table < ends.length; table++) {
    const counts = new Map<number, number>();
    for (let row = tableStart(batch, table); row < batch.tableEnds[table]; row++)
      if (cells.cell(codes[row]) !== null)
        counts.set(codes[row], (counts.get(codes[row]) ?? 0) + 1);
    const most = Math.max(0, ...counts.values());
    const found = [...counts].filter(([, count]) => count === most).map(([code]) => code);
    // Where all values are equally frequent none of them is the mode; also where there is one value
    // only.
    if (found.length === counts.size) builder.append(null);
    else
      for (const code of found.sort((a, b) => cells.compare(a, b)))
        builder.append(cells.cell(code));
    ends[table] = builder.rows;
  }
  return keyAnd(batch, [{ label: "_value", column: builder.finish() }], ends);
}

export const mode = transformation({
  name: "mode",
  type: "(<-tables: stream[A], ?column: string) => stream[{C with _value: B}] where A: Record, C: Record",
  docs:
    "The most frequent value of each table, or several of them in order. Null when all values " +
    "are equally frequent.",
  example: `import "sampledata"
sampledata.int() |> mode()`,
  kind: modeKind,
  spec: (args) => ({ column: args.string("column", "_value") }),
});
