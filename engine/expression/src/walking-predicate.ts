import type { Batch } from "@tocsin/data/column";
import type { FunctionValue, Value } from "@tocsin/data/value";
import { type Awaitable, after } from "./awaitable.ts";
import { callFunction } from "./call.ts";
import { effectOf } from "./effect.ts";
import { holds, operandNames } from "./operations.ts";
import { rowError } from "./place.ts";
import { eachRow, RowReader } from "./row.ts";
import type { BadRowSink, Predicate } from "./row-compiler.ts";

/** A predicate that walks the function's tree for each row. */
export function walkingPredicate(fn: FunctionValue): Predicate {
  return {
    effect: effectOf(fn),
    select: (batch, rows, bad) => select(fn, batch, { rows, bad }),
  };
}

function select(
  fn: FunctionValue,
  batch: Batch,
  { rows, bad }: { rows: Uint32Array; bad: BadRowSink },
): Awaitable<number> {
  const reader = new RowReader(batch);
  let kept = 0;
  const done = eachRow(batch, (row, table) => {
    const args = new Map([["r", reader.record(row, table)]]);
    return attempt(
      () => callFunction(fn, args, { at: undefined }),
      (value) => {
        if (holds(value, operandNames.row)) rows[kept++] = row;
      },
      (thrown) => bad(row, rowError(thrown)),
    );
  });
  return after(done, () => kept);
}

/** Calls `work` and uses its result; what either throws goes to `failed`. */
export function attempt(
  work: () => Awaitable<Value>,
  use: (value: Value) => void,
  failed: (thrown: unknown) => void,
): Awaitable<void> {
  let result: Awaitable<Value>;
  try {
    result = work();
    if (!(result instanceof Promise)) {
      use(result);
      return;
    }
  } catch (thrown) {
    return failed(thrown);
  }
  return result.then(use).catch(failed);
}
