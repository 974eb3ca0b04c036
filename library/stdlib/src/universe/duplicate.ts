import { duplicateKind } from "@tocsin/engine/execute";
import { transformation } from "@tocsin/engine/interpret";

export const duplicate = transformation({
  name: "duplicate",
  type: "(<-tables: stream[A], column: string, as: string) => stream[B] where A: Record, B: Record",
  docs: "Copies `column` to a column called `as`, in place of one that has this name.",
  example: `import "sampledata"
sampledata.int() |> duplicate(column: "tag", as: "host")`,
  kind: duplicateKind,
  spec: (args) => ({ column: args.string("column"), as: args.string("as") }),
});
