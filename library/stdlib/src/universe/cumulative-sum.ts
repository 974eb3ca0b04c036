import { type Batch, type FlatColumn, isValid, tableStart } from "@tocsin/data/column";
import { perBatchKind } from "@tocsin/engine/execute";
import { transformation } from "@tocsin/engine/interpret";
import { passing } from "@tocsin/engine/plan";
import { type NumericColumn, numericAt } from "./numeric-column.ts";

const cumulativeSumKind = perBatchKind<{ readonly columns: readonly string[] }>(
  {
    name: "cumulativeSum",
    rowwise: false,
    reads: ({ columns }, wanted) => passing(wanted, ...columns),
    describe: ({ columns }) => columns.join(", "),
  },
  ({ columns: labels }) => {
    /** The sums of the table that goes on, by the position of their column. */
    let before: readonly Sum[] = [];
    return (batch) => {
      const sums: Sum[] = [];
      const columns = batch.columns.map((column, i) => {
        const numeric = labels.includes(batch.schema[i].label) ? numericAt(batch, i) : undefined;
        if (numeric === undefined) return column;
        const made = running(batch, numeric, before[i]);
        sums[i] = made.sum;
        return made.column;
      });
      before = batch.open ? sums : [];
      return { ...batch, columns };
    };
  },
);

type Sum = number | bigint | undefined;

/**
 * The sums up to each row, and that of the last table. `before`: the sum of the first table's rows in earlier batches.
 */
function running(
  batch: Batch,
  column: NumericColumn,
  before: Sum,
): { column: FlatColumn; sum: Sum } {
  if (column.kind === "float") {
    const data = new Float64Array(batch.rows);
    let sum = Number(before ?? 0);
    for (let table = 0; table < batch.tableEnds.length; table++) {
      if (table > 0) sum = 0;
      for (let row = tableStart(batch, table); row < batch.tableEnds[table]; row++) {
        if (isValid(column.valid, row)) sum += column.data[row];
        data[row] = sum;
      }
    }
    return { column: { kind: "float", form: "flat", data, valid: undefined }, sum };
  }
  const whole =
    column.kind === "int" ? new BigInt64Array(batch.rows) : new BigUint64Array(batch.rows);
  let sum = BigInt(before ?? 0);
  for (let table = 0; table < batch.tableEnds.length; table++) {
    if (table > 0) sum = 0n;
    for (let row = tableStart(batch, table); row < batch.tableEnds[table]; row++) {
      // Wraps at 64 bits; storing it in a column of uints wraps it again.
      if (isValid(column.valid, row)) sum = BigInt.asIntN(64, sum + column.data[row]);
      whole[row] = sum;
    }
  }
  const made = { form: "flat", data: whole, valid: undefined } as const;
  return { column: { kind: column.kind, ...made } as FlatColumn, sum };
}

export const cumulativeSum = transformation({
  name: "cumulativeSum",
  type: "(<-tables: stream[A], ?columns: [string]) => stream[B] where A: Record, B: Record",
  docs: "The sum of all values of a table up to each row. Nulls count as 0. Columns without numbers stay.",
  example: `import "sampledata"
sampledata.int() |> cumulativeSum()`,
  kind: cumulativeSumKind,
  spec: (args) => ({ columns: args.strings("columns", ["_value"]) }),
});
