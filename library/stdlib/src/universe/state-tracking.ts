import { type Batch, isValid, tableStart } from "@tocsin/data/column";
import { FluxError, type FunctionValue, invalid } from "@tocsin/data/value";
import {
  type Operator,
  operatorKind,
  type OperatorContext,
  type Outlet,
  WholeBatches,
  withColumn,
} from "@tocsin/engine/execute";
import { rowUse } from "@tocsin/engine/expression";
import { flux, transformation } from "@tocsin/engine/interpret";
import { passing, without } from "@tocsin/engine/plan";
import { nanosecondsOf } from "./derivative.ts";
import { timeColumnOf } from "./time-column.ts";

interface StateTrackingSpec {
  readonly fn: FunctionValue;
  readonly countColumn: string | undefined;
  readonly durationColumn: string | undefined;
  /** Nanoseconds. */
  readonly unit: bigint;
  readonly timeColumn: string;
}

const stateTrackingKind = operatorKind<StateTrackingSpec>(
  {
    name: "stateTracking",
    rowwise: false,
    reads({ fn, countColumn, durationColumn, timeColumn }, wanted) {
      const use = rowUse(fn);
      if (use === undefined || use.passes) return undefined;
      const made = [countColumn, durationColumn].filter((label) => label !== undefined);
      return passing(without(wanted, ...made), timeColumn, ...use.columns);
    },
  },
  (spec, out, context) => new StateTracking(spec, out, context),
);

class StateTracking implements Operator {
  readonly #spec: StateTrackingSpec;
  readonly #out: Outlet;
  readonly #predicate: ReturnType<OperatorContext["rows"]["predicate"]>;
  readonly #whole = new WholeBatches();

  constructor(spec: StateTrackingSpec, out: Outlet, context: OperatorContext) {
    this.#spec = spec;
    this.#out = out;
    this.#predicate = context.rows.predicate(spec.fn);
  }
  push(batch: Batch): void {
    this.#whole.add(batch);
  }
  finish(): void {}
  async work(): Promise<void> {
    for (const batch of this.#whole.take())
      if (batch !== undefined)
        this.#out.push(tracked(batch, await this.#matches(batch), this.#spec));
  }

  /** 1 for each row that is in the state. */
  async #matches(batch: Batch): Promise<Uint8Array> {
    const rows = new Uint32Array(batch.rows);
    const count = await this.#predicate.select(batch, rows, (_row, error) => {
      throw error;
    });
    const matches = new Uint8Array(batch.rows);
    for (let i = 0; i < count; i++) matches[rows[i]] = 1;
    return matches;
  }
}

function tracked(batch: Batch, matches: Uint8Array, spec: StateTrackingSpec): Batch {
  let made = batch;
  const { countColumn, durationColumn } = spec;
  if (countColumn !== undefined) {
    const data = countsOf(batch, matches);
    const column = { kind: "int", form: "flat", data, valid: undefined } as const;
    made = withColumn(made, { label: countColumn, kind: "int", key: false }, column);
  }
  if (durationColumn !== undefined) {
    const data = durationsOf(batch, matches, spec);
    const column = { kind: "int", form: "flat", data, valid: undefined } as const;
    made = withColumn(made, { label: durationColumn, kind: "int", key: false }, column);
  }
  return made;
}

function countsOf(batch: Batch, matches: Uint8Array): BigInt64Array {
  const counts = new BigInt64Array(batch.rows);
  for (let table = 0; table < batch.tableEnds.length; table++) {
    let count = 0;
    for (let row = tableStart(batch, table); row < batch.tableEnds[table]; row++) {
      count = matches[row] === 1 ? count + 1 : 0;
      counts[row] = count === 0 ? -1n : BigInt(count);
    }
  }
  return counts;
}

function durationsOf(batch: Batch, matches: Uint8Array, spec: StateTrackingSpec): BigInt64Array {
  const times = timeColumnOf(batch, "stateTracking", spec.timeColumn);
  const durations = new BigInt64Array(batch.rows);
  for (let table = 0; table < batch.tableEnds.length; table++) {
    const from = tableStart(batch, table);
    let since: bigint | undefined;
    for (let row = from; row < batch.tableEnds[table]; row++) {
      const t = times.data[row];
      if (!isValid(times.valid, row)) throw failed("got a null timestamp");
      if (row > from && t < times.data[row - 1]) throw failed("got an out-of-order timestamp");
      if (matches[row] === 0) since = undefined;
      else since ??= t;
      durations[row] = since === undefined ? -1n : (t - since) / spec.unit;
    }
  }
  return durations;
}

function failed(message: string): FluxError {
  return new FluxError("failed precondition", `stateTracking: ${message}`);
}

export const stateTracking = transformation({
  name: "stateTracking",
  type: `(
    <-tables: stream[A], fn: (r: A) => bool, ?countColumn: string, ?durationColumn: string,
    ?durationUnit: duration, ?timeColumn: string,
  ) => stream[B] where A: Record, B: Record`,
  docs:
    "For how many rows in a row `fn` has been true (in `countColumn`), and for how long (in " +
    "`durationColumn`, in whole units of `durationUnit`). -1 where it is not true. Without a " +
    "name, a column is not made.",
  example: `import "sampledata"
sampledata.int() |> stateTracking(fn: (r) => r._value > 5, countColumn: "count")`,
  kind: stateTrackingKind,
  spec: (args) => {
    const named = (name: string): string | undefined => {
      const label = args.string(name, "");
      return label === "" ? undefined : label;
    };
    const second = { months: 0n, nanoseconds: 1_000_000_000n, negative: false };
    const unit = BigInt(nanosecondsOf("stateTracking", args.duration("durationUnit", second)));
    const durationColumn = named("durationColumn");
    if (durationColumn !== undefined && unit <= 0n)
      throw invalid("stateTracking: state tracking duration unit must be greater than zero");
    return {
      fn: args.func("fn"),
      countColumn: named("countColumn"),
      durationColumn,
      unit,
      timeColumn: args.string("timeColumn", "_time"),
    };
  },
});

export const stateCount = flux({
  name: "stateCount",
  type: `(<-tables: stream[A], fn: (r: A) => bool, ?column: string) => stream[B]
    where A: Record, B: Record`,
  docs: "For how many rows in a row `fn` has been true, in the column `stateCount`; -1 where it is not.",
  example: `import "sampledata"
sampledata.int() |> stateCount(fn: (r) => r._value > 5)`,
  source: `(fn, column="stateCount", tables=<-) =>
    tables |> stateTracking(fn: fn, countColumn: column)`,
});

export const stateDuration = flux({
  name: "stateDuration",
  type: `(
    <-tables: stream[A], fn: (r: A) => bool, ?column: string, ?timeColumn: string, ?unit: duration,
  ) => stream[B] where A: Record, B: Record`,
  docs:
    "For how many units of time (default 1s) `fn` has been true, in the column " +
    "`stateDuration`; -1 where it is not.",
  example: `import "sampledata"
sampledata.int() |> stateDuration(fn: (r) => r._value > 5)`,
  source: `(fn, column="stateDuration", timeColumn="_time", unit=1s, tables=<-) =>
    tables
        |> stateTracking(
            fn: fn,
            durationColumn: column,
            durationUnit: unit,
            timeColumn: timeColumn,
        )`,
});
