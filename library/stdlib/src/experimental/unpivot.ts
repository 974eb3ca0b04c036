import {
  type Batch,
  type Column,
  type ColumnSpec,
  expand,
  type FlatColumn,
  gather,
  indexOf,
  isValid,
  tableStart,
} from "@tocsin/data/column";
import { FluxError, invalid } from "@tocsin/data/value";
import {
  constantColumn,
  operatorKind,
  pushing,
  Regrouping,
  WholeBatches,
} from "@tocsin/engine/execute";
import { transformation } from "@tocsin/engine/interpret";

const FIELD = "_field";
const VALUE = "_value";

const unpivotKind = operatorKind<{ readonly others: readonly string[] }>(
  { name: "unpivot", rowwise: false, describe: ({ others }) => `all but ${others.join(", ")}` },
  ({ others }, out) => {
    const whole = new WholeBatches();
    const regrouping = new Regrouping();
    // Without _field in the key, the tables of all columns are one.
    const together = others.includes(FIELD);
    const gather = function* (): Generator<Batch | undefined> {
      for (const batch of whole.take()) {
        if (batch === undefined) yield;
        else
          for (const made of unpivoted(batch, others)) {
            if (together) regrouping.add(made, ({ key }) => key);
            yield together ? undefined : made;
          }
      }
    };
    let ended = false;
    return {
      push: (batch) => whole.add(batch),
      finish: () => void (ended = true),
      *steps() {
        yield* pushing(out, gather());
        if (!ended) return;
        ended = false;
        yield* pushing(out, regrouping.batches(false));
      },
    };
  },
);

/** A batch for each column: its name as `_field`, its cells as `_value`. */
function unpivoted(batch: Batch, others: readonly string[]): Batch[] {
  for (const label of [FIELD, VALUE]) {
    if (indexOf(batch.schema, label) >= 0)
      throw invalid(`unpivot can't have "${FIELD}" or "${VALUE}" as an input column`);
  }
  for (const label of others) {
    if (label !== FIELD && indexOf(batch.schema, label) < 0) {
      throw new FluxError("invalid", `unpivot could not find column named "${label}"`, {
        hint: `the table has the columns ${batch.schema.map((spec) => spec.label).join(", ")}`,
      });
    }
  }
  return batch.schema.flatMap((spec, at) =>
    spec.key || others.includes(spec.label) ? [] : [ofColumn(batch, at, others)],
  );
}

function ofColumn(batch: Batch, at: number, others: readonly string[]): Batch {
  const name = batch.schema[at].label;
  const value = expand(batch.columns[at], batch.tableEnds);
  const { rows, tableEnds } = rowsWithValue(batch, value);
  const schema: ColumnSpec[] = [];
  const columns: Column[] = [];
  const add = (spec: ColumnSpec, column: Column): void => {
    schema.push(spec);
    columns.push(column);
  };
  batch.schema.forEach((spec, i) => {
    if (spec.key) add(spec, batch.columns[i]);
  });
  if (!others.includes(FIELD)) {
    const values = constantColumn("string", name, tableEnds.length);
    add({ label: FIELD, kind: "string", key: true }, { kind: "string", form: "table", values });
  }
  for (const label of others) {
    const from = indexOf(batch.schema, label);
    if (label === FIELD) {
      const column = constantColumn("string", name, rows.length);
      add({ label, kind: "string", key: false }, column);
    } else if (!batch.schema[from].key) {
      const column = gather(expand(batch.columns[from], batch.tableEnds), rows, rows.length);
      add(batch.schema[from], column);
    }
  }
  add({ label: VALUE, kind: value.kind, key: false }, gather(value, rows, rows.length));
  return { schema, columns, rows: rows.length, tableEnds, open: false };
}

function rowsWithValue(
  batch: Batch,
  column: FlatColumn,
): { rows: Uint32Array; tableEnds: Uint32Array } {
  const rows = new Uint32Array(batch.rows);
  let count = 0;
  const tableEnds = batch.tableEnds.map((end, table) => {
    for (let row = tableStart(batch, table); row < end; row++)
      if (isValid(column.valid, row)) rows[count++] = row;
    return count;
  });
  return { rows: rows.subarray(0, count), tableEnds };
}

export const unpivot = transformation({
  name: "unpivot",
  type: `(<-tables: stream[{A with _time: time}], ?otherColumns: [string]) =>
    stream[{B with _field: string, _value: C}] where A: Record, B: Record`,
  docs:
    "Makes rows of columns, the reverse of `pivot`: each column that is neither in the group key nor in " +
    "`otherColumns` (default `_time`) becomes a table of its own, with the column's name as `_field`. Nulls are " +
    "left out.",
  example: `import "array"
import "experimental"
array.from(rows: [{_time: 2024-05-06T00:00:00Z, load: 0.5, free: 12.0}])
    |> experimental.unpivot()`,
  kind: unpivotKind,
  spec: (args) => ({ others: args.strings("otherColumns", ["_time"]) }),
});
