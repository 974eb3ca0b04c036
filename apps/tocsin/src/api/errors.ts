import type { FluxError } from "@tocsin/data/value";
import { type Diagnostic as Bare, renderText, type SourceText } from "@tocsin/language/syntax";
import { withoutKeys } from "../without-keys.ts";
import { type Diagnostic, placed } from "./placed.ts";

/** A script that has errors: nothing of it ran. `message` shows them as the command line does. */
export class ScriptError extends Error {
  readonly code = "ERR_TOCSIN_SCRIPT";
  readonly diagnostics: readonly Diagnostic[];

  constructor(source: SourceText, diagnostics: readonly Bare[]) {
    super(renderText({ source, diagnostics }, { mask: withoutKeys }).trimEnd());
    this.name = "ScriptError";
    this.diagnostics = placed(source, diagnostics);
  }
}

/** A run that did not go well to its end. What came before the error was yielded. */
export class RunError extends Error {
  readonly code = "ERR_TOCSIN_RUN";
  /** Always empty: the script itself was well-formed. */
  readonly diagnostics: readonly Diagnostic[] = [];
  /** Every error of the run, the first one first. */
  readonly errors: readonly FluxError[];

  constructor(errors: readonly FluxError[]) {
    super(errors.map(({ message }) => message).join("\n"));
    this.name = "RunError";
    this.errors = errors;
  }
}

/** A row that could not be made into an event: `mapFn` threw, or what it gave is no event. */
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
