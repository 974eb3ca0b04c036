import { type FlatColumn, isValid } from "@tocsin/data/column";
import type { ColumnKind, Raw } from "@tocsin/data/value";
import { pooledPoints } from "@tocsin/engine/plan";
import { type Aggregate, aggregateKind, type Stretches } from "../aggregate.ts";
import { floatSums, type OfSum, tableCounts, wholeSums } from "./table-sums.ts";

/** The column that is aggregated. */
export interface ColumnChoice {
  readonly column: string;
}

type Made = { readonly result: ColumnKind; readonly aggregate: Aggregate };

/** Number of rows, nulls included. */
export const countKind = aggregateKind<ColumnChoice>(
  { name: "count", readsCells: () => new Set() },
  makeCount,
);

/** Sum of the values; none without any. 64-bit sums wrap. */
export const sumKind = aggregateKind<ColumnChoice>({ name: "sum" }, makeSum);

/** Mean of the values, a float; none without any. */
export const meanKind = aggregateKind<ColumnChoice>({ name: "mean" }, makeMean);

/** `count` of rows that may stand for several points. */
export const pooledCountKind = aggregateKind<ColumnChoice>(
  { name: "count", pooled: true, readsCells: () => new Set([pooledPoints]) },
  makeCount,
);

/** `mean` of sums: rows that may stand for several points. */
export const pooledMeanKind = aggregateKind<ColumnChoice>({ name: "mean", pooled: true }, makeMean);

/** Largest minus smallest value; none without any. */
export const spreadKind = aggregateKind<ColumnChoice>({ name: "spread" }, makeSpread);

function makeCount(kind: ColumnKind): Made | undefined {
  return kind === "time" ? undefined : { result: "int", aggregate: new Count() };
}

function makeSum(kind: ColumnKind): Made | undefined {
  switch (kind) {
    case "float":
      return { result: "float", aggregate: new FloatSum() };
    case "int":
    case "uint":
      return { result: kind, aggregate: new WholeSum() };
    default:
      return undefined;
  }
}

function makeMean(kind: ColumnKind): Made | undefined {
  const sum = makeSum(kind);
  return sum === undefined
    ? undefined
    : { result: "float", aggregate: new Mean(sum.aggregate as FloatSum | WholeSum) };
}

function makeSpread(kind: ColumnKind): Made | undefined {
  switch (kind) {
    case "float":
      return { result: "float", aggregate: new FloatSpread() };
    case "int":
    case "uint":
      return { result: kind, aggregate: new WholeSpread(kind) };
    default:
      return undefined;
  }
}

class Count implements Aggregate {
  #count = 0;

  reset(): void {
    this.#count = 0;
  }
  add(_column: FlatColumn, from: number, to: number, points?: FlatColumn): void {
    this.#count += to - from + morePoints(points, from, to);
  }
  result(): Raw {
    return BigInt(this.#count);
  }
  each(_column: FlatColumn, tables: Stretches): FlatColumn {
    return tableCounts(tables);
  }
}

/** Sums doubles, and knows how many there were. */
class FloatSum implements Aggregate {
  total = 0;
  count = 0;

  reset(): void {
    this.total = 0;
    this.count = 0;
  }
  add(column: FlatColumn, from: number, to: number): void {
    if (column.form !== "flat" || column.kind !== "float") return;
    const { data, valid } = column;
    let { total } = this;
    if (valid === undefined) {
      for (let row = from; row < to; row++) total += data[row];
      this.count += to - from;
    } else {
      for (let row = from; row < to; row++) {
        if (!isValid(valid, row)) continue;
        total += data[row];
        this.count++;
      }
    }
    this.total = total;
  }
  result(): Raw {
    return this.count === 0 ? null : this.total;
  }
  each(column: FlatColumn, tables: Stretches, what: OfSum = "sum"): FlatColumn | undefined {
    if (column.form !== "flat" || column.kind !== "float") return undefined;
    return floatSums(column, tables, what);
  }
}

/** Sums 64-bit integers. */
class WholeSum implements Aggregate {
  total = 0n;
  count = 0;

