import { type Batch, type FlatColumn, isValid, tableStart } from "@tocsin/data/column";
import { FluxError, invalid } from "@tocsin/data/value";
import { operatorKind } from "@tocsin/engine/execute";
import { transformation } from "@tocsin/engine/interpret";
import { passing } from "@tocsin/engine/plan";
import { LeadingRows } from "./leading-rows.ts";
import { type NumericColumn, numericAt, ValidBits } from "./numeric-column.ts";

interface DifferenceSpec {
  readonly columns: readonly string[];
  readonly nonNegative: boolean;
  readonly keepFirst: boolean;
  readonly initialZero: boolean;
}

const differenceKind = operatorKind<DifferenceSpec>(
  {
    name: "difference",
    rowwise: false,
    reads: ({ columns }, wanted) => passing(wanted, ...columns),
    describe: ({ columns }) => columns.join(", "),
  },
  (spec, out) => {
    const leading = new LeadingRows();
    /** Of the table that goes on, by the column's place. */
    let before: readonly Before[] = [];
    return {
      push(batch) {
        const schema = [...batch.schema];
        const columns = [...batch.columns];
        const last: Before[] = [];
        batch.schema.forEach(({ label, key }, i) => {
          if (key || !spec.columns.includes(label)) return;
          const made = differences(batch, numeric(batch, i), spec, before[i]);
          columns[i] = made.column;
          last[i] = made.last;
          schema[i] = { ...schema[i], kind: made.column.kind };
        });
        before = batch.open ? last : [];
        const made = { ...batch, schema, columns };
        for (const one of spec.keepFirst ? [made] : leading.after(made)) out.push(one);
      },
      finish: () => undefined,
    };
  },
);

/** The last value of a table so far; undefined: it has none. */
type Before = number | bigint | undefined;

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

/** The differences, and the last value of the last table. `before`: that of the first table's rows that came earlier. */
function differences(
  batch: Batch,
  column: NumericColumn,
  spec: DifferenceSpec,
  before: Before,
): { column: FlatColumn; last: Before } {
  const work = { spec, valid: new ValidBits(batch.rows), before };
  if (column.kind === "float") {
    const { data, last } = floatDifferences(batch, column, work);
    return { column: { kind: "float", form: "flat", data, valid: work.valid.finish() }, last };
  }
  const { data, last } = wholeDifferences(batch, column, work);
  return { column: { kind: "int", form: "flat", data, valid: work.valid.finish() }, last };
}

interface Work {
  readonly spec: DifferenceSpec;
  readonly valid: ValidBits;
  readonly before: Before;
}

function floatDifferences(
  batch: Batch,
  column: Extract<NumericColumn, { kind: "float" }>,
  { spec, valid, before: earlier }: Work,
): { data: Float64Array; last: Before } {
  const { nonNegative, initialZero, keepFirst } = spec;
  const data = new Float64Array(batch.rows);
  let before = earlier === undefined ? undefined : Number(earlier);
  for (let table = 0; table < batch.tableEnds.length; table++) {
    if (table > 0) before = undefined;
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
  return { data, last: before };
}

/** Differences of uints are ints, since they can be negative. */
function wholeDifferences(
  batch: Batch,
  column: Extract<NumericColumn, { kind: "int" | "uint" }>,
  { spec, valid, before: earlier }: Work,
): { data: BigInt64Array; last: Before } {
  const { nonNegative, initialZero, keepFirst } = spec;
  const data = new BigInt64Array(batch.rows);
  let before = BigInt(earlier ?? 0);
  let first = earlier === undefined;
  for (let table = 0; table < batch.tableEnds.length; table++) {
    if (table > 0) first = true;
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
  return { data, last: first ? undefined : before };
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
