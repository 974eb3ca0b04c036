import { isValid } from "@tocsin/data/column";
import { transformation } from "@tocsin/engine/interpret";
import { moveExponentially } from "./exponential-moving-average.ts";
import { type MovedSeries, movingKind, put, type Series } from "./moving-kind.ts";
import { ValidBits } from "./numeric-column.ts";
import { periodOf } from "./period.ts";

const derivativeKind = movingKind("tripleExponentialDerivative", {
  what: "exponential moving average",
  needsColumn: true,
  skipped: (rows, n) => (rows <= 3 * (n - 1) ? Math.max(0, rows - 1) : 3 * n - 2),
  move: (series, { from, to }, n, out) => {
    let smoothed = series;
    let start = from;
    for (let times = 0; times < 3; times++) {
      // With too few rows for three averages, the one row that is left has no value.
      if (to - start < n) return;
      smoothed = averaged(smoothed, { from: start, to }, n);
      start += n - 1;
    }
    for (let row = start + 1; row < to; row++) put(out, row, growth(smoothed, row));
  },
});

function averaged(series: Series, table: { from: number; to: number }, n: number): Series {
  const rows = series.values.length;
  const out: MovedSeries = { values: new Float64Array(rows), valid: new ValidBits(rows) };
  moveExponentially(series, table, n, out);
  return { values: out.values, valid: out.valid.bits };
}

/** By how many percent a row is more than the row before. */
function growth({ values, valid }: Series, row: number): number | undefined {
  if (!isValid(valid, row) || !isValid(valid, row - 1)) return undefined;
  return (values[row] / values[row - 1] - 1) * 100;
}

export const tripleExponentialDerivative = transformation({
  name: "tripleExponentialDerivative",
  type: `(<-tables: stream[{B with _value: A}], n: int) => stream[{B with _value: float}]
    where A: Numeric, B: Record`,
  docs:
    "The change in percent, from row to row, of the exponential moving average of `_value` over `n` rows taken " +
    "three times (TRIX). The first 3 · `n` - 2 rows are left out; a table of at most 3 · (`n` - 1) rows becomes " +
    "one row with null.",
  example: `import "sampledata"
sampledata.int() |> tripleExponentialDerivative(n: 2)`,
  kind: derivativeKind,
  spec: (args) => ({ n: periodOf(args), columns: ["_value"] }),
});
