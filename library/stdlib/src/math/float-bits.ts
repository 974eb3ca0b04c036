const float = new Float64Array(1);
const bits = new BigUint64Array(float.buffer);
const words = new Uint32Array(float.buffer);
const lowAt = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1 ? 0 : 1;

/** The 64 bits of a float as uint. */
export function bitsOf(value: number): bigint {
  float[0] = value;
  return bits[0];
}

/** The float that these 64 bits are. */
export function ofBits(value: bigint): number {
  bits[0] = value;
  return float[0];
}

/** The float with the lower 32 bits cleared: its square is exact. */
export function highWord(value: number): number {
  float[0] = value;
  words[lowAt] = 0;
  return float[0];
}

/** `value` as frac · 2^exp with frac from 0.5 to below 1; 0, NaN and the infinities keep exp 0. */
export function frexp(value: number): { frac: number; exp: number } {
  if (value === 0 || !Number.isFinite(value)) return { frac: value, exp: 0 };
  const subnormal = Math.abs(value) < 2 ** -1022;
  float[0] = subnormal ? value * 2 ** 52 : value;
  const exp = ((words[1 - lowAt] >>> 20) & 0x7ff) - 1022 - (subnormal ? 52 : 0);
  words[1 - lowAt] = (words[1 - lowAt] & 0x800fffff) | 0x3fe00000;
  return { frac: float[0], exp };
}

/** `frac` · 2^exp, rounded once. */
export function ldexp(frac: number, exp: number): number {
  if (frac === 0 || !Number.isFinite(frac)) return frac;
  const parts = frexp(frac);
  const total = parts.exp + exp;
  if (total > 1024) return frac < 0 ? -Infinity : Infinity;
  if (total < -1075) return frac < 0 ? -0 : 0;
  // Two factors that are powers of two: only the last one can round.
  if (total > 1023) return parts.frac * 2 * 2 ** (total - 1);
  if (total < -1021) return parts.frac * 2 ** (total + 54) * 2 ** -54;
  return parts.frac * 2 ** total;
}

/** The exponent of the leading bit; -∞ for 0, ∞ for the infinities. */
export function logb(value: number): number {
  if (value === 0) return -Infinity;
  if (!Number.isFinite(value)) return Number.isNaN(value) ? value : Infinity;
  return frexp(value).exp - 1;
}

/** The next float after `from` in the direction of `to`. */
export function nextAfter(from: number, to: number): number {
  if (Number.isNaN(from) || Number.isNaN(to)) return NaN;
  if (from === to) return from;
  if (from === 0) return to < 0 ? -Number.MIN_VALUE : Number.MIN_VALUE;
  return ofBits(bitsOf(from) + (to > from === from > 0 ? 1n : -1n));
}
