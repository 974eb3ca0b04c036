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
import { keepsColumn } from "./kept-columns.ts";
import { rowError } from "./place.ts";
import { RecordColumns } from "./record-columns.ts";
import { eachRow, RowReader } from "./row.ts";
import type { BadRowSink, MappedBatch, Mapper } from "./row-compiler.ts";
import { attempt } from "./walking-predicate.ts";

/** A mapper that walks the function's tree for each row. */
export function walkingMapper(fn: FunctionValue): Mapper {
  return {
    effect: effectOf(fn),
    keeps: (label) => keepsColumn(fn, label),
    map: (batch, bad) => map(fn, batch, bad),
  };
}

function map(fn: FunctionValue, batch: Batch, bad: BadRowSink): Awaitable<MappedBatch> {
  const reader = new RowReader(batch);
  const columns = new RecordColumns(batch);
  const done = eachRow(batch, (row, table) => {
    const args = new Map([["r", reader.record(row, table)]]);
    return attempt(
      () => callFunction(fn, args, { at: undefined }),
      (value) => columns.add(row, table, rowRecord(value)),
      (thrown) => {
        bad(row, rowError(thrown));
      },
    );
  });
  return after(done, () => columns.finish());
}

/** The result of a map function, which must be a record. */
export function rowRecord(value: Value): RecordValue {
  if (value.kind === "record") return value;
  throw invalid(`the map function must give a record, got ${kindName(value)}`);
}
