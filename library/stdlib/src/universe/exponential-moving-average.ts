import { isValid } from "@tocsin/data/column";
import { flux, transformation } from "@tocsin/engine/interpret";
import { ExponentialMean } from "./exponential-mean.ts";
import { movingKind, put } from "./moving-kind.ts";
import { periodOf } from "./period.ts";

const STREAM = "<-tables: stream[{B with _value: A}]";

const exponentialKind = movingKind("exponentialMovingAverage", {
  what: "exponential moving average",
  needsColumn: true,
  skipped: (rows, n) => Math.max(0, Math.min(rows, n) - 1),
  mover: (n) => {
    const mean = new ExponentialMean(n);
    return {
      begin: () => mean.begin(),
      move({ values, valid }, { from, to }, out) {
        for (let row = from; row < to; row++)
          put(out, row, mean.next(isValid(valid, row) ? values[row] : undefined));
      },
    };
  },
});

export const exponentialMovingAverage = transformation({
  name: "exponentialMovingAverage",
  type: `(${STREAM}, n: int) => stream[{B with _value: A}] where A: Numeric`,
  docs:
    "A moving average of `_value` in which newer rows weigh more: it begins with the mean of the first `n` rows, " +
    "and each row adds 2 / (n + 1) of itself. Rows without a value keep the average. The first `n` - 1 rows are " +
    "left out; a table of fewer rows becomes one row with the mean of all.",
  example: `import "sampledata"
sampledata.int() |> exponentialMovingAverage(n: 3)`,
  kind: exponentialKind,
  spec: (args) => ({ n: periodOf(args), columns: ["_value"] }),
});

export const doubleEMA = flux({
  name: "doubleEMA",
  type: `(${STREAM}, n: int) => stream[C] where A: Numeric, C: Record`,
  docs:
    "Twice the exponential moving average of `_value` over `n` rows, less the average of that: it follows the " +
    "values with less delay. The first 2 · (`n` - 1) rows are left out.",
  example: `import "sampledata"
sampledata.int() |> doubleEMA(n: 2)`,
  source: `(n, tables=<-) =>
    tables
        |> exponentialMovingAverage(n: n)
        |> duplicate(column: "_value", as: "__once")
        |> exponentialMovingAverage(n: n)
        |> map(fn: (r) => ({r with _value: 2.0 * r.__once - r._value}))
        |> drop(columns: ["__once"])`,
});

export const tripleEMA = flux({
  name: "tripleEMA",
  type: `(${STREAM}, n: int) => stream[C] where A: Numeric, C: Record`,
  docs:
    "Exponential moving averages of `_value` over `n` rows, taken once, twice and three times, and put together " +
    "so that hardly any delay is left. The first 3 · (`n` - 1) rows are left out.",
  example: `import "sampledata"
sampledata.int() |> tripleEMA(n: 2)`,
  source: `(n, tables=<-) =>
    tables
        |> exponentialMovingAverage(n: n)
        |> duplicate(column: "_value", as: "__once")
        |> exponentialMovingAverage(n: n)
        |> duplicate(column: "_value", as: "__twice")
        |> exponentialMovingAverage(n: n)
        |> map(fn: (r) => ({r with _value: 3.0 * r.__once - 3.0 * r.__twice + r._value}))
        |> drop(columns: ["__once", "__twice"])`,
});
