import {
  type Batch,
  type Column,
  columnBuilder,
  type ColumnSpec,
  expand,
  type FlatColumn,
  indexOf,
} from "@tocsin/data/column";
import {
  type ColumnKind,
  FluxError,
  type FunctionValue,
  invalid,
  type Raw,
  type Value,
} from "@tocsin/data/value";
import type { Operator, OperatorContext, Outlet } from "./operator.ts";
import { atEnd } from "./pushing.ts";
import { Regrouping } from "./regrouping.ts";

/** The column at `at` with one cell for each row. */
export function flatAt(batch: Batch, at: number): FlatColumn {
  return expand(batch.columns[at], batch.tableEnds);
}

/** The batch with a column in place of the one with its name, or at the end. */
export function withColumn(batch: Batch, spec: ColumnSpec, column: Column): Batch {
  const at = indexOf(batch.schema, spec.label);
  if (at < 0)
    return { ...batch, schema: [...batch.schema, spec], columns: [...batch.columns, column] };
  return { ...batch, schema: batch.schema.with(at, spec), columns: batch.columns.with(at, column) };
}

/** A column of `rows` equal cells. */
export function constantColumn(kind: ColumnKind, cell: Raw, rows: number): FlatColumn {
  const builder = columnBuilder(kind, rows);
  for (let row = 0; row < rows; row++) builder.append(cell);
  return builder.finish();
}

/** The error for a column that a function needs and a table does not have, in upstream's words. */
export function noSuchColumn(message: string, batch: Batch): FluxError {
  const there = batch.schema.map(({ label }) => label).join(", ");
  return new FluxError("failed precondition", message, {
    hint: `the table has the columns ${there}`,
  });
}

/** What a function of column names gives for a name. */
export function callOnLabel(
  name: string,
  fn: FunctionValue,
  label: string,
  context: OperatorContext,
): Value {
  const value = context.rows.call(fn, new Map([["column", { kind: "string", value: label }]]));
  if (value instanceof Promise)
    throw invalid(`${name}: the function of a column's name cannot read or act`);
  return value;
}

/**
 * Applies a change of columns that may make keys equal. Only the end shows whether they stay different: until then all
 * batches are held, and they are merged if one of them lost a key column.
 */
export function keyChanging(
  out: Outlet,
  change: (batch: Batch) => { readonly batch: Batch; readonly losesKey: boolean },
): ReturnType<typeof atEnd> {
  const held: Batch[] = [];
  let merging = false;
  const push = (before: Batch): void => {
    const { batch, losesKey } = change(before);
    if (batch.schema.length === 0) return;
    merging ||= losesKey;
    held.push(batch);
  };
  return atEnd(out, push, () => (merging ? merged(held) : held));
}

function* merged(batches: readonly Batch[]): Generator<Batch | undefined> {
  const regrouping = new Regrouping();
  for (const batch of batches) {
    regrouping.add(batch, ({ key }) => key);
    yield;
  }
  yield* regrouping.batches();
}

/** As `keyChanging`, where only batches whose key may change need be held. */
export function replacing(
  out: Outlet,
  changesKey: (batch: Batch) => boolean,
  change: (batch: Batch) => Batch,
): Operator {
  const merging = keyChanging(out, (batch) => ({ batch: change(batch), losesKey: true }));
  return {
    ...merging,
    push(batch) {
      if (changesKey(batch)) merging.push(batch, 0);
      else out.push(change(batch));
    },
  };
}

/** Whether the key has a column called `label`. */
export const inKey =
  (label: string) =>
  (batch: Batch): boolean =>
    batch.schema.some((spec) => spec.key && spec.label === label);
