import { isValid } from "@tocsin/data/column";
import { transformation } from "@tocsin/engine/interpret";
import { ExponentialMean } from "./exponential-mean.ts";
import { type MovedSeries, type Mover, movingKind, put, type Series } from "./moving-kind.ts";
import { periodOf } from "./period.ts";

const derivativeKind = movingKind("tripleExponentialDerivative", {
  what: "exponential moving average",
  needsColumn: true,
  skipped: (rows, n) => (rows <= 3 * (n - 1) ? Math.max(0, rows - 1) : 3 * n - 2),
  mover: (n) => new SmoothedGrowth(n),
});

/** The growth of the third of three means, each of which is taken of the one before once that is one of `n` rows. */
class SmoothedGrowth implements Mover {
  readonly #n: number;
  readonly #means: readonly ExponentialMean[];
  #row = 0;
  /** The third mean at the row before. */
  #before: number | undefined;

  constructor(n: number) {
    this.#n = n;
    this.#means = [new ExponentialMean(n), new ExponentialMean(n), new ExponentialMean(n)];
  }
  begin(): void {
    for (const mean of this.#means) mean.begin();
    this.#row = 0;
    this.#before = undefined;
  }
  move(
    { values, valid }: Series,
    { from, to }: { from: number; to: number },
    out: MovedSeries,
  ): void {
    for (let row = from; row < to; row++) {
      const smoothed = this.#next(isValid(valid, row) ? values[row] : undefined);
      // With too few rows for three averages, the one row that is left has no value.
      if (smoothed !== undefined && this.#before !== undefined)
        put(out, row, (smoothed / this.#before - 1) * 100);
      this.#before = smoothed;
    }
  }
  #next(value: number | undefined): number | undefined {
    const row = this.#row++;
    let mean = value;
    for (let times = 0; times < 3; times++) {
      mean = this.#means[times].next(mean);
      if (row < (times + 1) * (this.#n - 1)) return undefined;
    }
    return mean;
  }
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
