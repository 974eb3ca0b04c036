import { definePackage, flux } from "@tocsin/engine/interpret";
import { alert, deadman, defineCheck } from "./alert.ts";

const selecting = {
  type: `(
    <-tables: A, ?column: B, ?fn: (<-: A, column: B) => stream[C], as: string,
  ) => stream[D] where B: Equatable, C: Record, D: Record`,
  docs:
    "Applies an aggregate or a selector, if one is given, to a column, and gives the column " +
    "another name.",
} as const;

const named = "rename(fn: (column) => if column == from then as else column)";

const select = flux({
  ...selecting,
  name: "select",
  example: `import "contrib/bonitoo-io/tickscript"
import "sampledata"
sampledata.int() |> tickscript.select(fn: sum, as: "total")`,
  source: `(tables=<-, column="_value", fn=(tables=<-, column) => tables, as) => {
    from = column

    return tables |> fn(column: from) |> ${named}
}`,
});

const compute = flux({
  ...selecting,
  name: "compute",
  docs: `The same as \`select\`. ${selecting.docs}`,
  source: "select",
});

const selectWindow = flux({
  name: "selectWindow",
  type: `(
    <-tables: stream[A], ?column: string, fn: (<-: stream[B], column: string) => stream[C], as: string, every: duration,
    defaultValue: D,
  ) => stream[E] where A: Record, B: Record, C: Record, E: Record`,
  docs:
    "Applies an aggregate or a selector to a column in each window of `every`, with " +
    "`defaultValue` where a window is empty, and gives the column another name.",
  example: `import "contrib/bonitoo-io/tickscript"
import "sampledata"
sampledata.int()
    |> range(start: sampledata.start, stop: sampledata.stop)
    |> tickscript.selectWindow(fn: sum, as: "total", every: 20s, defaultValue: 0)`,
  source: `(tables=<-, column="_value", fn, as, every, defaultValue) => {
    from = column

    return
        tables
            |> aggregateWindow(every: every, fn: fn, column: from, createEmpty: true)
            |> fill(column: from, value: defaultValue)
            |> ${named}
}`,
});

const groupBy = flux({
  name: "groupBy",
  type: "(<-tables: stream[A], columns: [string]) => stream[A] where A: Record",
  docs: "Groups by the columns and by `_measurement`, which statuses need.",
  example: `import "array"
import "contrib/bonitoo-io/tickscript"
array.from(rows: [{_measurement: "cpu", host: "a", v: 1}, {_measurement: "cpu", host: "b", v: 2}])
    |> tickscript.groupBy(columns: ["host"])`,
  source: `(tables=<-, columns) =>
    tables
        |> group(columns: columns)
        |> experimental.group(mode: "extend", columns: ["_measurement"])`,
});

const join = flux({
  name: "join",
  type: "(tables: A, ?on: [string], measurement: C) => stream[{B with _measurement: C}] where A: Record, B: Record",
  docs: "Joins two streams as the global `join` does, as rows of `measurement`.",
  example: `import "array"
import "contrib/bonitoo-io/tickscript"
left = array.from(rows: [{_time: 2026-01-01T00:00:00Z, host: "a", _value: 1}])
right = array.from(rows: [{_time: 2026-01-01T00:00:00Z, host: "a", _value: 2}])
tickscript.join(tables: {left: left, right: right}, on: ["_time", "host"], measurement: "both")`,
  source: `(tables, on=["_time"], measurement) =>
    universe.join(tables: tables, on: on)
        |> map(fn: (r) => ({r with _measurement: measurement}))
        |> experimental.group(mode: "extend", columns: ["_measurement"])`,
});

export const packageDefinition = definePackage({
  path: "contrib/bonitoo-io/tickscript",
  docs: "Helps to move TICKscripts of Kapacitor to Flux.",
  imports: ["array", "experimental", "influxdata/influxdb/monitor", "universe"],
  members: [alert, compute, deadman, defineCheck, groupBy, join, select, selectWindow],
});
