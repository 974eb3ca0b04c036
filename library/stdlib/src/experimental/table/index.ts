import { fillEmptyKind } from "@tocsin/engine/execute";
import { definePackage, transformation } from "@tocsin/engine/interpret";

const fill = transformation({
  name: "fill",
  type: "(<-tables: stream[A]) => stream[A] where A: Record",
  docs:
    "Gives each table without rows one row that has the values of the group key and is null otherwise, so that " +
    "what follows does not lose the table.",
  example: `import "experimental/table"
import "sampledata"
sampledata.int()
    |> filter(fn: (r) => r._value > 100, onEmpty: "keep")
    |> table.fill()`,
  kind: fillEmptyKind,
  spec: () => ({}),
});

export const packageDefinition = definePackage({
  path: "experimental/table",
  docs: "Works on whole tables.",
  members: [fill],
});
