import type { Batch } from "@tocsin/data/column";
import type { CallSite, FunctionValue } from "@tocsin/data/value";
import type { Awaitable } from "./awaitable.ts";
import { callFunction } from "./call.ts";
import { effectOf } from "./effect.ts";
import { RowReader } from "./row.ts";
import type { RowValues, ValueSink } from "./row-compiler.ts";
import { attempt } from "./walking-predicate.ts";

const nowhere: CallSite = { at: undefined };

/** Row values that walk the function's tree for each row. */
export function walkingValues(fn: FunctionValue): RowValues {
  return { effect: effectOf(fn), begin: (batch, sink) => begin(fn, batch, sink) };
}

function begin(fn: FunctionValue, batch: Batch, sink: ValueSink): (end: number) => Awaitable<void> {
  const reader = new RowReader(batch);
  let next = 0;
  let table = 0;
  const goOn = (end: number): Awaitable<void> => {
    while (next < end) {
      while (batch.tableEnds[table] <= next) table += 1;
      const row = next++;
      const args = new Map([["r", reader.record(row, table)]]);
      const done = attempt(
        () => callFunction(fn, args, nowhere),
        (value) => sink.take(row, value),
        (thrown) => sink.failed(row, thrown),
      );
      if (done instanceof Promise) return done.then(() => goOn(end));
    }
  };
  return goOn;
}
