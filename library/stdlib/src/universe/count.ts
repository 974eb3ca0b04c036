import { countKind } from "@tocsin/engine/execute";
import { transformation } from "@tocsin/engine/interpret";

export const count = transformation({
  name: "count",
  type: "(<-tables: stream[A], ?column: string) => stream[B] where A: Record, B: Record",
  docs: "The number of rows of each table, nulls included. Only the key's columns stay beside it.",
  example: `import "sampledata"
sampledata.int() |> count()`,
  kind: countKind,
  spec: (args) => ({ column: args.string("column", "_value") }),
});
