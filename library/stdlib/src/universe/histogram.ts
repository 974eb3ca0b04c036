import { type Batch, type FloatColumn, indexOf, isValid } from "@tocsin/data/column";
import { FluxError, formatFloat, invalid } from "@tocsin/data/value";
import { noSuchColumn } from "@tocsin/engine/execute";
import { transformation } from "@tocsin/engine/interpret";
import { BinKernel } from "./bin-kernel.ts";
import { foldingKind, type TableFold } from "./folding-kind.ts";
import type { ResultColumn } from "./table-result.ts";

interface HistogramSpec {
  readonly column: string;
  readonly upperBoundColumn: string;
  readonly countColumn: string;
  /** Sorted. */
  readonly bins: readonly number[];
  readonly normalize: boolean;
}

const histogramKind = foldingKind<HistogramSpec>(
  {
    name: "histogram",
    reads: ({ column }) => new Set([column]),
    describe: ({ bins }) => `${bins.length} bins`,
  },
  (spec) => new Histogram(spec),
);

/** Rows after which a kernel pays, and the fewest rows of one call. */
const worthRows = 8192;
const stretchRows = 256;

/** Counts the values of each table in bins. */
class Histogram implements TableFold {
  readonly rowsEach: number;
  readonly #spec: HistogramSpec;
  readonly #bounds: Float64Array;
  /** How many values of the present table have no bound below them, one, two, and so on. */
  readonly #inBins: Float64Array;
  #kernel: BinKernel | undefined;
  #rows = 0;
  #column: FloatColumn | undefined;
  #made = new Float64Array(0);
  #at = 0;

  constructor(spec: HistogramSpec) {
    this.#spec = spec;
    this.rowsEach = spec.bins.length;
    this.#bounds = padded(spec.bins);
    this.#inBins = new Float64Array(this.#bounds.length + 1);
  }
  begin(batch: Batch, ends: number): void {
    this.#column = floatsOf(batch, this.#spec.column);
    this.#rows += batch.rows;
    if (this.#rows >= worthRows) this.#kernel ??= BinKernel.of(this.#bounds);
    this.#made = new Float64Array(ends * this.rowsEach);
    this.#at = 0;
  }
  add(from: number, to: number): void {
    if (this.#column === undefined) return;
    if (this.#kernel !== undefined && to - from >= stretchRows)
      this.#kernel.count(this.#column, { from, to }, this.#inBins);
    else this.#countByValue(this.#column, from, to);
    for (let bin = this.rowsEach; bin < this.#inBins.length; bin++)
      if (this.#inBins[bin] > 0)
        throw aboveAll(this.#column, from, to, this.#bounds[this.rowsEach - 1]);
  }
  end(): void {
    const inBins = this.#inBins;
    const total = this.#spec.normalize ? inBins.reduce((sum, count) => sum + count, 0) : 1;
    let sum = 0;
    for (let bin = 0; bin < this.rowsEach; bin++) {
      sum += inBins[bin];
      this.#made[this.#at++] = sum / total;
    }
    inBins.fill(0);
  }
  made(): ResultColumn[] {
    const { bins, upperBoundColumn, countColumn } = this.#spec;
    const bounds = new Float64Array(this.#made.length);
    for (let at = 0; at < bounds.length; at += bins.length) bounds.set(bins, at);
    return [
      { label: upperBoundColumn, column: floats(bounds) },
      { label: countColumn, column: floats(this.#made) },
    ];
  }

  #countByValue({ data, valid }: FloatColumn, from: number, to: number): void {
    const bounds = this.#bounds;
    const counts = this.#inBins;
    for (let row = from; row < to; row++) {
      if (valid !== undefined && !isValid(valid, row)) continue;
      const value = data[row];
      // A binary search without branches, which random values would mispredict.
      let below = 0;
      for (let half = (bounds.length + 1) >> 1; half > 0; half >>= 1)
        below += +!(value <= bounds[below + half - 1]) * half;
      counts[below]++;
    }
  }
}

const floats = (data: Float64Array): FloatColumn => ({
  kind: "float",
  form: "flat",
  data,
  valid: undefined,
});

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

/** The upper bounds of bins, filled up with infinities to one less than a power of two. */
function padded(bins: readonly number[]): Float64Array {
  let length = 1;
  while (length < bins.length) length = 2 * length + 1;
  const bounds = new Float64Array(length).fill(Infinity);
  bounds.set(bins);
  return bounds;
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
    `histogram: found value ${formatFloat(data[row])} greater than any bin; the last is ${formatFloat(last)}`,
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
