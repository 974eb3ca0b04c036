import { meanKind } from "@tocsin/engine/execute";
import { transformation } from "@tocsin/engine/interpret";

export const mean = transformation({
  name: "mean",
  type: "(<-tables: stream[A], ?column: string) => stream[B] where A: Record, B: Record",
  docs: "The mean of the values of each table, a float; null when it has none. Only the key's columns stay beside it.",
  example: `import "sampledata"
sampledata.int() |> mean()`,
  kind: meanKind,
  spec: (args) => ({ column: args.string("column", "_value") }),
});
