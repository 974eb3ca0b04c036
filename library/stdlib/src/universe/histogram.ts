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
import { BinKernel } from "./bin-kernel.ts";
import { evenEnds, keyAnd } from "./table-result.ts";

interface HistogramSpec {
  readonly column: string;
  readonly upperBoundColumn: string;
  readonly countColumn: string;
  /** Sorted. */
  readonly bins: readonly number[];
  readonly normalize: boolean;
}

/** Of so many rows machine code is made, which then counts tables of at least so many. */
const worthRows = 8192;
const tableRows = 256;

const histogramKind = wholeBatchKind<HistogramSpec>(
  {
    name: "histogram",
    reads: ({ column }) => new Set([column]),
    describe: ({ bins }) => `${bins.length} bins`,
  },
  (spec) => {
    const bins = padded(spec.bins);
    let kernel: BinKernel | undefined;
    return (batch) => {
      if (batch.rows >= worthRows) kernel ??= BinKernel.of(bins.bounds);
      return histogramOf(batch, spec, { ...bins, kernel });
    };
  },
);

function histogramOf(batch: Batch, spec: HistogramSpec, bins: PaddedBins): Batch {
  const column = floatsOf(batch, spec.column);
  const tables = batch.tableEnds.length;
  const bounds = columnBuilder("float", tables * spec.bins.length);
  const counts = columnBuilder("float", tables * spec.bins.length);
  for (let table = 0; table < tables; table++) {
    const inBins = countInBins(column, tableStart(batch, table), batch.tableEnds[table], bins);
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
}

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
  column: FloatColumn,
  from: number,
  to: number,
  bins: PaddedBins,
): Float64Array {
  const { bounds, size, kernel } = bins;
  const { data, valid } = column;
  const counts =
    kernel !== undefined && valid === undefined && to - from >= tableRows
      ? kernel.count(data, from, to)
      : countByValue(column, from, to, bounds);
  for (let bin = size; bin < counts.length; bin++)
    if (counts[bin] > 0) throw aboveAll(column, from, to, bounds[size - 1]);
  return counts;
}

function countByValue(
  { data, valid }: FloatColumn,
  from: number,
  to: number,
  bounds: Float64Array,
): Float64Array {
  const counts = new Float64Array(bounds.length + 1);
  for (let row = from; row < to; row++) {
    if (valid !== undefined && !isValid(valid, row)) continue;
    const value = data[row];
    // How many bounds are below, by halving; without branches, which values in any order make slow.
    let below = 0;
    for (let half = (bounds.length + 1) >> 1; half > 0; half >>= 1)
      below += +!(value <= bounds[below + half - 1]) * half;
    counts[below]++;
  }
  return counts;
}

/** Upper bounds of bins, and as many more as make one less than a power of two. */
interface PaddedBins {
  readonly bounds: Float64Array;
  readonly size: number;
  readonly kernel?: BinKernel | undefined;
}

function padded(bins: readonly number[]): PaddedBins {
  let length = 1;
  while (length < bins.length) length = 2 * length + 1;
  const bounds = new Float64Array(length).fill(Infinity);
  bounds.set(bins);
  return { bounds, size: bins.length };
}

function aboveAll(
  { data, valid }: Pick<FloatColumn, "data" | "valid">,
  from: number,
  to: number,
  last: number,
): FluxError {
  let row = from;
  while (row < to && (!isValid(valid, row) || data[row] <= last)) row++;
  return new FluxError(
    "out of range",
    `histogram: found value ${data[row]} greater than any bin; the last is ${last}`,
    { hint: 'add a last bin without end: float(v: "+Inf")' },
  );
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
