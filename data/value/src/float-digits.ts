import { writePadded } from "./int64-text.ts";

const powers = [
  1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17,
  1e18, 1e19, 1e20, 1e21, 1e22,
];
const value = new Float64Array(1);
const halves = new Uint32Array(value.buffer);
/** Nearer than this to the limit of what rounds to a double, nothing is decided here. */
const doubt = 1e-6;
const split = 134217729;
/** Half the distance between neighbours among the doubles from 2^(i - 20) on. */
const halfGaps = Float64Array.from({ length: 70 }, (_, i) => 2 ** (i - 73));

/**
 * Writes the shortest decimal text of `magnitude` into `bytes` from `at` on, as JavaScript has it; gives
 * the end, or 0 where that is not certain. For numbers from 1e-6 up to 1e15 that need many digits.
 *
 * With 10^p the number has 17 digits before the point. The product is exact as a sum of two doubles (its
 * rounding error is one, by Dekker), so that the distance to a shorter decimal can be compared with what
 * still rounds to the number: half the distance to its neighbours, times 10^p, which is exact as well.
 */
export function writeShortest(magnitude: number, bytes: Uint8Array, at: number): number {
  if (!(magnitude >= 1e-6 && magnitude < 1e15)) return 0;
  value[0] = magnitude;
  const high = halves[1];
  // The neighbour below a power of two is nearer.
  if ((high & 0xfffff) === 0 && halves[0] === 0) return 0;
  const exponent = (high >>> 20) - 1023;
  let p = 16 - Math.floor(exponent * 0.30103);
  if (p > 22 || magnitude * powers[p] >= 1e17) p -= 1;
  const power = powers[p];
  const product = magnitude * power;
  if (product < 1e16 || product >= 1e17) return 0;
  const upper = Math.floor(product / 1e8);
  const lower = product - upper * 1e8 + lost(magnitude, power, product);
  const reach = halfGaps[exponent + 20] * power;
  const digits = nearest(lower, reach);
  if (digits < 0) return 0;
  return digits < 1e8
    ? writeDigits(upper, digits, p, { bytes, at })
    : writeDigits(upper + 1, 0, p, { bytes, at });
}

/** What rounding took from a product. */
function lost(a: number, b: number, product: number): number {
  const aUpper = a * split - (a * split - a);
  const bUpper = b * split - (b * split - b);
  const aLower = a - aUpper;
  const bLower = b - bUpper;
  return aUpper * bUpper - product + aUpper * bLower + aLower * bUpper + aLower * bLower;
}

/** The roundest whole number that is nearer than `reach`, of those the nearest; -1 in doubt. */
function nearest(exact: number, reach: number): number {
  let found = -1;
  for (let step = 1; step <= 1e8; step *= 10) {
    const candidate = Math.floor(exact / step + 0.5) * step;
    const distance = Math.abs(candidate - exact);
    if (Math.abs(distance - reach) < doubt) return -1;
    if (distance > reach) break;
    // In the middle between two that would do.
    if (Math.abs(distance - step / 2) < doubt) return -1;
    found = candidate;
  }
  return found;
}

/** Writes the 17 digits `upper`, `lower` over 10^p without the zeros at their end. */
function writeDigits(
  upper: number,
  lower: number,
  p: number,
  { bytes, at: start }: { bytes: Uint8Array; at: number },
): number {
  let at = start;
  const whole = 17 - p;
  if (whole <= 0) {
    bytes[at++] = 0x30;
    bytes[at++] = 0x2e;
    for (let i = whole; i < 0; i++) bytes[at++] = 0x30;
  }
  // The whole part moves to the left by one: in between goes the point.
  const digits = whole > 0 ? at + 1 : at;
  let end = writePadded(lower, 8, bytes, writePadded(upper, 9, bytes, digits));
  while (bytes[end - 1] === 0x30) end--;
  if (whole <= 0) return end;
  for (let i = 0; i < whole; i++, at++) bytes[at] = bytes[at + 1];
  if (end <= at + 1) return at;
  bytes[at] = 0x2e;
  return end;
}
