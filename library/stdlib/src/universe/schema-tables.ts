import {
  type Batch,
  cellOf,
  columnBuilder,
  expand,
  indexOf,
  type Schema,
  tableStart,
} from "@tocsin/data/column";
import { FluxError } from "@tocsin/data/value";
import { CellIndex, wholeBatchKind } from "@tocsin/engine/execute";
import { transformation } from "@tocsin/engine/interpret";
import { evenEnds, keyAnd } from "./table-result.ts";

const labelsKind = wholeBatchKind<{ readonly column: string; readonly of: "all" | "key" }>(
  { name: "columns", describe: ({ of }) => of },
  ({ column: label, of }) =>
    (batch) => {
      const labels =
        of === "all" ? batch.schema.map((spec) => spec.label) : keyLabels(batch.schema);
      const tables = batch.tableEnds.length;
      const builder = columnBuilder("string", tables * labels.length);
      for (let table = 0; table < tables; table++) for (const one of labels) builder.append(one);
      const made = [{ label, column: builder.finish() }];
      return keyAnd(batch, made, evenEnds(tables, labels.length));
    },
);

function keyLabels(schema: Schema): string[] {
  return schema.filter(({ key }) => key).map(({ label }) => label);
}

export const columns = transformation({
  name: "columns",
  type: "(<-tables: stream[A], ?column: string) => stream[B] where A: Record, B: Record",
  docs: "The names of each table's columns, one a row, in `column` (default `_value`) beside the key.",
  example: `import "sampledata"
sampledata.int() |> columns()`,
  kind: labelsKind,
  spec: (args) => ({ column: args.string("column", "_value"), of: "all" as const }),
});

export const keys = transformation({
  name: "keys",
  type: "(<-tables: stream[A], ?column: string) => stream[B] where A: Record, B: Record",
  docs: "The names of each table's key columns, one a row, in `column` (default `_value`) beside the key.",
  example: `import "sampledata"
sampledata.int() |> keys()`,
  kind: labelsKind,
  spec: (args) => ({ column: args.string("column", "_value"), of: "key" as const }),
});

const keyValuesKind = wholeBatchKind<{ readonly columns: readonly string[] }>(
  { name: "keyValues", describe: (spec) => spec.columns.join(", ") },
  (spec) => (batch) => {
    const at = keyColumnsOf(batch, spec.columns);
    const names = columnBuilder("string");
    const values = columnBuilder(batch.schema[at[0]].kind);
    const ends = new Uint32Array(batch.tableEnds.length);
    const cells = at.map((i) => codesOf(batch, i));
    for (let table = 0; table < ends.length; table++) {
      const seen = at.map(() => new Set<number>());
      for (let row = tableStart(batch, table); row < batch.tableEnds[table]; row++) {
        at.forEach((i, k) => {
          if (seen[k].has(cells[k][row])) return;
          seen[k].add(cells[k][row]);
          names.append(batch.schema[i].label);
          values.append(cellOf(batch.columns[i], row, table));
        });
      }
      ends[table] = names.rows;
    }
    const made = [
      { label: "_key", column: names.finish() },
      { label: "_value", column: values.finish() },
    ];
    return keyAnd(batch, made, ends);
  },
);

function codesOf(batch: Batch, at: number): Uint32Array {
  const codes = new Uint32Array(batch.rows);
  new CellIndex().codesOf(expand(batch.columns[at], batch.tableEnds), codes);
  return codes;
}

function keyColumnsOf(batch: Batch, labels: readonly string[]): readonly number[] {
  const at = labels.map((label) => indexOf(batch.schema, label)).filter((i) => i >= 0);
  if (at.length === 0) {
    const there = batch.schema.map(({ label }) => label).join(" ");
    throw failed(
      `received table with columns [${there}] not having key columns [${labels.join(" ")}]`,
    );
  }
  if (at.some((i) => batch.schema[i].kind !== batch.schema[at[0]].kind))
    throw failed("keyColumns must all be the same type");
  return at;
}

function failed(message: string): FluxError {
  return new FluxError("failed precondition", `keyValues: ${message}`);
}

export const keyValues = transformation({
  name: "keyValues",
  type: `(<-tables: stream[A], ?keyColumns: [string]) => stream[{C with _key: string, _value: B}]
    where A: Record, C: Record`,
  docs:
    "The different values that each of `keyColumns` has in a table, one a row: the column's " +
    "name in `_key`, the value in `_value`. The columns must have one type.",
  example: `import "sampledata"
sampledata.int() |> keyValues(keyColumns: ["tag"])`,
  kind: keyValuesKind,
  spec: (args) => ({ columns: args.strings("keyColumns") }),
});
