import type { Batch } from "@tocsin/data/column";
import type { FluxError } from "@tocsin/data/value";
import { asFluxError, type ResultSink } from "@tocsin/engine/execute";
import { type Definitions, interpret, type Program } from "@tocsin/engine/interpret";
import type { Remark, RunReport } from "./report.ts";
import { type Environment, ScriptRun } from "./script-run.ts";

/** Takes a run's tables as they come. A promise makes the run wait. */
export interface TableSink {
  /** Rows of result `name`. */
  push(name: string, batch: Batch): void | Promise<void>;
  /** Result `name` has ended well. */
  finish(name: string): void | Promise<void>;
}

/** Options of one run, beside its world. */
export interface RunOptions {
  readonly definitions?: Definitions;
}

/**
 * Runs a program once. Errors of the script are in the report: nothing is thrown for bad scripts or
 * bad data. Results that do not depend on what failed come out whole.
 */
export async function runProgram(
  program: Program,
  environment: Environment,
  sink: TableSink,
  options: RunOptions = {},
): Promise<RunReport> {
  const run = new ScriptRun(program, environment);
  const errors: { result: string | undefined; error: FluxError }[] = [];
  let rows = 0;
  try {
    await interpret(program, run, run.packages, options.definitions);
    const sinkOf = (name: string | undefined): ResultSink => ({
      push: (batch) => {
        if (name === undefined) return undefined;
        rows += batch.rows;
        return sink.push(name, batch);
      },
      finish: () => (name === undefined ? undefined : sink.finish(name)),
      fail: (error) => void errors.push({ result: name, error }),
    });
    await run.executePlan(run.plan(), sinkOf);
  } catch (error) {
    errors.push({ result: undefined, error: asFluxError(error) });
  }
  if (errors.length === 0 && run.hasOnlyUnreadStreams) run.remarks.push(unread);
  return {
    now: run.now,
    errors,
    badRows: run.badRows,
    remarks: run.remarks,
    rules: run.fired,
    expectedRules: run.expectedRules,
    rows,
    handed: run.handed,
    passed: run.passed,
  };
}

const unread: Remark = {
  kind: "silence",
  text:
    "nothing ran: every stream of this script is assigned to a name and none is used; " +
    "put the name on a line of its own, or add |> yield()",
};
