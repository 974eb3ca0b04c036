import { type FluxError, invalid } from "@tocsin/data/value";

const tooLarge = (kind: string): FluxError =>
  invalid(`result of ^ does not fit ${kind}`, "use floats: float(v: x) ^ float(v: y)");

/**
 * `base ^ exponent` of integers, exact. Upstream's type checker says that the result is an integer, though it computes
 * a float. Throws where it is not an integer of 64 bits.
 */
export function power(kind: "int" | "uint", base: bigint, exponent: bigint): bigint {
  if (base === 1n || exponent === 0n) return 1n;
  if (base === -1n) return exponent % 2n === 0n ? 1n : -1n;
  if (exponent < 0n) {
    throw invalid(`int ^ int with a negative exponent is not an int`, "use floats: 2.0 ^ -1.0");
  }
  if (base === 0n) return 0n;
  if (exponent > 64n) throw tooLarge(kind);
  const result = base ** exponent;
  const fits =
    kind === "int" ? BigInt.asIntN(64, result) === result : BigInt.asUintN(64, result) === result;
  if (!fits) throw tooLarge(kind);
  return result;
}
