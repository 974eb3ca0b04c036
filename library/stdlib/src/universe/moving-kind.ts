import { type Batch, type Column, isValid, tableStart, type Validity } from "@tocsin/data/column";
import { FluxError } from "@tocsin/data/value";
import { missingColumn, operatorKind, type OperatorKind } from "@tocsin/engine/execute";
import { passing } from "@tocsin/engine/plan";
import { LeadingRows } from "./leading-rows.ts";
import { type NumericColumn, numericAt, ValidBits } from "./numeric-column.ts";
import { GrowingNumbers } from "./growing-numbers.ts";

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

/** Moves along the rows of a table, which may come in several stretches. */
export interface Mover {
  /** A table begins. */
  begin(): void;
  /** Sets the cells of its next rows, which are `from .. to`; those of skipped rows do not count. */
  move(series: Series, rows: { from: number; to: number }, out: MovedSeries): void;
}

/** How a function moves along the rows of a table. */
interface MovingRule {
  /** The words for "take … of a column" in errors. */
  readonly what: string;
  /** Whether a table without the column is an error. */
  readonly needsColumn: boolean;
  /** How many rows at the start of a table of `rows` rows are left out; never fewer of a longer one. */
  skipped(rows: number, n: number): number;
  mover(n: number): Mover;
}

/**
 * A kind that replaces columns of numbers by moving values, as floats, and leaves out the first rows of each table.
 */
export function movingKind(name: string, rule: MovingRule): OperatorKind<MovingSpec> {
  return operatorKind<MovingSpec>(
    {
      name,
      rowwise: false,
      reads: ({ columns }, wanted) => passing(wanted, ...columns),
      describe: ({ n, columns }) => `${n}, ${columns.join(", ")}`,
    },
    ({ n, columns }, out) => {
      const leading = new LeadingRows((rows) => rule.skipped(rows, n));
      const movers = columns.map((label) => [label, rule.mover(n)] as const);
      let goesOn = false;
      return {
        push(batch) {
          const moved = replaced(batch, movers, goesOn, { name, ...rule });
          goesOn = batch.open;
          for (const one of leading.after(moved)) out.push(one);
        },
        finish: () => undefined,
      };
    },
  );
}

function replaced(
  batch: Batch,
  movers: readonly (readonly [label: string, Mover])[],
  goesOn: boolean,
  rule: MovingRule & { readonly name: string },
): Batch {
  const schema = [...batch.schema];
  const columns: Column[] = [...batch.columns];
  for (const [label, mover] of movers) {
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
    columns[at] = moved(batch, numeric, mover, goesOn);
  }
  return { ...batch, schema, columns };
}

/** `goesOn`: rows of the first table came before. */
function moved(batch: Batch, column: NumericColumn, mover: Mover, goesOn: boolean): Column {
  const series = { values: floatsOf(column), valid: column.valid };
  const out = { values: new Float64Array(batch.rows), valid: new ValidBits(batch.rows) };
  for (let table = 0; table < batch.tableEnds.length; table++) {
    const from = tableStart(batch, table);
    const to = batch.tableEnds[table];
    if (table > 0 || !goesOn) mover.begin();
    if (to > from) mover.move(series, { from, to }, out);
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

/**
 * How far the last `n` steps of a table's rows went up and down together: sums of the sizes of both. A step that leaves
 * is taken away again. A row without a value repeats the one before; 0 at the start.
 */
export class Movements {
  readonly #n: number;
  readonly #steps = new GrowingNumbers();
  #row = 0;
  up = 0;
  down = 0;
  /** The value of the row, and of the row before. */
  value = 0;
  before = 0;

  constructor(n: number) {
    this.#n = n;
  }
  begin(): void {
    this.#row = 0;
    this.up = this.down = this.before = this.value = 0;
  }
  /** Takes the next row; gives its number where `n` steps led to it. */
  next({ values, valid }: Series, row: number): number | undefined {
    const i = this.#row++;
    this.before = this.value;
    if (isValid(valid, row)) this.value = values[row];
    if (i === 0) return undefined;
    const place = i % this.#n;
    if (i > this.#n) this.#leave(this.#steps.at(place));
    const step = this.value - this.before;
    this.#steps.put(place, step);
    if (step > 0) this.up += step;
    else if (step < 0) this.down -= step;
    return i < this.#n ? undefined : i;
  }
  #leave(step: number): void {
    if (step > 0) this.up -= step;
    else this.down += step;
  }
}
