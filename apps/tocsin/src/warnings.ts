import type { Log } from "@tocsin/platform/host";

/** The log of a command: warnings and errors, such as a store that was salvaged, on standard error. */
export const warningsTo = (err: { write(line: string): unknown }): Log => ({
  write: (level, message) => {
    if (level === "warn" || level === "error") err.write(`warning: ${message}\n`);
  },
});
