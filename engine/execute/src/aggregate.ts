import {
  type Batch,
  type Column,
  columnBuilder,
  concatenate,
  type FlatColumn,
  indexOf,
  type Schema,
  slice,
  tableStart,
} from "@tocsin/data/column";
import { type ColumnNames, pooledPoints } from "@tocsin/engine/plan";
import { type ColumnKind, FluxError, invalid, type Raw } from "@tocsin/data/value";
import type { Operator, OperatorKind, Outlet, Properties } from "./operator.ts";
import { operatorKind } from "./per-batch.ts";

/** Tables that follow each other in a column: the first begins at `from`, and each ends at one of `ends`. */
export interface Stretches {
  readonly from: number;
  readonly ends: Uint32Array;
}

/**
 * A function from a column's cells to one cell, which takes ranges of rows. One object serves all tables, one after
 * the other, so that none is made for each.
 */
export interface Aggregate {
  /** Begins a new table. */
  reset(): void;
  /**
   * Takes the rows `from .. to` of the aggregated column, which belong to the present table. `points`: how many points
   * each row stands for; undefined or null: one.
   */
  add(column: FlatColumn, from: number, to: number, points?: FlatColumn): void;
  result(): Raw;
  /**
   * What `reset`, `add` and `result` give for each of some whole tables, in one loop, as most tables have few rows. It
   * gives undefined where it cannot do so.
   */
  each?(column: FlatColumn, tables: Stretches): FlatColumn | undefined;
}

/** Makes the aggregate for a column of some kind; undefined if it takes no such column. */
export type AggregateFactory<Spec> = (
  kind: ColumnKind,
  spec: Spec,
) => { readonly result: ColumnKind; readonly aggregate: Aggregate } | undefined;

/** A kind whose operator makes one row of each table: its key, and the result for the column that the spec names. */
export function aggregateKind<Spec extends { readonly column: string }>(
  properties: Omit<Properties<Spec>, "rowwise">,
  make: AggregateFactory<Spec>,
): OperatorKind<Spec> {
  const { name, pooled = false } = properties;
  const reads = ({ column }: Spec): ColumnNames =>
    new Set(pooled ? [column, pooledPoints] : [column]);
  const all = { keepsOrder: true, makesOneRow: true, reads, ...properties, rowwise: false };
  return operatorKind(all, (spec, out) => {
    const of = { name, column: spec.column, pooled };
    return new AggregateOperator(of, (kind) => make(kind, spec), out);
  });
}

/** Which column is aggregated, and by which function. */
interface Aggregated {
  readonly name: string;
  readonly column: string;
  /** Rows may stand for several points. */
  readonly pooled: boolean;
}

class AggregateOperator implements Operator {
  readonly #of: Aggregated;
  readonly #make: (kind: ColumnKind) => { result: ColumnKind; aggregate: Aggregate } | undefined;
  readonly #out: Outlet;
  #kind: ColumnKind | undefined;
  #present: { result: ColumnKind; aggregate: Aggregate } | undefined;
  #carrying = false;

  constructor(
    of: Aggregated,
    make: (kind: ColumnKind) => { result: ColumnKind; aggregate: Aggregate } | undefined,
    out: Outlet,
  ) {
    this.#of = of;
    this.#make = make;
    this.#out = out;
  }
  push(batch: Batch): void {
    const at = this.#find(batch.schema);
    const { result, aggregate } = this.#state(batch.schema[at].kind);
    const column = batch.columns[at] as FlatColumn;
    const points = this.#of.pooled ? pointsOf(batch) : undefined;
    const tables = batch.tableEnds.length;
    const whole = batch.open ? tables - 1 : tables;
    // The first table may have begun in an earlier batch, and the last one may go on in the next.
    let table = 0;
    const first = columnBuilder(result, 1);
    if (this.#carrying && whole > 0) {
      aggregate.add(column, 0, batch.tableEnds[table++], points);
      first.append(aggregate.result());
      this.#carrying = false;
    }
    const from = table === 0 ? 0 : batch.tableEnds[table - 1];
    const rest = { from, ends: batch.tableEnds.subarray(table, whole) };
    const others =
      (points === undefined ? aggregate.each?.(column, rest) : undefined) ??
      oneByOne(result, aggregate, { column, points }, rest);
    if (batch.open) {
      if (!this.#carrying) aggregate.reset();
      aggregate.add(column, tableStart(batch, whole), batch.tableEnds[whole], points);
      this.#carrying = true;
    }
    if (whole === 0) return;
    const values = table === 0 ? others : concatenate([first.finish(), others]);
    this.#out.push(oneRowEach(batch, { label: this.#of.column, kind: result }, values, whole));
  }
  finish(): void {}

  #find(schema: Schema): number {
    const { name, column } = this.#of;
    const at = indexOf(schema, column);
    if (at < 0) throw missingColumn(name, column, schema);
    if (schema[at].key)
      throw invalid(`${name}: cannot aggregate columns that are part of the group key`);
    return at;
  }
  #state(kind: ColumnKind): { result: ColumnKind; aggregate: Aggregate } {
    if (this.#present === undefined || this.#kind !== kind) {
      this.#present = this.#make(kind);
      this.#kind = kind;
    }
    if (this.#present === undefined) {
      throw invalid(`unsupported input type for ${this.#of.name} aggregate: ${kind}`);
    }
    return this.#present;
  }
}

function oneByOne(
  kind: ColumnKind,
  aggregate: Aggregate,
  { column, points }: { readonly column: FlatColumn; readonly points: FlatColumn | undefined },
  { from, ends }: Stretches,
): FlatColumn {
  const values = columnBuilder(kind, ends.length);
  let start = from;
  for (const end of ends) {
    aggregate.reset();
    aggregate.add(column, start, end, points);
    values.append(aggregate.result());
    start = end;
  }
  return values.finish();
}

/** How many points each row stands for, if a bucket says so. A tag may have the same name, but is text. */
function pointsOf({ schema, columns }: Batch): FlatColumn | undefined {
  const at = indexOf(schema, pooledPoints);
  const column = at < 0 ? undefined : columns[at];
  return column?.form === "flat" && column.kind === "int" ? column : undefined;
}

/** The error for a column that an operation needs and a table does not have; it names those that are there. */
export function missingColumn(operation: string, label: string, schema: Schema): FluxError {
  const there = schema.map((spec) => spec.label).join(", ");
  return new FluxError("failed precondition", `${operation}: column "${label}" does not exist`, {
    hint: `the table has the columns ${there}`,
  });
}

function oneRowEach(
  batch: Batch,
  made: { label: string; kind: ColumnKind },
  values: FlatColumn,
  tables: number,
): Batch {
  const schema: Schema[number][] = [];
  const columns: Column[] = [];
  batch.schema.forEach((spec, i) => {
    if (!spec.key) return;
    const column = batch.columns[i];
    schema.push(spec);
    columns.push(
      column.form === "table" ? { ...column, values: slice(column.values, 0, tables) } : column,
    );
  });
  schema.push({ ...made, key: false });
  columns.push(values);
  const tableEnds = new Uint32Array(tables);
  for (let table = 0; table < tables; table++) tableEnds[table] = table + 1;
  return { schema, columns, rows: tables, tableEnds, open: false };
}
