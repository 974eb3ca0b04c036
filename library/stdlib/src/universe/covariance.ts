import { type Batch, columnBuilder, type FloatColumn, indexOf, isValid } from "@tocsin/data/column";
import { FluxError, invalid } from "@tocsin/data/value";
import { flatAt, noSuchColumn } from "@tocsin/engine/execute";
import { flux, transformation } from "@tocsin/engine/interpret";
import { foldingKind, type TableFold } from "./folding-kind.ts";
import type { ResultColumn } from "./table-result.ts";

interface CovarianceSpec {
  readonly columns: readonly [x: string, y: string];
  readonly pearsonr: boolean;
  readonly valueDst: string;
}

const covarianceKind = foldingKind<CovarianceSpec>(
  {
    name: "covariance",
    reads: ({ columns }) => new Set(columns),
    describe: ({ columns }) => columns.join(", "),
  },
  (spec) => new Covariance(spec),
);

/** How two columns vary together in table after table. */
class Covariance implements TableFold {
  readonly rowsEach = 1;
  readonly #spec: CovarianceSpec;
  #columns: [x: FloatColumn, y: FloatColumn] | undefined;
  #made = columnBuilder("float", 0);
  #moments = new JointMoments();

  constructor(spec: CovarianceSpec) {
    this.#spec = spec;
  }
  begin(batch: Batch, ends: number): void {
    this.#columns = bothColumns(batch, this.#spec.columns);
    this.#made = columnBuilder("float", ends);
  }
  add(from: number, to: number): void {
    if (this.#columns !== undefined) this.#moments.add(...this.#columns, from, to);
  }
  end(): void {
    this.#made.append(this.#moments.together(this.#spec.pearsonr));
    this.#moments = new JointMoments();
  }
  made(): ResultColumn[] {
    return [{ label: this.#spec.valueDst, column: this.#made.finish() }];
  }
}

function bothColumns(batch: Batch, labels: readonly [string, string]): [FloatColumn, FloatColumn] {
  const [x, y] = labels.map((label) => {
    const at = indexOf(batch.schema, label);
    if (at < 0)
      throw noSuchColumn(`covariance: specified column does not exist in table: ${label}`, batch);
    return flatAt(batch, at);
  });
  if (x.kind !== y.kind) {
    throw new FluxError(
      "failed precondition",
      `covariance: cannot compute the covariance between different types: ${x.kind} and ${y.kind}`,
    );
  }
  if (x.form === "flat" && x.kind === "float" && y.form === "flat" && y.kind === "float")
    return [x, y];
  throw invalid(`covariance: covariance does not support ${x.kind}`);
}

/** Means and sums of products are kept up to date row by row, so that nothing cancels. */
class JointMoments {
  #count = 0;
  #meanX = 0;
  #meanY = 0;
  #squaresX = 0;
  #squaresY = 0;
  #products = 0;

  add(x: FloatColumn, y: FloatColumn, from: number, to: number): void {
    let [count, meanX, meanY] = [this.#count, this.#meanX, this.#meanY];
    let [squaresX, squaresY, products] = [this.#squaresX, this.#squaresY, this.#products];
    for (let row = from; row < to; row++) {
      if (!isValid(x.valid, row) || !isValid(y.valid, row)) continue;
      count += 1;
      const awayX = x.data[row] - meanX;
      const awayY = y.data[row] - meanY;
      meanX += awayX / count;
      meanY += awayY / count;
      squaresX += awayX * (x.data[row] - meanX);
      squaresY += awayY * (y.data[row] - meanY);
      products += awayX * (y.data[row] - meanY);
    }
    [this.#count, this.#meanX, this.#meanY] = [count, meanX, meanY];
    [this.#squaresX, this.#squaresY, this.#products] = [squaresX, squaresY, products];
  }
  together(pearsonr: boolean): number {
    if (this.#count < 2) return Number.NaN;
    return pearsonr
      ? this.#products / Math.sqrt(this.#squaresX * this.#squaresY)
      : this.#products / (this.#count - 1);
  }
}

export const covariance = transformation({
  name: "covariance",
  type: `(<-tables: stream[A], columns: [string], ?pearsonr: bool, ?valueDst: string) => stream[B]
    where A: Record, B: Record`,
  docs:
    "How two float columns of each table vary together: their covariance, or with `pearsonr` " +
    "their correlation from -1 to 1.",
  example: `import "sampledata"
sampledata.float()
    |> duplicate(column: "_value", as: "other")
    |> covariance(columns: ["_value", "other"])`,
  kind: covarianceKind,
  spec: (args) => {
    const columns = args.strings("columns");
    if (columns.length !== 2)
      throw invalid(
        `covariance: must provide exactly two columns, but ${columns.length} are given`,
      );
    return {
      columns: [columns[0], columns[1]] as const,
      pearsonr: args.bool("pearsonr", false),
      valueDst: args.string("valueDst", "_value"),
    };
  },
});

export const cov = flux({
  name: "cov",
  type: `(x: A, y: B, on: [string], ?pearsonr: bool) => stream[C] where C: Record`,
  docs: "The covariance of two streams that are joined on columns.",
  example: `import "sampledata"
cov(x: sampledata.float(), y: sampledata.float(), on: ["_time", "tag"])`,
  source: `(x, y, on, pearsonr=false) =>
    join(tables: {x: x, y: y}, on: on)
        |> covariance(columns: ["_value_x", "_value_y"], pearsonr: pearsonr)`,
});

export const pearsonr = flux({
  name: "pearsonr",
  type: `(x: A, y: B, on: [string]) => stream[C] where C: Record`,
  docs: "The correlation, from -1 to 1, of two streams that are joined on columns.",
  example: `import "sampledata"
pearsonr(x: sampledata.float(), y: sampledata.float(), on: ["_time", "tag"])`,
  source: `(x, y, on) => cov(x: x, y: y, on: on, pearsonr: true)`,
});
