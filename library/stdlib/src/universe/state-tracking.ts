import type { Batch } from "@tocsin/data/column";
import { type FunctionValue, invalid } from "@tocsin/data/value";
import {
  type Operator,
  operatorKind,
  type OperatorContext,
  type Outlet,
  withColumn,
} from "@tocsin/engine/execute";
import { rowUse } from "@tocsin/engine/expression";
import { flux, transformation } from "@tocsin/engine/interpret";
import { passing, without } from "@tocsin/engine/plan";
import type { Loop } from "@tocsin/platform/host";
import { rowsAtOnce, RunCounts, RunDurations } from "./state-runs.ts";
import { timeColumnOf } from "./time-column.ts";
import { unitOf } from "./unit.ts";

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
  readonly #counts = new RunCounts();
  readonly #durations: RunDurations;
  readonly #loop: Loop;
  #waiting: Batch[] = [];
  #goesOn = false;

  constructor(spec: StateTrackingSpec, out: Outlet, context: OperatorContext) {
    this.#spec = spec;
    this.#out = out;
    this.#predicate = context.rows.predicate(spec.fn);
    this.#durations = new RunDurations(spec.unit);
    this.#loop = context.host.loop;
  }
  push(batch: Batch): void {
    this.#waiting.push(batch);
  }
  finish(): void {}
  async work(turn: () => Promise<void>): Promise<void> {
    const batches = this.#waiting;
    this.#waiting = [];
    for (const batch of batches) {
      this.#out.push(this.#tracked(batch, await this.#matches(batch)));
      this.#goesOn = batch.open;
      if (this.#loop.due()) await turn();
    }
  }

  /** 1 for each row that is in the state. */
  async #matches(batch: Batch): Promise<Uint8Array> {
    const rows = new Uint32Array(batch.rows);
    const count = await this.#predicate.select(batch, rows, (_row, error) => {
      throw error;
    });
    const matches = new Uint8Array(batch.rows);
    for (let i = 0; i < count; i += rowsAtOnce)
      mark(matches, rows, i, Math.min(count, i + rowsAtOnce));
    return matches;
  }
  #tracked(batch: Batch, matches: Uint8Array): Batch {
    const { countColumn, durationColumn, timeColumn } = this.#spec;
    let made = batch;
    const add = (label: string, data: BigInt64Array): void => {
      const column = { kind: "int", form: "flat", data, valid: undefined } as const;
      made = withColumn(made, { label, kind: "int", key: false }, column);
    };
    if (countColumn !== undefined)
      add(countColumn, this.#counts.column(batch, matches, this.#goesOn));
    if (durationColumn !== undefined) {
      const times = timeColumnOf(batch, "stateTracking", timeColumn);
      add(durationColumn, this.#durations.column(batch, { times, matches }, this.#goesOn));
    }
    return made;
  }
}

/** Puts 1 where the rows `rows[from .. to]` are. */
function mark(matches: Uint8Array, rows: Uint32Array, from: number, to: number): void {
  for (let i = from; i < to; i++) matches[rows[i]] = 1;
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
    const unit = unitOf(args, "durationUnit");
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
