import { invalid } from "@tocsin/data/value";
import { atEnd, operatorKind } from "@tocsin/engine/execute";
import { transformation } from "@tocsin/engine/interpret";
import { Pivoting, type PivotSpec } from "./pivoting.ts";

const pivotKind = operatorKind<PivotSpec>(
  {
    name: "pivot",
    rowwise: false,
    reads: ({ rowKey, columnKey, valueColumn }) => new Set([...rowKey, ...columnKey, valueColumn]),
    describe: ({ rowKey, columnKey }) => `${rowKey.join(", ")} by ${columnKey.join(", ")}`,
  },
  (spec, out) => {
    const pivoting = new Pivoting(spec);
    return atEnd(
      out,
      (batch) => pivoting.add(batch),
      () => pivoting.batches(),
    );
  },
);

export const pivot = transformation({
  name: "pivot",
  type: `(<-tables: stream[A], rowKey: [string], columnKey: [string], valueColumn: string) => stream[B]
    where A: Record, B: Record`,
  docs:
    "Turns rows into columns: rows with the same `rowKey` become one row, in which each has " +
    "its value of `valueColumn` in the column that its `columnKey` names (several are joined " +
    "by `_`). Of several values for one place the last counts; places without one are null. " +
    "Other columns are dropped.",
  example: `import "sampledata"
sampledata.int() |> pivot(rowKey: ["_time"], columnKey: ["tag"], valueColumn: "_value")`,
  kind: pivotKind,
  spec: (args) => {
    const spec = {
      rowKey: args.strings("rowKey"),
      columnKey: args.strings("columnKey"),
      valueColumn: args.string("valueColumn"),
    };
    const both = spec.columnKey.find((label) => spec.rowKey.includes(label));
    if (both !== undefined)
      throw invalid(`pivot: column name found in both rowKey and colKey: ${both}`);
    if (spec.columnKey.includes(spec.valueColumn))
      throw invalid(
        `pivot: the value column ${spec.valueColumn} is in columnKey`,
        "duplicate() it first, and pivot the copy",
      );
    return spec;
  },
});
