import { invalid } from "@tocsin/data/value";
import { tailKind } from "@tocsin/engine/execute";
import { transformation } from "@tocsin/engine/interpret";

export const tail = transformation({
  name: "tail",
  type: "(<-tables: stream[A], n: int, ?offset: int) => stream[A]",
  docs: "The last `n` rows of each table, without `offset` rows at the end.",
  example: `import "sampledata"
sampledata.int() |> tail(n: 2)`,
  kind: tailKind,
  spec: (args) => {
    const offset = args.count("offset", 0);
    if (offset < 0) throw invalid(`tail: tail offset cannot be negative (${offset})`);
    return { n: args.count("n"), offset };
  },
});
