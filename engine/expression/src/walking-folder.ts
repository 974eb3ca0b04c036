import type { Batch } from "@tocsin/data/column";
import {
  type FunctionValue,
  invalid,
  kindName,
  type RecordValue,
  type Value,
} from "@tocsin/data/value";
import { type Awaitable, after } from "./awaitable.ts";
import { callFunction } from "./call.ts";
import { effectOf } from "./effect.ts";
import { eachRow, RowReader } from "./row.ts";
import type { Folder } from "./row-compiler.ts";

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
): Awaitable<RecordValue[]> {
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
  return after(done, () => results);
}

/** What a reduce function must give. */
export function accumulated(value: Value): RecordValue {
  if (value.kind === "record") return value;
  throw invalid(`the reduce function must give a record, got ${kindName(value)}`);
}
