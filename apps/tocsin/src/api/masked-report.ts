import { FluxError } from "@tocsin/data/value";
import type { RunReport } from "@tocsin/library/runtime";

/**
 * The report without secrets: errors quote values that could not be used, and programs write errors to their logs.
 */
export function maskedReport(report: RunReport, mask: (text: string) => string): RunReport {
  return {
    ...report,
    errors: report.errors.map((one) => ({ ...one, error: masked(one.error, mask) })),
    badRows: report.badRows.map((one) => ({
      ...one,
      row: mask(one.row),
      error: masked(one.error, mask),
    })),
    remarks: report.remarks.map((one) => ({ ...one, text: mask(one.text) })),
  };
}

/** A new error where the old one contains a secret: its stack contains the message, too, and its cause may contain the value. */
function masked(error: FluxError, mask: (text: string) => string): FluxError {
  const [message, hint] = [mask(error.message), error.hint && mask(error.hint)];
  if (message === error.message && hint === error.hint) return error;
  return new FluxError(error.code, message, { at: error.at, hint });
}
