import { type Batch, type FlatColumn, isValid, tableStart } from "@tocsin/data/column";
import { invalid } from "@tocsin/data/value";
import { operatorKind, withColumn } from "@tocsin/engine/execute";
import { transformation } from "@tocsin/engine/interpret";
import { passing, without } from "@tocsin/engine/plan";
import { LeadingRows } from "./leading-rows.ts";
import { ValidBits } from "./numeric-column.ts";
import { timeColumnOf } from "./time-column.ts";
import { unitOf } from "./unit.ts";

interface ElapsedSpec {
  /** Nanoseconds. */
  readonly unit: bigint;
  readonly timeColumn: string;
  readonly columnName: string;
}

const elapsedKind = operatorKind<ElapsedSpec>(
  {
    name: "elapsed",
    rowwise: false,
    reads: ({ timeColumn, columnName }, wanted) => passing(without(wanted, columnName), timeColumn),
  },
  (spec, out) => {
    const leading = new LeadingRows();
    /** The last time of the table that goes on. */
    let before: bigint | undefined;
    return {
      push(batch) {
        const { column, last } = elapsedColumn(batch, spec, before);
        before = batch.open ? last : undefined;
        const made = withColumn(batch, { label: spec.columnName, kind: "int", key: false }, column);
        for (const one of leading.after(made)) out.push(one);
      },
      finish: () => undefined,
    };
  },
);

/** The column, and the time of the last row, where it has one. `earlier`: the time of the row before the first. */
function elapsedColumn(
  batch: Batch,
  { unit, timeColumn }: ElapsedSpec,
  earlier: bigint | undefined,
): { column: FlatColumn; last: bigint | undefined } {
  const { data: times, valid: present } = timeColumnOf(batch, "elapsed", timeColumn);
  const data = new BigInt64Array(batch.rows);
  const valid = new ValidBits(batch.rows);
  let before = earlier;
  for (let table = 0; table < batch.tableEnds.length; table++) {
    if (table > 0) before = undefined;
    for (let row = tableStart(batch, table); row < batch.tableEnds[table]; row++) {
      const time = isValid(present, row) ? times[row] : undefined;
      if (before !== undefined && time !== undefined) {
        data[row] = BigInt.asIntN(64, time - before) / unit;
        valid.set(row);
      }
      before = time;
    }
  }
  return { column: { kind: "int", form: "flat", data, valid: valid.finish() }, last: before };
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
