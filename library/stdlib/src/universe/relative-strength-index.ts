import { isValid } from "@tocsin/data/column";
import { transformation } from "@tocsin/engine/interpret";
import { type MovedSeries, type Mover, movingKind, put, type Series } from "./moving-kind.ts";
import { periodOf } from "./period.ts";

const strengthKind = movingKind("relativeStrengthIndex", {
  what: "relative strength index",
  needsColumn: false,
  skipped: (rows, n) => (rows > n ? n : Math.max(0, rows - 1)),
  mover: (n) => new Strength(n),
});

/** Plain means of the steps up and down in the first `n` rows, then each step adds an n-th of itself. */
class Strength implements Mover {
  readonly #n: number;
  #row = 0;
  #up = 0;
  #down = 0;
  #count = 0;
  // As upstream has it, the first value is a step from 0.
  #before = 0;

  constructor(n: number) {
    this.#n = n;
  }
  begin(): void {
    this.#row = this.#up = this.#down = this.#count = this.#before = 0;
  }
  move(
    { values, valid }: Series,
    { from, to }: { from: number; to: number },
    out: MovedSeries,
  ): void {
    for (let row = from; row < to; row++, this.#row++) {
      if (isValid(valid, row)) this.#step(values[row]);
      if (this.#count > 0) put(out, row, 100 - 100 / (1 + this.#up / this.#down));
    }
  }
  #step(value: number): void {
    const step = value - this.#before;
    const weight = this.#count === 0 ? 1 : 1 / (this.#row < this.#n ? this.#count + 1 : this.#n);
    this.#up += weight * (Math.max(step, 0) - this.#up);
    this.#down += weight * (Math.max(-step, 0) - this.#down);
    this.#count += 1;
    this.#before = value;
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
