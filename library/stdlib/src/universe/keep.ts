import { keepKind } from "@tocsin/engine/execute";
import { transformation } from "@tocsin/engine/interpret";
import { chosenColumns } from "./column-choice.ts";

export const keep = transformation({
  name: "keep",
  type: `(<-tables: stream[A], ?columns: [string], ?fn: (column: string) => bool) => stream[B]
    where A: Record, B: Record`,
  docs:
    "Keeps only the columns that are named, or for whose name `fn` is true. Tables that " +
    "differed only in a lost key column become one. Names that no column has do not count.",
  example: `import "sampledata"
sampledata.int() |> keep(columns: ["tag"])`,
  kind: keepKind,
  spec: chosenColumns,
});
