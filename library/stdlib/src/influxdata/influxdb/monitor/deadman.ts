import { flux } from "@tocsin/engine/interpret";

export const deadman = flux({
  name: "deadman",
  type: `(<-tables: stream[{A with _time: B}], t: C) => stream[{A with _time: B, dead: bool}]
    where B: Comparable, C: Comparable`,
  docs: "The newest row of each table, with `dead`: whether it is older than `t`.",
  example: `import "influxdata/influxdb/monitor"
import "sampledata"
sampledata.int() |> monitor.deadman(t: 2021-01-01T00:00:45Z)`,
  source: `(t, tables=<-) =>
    tables
        |> max(column: "_time")
        |> map(fn: (r) => ({r with dead: r._time < t}))`,
});
