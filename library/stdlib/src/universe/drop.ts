import { dropKind } from "@tocsin/engine/execute";
import { transformation } from "@tocsin/engine/interpret";
import { chosenColumns } from "./column-choice.ts";

export const drop = transformation({
  name: "drop",
  type: `(<-tables: stream[A], ?columns: [string], ?fn: (column: string) => bool) => stream[B]
    where A: Record, B: Record`,
  docs:
    "Drops the columns that are named, or for whose name `fn` is true. Tables that differed " +
    "only in a lost key column become one. Names that no column has do not count.",
  example: `import "sampledata"
sampledata.int() |> drop(columns: ["tag"])`,
  kind: dropKind,
  spec: chosenColumns,
});
