import { invalid } from "@tocsin/data/value";
import { groupKind } from "@tocsin/engine/execute";
import { transformation } from "@tocsin/engine/interpret";

export const group = transformation({
  name: "group",
  type: "(<-tables: stream[A], ?mode: string, ?columns: [string]) => stream[A] where A: Record",
  docs:
    "Puts rows into tables by the values of `columns`; without any, all rows into one table. " +
    "With " +
    '`mode: "except"`, by all other columns. Columns that a table lacks do not count. Row order is kept.',
  example: `import "sampledata"
sampledata.int() |> group(columns: ["_value"])`,
  kind: groupKind,
  spec: (args) => {
    const mode = args.string("mode", "by");
    if (mode !== "by" && mode !== "except")
      throw invalid(`group: invalid group mode: must be "by" or "except", but is "${mode}"`);
    return { mode, columns: args.strings("columns", []) };
  },
});
