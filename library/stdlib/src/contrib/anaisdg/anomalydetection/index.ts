import { definePackage, flux } from "@tocsin/engine/interpret";

const mad = flux({
  name: "mad",
  type: `(<-table: stream[B], ?threshold: A) => stream[{D with
    level: string, _value: C, _value_diff: C, _value_diff_med: C,
  }] where A: Comparable + Equatable, B: Record, C: Comparable + Divisible + Equatable`,
  docs:
    "Compares the rows of each `_time` with each other by their median absolute deviation: " +
    "`_value` is how many times the usual deviation a row is away from the median, and `level` " +
    "is `anomaly` from `threshold` on, else `normal`.",
  source: `(table=<-, threshold=3.0) => {
    // Makes the deviation comparable with a standard deviation, for values that are normally distributed.
    scale = 1.4826
    // Rows of one time come in the order of their series, in whatever order the tables came.
    bySeries = table |> group(mode: "except", columns: ["_time", "_value"]) |> sort(columns: ["_time"])
    data = bySeries |> group(columns: ["_time"])
    med = data |> median()
    diff =
        join(tables: {data: data, med: med}, on: ["_time"])
            |> map(fn: (r) => ({r with _value: math.abs(x: r._value_data - r._value_med)}))
            |> drop(columns: ["_start", "_stop", "_value_data", "_value_med"])
    diff_med =
        diff
            |> median()
            |> map(fn: (r) => ({r with MAD: scale * r._value}))
            |> filter(fn: (r) => r.MAD > 0.0)

    return
        join(tables: {diff: diff, diff_med: diff_med}, on: ["_time"])
            |> map(fn: (r) => ({r with _value: r._value_diff / r._value_diff_med}))
            |> map(fn: (r) => ({r with level: if r._value >= threshold then "anomaly" else "normal"}))
}`,
});

export const packageDefinition = definePackage({
  path: "contrib/anaisdg/anomalydetection",
  docs: "Finds rows that are unlike the others.",
  imports: ["math"],
  members: [mad],
});
