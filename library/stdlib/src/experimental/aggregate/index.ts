import { definePackage, flux } from "@tocsin/engine/interpret";

const rate = flux({
  name: "rate",
  type: `(<-tables: stream[A], every: duration, ?groupColumns: [string], ?unit: duration) => stream[B]
    where A: Record, B: Record`,
  docs:
    "How fast a counter grows, on average, per `unit` in each window of `every`; rates of tables " +
    "that agree in `groupColumns` are added. A counter that starts again is forgiven. Needs " +
    "`range()` before it.",
  example: `import "experimental/aggregate"
import "sampledata"
sampledata.int()
    |> range(start: sampledata.start, stop: sampledata.stop)
    |> aggregate.rate(every: 30s, groupColumns: ["tag"])`,
  source: `(tables=<-, every, groupColumns=[], unit=1s) => {
    addedUp = (tables=<-, column) =>
        tables
            |> mean(column: column)
            |> group(columns: groupColumns)
            |> experimental.group(mode: "extend", columns: ["_start", "_stop"])
            |> sum()

    return
        tables
            |> derivative(unit: unit, nonNegative: true)
            |> aggregateWindow(every: every, fn: addedUp)
}`,
});

export const packageDefinition = definePackage({
  path: "experimental/aggregate",
  docs: "Aggregates of counters.",
  imports: ["experimental"],
  members: [rate],
});
