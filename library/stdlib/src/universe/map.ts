import { mapKind } from "@tocsin/engine/execute";
import { transformation } from "@tocsin/engine/interpret";

export const map = transformation({
  name: "map",
  type: "(<-tables: stream[A], fn: (r: A) => B, ?mergeKey: bool) => stream[B]",
  docs:
    "Makes a new row of each row: the record that `fn` returns. Columns come out in " +
    "alphabetical order; rows are regrouped when `fn` changes a column of the group key.",
  example: `import "sampledata"
sampledata.int() |> map(fn: (r) => ({r with _value: r._value * 2}))`,
  kind: mapKind,
  spec: (args) => ({ fn: args.func("fn") }),
});
