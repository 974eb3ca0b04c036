import { isValid } from "@tocsin/data/column";
import { transformation } from "@tocsin/engine/interpret";
import { type MovedSeries, movingKind, put, type Series } from "./moving-kind.ts";
import { periodOf } from "./period.ts";

const movingAverageKind = movingKind("movingAverage", {
  what: "moving average",
  needsColumn: true,
  skipped: (rows, n) => Math.max(0, Math.min(rows, n) - 1),
  move: (series, { from, to }, n, out) => {
    const length = Math.min(n, to - from);
    average(series, { from, to }, length, out);
  },
});

/**
 * Means of `length` rows up to each. The rows are cut into blocks of that length, so that each window
 * is the end of one block and the beginning of the next: nothing is ever subtracted, so an infinity
 * or a rounding error leaves the mean when its row does.
 */
function average(
  { values, valid }: Series,
  { from, to }: { from: number; to: number },
  length: number,
  out: MovedSeries,
): void {
  const endSums = new Float64Array(length + 1);
  const endCounts = new Float64Array(length + 1);
  for (let block = from; block < to; block += length) {
    let sum = 0;
    let count = 0;
    const stop = Math.min(to, block + length);
    for (let row = block; row < stop; row++) {
      if (isValid(valid, row)) {
        sum += values[row];
        count += 1;
      }
      const before = row - block + 1;
      const total = count + endCounts[before];
      if (total > 0) put(out, row, (endSums[before] + sum) / total);
    }
    ends(block, stop);
  }

  /** Sums from each row of a block to its end. */
  function ends(block: number, stop: number): void {
    endSums[length] = 0;
    endCounts[length] = 0;
    for (let row = stop - 1; row >= block; row--) {
      const at = row - block;
      const present = isValid(valid, row);
      endSums[at] = endSums[at + 1] + (present ? values[row] : 0);
      endCounts[at] = endCounts[at + 1] + (present ? 1 : 0);
    }
  }
}

export const movingAverage = transformation({
  name: "movingAverage",
  type: "(<-tables: stream[{B with _value: A}], n: int) => stream[{B with _value: float}] where A: Numeric",
  docs:
    "The mean of `_value` over each row and the `n` - 1 rows before it; nulls do not count. The first `n` - 1 " +
    "rows are left out. A table of fewer rows becomes one row with the mean of all.",
  example: `import "sampledata"
sampledata.int() |> movingAverage(n: 3)`,
  kind: movingAverageKind,
  spec: (args) => ({ n: periodOf(args), columns: ["_value"] }),
});
