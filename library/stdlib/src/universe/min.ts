import { minKind } from "@tocsin/engine/execute";
import { transformation } from "@tocsin/engine/interpret";

export const min = transformation({
  name: "min",
  type: "(<-tables: stream[A], ?column: string) => stream[A] where A: Record",
  docs: "The row of each table with the smallest value; the first of several. A table without any value stays, empty.",
  example: `import "sampledata"
sampledata.int() |> min()`,
  kind: minKind,
  spec: (args) => ({ column: args.string("column", "_value") }),
});
