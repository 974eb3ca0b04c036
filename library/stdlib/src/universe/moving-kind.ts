import { type Batch, type Column, isValid, tableStart, type Validity } from "@tocsin/data/column";
import { FluxError } from "@tocsin/data/value";
import { missingColumn, type OperatorKind, wholeBatchKind } from "@tocsin/engine/execute";
import { passing } from "@tocsin/engine/plan";
import { type NumericColumn, numericAt, ValidBits, withoutFirstRows } from "./numeric-column.ts";

/** What a function that moves along columns of numbers was asked for. */
interface MovingSpec {
  readonly n: number;
  readonly columns: readonly string[];
}

/** A column of numbers as floats. */
export interface Series {
  readonly values: Float64Array;
  readonly valid: Validity;
}

/** The new cells of a column; rows that are not set are null. */
export interface MovedSeries {
  readonly values: Float64Array;
  readonly valid: ValidBits;
}

/** How a function moves along the rows of a table. */
interface MovingRule {
  /** The words for "take … of a column" in errors. */
  readonly what: string;
  /** Whether a table without the column is an error. */
  readonly needsColumn: boolean;
  /** How many rows at the start of a table of `rows` rows are left out. */
  skipped(rows: number, n: number): number;
  /** Sets the cells of one table, the rows `from .. to`; cells of skipped rows do not matter. */
  move(series: Series, table: { from: number; to: number }, n: number, out: MovedSeries): void;
}

/**
 * A kind that replaces columns of numbers by moving values, as floats, and leaves out the first rows of each table.
 */
export function movingKind(name: string, rule: MovingRule): OperatorKind<MovingSpec> {
  return wholeBatchKind<MovingSpec>(
    {
      name,
      reads: ({ columns }, wanted) => passing(wanted, ...columns),
      describe: ({ n, columns }) => `${n}, ${columns.join(", ")}`,
    },
    ({ n, columns }) =>
      (batch) =>
        withoutFirstRows(replaced(batch, columns, n, { name, ...rule }), (rows) =>
          rule.skipped(rows, n),
        ),
  );
}

function replaced(
  batch: Batch,
  labels: readonly string[],
  n: number,
  rule: MovingRule & { readonly name: string },
): Batch {
  const schema = [...batch.schema];
  const columns: Column[] = [...batch.columns];
  for (const label of labels) {
    const at = schema.findIndex((spec) => spec.label === label);
    if (at < 0) {
      if (rule.needsColumn) throw missingColumn(rule.name, label, schema);
      continue;
    }
    const numeric = numericAt(batch, at);
    if (numeric === undefined) {
      throw new FluxError(
        "failed precondition",
        `cannot take ${rule.what} of column ${label} (type ${schema[at].kind})`,
        { hint: "it works on columns of numbers that are not part of the group key" },
      );
    }
    schema[at] = { ...schema[at], kind: "float" };
    columns[at] = moved(batch, numeric, n, rule);
  }
  return { ...batch, schema, columns };
}

function moved(batch: Batch, column: NumericColumn, n: number, rule: MovingRule): Column {
  const series = { values: floatsOf(column), valid: column.valid };
  const out = { values: new Float64Array(batch.rows), valid: new ValidBits(batch.rows) };
  for (let table = 0; table < batch.tableEnds.length; table++) {
    const from = tableStart(batch, table);
    const to = batch.tableEnds[table];
    if (to > from) rule.move(series, { from, to }, n, out);
  }
  return { kind: "float", form: "flat", data: out.values, valid: out.valid.finish() };
}

function floatsOf(column: NumericColumn): Float64Array {
  if (column.kind === "float") return column.data;
  const values = new Float64Array(column.data.length);
  for (let row = 0; row < values.length; row++) values[row] = Number(column.data[row]);
  return values;
}

/** Sets a cell, or leaves it without a value. */
export function put(out: MovedSeries, row: number, value: number | undefined): void {
  if (value === undefined) return;
  out.values[row] = value;
  out.valid.set(row);
}

/** A table's values without nulls: each null repeats the value before, or is 0 at the start. */
export function withoutGaps(
  { values, valid }: Series,
  { from, to }: { from: number; to: number },
): Float64Array {
  const table = values.slice(from, to);
  if (valid === undefined) return table;
  for (let i = 0; i < table.length; i++)
    if (!isValid(valid, from + i)) table[i] = i === 0 ? 0 : table[i - 1];
  return table;
}

/**
 * Calls `tell` for each row from the n-th on with the sums of the rises and of the falls among the last `n` steps.
 * Keeps the sums up to date: a step that is left behind is subtracted.
 */
export function forEachMovement(
  values: Float64Array,
  n: number,
  tell: (row: number, up: number, down: number) => void,
): void {
  let up = 0;
  let down = 0;
  for (let row = 1; row < values.length; row++) {
    const step = values[row] - values[row - 1];
    if (step > 0) up += step;
    else if (step < 0) down -= step;
    if (row < n) continue;
    tell(row, up, down);
    const left = values[row - n + 1] - values[row - n];
    if (left > 0) up -= left;
    else down += left;
  }
}
