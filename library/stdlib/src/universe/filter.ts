import { filterKind } from "@tocsin/engine/execute";
import { transformation } from "@tocsin/engine/interpret";

export const filter = transformation({
  name: "filter",
  type: "(<-tables: stream[A], fn: (r: A) => bool, ?onEmpty: string) => stream[A] where A: Record",
  docs: 'Keeps the rows for which `fn` is true. Tables left empty are dropped unless `onEmpty` is `"keep"`.',
  example: `import "sampledata"
sampledata.int() |> filter(fn: (r) => r._value > 6)`,
  kind: filterKind,
  spec: (args) => ({
    fn: args.func("fn"),
    onEmpty: args.string("onEmpty", "drop") === "keep" ? "keep" : "drop",
  }),
});