  reset(): void {
    this.total = 0n;
    this.count = 0;
  }
  add(column: FlatColumn, from: number, to: number): void {
    if (column.form !== "flat") return;
    if (column.kind === "int") this.#addInts(column.data, column.valid, from, to);
    else if (column.kind === "uint") this.#addUints(column.data, column.valid, from, to);
  }
  result(): Raw {
    return this.count === 0 ? null : this.total;
  }
  each(column: FlatColumn, tables: Stretches, what: OfSum = "sum"): FlatColumn | undefined {
    if (column.form !== "flat" || (column.kind !== "int" && column.kind !== "uint"))
      return undefined;
    return wholeSums(column, tables, what);
  }
  #addInts(data: BigInt64Array, valid: FlatColumn["valid"], from: number, to: number): void {
    let { total } = this;
    for (let row = from; row < to; row++) {
      if (valid !== undefined && !isValid(valid, row)) continue;
      total = BigInt.asIntN(64, total + data[row]);
      this.count++;
    }
    this.total = total;
  }
  #addUints(data: BigUint64Array, valid: FlatColumn["valid"], from: number, to: number): void {
    let { total } = this;
    for (let row = from; row < to; row++) {
      if (valid !== undefined && !isValid(valid, row)) continue;
      total = BigInt.asUintN(64, total + data[row]);
      this.count++;
    }
    this.total = total;
  }
}

class Mean implements Aggregate {
  readonly #sum: FloatSum | WholeSum;
  #more = 0;

  constructor(sum: FloatSum | WholeSum) {
    this.#sum = sum;
  }
  reset(): void {
    this.#sum.reset();
    this.#more = 0;
  }
  add(column: FlatColumn, from: number, to: number, points?: FlatColumn): void {
    this.#sum.add(column, from, to);
    this.#more += morePoints(points, from, to);
  }
  result(): Raw {
    const { count, total } = this.#sum;
    return count === 0 ? null : Number(total) / (count + this.#more);
  }
  each(column: FlatColumn, tables: Stretches): FlatColumn | undefined {
    return this.#sum.each(column, tables, "mean");
  }
}

/** How many points rows stand for beyond one each. */
function morePoints(points: FlatColumn | undefined, from: number, to: number): number {
  if (points?.form !== "flat" || points.kind !== "int") return 0;
  let more = 0;
  for (let row = from; row < to; row++)
    if (isValid(points.valid, row)) more += Number(points.data[row]) - 1;
  return more;
}

class FloatSpread implements Aggregate {
  #least: number | undefined;
  #most: number | undefined;

  reset(): void {
    this.#least = undefined;
    this.#most = undefined;
  }
  add(column: FlatColumn, from: number, to: number): void {
    if (column.form !== "flat" || column.kind !== "float") return;
    let least = this.#least;
    let most = this.#most;
    for (let row = from; row < to; row++) {
      if (!isValid(column.valid, row)) continue;
      const value = column.data[row];
      if (least === undefined || value < least) least = value;
      if (most === undefined || value > most) most = value;
    }
    this.#least = least;
    this.#most = most;
  }
  result(): Raw {
    return this.#least === undefined || this.#most === undefined ? null : this.#most - this.#least;
  }
}

class WholeSpread implements Aggregate {
  readonly #kind: "int" | "uint";
  #least: bigint | undefined;
  #most: bigint | undefined;

  constructor(kind: "int" | "uint") {
    this.#kind = kind;
  }
  reset(): void {
    this.#least = undefined;
    this.#most = undefined;
  }
  add(column: FlatColumn, from: number, to: number): void {
    if (column.form !== "flat" || (column.kind !== "int" && column.kind !== "uint")) return;
    for (let row = from; row < to; row++) {
      if (!isValid(column.valid, row)) continue;
      const value = column.data[row];
      if (this.#least === undefined || value < this.#least) this.#least = value;
      if (this.#most === undefined || value > this.#most) this.#most = value;
    }
  }
  result(): Raw {
    if (this.#least === undefined || this.#most === undefined) return null;
    const spread = this.#most - this.#least;
    return this.#kind === "int" ? BigInt.asIntN(64, spread) : spread;
  }
}
