import { flux } from "@tocsin/engine/interpret";

export const timedMovingAverage = flux({
  name: "timedMovingAverage",
  type: `(<-tables: stream[A], every: duration, period: duration, ?column: string) => stream[B]
    where A: Record, B: Record`,
  docs: "The mean of the last `period`, `every` so often.",
  example: `import "sampledata"
sampledata.float()
    |> range(start: sampledata.start, stop: sampledata.stop)
    |> timedMovingAverage(every: 10s, period: 30s)`,
  source: `(every, period, column="_value", tables=<-) =>
    tables
        |> window(every: every, period: period)
        |> mean(column: column)
        |> duplicate(column: "_stop", as: "_time")
        |> window(every: inf)`,
});
