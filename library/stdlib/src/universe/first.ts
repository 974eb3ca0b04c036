import { firstKind } from "@tocsin/engine/execute";
import { transformation } from "@tocsin/engine/interpret";

export const first = transformation({
  name: "first",
  type: "(<-tables: stream[A], ?column: string) => stream[A] where A: Record",
  docs: "The first row of each table that has a value in `column`. A table without any value stays, empty.",
  example: `import "sampledata"
sampledata.int() |> first()`,
  kind: firstKind,
  spec: (args) => ({ column: args.string("column", "_value") }),
});
