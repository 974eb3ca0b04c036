import { type Batch, type FlatColumn, indexOf, isValid, tableStart } from "@tocsin/data/column";
import { type ColumnKind, invalid, type Raw } from "@tocsin/data/value";
import {
  type Aggregate,
  aggregateKind,
  noSuchColumn,
  selectRows,
  sortingRows,
  wholeBatchKind,
} from "@tocsin/engine/execute";
import { flux, native } from "@tocsin/engine/interpret";
import { passing } from "@tocsin/engine/plan";
import { nextSmallest, smallest } from "./smallest.ts";
import { TDigest } from "./t-digest.ts";

interface QuantileSpec {
  readonly column: string;
  /** From 0 to 1. */
  readonly q: number;
}

const estimatedKind = aggregateKind<QuantileSpec & { readonly compression: number }>(
  { name: "quantile", describe: ({ q }) => `${q}, estimated` },
  (kind, { q, compression }) => {
    if (kind !== "float" && kind !== "int" && kind !== "uint") return undefined;
    return { result: "float", aggregate: new Estimate(q, compression) };
  },
);

class Estimate implements Aggregate {
  readonly #q: number;
  readonly #digest: TDigest;
  #some = false;

  constructor(q: number, compression: number) {
    this.#q = q;
    this.#digest = new TDigest(compression);
  }
  reset(): void {
    this.#digest.reset();
    this.#some = false;
  }
  add(column: FlatColumn, from: number, to: number): void {
    if (column.form !== "flat") return;
    const { valid } = column;
    if (column.kind === "float" && valid === undefined) this.#digest.addAll(column.data, from, to);
    else
      for (let row = from; row < to; row++)
        if (isValid(valid, row)) this.#digest.add(Number(column.data[row]));
    for (let row = from; row < to && !this.#some; row++) this.#some = isValid(valid, row);
  }
  result(): Raw {
    return this.#some ? this.#digest.quantile(this.#q) : null;
  }
}

const exactMeanKind = aggregateKind<QuantileSpec>(
  { name: "quantile", describe: ({ q }) => `${q}, exact` },
  (kind: ColumnKind, { q }) =>
    kind === "float" ? { result: "float", aggregate: new ExactMean(q) } : undefined,
);

class ExactMean implements Aggregate {
  readonly #q: number;
  #values = new Float64Array(64);
  #count = 0;

  constructor(q: number) {
    this.#q = q;
  }
  reset(): void {
    this.#count = 0;
  }
  add(column: FlatColumn, from: number, to: number): void {
    if (column.form !== "flat" || column.kind !== "float") return;
    this.#reserve(to - from);
    const { data, valid } = column;
    if (valid === undefined) {
      this.#values.set(data.subarray(from, to), this.#count);
      this.#count += to - from;
      return;
    }
    for (let row = from; row < to; row++)
      if (isValid(valid, row)) this.#values[this.#count++] = data[row];
  }
  result(): Raw {
    if (this.#count === 0) return null;
    const values = this.#values.subarray(0, this.#count);
    const at = this.#q * (values.length - 1);
    const below = Math.floor(at);
    const above = Math.ceil(at);
    const least = smallest(values, below);
    if (below === above) return least;
    return least * (above - at) + nextSmallest(values, below, least) * (at - below);
  }
  #reserve(more: number): void {
    if (this.#count + more <= this.#values.length) return;
    const values = new Float64Array(Math.max(this.#count + more, this.#values.length * 2));
    values.set(this.#values.subarray(0, this.#count));
    this.#values = values;
  }
}

const exactSelectorKind = wholeBatchKind<QuantileSpec>(
  {
    name: "quantile",
    reads: ({ column }, wanted) => passing(wanted, column),
    describe: ({ q }) => `${q}, a row`,
  },
  ({ column, q }) =>
    (batch) => {
      const at = indexOf(batch.schema, column);
      if (at < 0) throw noSuchColumn(`quantile: no column "${column}" exists`, batch);
      return rowsAtQuantile(batch, at, q);
    },
);

function* rowsAtQuantile(batch: Batch, at: number, q: number): Generator<Batch | undefined> {
  const sorted = yield* sortingRows(batch, { columns: [at], descending: false });
  const column = batch.columns[at];
  const tables = batch.tableEnds.length;
  const rows = new Uint32Array(tables);
  const ends = new Uint32Array(tables);
  let count = 0;
  for (let table = 0; table < tables; table++) {
    const to = batch.tableEnds[table];
    let from = tableStart(batch, table);
    // Nulls come first.
    if (column.form === "table") from = isValid(column.values.valid, table) ? from : to;
    else while (from < to && !isValid(column.valid, sorted?.[from] ?? from)) from++;
    if (from < to) {
      const place = Math.max(0, Math.ceil(q * (to - from)) - 1);
      rows[count++] = sorted?.[from + place] ?? from + place;
    }
    ends[table] = count;
  }
  yield selectRows(batch, rows, count, ends);
}

export const quantile = native({
  name: "quantile",
  type: `(<-tables: stream[A], q: float, ?column: string, ?compression: float, ?method: string) => stream[A]
    where A: Record`,
  docs:
    "The value below which the part `q` (0 to 1) of the values of each table lies. `method` is " +
    '`"estimate_tdigest"` (default; a larger `compression` is more exact), `"exact_mean"` (between the two ' +
    'nearest values, floats only) or `"exact_selector"` (the row that has the value).',
  example: `import "sampledata"
sampledata.float() |> quantile(q: 0.9)`,
  call: (args, run, site) => {
    const q = args.float("q");
    const column = args.string("column", "_value");
    const method = args.string("method", "estimate_tdigest");
    const compression = args.float("compression", 0);
    if (!(q >= 0 && q <= 1))
      throw invalid(`quantile: quantile must be between 0 and 1, but is ${q}`);
    if (compression > 0 && method !== "estimate_tdigest")
      throw invalid("quantile: compression parameter is only valid for method estimate_tdigest");
    const input = [args.stream()];
    switch (method) {
      case "estimate_tdigest": {
        const spec = { column, q, compression: compression > 0 ? compression : 1000 };
        return run.stream(estimatedKind, spec, input, site.at);
      }
      case "exact_mean":
        return run.stream(exactMeanKind, { column, q }, input, site.at);
      case "exact_selector":
        return run.stream(exactSelectorKind, { column, q }, input, site.at);
      default:
        throw invalid(
          `quantile: unknown method ${method}`,
          "use estimate_tdigest, exact_mean or exact_selector",
        );
    }
  },
});

export const median = flux({
  name: "median",
  type: `(<-tables: stream[A], ?column: string, ?compression: float, ?method: string) => stream[A]
    where A: Record`,
  docs: "The value in the middle of each table: `quantile` with `q: 0.5`.",
  example: `import "sampledata"
sampledata.float() |> median()`,
  source: `(column="_value", method="estimate_tdigest", compression=0.0, tables=<-) =>
    tables |> quantile(q: 0.5, column: column, method: method, compression: compression)`,
});
