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
import { type ColumnNames } from "@tocsin/engine/plan";
import { type ColumnKind, FluxError, invalid, type Raw } from "@tocsin/data/value";
import type { Operator, OperatorKind, Outlet, Properties } from "./operator.ts";
import type { Stretches } from "./operators/table-sums.ts";
import { operatorKind } from "./per-batch.ts";

/**
 * A function from a column's cells to one cell, fed range by range. One state serves all tables, one
 * after the other, so nothing is made per table.
 */
export interface Aggregate {
  /** Forgets everything: a new table begins. */
  reset(): void;
  /** The rows `from .. to` of the aggregated column belong to the present table. */
  add(column: FlatColumn, from: number, to: number): void;
  result(): Raw;
  /**
   * What `reset`, `add` and `result` give for each of some whole tables of a column, in one loop: most
   * tables have few rows. Undefined: it cannot; missing: it never can.
   */
  each?(column: FlatColumn, tables: Stretches): FlatColumn | undefined;
}

/** What an aggregate needs to be made: the kind of its column. Undefined: no such column is taken. */
export type AggregateFactory<Spec> = (
  kind: ColumnKind,
  spec: Spec,
) => { readonly result: ColumnKind; readonly aggregate: Aggregate } | undefined;

/**
 * A kind whose operator makes one row of each table: the key's columns and the aggregated column. The
 * spec names the column.
 */
export function aggregateKind<Spec extends { readonly column: string }>(
  properties: Omit<Properties<Spec>, "rowwise">,
  make: AggregateFactory<Spec>,
): OperatorKind<Spec> {
  const reads = ({ column }: Spec): ColumnNames => new Set([column]);
  const all = { keepsOrder: true, makesOneRow: true, reads, ...properties, rowwise: false };
  return operatorKind(all, (spec, out) => {
    return new AggregateOperator(properties.name, spec.column, (kind) => make(kind, spec), out);
  });
}

class AggregateOperator implements Operator {
  readonly #name: string;
  readonly #column: string;
  readonly #make: (kind: ColumnKind) => { result: ColumnKind; aggregate: Aggregate } | undefined;
  readonly #out: Outlet;
  #kind: ColumnKind | undefined;
  #present: { result: ColumnKind; aggregate: Aggregate } | undefined;
  #carrying = false;

  constructor(
    name: string,
    column: string,
    make: (kind: ColumnKind) => { result: ColumnKind; aggregate: Aggregate } | undefined,
    out: Outlet,
  ) {
    this.#name = name;
    this.#column = column;
    this.#make = make;
    this.#out = out;
  }
  push(batch: Batch): void {
    const at = this.#find(batch.schema);
    const { result, aggregate } = this.#state(batch.schema[at].kind);
    const column = batch.columns[at] as FlatColumn;
    const tables = batch.tableEnds.length;
    const whole = batch.open ? tables - 1 : tables;
    // A table that goes on ends first; the last one may go on.
    let table = 0;
    const first = columnBuilder(result, 1);
    if (this.#carrying && whole > 0) {
      aggregate.add(column, 0, batch.tableEnds[table++]);
      first.append(aggregate.result());
      this.#carrying = false;
    }
    const from = table === 0 ? 0 : batch.tableEnds[table - 1];
    const rest = { from, ends: batch.tableEnds.subarray(table, whole) };
    const others = aggregate.each?.(column, rest) ?? oneByOne(result, aggregate, column, rest);
    if (batch.open) {
      if (!this.#carrying) aggregate.reset();
      aggregate.add(column, tableStart(batch, whole), batch.tableEnds[whole]);
      this.#carrying = true;
    }
    if (whole === 0) return;
    const values = table === 0 ? others : concatenate([first.finish(), others]);
    this.#out.push(oneRowEach(batch, { label: this.#column, kind: result }, values, whole));
  }
  finish(): void {}

  #find(schema: Schema): number {
    const at = indexOf(schema, this.#column);
    if (at < 0) throw missingColumn(this.#name, this.#column, schema);
    if (schema[at].key)
      throw invalid(`${this.#name}: cannot aggregate columns that are part of the group key`);
    return at;
  }
  #state(kind: ColumnKind): { result: ColumnKind; aggregate: Aggregate } {
    if (this.#present === undefined || this.#kind !== kind) {
      this.#present = this.#make(kind);
      this.#kind = kind;
    }
    if (this.#present === undefined) {
      throw invalid(`unsupported input type for ${this.#name} aggregate: ${kind}`);
    }
    return this.#present;
  }
}

function oneByOne(
  kind: ColumnKind,
  aggregate: Aggregate,
  column: FlatColumn,
  { from, ends }: Stretches,
): FlatColumn {
  const values = columnBuilder(kind, ends.length);
  let start = from;
  for (const end of ends) {
    aggregate.reset();
    aggregate.add(column, start, end);
    values.append(aggregate.result());
    start = end;
  }
  return values.finish();
}

/** A column that an operation needs and a table does not have; names those that are there. */
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
