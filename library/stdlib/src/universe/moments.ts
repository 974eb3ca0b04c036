import { type FlatColumn, isValid } from "@tocsin/data/column";
import type { ColumnKind, Raw } from "@tocsin/data/value";
import { type Aggregate, aggregateKind } from "@tocsin/engine/execute";

type Made = { readonly result: ColumnKind; readonly aggregate: Aggregate } | undefined;

/** Sums of powers of the distances to the mean, updated with each value (Welford), which avoids cancellation. */
class Moments implements Aggregate {
  readonly #finish: (count: number, second: number, third: number) => number;
  #count = 0;
  #mean = 0;
  #second = 0;
  #third = 0;

  constructor(finish: (count: number, second: number, third: number) => number) {
    this.#finish = finish;
  }
  reset(): void {
    this.#count = 0;
    this.#mean = 0;
    this.#second = 0;
    this.#third = 0;
  }
  add(column: FlatColumn, from: number, to: number): void {
    if (column.form !== "flat") return;
    for (let row = from; row < to; row++)
      if (isValid(column.valid, row)) this.#take(Number(column.data[row]));
  }
  result(): Raw {
    if (this.#count === 0) return null;
    // Nothing has a distance to the mean of values among which one is infinite.
    if (!Number.isFinite(this.#mean)) return Number.NaN;
    return this.#finish(this.#count, this.#second, this.#third);
  }
  #take(value: number): void {
    const before = this.#count;
    this.#count += 1;
    const delta = value - this.#mean;
    const part = delta / this.#count;
    const product = delta * part * before;
    this.#third += product * part * (this.#count - 2) - 3 * part * this.#second;
    this.#second += product;
    this.#mean += part;
  }
}

function isNumeric(kind: ColumnKind): boolean {
  return kind === "float" || kind === "int" || kind === "uint";
}

/** Standard deviation: of a sample (divided by n - 1) or of a population (by n). */
export const stddevKind = aggregateKind<{
  readonly column: string;
  readonly mode: "sample" | "population";
}>({ name: "stddev", describe: ({ mode }) => mode }, (kind, { mode }): Made => {
  if (!isNumeric(kind)) return undefined;
  const aggregate = new Moments((count, second) => {
    const n = mode === "sample" ? count - 1 : count;
    return n < 1 ? Number.NaN : Math.sqrt(second / n);
  });
  return { result: "float", aggregate };
});

/** Skewness. */
export const skewKind = aggregateKind<{ readonly column: string }>(
  { name: "skew" },
  (kind): Made => {
    if (!isNumeric(kind)) return undefined;
    const aggregate = new Moments((count, second, third) =>
      count < 2 ? Number.NaN : (Math.sqrt(count) * third) / second ** 1.5,
    );
    return { result: "float", aggregate };
  },
);
