import { isValid } from "@tocsin/data/column";
import { transformation } from "@tocsin/engine/interpret";
import { type MovedSeries, movingKind, put, type Series } from "./moving-kind.ts";
import { periodOf } from "./period.ts";

const strengthKind = movingKind("relativeStrengthIndex", {
  what: "relative strength index",
  needsColumn: false,
  skipped: (rows, n) => (rows > n ? n : Math.max(0, rows - 1)),
  move: strength,
});

/** Plain means of the steps up and down in the first `n` rows, then each step adds an n-th of itself. */
function strength(
  { values, valid }: Series,
  { from, to }: { from: number; to: number },
  n: number,
  out: MovedSeries,
): void {
  let up = 0;
  let down = 0;
  let count = 0;
  // As upstream has it, the first value is a step from 0.
  let before = 0;
  const first = Math.min(to - 1, from + n);
  for (let row = from; row < to; row++) {
    if (isValid(valid, row)) {
      const step = values[row] - before;
      const weight = count === 0 ? 1 : row - from < n ? 1 / (count + 1) : 1 / n;
      up += weight * (Math.max(step, 0) - up);
      down += weight * (Math.max(-step, 0) - down);
      count += 1;
      before = values[row];
    }
    if (row >= first && count > 0) put(out, row, 100 - 100 / (1 + up / down));
  }
}

export const relativeStrengthIndex = transformation({
  name: "relativeStrengthIndex",
  type: "(<-tables: stream[A], n: int, ?columns: [string]) => stream[B] where A: Record, B: Record",
  docs:
    "The strength of upward steps among all steps, smoothed over `n` rows: from 0, only down, to 100, only up. " +
    "The first `n` rows are left out; a table that has no more becomes one row.",
  example: `import "sampledata"
sampledata.int() |> relativeStrengthIndex(n: 2)`,
  kind: strengthKind,
  spec: (args) => ({ n: periodOf(args), columns: args.strings("columns", ["_value"]) }),
});
