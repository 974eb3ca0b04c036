import { approximateNanoseconds } from "@tocsin/data/value";
import type { Arguments } from "@tocsin/engine/interpret";

const second = { months: 0n, nanoseconds: 1_000_000_000n, negative: false };

/**
 * A unit of time that a call gives, in nanoseconds; a second by default. A month is 365.25/12 days, as in upstream.
 */
export function unitOf(args: Arguments, name = "unit"): bigint {
  return approximateNanoseconds(args.duration(name, second));
}
