import { type Batch, columnBuilder, indexOf, isValid, tableStart } from "@tocsin/data/column";
import { FluxError, invalid } from "@tocsin/data/value";
import { flatAt, noSuchColumn, wholeBatchKind } from "@tocsin/engine/execute";
import { transformation } from "@tocsin/engine/interpret";
import { keyAnd } from "./table-result.ts";

interface HistogramQuantileSpec {
  readonly quantile: number;
  readonly countColumn: string;
  readonly upperBoundColumn: string;
  readonly valueColumn: string;
  readonly minValue: number;
  readonly onNonmonotonic: "error" | "force" | "drop";
}

/** How many values are not above a bound. */
interface Bucket {
  count: number;
  readonly bound: number;
}

const histogramQuantileKind = wholeBatchKind<HistogramQuantileSpec>(
  {
    name: "histogramQuantile",
    reads: ({ countColumn, upperBoundColumn }) => new Set([countColumn, upperBoundColumn]),
    describe: ({ quantile }) => String(quantile),
  },
  (spec) => (batch) => {
    const bucketsOf = bucketReader(batch, spec);
    const values = columnBuilder("float", batch.tableEnds.length);
    const tableEnds = new Uint32Array(batch.tableEnds.length);
    let rows = 0;
    for (let table = 0; table < tableEnds.length; table++) {
      const value = quantileOf(bucketsOf(table), spec);
      if (value !== "drop") {
        values.append(value);
        rows++;
      }
      tableEnds[table] = rows;
    }
    return keyAnd(batch, [{ label: spec.valueColumn, column: values.finish() }], tableEnds);
  },
);

function bucketReader(batch: Batch, spec: HistogramQuantileSpec): (table: number) => Bucket[] {
  const [counts, bounds] = [
    ["count", spec.countColumn],
    ["upper bound", spec.upperBoundColumn],
  ].map(([what, label]) => {
    const at = indexOf(batch.schema, label);
    if (at < 0)
      throw noSuchColumn(`histogramQuantile: table is missing ${what} column "${label}"`, batch);
    const column = flatAt(batch, at);
    if (column.form === "flat" && column.kind === "float") return column;
    throw failed(`${what} column "${label}" must be of type float`);
  });
  return (table) => {
    const buckets: Bucket[] = [];
    for (let row = tableStart(batch, table); row < batch.tableEnds[table]; row++) {
      if (!isValid(counts.valid, row)) throw failed("unexpected null in the countColumn");
      if (!isValid(bounds.valid, row)) throw failed("unexpected null in the upperBoundColumn");
      buckets.push({ count: counts.data[row], bound: bounds.data[row] });
    }
    return buckets.sort((a, b) => a.bound - b.bound);
  };
}

function quantileOf(buckets: Bucket[], spec: HistogramQuantileSpec): number | null | "drop" {
  if (buckets.length === 0) throw failed("histogram is empty");
  let most = 0;
  for (const bucket of buckets) {
    if (bucket.count < most) {
      if (spec.onNonmonotonic === "drop") return "drop";
      if (spec.onNonmonotonic === "error")
        throw failed("histogram records counts are not monotonic");
      bucket.count = most;
    }
    most = bucket.count;
  }
  if (most === 0) return null;
  const rank = spec.quantile * most;
  const below = buckets.findLastIndex(({ count }) => rank >= count);
  if (below === buckets.length - 1) return buckets[below].bound;
  const lower = below < 0 ? { count: 0, bound: spec.minValue } : buckets[below];
  const upper = buckets[below + 1];
  if (rank === lower.count) return lower.bound;
  // Nothing lies between a bound and infinity.
  if (lower.bound === Number.NEGATIVE_INFINITY) return upper.bound;
  if (upper.bound === Number.POSITIVE_INFINITY) return lower.bound;
  const part = (rank - lower.count) / (upper.count - lower.count);
  return lower.bound + (upper.bound - lower.bound) * part;
}

function failed(message: string): FluxError {
  return new FluxError("failed precondition", `histogramQuantile: ${message}`);
}

export const histogramQuantile = transformation({
  name: "histogramQuantile",
  type: `(
    <-tables: stream[A], ?quantile: float, ?countColumn: string, ?upperBoundColumn: string, ?valueColumn: string,
    ?minValue: float, ?onNonmonotonic: string,
  ) => stream[B] where A: Record, B: Record`,
  docs:
    "Estimates a quantile of each table, whose rows say how many values are not above a bound " +
    "(as `histogram` " +
    'makes them). Counts must grow with bounds; `onNonmonotonic` says what to do otherwise: `"error"`, ' +
    '`"force"` (take the larger one) or `"drop"` (leave the table empty).',
  example: `import "sampledata"
sampledata.float()
    |> histogram(bins: [0.0, 5.0, 10.0, 20.0])
    |> histogramQuantile(quantile: 0.9)`,
  kind: histogramQuantileKind,
  spec: (args) => {
    const onNonmonotonic = args.string("onNonmonotonic", "error");
    if (onNonmonotonic !== "error" && onNonmonotonic !== "force" && onNonmonotonic !== "drop") {
      throw invalid(
        "histogramQuantile: value provided to histogramQuantile parameter onNonmonotonic is " +
          "invalid; " +
          'must be one of "error", "force" or "drop"',
      );
    }
    return {
      quantile: args.float("quantile"),
      countColumn: args.string("countColumn", "_value"),
      upperBoundColumn: args.string("upperBoundColumn", "le"),
      valueColumn: args.string("valueColumn", "_value"),
      minValue: args.float("minValue", 0),
      onNonmonotonic,
    };
  },
});
