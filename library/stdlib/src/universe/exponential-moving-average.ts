import { isValid } from "@tocsin/data/column";
import { flux, transformation } from "@tocsin/engine/interpret";
import { type MovedSeries, movingKind, put, type Series } from "./moving-kind.ts";
import { periodOf } from "./period.ts";

const STREAM = "<-tables: stream[{B with _value: A}]";

const exponentialKind = movingKind("exponentialMovingAverage", {
  what: "exponential moving average",
  needsColumn: true,
  skipped: (rows, n) => Math.max(0, Math.min(rows, n) - 1),
  move: moveExponentially,
});

/**
 * The mean of the first `n` rows, then at each row 2 / (n + 1) of its value and the rest of the mean
 * before. Rows without a value keep the mean. The cells of the first `n` - 1 rows stay unset.
 */
export function moveExponentially(
  { values, valid }: Series,
  { from, to }: { from: number; to: number },
  n: number,
  out: MovedSeries,
): void {
  const weight = 2 / (n + 1);
  const first = Math.min(to, from + n) - 1;
  let mean: number | undefined = meanOf({ values, valid }, from, first);
  put(out, first, mean);
  for (let row = first + 1; row < to; row++) {
    if (isValid(valid, row))
      mean = mean === undefined ? values[row] : values[row] * weight + mean * (1 - weight);
    put(out, row, mean);
  }
}

/** The mean of the rows `from` to `last`, or undefined when none has a value. */
function meanOf({ values, valid }: Series, from: number, last: number): number | undefined {
  let sum = 0;
  let count = 0;
  for (let row = from; row <= last; row++) {
    if (!isValid(valid, row)) continue;
    sum += values[row];
    count += 1;
  }
  return count === 0 ? undefined : sum / count;
}

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
