import { type Batch, type FlatColumn, isValid, tableStart } from "@tocsin/data/column";
import { FluxError, invalid } from "@tocsin/data/value";
import { wholeBatchKind } from "@tocsin/engine/execute";
import { transformation } from "@tocsin/engine/interpret";
import { passing } from "@tocsin/engine/plan";
import { type NumericColumn, numericAt, ValidBits, withoutFirstRows } from "./numeric-column.ts";

interface DifferenceSpec {
  readonly columns: readonly string[];
  readonly nonNegative: boolean;
  readonly keepFirst: boolean;
  readonly initialZero: boolean;
}

const differenceKind = wholeBatchKind<DifferenceSpec>(
  {
    name: "difference",
    reads: ({ columns }, wanted) => passing(wanted, ...columns),
    describe: ({ columns }) => columns.join(", "),
  },
  (spec) => (batch) => {
    const schema = [...batch.schema];
    const columns = [...batch.columns];
    batch.schema.forEach(({ label, key }, i) => {
      if (key || !spec.columns.includes(label)) return;
      const column = differences(batch, numeric(batch, i), spec);
      columns[i] = column;
      schema[i] = { ...schema[i], kind: column.kind };
    });
    const made = { ...batch, schema, columns };
    return spec.keepFirst ? made : withoutFirstRows(made);
  },
);

function numeric(batch: Batch, at: number): NumericColumn {
  const column = numericAt(batch, at);
  if (column !== undefined) return column;
  const { label, kind } = batch.schema[at];
  if (kind !== "time")
    throw invalid(`difference: difference does not support column "${label}" of type "${kind}"`);
  throw new FluxError(
    "failed precondition",
    "difference: difference does not support time columns. Try the elapsed function",
  );
}

function differences(batch: Batch, column: NumericColumn, spec: DifferenceSpec): FlatColumn {
  const valid = new ValidBits(batch.rows);
  if (column.kind === "float") {
    const data = floatDifferences(batch, column, { spec, valid });
    return { kind: "float", form: "flat", data, valid: valid.finish() };
  }
  const data = wholeDifferences(batch, column, { spec, valid });
  return { kind: "int", form: "flat", data, valid: valid.finish() };
}

interface Work {
  readonly spec: DifferenceSpec;
  readonly valid: ValidBits;
}

function floatDifferences(
  batch: Batch,
  column: Extract<NumericColumn, { kind: "float" }>,
  { spec, valid }: Work,
): Float64Array {
  const { nonNegative, initialZero, keepFirst } = spec;
  const data = new Float64Array(batch.rows);
  for (let table = 0; table < batch.tableEnds.length; table++) {
    let before: number | undefined;
    for (let row = tableStart(batch, table); row < batch.tableEnds[table]; row++) {
      if (!isValid(column.valid, row)) continue;
      const value = column.data[row];
      const step = before === undefined ? 0 : value - before;
      const first = before === undefined;
      before = value;
      if (first ? !(keepFirst && initialZero) : nonNegative && !(step >= 0)) {
        if (first || !initialZero || !(value >= 0)) continue;
        data[row] = value;
      } else data[row] = step;
      valid.set(row);
    }
  }
  return data;
}

/** Differences of uints are ints, since they can be negative. */
function wholeDifferences(
  batch: Batch,
  column: Extract<NumericColumn, { kind: "int" | "uint" }>,
  { spec, valid }: Work,
): BigInt64Array {
  const { nonNegative, initialZero, keepFirst } = spec;
  const data = new BigInt64Array(batch.rows);
  for (let table = 0; table < batch.tableEnds.length; table++) {
    let before = 0n;
    let first = true;
    for (let row = tableStart(batch, table); row < batch.tableEnds[table]; row++) {
      if (!isValid(column.valid, row)) continue;
      const value = BigInt.asIntN(64, column.data[row]);
      const step = first ? 0n : BigInt.asIntN(64, value - before);
      const begins = first;
      before = value;
      first = false;
      if (begins ? !(keepFirst && initialZero) : nonNegative && step < 0n) {
        if (begins || !initialZero || value < 0n) continue;
        data[row] = value;
      } else data[row] = step;
      valid.set(row);
    }
  }
  return data;
}

export const difference = transformation({
  name: "difference",
  type: `(
    <-tables: stream[A], ?nonNegative: bool, ?columns: [string], ?keepFirst: bool, ?initialZero: bool,
  ) => stream[B] where A: Record, B: Record`,
  docs:
    "The difference between each value and the one before it in its table; differences of " +
    "uints are ints. The first row has none: it is dropped, unless `keepFirst` (then it is " +
    "null, or 0 with `initialZero`). With `nonNegative`, a value below the one before gives " +
    "null, or with `initialZero` itself: counters restart.",
  example: `import "sampledata"
sampledata.int() |> difference()`,
  kind: differenceKind,
  spec: (args) => ({
    columns: args.strings("columns", ["_value"]),
    nonNegative: args.bool("nonNegative", false),
    keepFirst: args.bool("keepFirst", false),
    initialZero: args.bool("initialZero", false),
  }),
});
