import { maxKind } from "@tocsin/engine/execute";
import { transformation } from "@tocsin/engine/interpret";

export const max = transformation({
  name: "max",
  type: "(<-tables: stream[A], ?column: string) => stream[A] where A: Record",
  docs: "The row of each table with the largest value; the first of several. A table without any value stays, empty.",
  example: `import "sampledata"
sampledata.int() |> max()`,
  kind: maxKind,
  spec: (args) => ({ column: args.string("column", "_value") }),
});
