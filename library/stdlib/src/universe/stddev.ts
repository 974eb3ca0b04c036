import { invalid } from "@tocsin/data/value";
import { transformation } from "@tocsin/engine/interpret";
import { stddevKind } from "./moments.ts";

export const stddev = transformation({
  name: "stddev",
  type: "(<-tables: stream[A], ?column: string, ?mode: string) => stream[B] where A: Record, B: Record",
  docs:
    'The standard deviation of the values of each table, of a sample (default) or with `mode: "population"` of ' +
    "all there are. NaN for a sample of one, null without any value.",
  example: `import "sampledata"
sampledata.int() |> stddev()`,
  kind: stddevKind,
  spec: (args) => {
    const mode = args.string("mode", "sample");
    if (mode !== "sample" && mode !== "population")
      throw invalid(
        `stddev: "${mode}" is not a valid standard deviation mode`,
        'use "sample" or "population"',
      );
    return { column: args.string("column", "_value"), mode };
  },
});
