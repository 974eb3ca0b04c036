import { type Batch, type FlatColumn, isValid, tableStart } from "@tocsin/data/column";
import { wholeBatchKind } from "@tocsin/engine/execute";
import { transformation } from "@tocsin/engine/interpret";
import { passing } from "@tocsin/engine/plan";
import { type NumericColumn, numericAt } from "./numeric-column.ts";

const cumulativeSumKind = wholeBatchKind<{ readonly columns: readonly string[] }>(
  {
    name: "cumulativeSum",
    reads: ({ columns }, wanted) => passing(wanted, ...columns),
    describe: ({ columns }) => columns.join(", "),
  },
  ({ columns }) =>
    (batch) => ({
      ...batch,
      columns: batch.columns.map((column, i) => {
        const numeric = columns.includes(batch.schema[i].label) ? numericAt(batch, i) : undefined;
        return numeric === undefined ? column : running(batch, numeric);
      }),
    }),
);

function running(batch: Batch, column: NumericColumn): FlatColumn {
  switch (column.kind) {
    case "float": {
      const data = new Float64Array(batch.rows);
      for (let table = 0; table < batch.tableEnds.length; table++) {
        let sum = 0;
        for (let row = tableStart(batch, table); row < batch.tableEnds[table]; row++) {
          if (isValid(column.valid, row)) sum += column.data[row];
          data[row] = sum;
        }
      }
      return { kind: "float", form: "flat", data, valid: undefined };
    }
    case "int": {
      const data = new BigInt64Array(batch.rows);
      for (let table = 0; table < batch.tableEnds.length; table++) {
        let sum = 0n;
        for (let row = tableStart(batch, table); row < batch.tableEnds[table]; row++) {
          if (isValid(column.valid, row)) sum = BigInt.asIntN(64, sum + column.data[row]);
          data[row] = sum;
        }
      }
      return { kind: "int", form: "flat", data, valid: undefined };
    }
    case "uint": {
      const data = new BigUint64Array(batch.rows);
      for (let table = 0; table < batch.tableEnds.length; table++) {
        let sum = 0n;
        for (let row = tableStart(batch, table); row < batch.tableEnds[table]; row++) {
          if (isValid(column.valid, row)) sum = BigInt.asUintN(64, sum + column.data[row]);
          data[row] = sum;
        }
      }
      return { kind: "uint", form: "flat", data, valid: undefined };
    }
  }
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
