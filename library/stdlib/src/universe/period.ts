import { invalid } from "@tocsin/data/value";
import type { Arguments } from "@tocsin/engine/interpret";

/** The argument `n`, a number of rows. */
export function periodOf(args: Arguments): number {
  const n = args.int("n");
  if (n > 0n && n < 2n ** 31n) return Number(n);
  throw invalid(
    `${args.function}: cannot take a moving average with a period of ${n} (must be greater than 0)`,
  );
}
