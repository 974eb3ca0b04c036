import { flux } from "@tocsin/engine/interpret";

export const increase = flux({
  name: "increase",
  type: "(<-tables: stream[A], ?columns: [string]) => stream[B] where A: Record, B: Record",
  docs: "By how much a counter has grown since the first row of its table, however often it started anew.",
  example: `import "sampledata"
sampledata.int() |> increase()`,
  source: `(columns=["_value"], tables=<-) =>
    tables
        |> difference(columns: columns, nonNegative: true, keepFirst: true, initialZero: true)
        |> cumulativeSum(columns: columns)`,
});
