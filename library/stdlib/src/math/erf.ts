import { efx, efx8, erfAtOne, erfcFar, erfcMiddle, erfNearOne, erfNearZero } from "./erf-tables.ts";
import * as inverse from "./erfinv-tables.ts";
import { highWord } from "./float-bits.ts";
import { polynomial, ratioAt } from "./polynomial.ts";

const NEAR_ZERO = 0.84375;
const NEAR_ONE = 1.25;

/** The error function. */
export function erf(x: number): number {
  if (x === 0) return x;
  const value = erfOfSize(Math.abs(x));
  return x < 0 ? -value : value;
}

function erfOfSize(x: number): number {
  if (x < NEAR_ZERO) {
    // Below 2^-28 the next term does not count; below that, x² is no number any more.
    if (x < 2.848094538889218e-306) return 0.125 * (8 * x + efx8 * x);
    if (x < 2 ** -28) return x + efx * x;
    return x + x * ratioAt(erfNearZero, x * x);
  }
  if (x < NEAR_ONE) return erfAtOne + ratioAt(erfNearOne, x - 1);
  if (x >= 6) return 1;
  return 1 - tail(x) / x;
}

/** What is left to 1: `1 - erf(x)` with all its digits. */
export function erfc(x: number): number {
  const size = Math.abs(x);
  if (size < NEAR_ZERO) {
    if (size < 2 ** -56) return 1 - x;
    const ratio = ratioAt(erfNearZero, x * x);
    if (x < 0.25) return 1 - (x + x * ratio);
    return 1 - (0.5 + (x * ratio + (x - 0.5)));
  }
  if (size < NEAR_ONE) {
    const ratio = ratioAt(erfNearOne, size - 1);
    return x < 0 ? 1 + erfAtOne + ratio : 1 - erfAtOne - ratio;
  }
  if (size < 28) {
    if (x < -6) return 2;
    return x < 0 ? 2 - tail(size) / size : tail(size) / size;
  }
  if (Number.isNaN(x)) return x;
  return x < 0 ? 2 : 0;
}

/** x·erfc(x) for 1.25 ≤ x < 28. exp(-x²) would lose digits, so x is cut where its square is exact. */
function tail(x: number): number {
  const ratio = ratioAt(x < 1 / 0.35 ? erfcMiddle : erfcFar, 1 / (x * x));
  const short = highWord(x);
  return Math.exp(-short * short - 0.5625) * Math.exp((short - x) * (short + x) + ratio);
}

/** The number whose error function is `x`; infinite at -1 and 1, no number beyond. */
export function erfinv(x: number): number {
  if (x === 0) return x;
  const size = Math.abs(x);
  if (!(size < 1)) return size === 1 ? x * Infinity : NaN;
  const value = erfinvOfSize(size);
  return x < 0 ? -value : value;
}

function erfinvOfSize(x: number): number {
  if (x <= 0.85) {
    const z = 0.180625 - 0.25 * x * x;
    const { over, under } = inverse.nearZero;
    return (x * polynomial(over, z)) / polynomial(under, z);
  }
  const r = Math.sqrt(Math.LN2 - Math.log(1 - x));
  return r <= 5 ? ratioAt(inverse.middle, r - 1.6) : ratioAt(inverse.nearOne, r - 5);
}
