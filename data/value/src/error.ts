import type { Location } from "./function.ts";

/** Upstream's names of error classes; `testing` scripts compare their numbers. */
export const errorCodes = [
  "inherit",
  "canceled",
  "unknown",
  "invalid",
  "deadline exceeded",
  "not found",
  "already exists",
  "permission denied",
  "resource exhausted",
  "failed precondition",
  "aborted",
  "out of range",
  "unimplemented",
  "internal",
  "unavailable",
  "data loss",
  "unauthenticated",
] as const;
/** One of upstream's classes of errors. */
export type ErrorCode = (typeof errorCodes)[number];

/** An error of the script or its data: what evaluation throws. The message is for people. */
export class FluxError extends Error {
  readonly code: ErrorCode;
  /** Where in the script it arose; the innermost place that is known. */
  readonly at: Location | undefined;
  readonly hint: string | undefined;

  constructor(
    code: ErrorCode,
    message: string,
    options: { at?: Location | undefined; hint?: string | undefined; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "FluxError";
    this.code = code;
    this.at = options.at;
    this.hint = options.hint;
  }
  /** The same error, told where it happened unless it already knows. */
  placed(at: Location | undefined): FluxError {
    if (this.at !== undefined || at === undefined) return this;
    return new FluxError(this.code, this.message, { at, hint: this.hint, cause: this.cause });
  }
}

/** The script or its data is wrong. */
export const invalid = (message: string, hint?: string): FluxError =>
  new FluxError("invalid", message, { hint });
