import {
  array,
  type ColumnKind,
  invalid,
  isColumnKind,
  kindName,
  type Raw,
  string,
  unboxed,
} from "@tocsin/data/value";
import { type Batch, indexOf } from "@tocsin/data/column";
import { constantColumn, inKey, operatorKind, replacing, withColumn } from "@tocsin/engine/execute";
import { native, transformation } from "@tocsin/engine/interpret";

interface Assigned {
  readonly label: string;
  readonly kind: ColumnKind;
  readonly cell: Raw;
}

const setKind = operatorKind<{ readonly columns: readonly Assigned[] }>(
  {
    name: "set",
    rowwise: true,
    describe: ({ columns }) => columns.map(({ label }) => label).join(", "),
  },
  ({ columns }, out) => {
    const change = (batch: Batch): Batch => columns.reduce(assigned, batch);
    const changesKey = (batch: Batch): boolean => columns.some(({ label }) => inKey(label)(batch));
    return replacing(out, changesKey, change);
  },
);

function assigned(batch: Batch, { label, kind, cell }: Assigned): Batch {
  const key = batch.schema[indexOf(batch.schema, label)]?.key ?? false;
  const values = constantColumn(kind, cell, key ? batch.tableEnds.length : batch.rows);
  return withColumn(batch, { label, kind, key }, key ? { kind, form: "table", values } : values);
}

export const set = transformation({
  name: "set",
  type: "(<-tables: stream[A], o: B) => stream[C] where A: Record, B: Record, C: Record",
  docs:
    "Gives several columns a value in all rows: each field of the record `o` is a column. Columns of other " +
    "types are replaced; in the group key, tables that differed only there become one.",
  example: `import "experimental"
import "sampledata"
sampledata.int() |> experimental.set(o: {host: "a", level: 2})`,
  kind: setKind,
  spec: (args) => ({
    columns: [...args.record("o").fields].map(([label, value]) => {
      const kind = value.kind === "null" ? value.of : value.kind;
      const cell = unboxed(value);
      if (kind !== undefined && isColumnKind(kind) && cell !== undefined)
        return { label, kind, cell };
      throw invalid(`experimental.set: no column can hold ${kindName(value)} ("${label}")`);
    }),
  }),
});

export const objectKeys = native({
  name: "objectKeys",
  type: "(o: A) => [string] where A: Record",
  docs: "The names of a record's fields, in order.",
  example: `import "array"
import "experimental"
array.from(rows: [{names: display(v: experimental.objectKeys(o: {a: 1, b: 2}))}])`,
  call: (args) => array([...args.record("o").fields.keys()].map(string)),
});
