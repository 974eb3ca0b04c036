/**
 * The start of the window in which `t` lies, when windows begin at `zero` and every `every`
 * nanoseconds from there in both directions.
 */
export function windowStart(t: bigint, every: bigint, zero: bigint): bigint {
  const rest = BigInt.asIntN(64, BigInt.asIntN(64, t - zero) % every);
  return BigInt.asIntN(64, t - (rest < 0n ? BigInt.asIntN(64, rest + every) : rest));
}
