import { transformation } from "@tocsin/engine/interpret";
import { skewKind } from "./moments.ts";

export const skew = transformation({
  name: "skew",
  type: "(<-tables: stream[A], ?column: string) => stream[B] where A: Record, B: Record",
  docs: "The skewness of the values of each table: below 0 where the long tail is on the left.",
  example: `import "sampledata"
sampledata.int() |> skew()`,
  kind: skewKind,
  spec: (args) => ({ column: args.string("column", "_value") }),
});
