import { addDuration, invalid, kindName } from "@tocsin/data/value";
import type { Arguments, Run } from "@tocsin/engine/interpret";

/** The instant that an argument means: a time, or a duration from now. Undefined for null. */
export function instantOf(args: Arguments, run: Run, name: string): bigint | undefined {
  const value = args.value(name);
  switch (value.kind) {
    case "time":
      return value.value;
    case "duration":
      return addDuration(run.now, value.value);
    case "null":
      return undefined;
    default:
      throw invalid(
        `${args.function}: ${name} should be a time or a duration, but is ${kindName(value)}`,
      );
  }
}
