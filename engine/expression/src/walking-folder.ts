import type { Batch } from "@tocsin/data/column";
import {
  compareUtf8,
  type FluxError,
  type FunctionValue,
  invalid,
  kindName,
  NULL,
  type RecordValue,
  type Value,
} from "@tocsin/data/value";
import { type Awaitable, after } from "./awaitable.ts";
import { callFunction } from "./call.ts";
import { effectOf } from "./effect.ts";
import { eachRow, RowReader } from "./row.ts";
import type { FoldedBatch, Folder, MappedColumn } from "./row-compiler.ts";
import { valueColumn } from "./value-column.ts";

/** A folder that walks the function's tree for each row. */
export function walkingFolder(fn: FunctionValue): Folder {
  return {
    effect: effectOf(fn),
    fold: (batch, first, identity) => fold(fn, batch, { first, identity }),
  };
}

function fold(
  fn: FunctionValue,
  batch: Batch,
  { first, identity }: { first: RecordValue; identity: RecordValue },
): Awaitable<FoldedBatch> {
  const reader = new RowReader(batch);
  const results = Array.from(batch.tableEnds, (_, table) => (table === 0 ? first : identity));
  const done = eachRow(batch, (row, table) => {
    const args = new Map<string, Value>([
      ["r", reader.record(row, table)],
      ["accumulator", results[table]],
    ]);
    return after(callFunction(fn, args, { at: undefined }), (value) => {
      results[table] = accumulated(value);
    });
  });
  return after(done, () => folded(results));
}

function folded(results: readonly RecordValue[]): FoldedBatch {
  const labels = new Set(results.flatMap((one) => [...one.fields.keys()]));
  const columns = [...labels].sort(compareUtf8).flatMap((label): MappedColumn[] => {
    const values = results.map((one) => one.fields.get(label) ?? NULL);
    const column = valueColumn("reduce", label, values);
    return column === undefined ? [] : [{ label, column }];
  });
  return { columns, last: results[results.length - 1] };
}

/** The result of a reduce function, which must be a record without nulls. */
function accumulated(value: Value): RecordValue {
  if (value.kind !== "record") {
    throw invalid(`the reduce function must give a record, got ${kindName(value)}`);
  }
  for (const [label, field] of value.fields) if (field.kind === "null") throw nullReduced(label);
  return value;
}

/** The error for an accumulator that becomes null, as it would stay null: upstream refuses it, too. */
export const nullReduced = (label: string): FluxError =>
  invalid(
    `null values are not supported for "${label}" in the reduce() function`,
    "guard it: if exists r.x then … else accumulator.y",
  );
