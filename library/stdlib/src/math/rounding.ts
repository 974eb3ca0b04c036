import { frexp } from "./float-bits.ts";

/** Halves away from zero. */
export function round(x: number): number {
  const whole = Math.trunc(x);
  // Adding 0.5 first would round 0.49999999999999994 up.
  return Math.abs(x - whole) >= 0.5 ? whole + Math.sign(x) : keepSign(whole, x);
}

/** Halves to the even neighbour. */
export function roundToEven(x: number): number {
  const whole = Math.trunc(x);
  const rest = Math.abs(x - whole);
  if (rest > 0.5 || (rest === 0.5 && whole % 2 !== 0)) return whole + Math.sign(x);
  return keepSign(whole, x);
}

/** `value`, or a zero with the sign of `x`. */
function keepSign(value: number, x: number): number {
  return value === 0 && (x < 0 || Object.is(x, -0)) ? -0 : value;
}

/** What is left when the multiple of `y` nearest to `x` is taken away; of two, the even multiple. */
export function remainder(x: number, y: number): number {
  if (!Number.isFinite(x) || Number.isNaN(y) || y === 0) return NaN;
  if (!Number.isFinite(y)) return x;
  const size = Math.abs(y);
  let rest = Math.abs(x);
  if (size <= Number.MAX_VALUE / 2) rest %= size + size;
  // Comparing halves keeps the doubled rest from overflowing, and the halved size exact.
  if (size < 2 ** -1021) {
    if (rest + rest > size) {
      rest -= size;
      if (rest + rest >= size) rest -= size;
    }
  } else if (rest > 0.5 * size) {
    rest -= size;
    if (rest >= 0.5 * size) rest -= size;
  }
  return x < 0 || Object.is(x, -0) ? -rest : rest;
}

/** Base 2 without an error for powers of two. */
export function log2(x: number): number {
  const { frac, exp } = frexp(x);
  return frac === 0.5 ? exp - 1 : Math.log2(x);
}
