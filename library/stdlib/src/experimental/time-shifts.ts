import {
  type Batch,
  type Column,
  indexOf,
  type IntColumn,
  isValid,
  tableStart,
} from "@tocsin/data/column";
import { missingColumn, wholeBatchKind } from "@tocsin/engine/execute";
import { flux, transformation } from "@tocsin/engine/interpret";
import { passing } from "@tocsin/engine/plan";

export const addDuration = flux({
  name: "addDuration",
  type: `(d: duration, to: T, ?location: {zone: string, offset: duration}) => time where T: Timeable`,
  docs: "`date.add` under its old name: the time `d` after `to`.",
  example: `import "array"
import "experimental"
array.from(rows: [{_time: experimental.addDuration(d: 6h, to: 2024-05-06T00:00:00Z)}])`,
  source: "(d, to, location=location) => date.add(d: d, to: to, location: location)",
});

export const subDuration = flux({
  name: "subDuration",
  type: `(d: duration, from: T, ?location: {zone: string, offset: duration}) => time where T: Timeable`,
  docs: "`date.sub` under its old name: the time `d` before `from`.",
  example: `import "array"
import "experimental"
array.from(rows: [{_time: experimental.subDuration(d: 6h, from: 2024-05-06T00:00:00Z)}])`,
  source: "(d, from, location=location) => date.sub(d: d, from: from, location: location)",
});

const alignKind = wholeBatchKind<{ readonly to: bigint }>(
  { name: "alignTime", reads: (_, wanted) => passing(wanted, "_time") },
  ({ to }) =>
    (batch) => {
      const at = indexOf(batch.schema, "_time");
      const column = batch.columns[at] as Column | undefined;
      if (column?.form !== "flat" || column.kind !== "time")
        throw missingColumn("alignTime", "_time", batch.schema);
      return { ...batch, columns: batch.columns.with(at, aligned(batch, column as IntColumn, to)) };
    },
);

/** Moves the times of each table so that its first one is `to`. */
function aligned(batch: Batch, times: IntColumn, to: bigint): IntColumn {
  const data = new BigInt64Array(batch.rows);
  for (let table = 0; table < batch.tableEnds.length; table++) {
    const end = batch.tableEnds[table];
    let row = tableStart(batch, table);
    while (row < end && !isValid(times.valid, row)) row++;
    const shift = row < end ? to - times.data[row] : 0n;
    for (; row < end; row++) data[row] = times.data[row] + shift;
  }
  return { ...times, data };
}

export const alignTime = transformation({
  name: "alignTime",
  type: "(<-tables: stream[A], ?alignTo: B) => stream[C] where A: Record, C: Record",
  docs:
    "Moves the times of each table so that its first row is at `alignTo` (default 1970): to lay periods over " +
    "each other.",
  example: `import "experimental"
import "sampledata"
sampledata.int() |> experimental.alignTime(alignTo: 2024-05-06T00:00:00Z)`,
  kind: alignKind,
  spec: (args) => ({ to: args.has("alignTo") ? args.time("alignTo") : 0n }),
});
