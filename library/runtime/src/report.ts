import type { FluxError } from "@tocsin/data/value";
import type { BadRow, Passed } from "@tocsin/engine/execute";
import type { LogicalNode } from "@tocsin/engine/plan";

/** Something the person who reads the end of a run should know. */
export interface Remark {
  readonly kind: "note" | "silence";
  readonly text: string;
}

/** How a run ended. */
export interface RunReport {
  /** `now()` of the run, nanoseconds since the epoch. */
  readonly now: bigint;
  /** Errors: of the script as a whole, or of one of its results. */
  readonly errors: readonly { readonly result: string | undefined; readonly error: FluxError }[];
  /** Rows that could not be made into an event. */
  readonly badRows: readonly BadRow[];
  readonly remarks: readonly Remark[];
  /** How often each rule of the planner fired. */
  readonly rules: ReadonlyMap<string, number>;
  /** How often a test wants them to fire. */
  readonly expectedRules: ReadonlyMap<string, number>;
  /** Rows of all results. */
  readonly rows: number;
  /** Requests that were handed to delivery, and how many of them are events. */
  readonly handed: { readonly requests: number; readonly events: number };
  /** What each step passed on; `explainSilence` reads it. */
  readonly passed: ReadonlyMap<LogicalNode, Passed>;
}
