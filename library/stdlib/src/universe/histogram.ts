import {
  type Batch,
  columnBuilder,
  type FloatColumn,
  indexOf,
  isValid,
  tableStart,
} from "@tocsin/data/column";
import { FluxError, invalid } from "@tocsin/data/value";
import { noSuchColumn, wholeBatchKind } from "@tocsin/engine/execute";
import { transformation } from "@tocsin/engine/interpret";
import { evenEnds, keyAnd } from "./table-result.ts";

interface HistogramSpec {
  readonly column: string;
  readonly upperBoundColumn: string;
  readonly countColumn: string;
  /** Sorted. */
  readonly bins: readonly number[];
  readonly normalize: boolean;
}

const histogramKind = wholeBatchKind<HistogramSpec>(
  {
    name: "histogram",
    reads: ({ column }) => new Set([column]),
    describe: ({ bins }) => `${bins.length} bins`,
  },
  (spec) => (batch) => {
    const column = floatsOf(batch, spec.column);
    const tables = batch.tableEnds.length;
    const bounds = columnBuilder("float", tables * spec.bins.length);
    const counts = columnBuilder("float", tables * spec.bins.length);
    for (let table = 0; table < tables; table++) {
      const inBins = countInBins(
        column,
        tableStart(batch, table),
        batch.tableEnds[table],
        spec.bins,
      );
      const total = spec.normalize ? inBins.reduce((sum, count) => sum + count, 0) : 1;
      let sum = 0;
      spec.bins.forEach((bound, i) => {
        sum += inBins[i];
        bounds.append(bound);
        counts.append(sum / total);
      });
    }
    const made = [
      { label: spec.upperBoundColumn, column: bounds.finish() },
      { label: spec.countColumn, column: counts.finish() },
    ];
    return keyAnd(batch, made, evenEnds(tables, spec.bins.length));
  },
);

function floatsOf(batch: Batch, label: string): FloatColumn {
  const at = indexOf(batch.schema, label);
  if (at < 0) throw noSuchColumn(`histogram: column "${label}" is missing`, batch);
  const column = batch.columns[at];
  if (column.form === "flat" && column.kind === "float") return column;
  throw new FluxError(
    "failed precondition",
    `histogram: column "${label}" must be a float got ${column.kind}`,
  );
}

function countInBins(
  { data, valid }: FloatColumn,
  from: number,
  to: number,
  bins: readonly number[],
): Float64Array {
  const counts = new Float64Array(bins.length);
  for (let row = from; row < to; row++) {
    if (!isValid(valid, row)) continue;
    const bin = binOf(data[row], bins);
    if (bin === bins.length) {
      throw new FluxError(
        "out of range",
        `histogram: found value ${data[row]} greater than any bin; the last is ${bins[bin - 1]}`,
        { hint: 'add a last bin without end: float(v: "+Inf")' },
      );
    }
    counts[bin]++;
  }
  return counts;
}

/** The first bin whose upper bound is not below `value`, by halving. */
function binOf(value: number, bins: readonly number[]): number {
  let low = 0;
  let high = bins.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (value <= bins[middle]) high = middle;
    else low = middle + 1;
  }
  return low;
}

export const histogram = transformation({
  name: "histogram",
  type: `(
    <-tables: stream[A], bins: [float], ?column: string, ?upperBoundColumn: string, ?countColumn: string,
    ?normalize: bool,
  ) => stream[B] where A: Record, B: Record`,
  docs:
    "Counts for each upper bound in `bins` how many values of each table are not above it, in " +
    "the columns `le` and `_value`. With `normalize`, parts of 1 instead of counts. A value " +
    "above the last bound is an error.",
  example: `import "sampledata"
sampledata.float() |> histogram(bins: [0.0, 5.0, 10.0, 20.0])`,
  kind: histogramKind,
  spec: (args) => {
    const bins = [...args.floats("bins")].sort((a, b) => a - b);
    if (bins.length === 0) throw invalid("histogram: bins must not be empty");
    return {
      column: args.string("column", "_value"),
      upperBoundColumn: args.string("upperBoundColumn", "le"),
      countColumn: args.string("countColumn", "_value"),
      bins,
      normalize: args.bool("normalize", false),
    };
  },
});
