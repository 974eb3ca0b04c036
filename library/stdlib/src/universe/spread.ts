import { spreadKind } from "@tocsin/engine/execute";
import { transformation } from "@tocsin/engine/interpret";

export const spread = transformation({
  name: "spread",
  type: "(<-tables: stream[A], ?column: string) => stream[B] where A: Record, B: Record",
  docs: "The largest minus the smallest value of each table; null when it has none. Only the key's columns stay beside it.",
  example: `import "sampledata"
sampledata.int() |> spread()`,
  kind: spreadKind,
  spec: (args) => ({ column: args.string("column", "_value") }),
});
