import { isValid } from "@tocsin/data/column";
import { transformation } from "@tocsin/engine/interpret";
import { type MovedSeries, type Mover, movingKind, put, type Series } from "./moving-kind.ts";
import { periodOf } from "./period.ts";
import { GrowingNumbers } from "./growing-numbers.ts";

const movingAverageKind = movingKind("movingAverage", {
  what: "moving average",
  needsColumn: true,
  skipped: (rows, n) => Math.max(0, Math.min(rows, n) - 1),
  mover: (n) => new MovingMean(n),
});

/**
 * Means of `n` rows up to each. The rows are cut into blocks of that length, so that each window
 * is the end of one block and the beginning of the next: nothing is ever subtracted, so an infinity
 * or a rounding error leaves the mean when its row does.
 */
class MovingMean implements Mover {
  readonly #n: number;
  /** Of each row of the block before, the sum from it to the block's end, and of how many values. */
  readonly #endSums = new GrowingNumbers();
  readonly #endCounts = new GrowingNumbers();
  /** The values of the block, and whether there is one: 1 or 0. */
  readonly #values = new GrowingNumbers();
  readonly #present = new GrowingNumbers();
  /** Of the block so far. */
  #rows = 0;
  #sum = 0;
  #count = 0;
  #isFirst = true;

  constructor(n: number) {
    this.#n = n;
  }
  begin(): void {
    this.#beginBlock();
    this.#isFirst = true;
  }
  move(
    { values, valid }: Series,
    { from, to }: { from: number; to: number },
    out: MovedSeries,
  ): void {
    for (let row = from; row < to; row++) {
      const present = isValid(valid, row);
      this.#values.put(this.#rows, present ? values[row] : 0);
      this.#present.put(this.#rows, present ? 1 : 0);
      this.#rows += 1;
      if (present) {
        this.#sum += values[row];
        this.#count += 1;
      }
      this.#put(row, out);
      if (this.#rows === this.#n) this.#endBlock();
    }
  }
  #put(row: number, out: MovedSeries): void {
    // The whole block before has left once this one is full.
    const inBefore = !this.#isFirst && this.#rows < this.#n;
    const count = this.#count + (inBefore ? this.#endCounts.at(this.#rows) : 0);
    const sum = inBefore ? this.#endSums.at(this.#rows) + this.#sum : this.#sum;
    if (count > 0) put(out, row, sum / count);
  }
  #endBlock(): void {
    let sum = 0;
    let count = 0;
    for (let i = this.#n - 1; i >= 0; i--) {
      sum += this.#values.at(i);
      count += this.#present.at(i);
      this.#endSums.put(i, sum);
      this.#endCounts.put(i, count);
    }
    this.#beginBlock();
    this.#isFirst = false;
  }
  #beginBlock(): void {
    this.#rows = this.#sum = this.#count = 0;
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
