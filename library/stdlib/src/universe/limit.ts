import { invalid } from "@tocsin/data/value";
import { limitKind } from "@tocsin/engine/execute";
import { transformation } from "@tocsin/engine/interpret";

export const limit = transformation({
  name: "limit",
  type: "(<-tables: stream[A], n: int, ?offset: int) => stream[A]",
  docs: "The first `n` rows of each table, after `offset` rows that are left out.",
  example: `import "sampledata"
sampledata.int() |> limit(n: 2)`,
  kind: limitKind,
  spec: (args) => {
    const offset = args.count("offset", 0);
    if (offset < 0) throw invalid(`limit: limit offset cannot be negative (${offset})`);
    return { n: args.count("n"), offset };
  },
});
