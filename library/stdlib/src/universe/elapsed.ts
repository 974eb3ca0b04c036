import { type Batch, isValid, tableStart } from "@tocsin/data/column";
import { invalid } from "@tocsin/data/value";
import { wholeBatchKind, withColumn } from "@tocsin/engine/execute";
import { transformation } from "@tocsin/engine/interpret";
import { passing, without } from "@tocsin/engine/plan";
import { ValidBits, withoutFirstRows } from "./numeric-column.ts";
import { timeColumnOf } from "./time-column.ts";
import { unitOf } from "./unit.ts";

interface ElapsedSpec {
  /** Nanoseconds. */
  readonly unit: bigint;
  readonly timeColumn: string;
  readonly columnName: string;
}

const elapsedKind = wholeBatchKind<ElapsedSpec>(
  {
    name: "elapsed",
    reads: ({ timeColumn, columnName }, wanted) => passing(without(wanted, columnName), timeColumn),
  },
  (spec) => (batch) => {
    const { columnName: label } = spec;
    return withoutFirstRows(
      withColumn(batch, { label, kind: "int", key: false }, elapsedColumn(batch, spec)),
    );
  },
);

function elapsedColumn(
  batch: Batch,
  { unit, timeColumn }: ElapsedSpec,
): Parameters<typeof withColumn>[2] {
  const { data: times, valid: present } = timeColumnOf(batch, "elapsed", timeColumn);
  const data = new BigInt64Array(batch.rows);
  const valid = new ValidBits(batch.rows);
  for (let table = 0; table < batch.tableEnds.length; table++) {
    for (let row = tableStart(batch, table); row < batch.tableEnds[table]; row++) {
      const first = row === tableStart(batch, table);
      if (!first && isValid(present, row) && isValid(present, row - 1)) {
        data[row] = BigInt.asIntN(64, times[row] - times[row - 1]) / unit;
        valid.set(row);
      }
    }
  }
  return { kind: "int", form: "flat", data, valid: valid.finish() };
}

export const elapsed = transformation({
  name: "elapsed",
  type: `(<-tables: stream[A], ?unit: duration, ?timeColumn: string, ?columnName: string) => stream[B]
    where A: Record, B: Record`,
  docs:
    "The time since the row before, in whole units of `unit` (default 1s), as a new column " +
    "`elapsed`. The first row of each table is dropped.",
  example: `import "sampledata"
sampledata.int() |> elapsed(unit: 1s)`,
  kind: elapsedKind,
  spec: (args) => {
    const unit = unitOf(args);
    if (unit === 0n) throw invalid("elapsed: unit is zero", "name a unit such as 1s");
    return {
      unit,
      timeColumn: args.string("timeColumn", "_time"),
      columnName: args.string("columnName", "elapsed"),
    };
  },
});
