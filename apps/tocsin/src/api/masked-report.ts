import { FluxError } from "@tocsin/data/value";
import type { RunReport } from "@tocsin/library/runtime";

/**
 * The report without secrets: a value that could not be used stands in its error, and programs write
 * errors to their logs.
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

/** Another error where a secret was in it: a stack has the message, too, and a cause may have the value. */
function masked(error: FluxError, mask: (text: string) => string): FluxError {
  const [message, hint] = [mask(error.message), error.hint && mask(error.hint)];
  if (message === error.message && hint === error.hint) return error;
  return new FluxError(error.code, message, { at: error.at, hint });
}
