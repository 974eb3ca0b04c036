import { type Batch, columnBuilder, expand, indexOf, slice, tableStart } from "@tocsin/data/column";
import { CellIndex, nullColumn, wholeBatchKind } from "@tocsin/engine/execute";
import { transformation } from "@tocsin/engine/interpret";
import { evenEnds, keyAnd } from "./table-result.ts";

const rowsPerStep = 65_536;
const tablesPerStep = 256;

const modeKind = wholeBatchKind<{ readonly column: string }>(
  {
    name: "mode",
    reads: ({ column }) => new Set([column]),
    describe: ({ column }) => column,
  },
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

function* modes(batch: Batch, at: number): Generator<Batch | undefined> {
  const cells = new CellIndex();
  const column = expand(batch.columns[at], batch.tableEnds);
  const codes = new Uint32Array(batch.rows);
  for (let row = 0; row < batch.rows; row += rowsPerStep) {
    const to = Math.min(batch.rows, row + rowsPerStep);
    cells.codesOf(slice(column, row, to), codes.subarray(row, to));
    yield;
  }
  const counts = new Uint32Array(cells.size);
  const builder = columnBuilder(column.kind);
  const ends = new Uint32Array(batch.tableEnds.length);
  for (let table = 0; table < ends.length; table++) {
    const stretch = codes.subarray(tableStart(batch, table), batch.tableEnds[table]);
    const found = mostFrequent(stretch, counts, (code) => cells.cell(code) === null);
    if (found.length === 0) builder.append(null);
    for (const code of found.sort((a, b) => cells.compare(a, b))) builder.append(cells.cell(code));
    ends[table] = builder.rows;
    if (table % tablesPerStep === 0) yield;
  }
  yield keyAnd(batch, [{ label: "_value", column: builder.finish() }], ends);
}

/**
 * The most frequent codes. Where all are equally frequent none of them is the mode; also where there
 * is one only. `counts` is 0 everywhere, and is left so.
 */
function mostFrequent(
  codes: Uint32Array,
  counts: Uint32Array,
  isNull: (code: number) => boolean,
): number[] {
  const seen: number[] = [];
  let most = 0;
  for (let i = 0; i < codes.length; i++) {
    const count = ++counts[codes[i]];
    if (count === 1) seen.push(codes[i]);
  }
  const values = seen.filter((code) => !isNull(code));
  for (const code of values) most = Math.max(most, counts[code]);
  const found = values.filter((code) => counts[code] === most);
  for (const code of seen) counts[code] = 0;
  return found.length === values.length ? [] : found;
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
