import { definePackage, flux } from "@tocsin/engine/interpret";

const times = "runningState: E, plannedTime: C, idealCycleTime: D";
const ratings = `{H with
    availability: float, performance: float, quality: float, oee: float, runTime: F, _time: G, _stop: G,
  }`;

const sumOf = flux({
  name: "_sumOf",
  type: "(<-tables: stream[A], column: string) => stream[B] where A: Record, B: Record",
  docs: "By how much a running total grew in each table, at the table's `_stop`.",
  source: `(tables=<-, column) =>
    tables
        |> difference(columns: [column], nonNegative: true)
        |> sum(column: column)
        |> duplicate(column: "_stop", as: "_time")`,
});

const computeAPQ = flux({
  name: "computeAPQ",
  type: `(productionEvents: stream[A], partEvents: stream[B], ${times}) =>
    stream[${ratings}] where A: Record, B: Record, E: Equatable`,
  docs:
    "Availability, performance and quality of a machine, and their product `oee`, one row a " +
    "table. `productionEvents` have `state`, `partEvents` the running totals `partCount` and " +
    "`badCount`; both need `range()` before. `plannedTime` is how long the machine should run, " +
    "`idealCycleTime` how long a part should take.",
  source: `(productionEvents, partEvents, runningState, plannedTime, idealCycleTime) => {
    planned = float(v: int(v: plannedTime))
    ideal = float(v: int(v: idealCycleTime))
    running =
        productionEvents
            |> events.duration(unit: 1ns, columnName: "runTime")
            |> filter(fn: (r) => r.state == runningState)
            |> sum(column: "runTime")
            |> map(fn: (r) => ({r with _time: r._stop, availability: float(v: r.runTime) / planned}))
    parts = partEvents |> _sumOf(column: "partCount")
    bad = partEvents |> _sumOf(column: "badCount")
    performance =
        experimental.join(
            left: running,
            right: parts,
            fn: (left, right) =>
                ({left with performance: float(v: right.partCount) * ideal / float(v: left.runTime)}),
        )
    quality =
        experimental.join(
            left: bad,
            right: parts,
            fn: (left, right) =>
                ({left with quality: float(v: right.partCount - left.badCount) / float(v: right.partCount)}),
        )

    return
        experimental.join(
            left: performance,
            right: quality,
            fn: (left, right) =>
                ({left with
                    quality: right.quality,
                    oee: left.availability * left.performance * right.quality,
                }),
        )
}`,
});

const apq = flux({
  name: "APQ",
  type: `(<-tables: stream[A], ${times}) => stream[${ratings}]
    where A: Record, E: Equatable`,
  docs: "As `computeAPQ`, for a stream whose rows have state and totals together.",
  example: `import "array"
import "experimental/oee"
array.from(rows: [
    {_time: 2026-01-01T00:00:00Z, state: "running", partCount: 0, badCount: 0},
    {_time: 2026-01-01T06:00:00Z, state: "stopped", partCount: 700, badCount: 7},
])
    |> range(start: 2026-01-01T00:00:00Z, stop: 2026-01-01T08:00:00Z)
    |> oee.APQ(runningState: "running", plannedTime: 8h, idealCycleTime: 30s)`,
  source: `(tables=<-, runningState, plannedTime, idealCycleTime) =>
    computeAPQ(
        productionEvents: tables,
        partEvents: tables,
        runningState: runningState,
        plannedTime: plannedTime,
        idealCycleTime: idealCycleTime,
    )`,
});

export const packageDefinition = definePackage({
  path: "experimental/oee",
  docs: "How effective a machine is: availability, performance, quality.",
  imports: ["contrib/tomhollingworth/events", "experimental"],
  members: [apq, computeAPQ, sumOf],
});
