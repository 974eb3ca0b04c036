import { sumKind } from "@tocsin/engine/execute";
import { transformation } from "@tocsin/engine/interpret";

export const sum = transformation({
  name: "sum",
  type: "(<-tables: stream[A], ?column: string) => stream[B] where A: Record, B: Record",
  docs: "The sum of the values of each table; null when it has none. Only the key's columns stay beside it.",
  example: `import "sampledata"
sampledata.int() |> sum()`,
  kind: sumKind,
  spec: (args) => ({ column: args.string("column", "_value") }),
});
