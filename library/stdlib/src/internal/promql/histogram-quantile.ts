import {
  cellAt,
  expand,
  indexOf,
  type Table,
  tableFrom,
  tableKey,
  columnBuilder,
} from "@tocsin/data/column";
import { FluxError, parseFloat64 } from "@tocsin/data/value";
import { missingColumn, wholeTableKind } from "@tocsin/engine/execute";
import { transformation } from "@tocsin/engine/interpret";
import { oneValue } from "./range-vector.ts";

interface QuantileSpec {
  readonly quantile: number;
  readonly countColumn: string;
  readonly upperBoundColumn: string;
  readonly valueColumn: string;
}

/** How many values are not above a bound. */
interface Bucket {
  readonly bound: number;
  count: number;
}

const quantileKind = wholeTableKind<QuantileSpec>(
  { name: "promHistogramQuantile", describe: ({ quantile }) => String(quantile) },
  (spec) => (table) => {
    if (indexOf(table.schema, spec.upperBoundColumn) < 0) {
      const column = columnBuilder("float", 0).finish();
      return tableFrom(tableKey(table), [{ label: spec.valueColumn, column }], { rows: 0 });
    }
    const buckets = bucketsOf(table, spec);
    if (buckets.length === 0) return undefined;
    return oneValue(table, spec.valueColumn, quantileOf(buckets, spec.quantile));
  },
);

/** Sorted by bound, bounds once each, counts never falling. Rows whose bound is no number are left out. */
function bucketsOf(table: Table, { countColumn, upperBoundColumn }: QuantileSpec): Bucket[] {
  const at = indexOf(table.schema, countColumn);
  if (at < 0) throw missingColumn("promHistogramQuantile", countColumn, table.schema);
  const counts = expand(table.columns[at], table.tableEnds);
  const bounds = expand(table.columns[indexOf(table.schema, upperBoundColumn)], table.tableEnds);
  const byBound = new Map<number, number>();
  for (let row = 0; row < table.rows; row++) {
    const count = cellAt(counts, row);
    const text = cellAt(bounds, row);
    if (typeof count !== "number") {
      throw new FluxError(
        "failed precondition",
        `promHistogramQuantile: ${countColumn} should be a float in every row`,
      );
    }
    const bound = typeof text === "string" ? parseFloat64(text) : "syntax";
    if (typeof bound === "number") byBound.set(bound, (byBound.get(bound) ?? 0) + count);
  }
  const buckets = [...byBound].map(([bound, count]): Bucket => ({ bound, count }));
  buckets.sort((a, b) => a.bound - b.bound);
  // Scrapes are not atomic: a bucket may lag behind a smaller one. The last one is what it is.
  for (let i = 1; i < buckets.length - 1; i++)
    buckets[i].count = Math.max(buckets[i].count, buckets[i - 1].count);
  return buckets;
}

function quantileOf(buckets: readonly Bucket[], q: number): number {
  if (q < 0) return -Infinity;
  if (q > 1) return Infinity;
  const last = buckets.length - 1;
  if (buckets[last].bound !== Infinity || buckets.length < 2) return NaN;
  const rank = q * buckets[last].count;
  const found = buckets.findIndex(({ count }, i) => i === last || count >= rank);
  if (found === last) return buckets[last - 1].bound;
  if (found === 0 && buckets[0].bound <= 0) return buckets[0].bound;
  const { bound, count } = buckets[found];
  const below = found === 0 ? { bound: 0, count: 0 } : buckets[found - 1];
  return below.bound + (bound - below.bound) * ((rank - below.count) / (count - below.count));
}

export const promHistogramQuantile = transformation({
  name: "promHistogramQuantile",
  type: `(
    <-tables: stream[A], ?quantile: float, ?countColumn: string, ?upperBoundColumn: string, ?valueColumn: string,
  ) => stream[B] where A: Record, B: Record`,
  docs: "A quantile of the histogram that each table is, with bounds as text, as PromQL's `histogram_quantile()`.",
  kind: quantileKind,
  spec: (args) => ({
    quantile: args.float("quantile"),
    countColumn: args.string("countColumn", "_value"),
    upperBoundColumn: args.string("upperBoundColumn", "le"),
    valueColumn: args.string("valueColumn", "_value"),
  }),
});
