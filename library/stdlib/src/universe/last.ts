import { lastKind } from "@tocsin/engine/execute";
import { transformation } from "@tocsin/engine/interpret";

export const last = transformation({
  name: "last",
  type: "(<-tables: stream[A], ?column: string) => stream[A] where A: Record",
  docs: "The last row of each table that has a value in `column`. A table without any value stays, empty.",
  example: `import "sampledata"
sampledata.int() |> last()`,
  kind: lastKind,
  spec: (args) => ({ column: args.string("column", "_value") }),
});
