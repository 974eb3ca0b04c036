import type { FluxError } from "@tocsin/data/value";
import { type Diagnostic as Bare, renderText, type SourceText } from "@tocsin/language/syntax";
import { withoutKeys } from "../without-keys.ts";
import { type Diagnostic, placed } from "./placed.ts";

/** A script has errors, and nothing of it ran. `message` shows them as the command line does. */
export class ScriptError extends Error {
  readonly code = "ERR_TOCSIN_SCRIPT";
  readonly diagnostics: readonly Diagnostic[];

  constructor(source: SourceText, diagnostics: readonly Bare[]) {
    super(renderText({ source, diagnostics }, { mask: withoutKeys }).trimEnd());
    this.name = "ScriptError";
    this.diagnostics = placed(source, diagnostics);
  }
}

/** A result of a run failed. Tables that came before the error were yielded. */
export class RunError extends Error {
  readonly code = "ERR_TOCSIN_RUN";
  /** Always empty: the script itself has no errors. */
  readonly diagnostics: readonly Diagnostic[] = [];
  /** Every error of the run, in order. */
  readonly errors: readonly FluxError[];

  constructor(errors: readonly FluxError[]) {
    super(errors.map(({ message }) => message).join("\n"));
    this.name = "RunError";
    this.errors = errors;
  }
}

/** A row could not be made into an event: `mapFn` threw, or what it returned is not an event. */
export class EventError extends Error {
  readonly code = "ERR_TOCSIN_EVENT";
  /** Always empty: there is no script. */
  readonly diagnostics: readonly Diagnostic[] = [];
  /** The row, as it was given. */
  readonly row: unknown;

  constructor(message: string, row: unknown, cause?: unknown) {
    super(message, { cause });
    this.name = "EventError";
    this.row = row;
  }
}
