import { setKind } from "@tocsin/engine/execute";
import { transformation } from "@tocsin/engine/interpret";

export const set = transformation({
  name: "set",
  type: "(<-tables: stream[A], key: string, value: string) => stream[A] where A: Record",
  docs:
    "Gives the column `key` the string `value` in every row; a column of another type is " +
    "replaced. When it is part of the group key, tables that differed only in it become one.",
  example: `import "sampledata"
sampledata.int() |> set(key: "host", value: "a")`,
  kind: setKind,
  spec: (args) => ({ key: args.string("key"), value: args.string("value") }),
});
