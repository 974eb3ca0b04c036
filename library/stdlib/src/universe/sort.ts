import { sortKind } from "@tocsin/engine/execute";
import { transformation } from "@tocsin/engine/interpret";

export const sort = transformation({
  name: "sort",
  type: "(<-tables: stream[A], ?columns: [string], ?desc: bool) => stream[A] where A: Record",
  docs:
    "Sorts the rows of each table by `columns`, the first one counting most. Nulls come first " +
    "in both directions, rows that are equal stay in order. Strings are compared by their " +
    "UTF-8 bytes.",
  example: `import "sampledata"
sampledata.int() |> sort(columns: ["_value"], desc: true)`,
  kind: sortKind,
  spec: (args) => ({
    columns: args.strings("columns", ["_value"]),
    desc: args.bool("desc", false),
  }),
});
