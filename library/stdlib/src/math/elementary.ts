import { logb, nextAfter } from "./float-bits.ts";
import { ofOne, ofTwo } from "./functions.ts";
import { log2, remainder, round, roundToEven } from "./rounding.ts";

/** The larger one; an infinity wins over NaN, as IEEE 754 has it. */
function larger(x: number, y: number): number {
  return x === Infinity || y === Infinity ? Infinity : Math.max(x, y);
}

function smaller(x: number, y: number): number {
  return x === -Infinity || y === -Infinity ? -Infinity : Math.min(x, y);
}

function copySign(x: number, y: number): number {
  return y < 0 || Object.is(y, -0) ? -Math.abs(x) : Math.abs(x);
}

const exp2 = (x: number): number => 2 ** x;

/** JavaScript says NaN where both are infinite or the base is ±1; IEEE 754 and upstream say 1. */
function pow(x: number, y: number): number {
  return x === 1 || (x === -1 && Math.abs(y) === Infinity) ? 1 : x ** y;
}

/** Elementary functions of one and two floats. */
export const elementaryFunctions = [
  ofOne("abs", Math.abs, "The size of `x`, without its sign.", "-1.22"),
  ofOne("acos", Math.acos, "The angle in radians, 0 to pi, whose cosine is `x`."),
  ofOne("acosh", Math.acosh, "The inverse hyperbolic cosine of `x`; NaN below 1.", "1.5"),
  ofOne("asin", Math.asin, "The angle in radians, -pi/2 to pi/2, whose sine is `x`."),
  ofOne("asinh", Math.asinh, "The inverse hyperbolic sine of `x`."),
  ofOne("atan", Math.atan, "The angle in radians, -pi/2 to pi/2, whose tangent is `x`."),
  ofTwo(
    "atan2",
    ["y", "x"],
    Math.atan2,
    "The angle in radians, -pi to pi, between the x axis and the point (`x`, `y`).",
  ),
  ofOne("atanh", Math.atanh, "The inverse hyperbolic tangent of `x`; NaN below -1 and above 1."),
  ofOne("cbrt", Math.cbrt, "The cube root of `x`.", "27.0"),
  ofOne("ceil", Math.ceil, "The least whole number that is not less than `x`."),
  ofTwo("copysign", ["x", "y"], copySign, "The size of `x` with the sign of `y`."),
  ofOne("cos", Math.cos, "The cosine of `x` radians."),
  ofOne("cosh", Math.cosh, "The hyperbolic cosine of `x`."),
  ofTwo(
    "dim",
    ["x", "y"],
    (x, y) => (x - y <= 0 ? 0 : x - y),
    "`x` - `y`, but 0 when that is negative.",
  ),
  ofOne("exp", Math.exp, "e to the power of `x`."),
  ofOne("exp2", exp2, "2 to the power of `x`."),
  ofOne("expm1", Math.expm1, "e to the power of `x`, less 1, exact also for small `x`."),
  ofOne("floor", Math.floor, "The largest whole number that is not greater than `x`."),
  ofTwo(
    "hypot",
    ["p", "q"],
    (p, q) => Math.hypot(p, q),
    "The square root of `p`² + `q`², without overflow on the way.",
  ),
  ofOne("log", Math.log, "The natural logarithm of `x`; NaN below 0."),
  ofOne("log10", Math.log10, "The decimal logarithm of `x`; NaN below 0.", "100.0"),
  ofOne("log1p", Math.log1p, "The natural logarithm of 1 + `x`, exact also for small `x`."),
  ofOne("log2", log2, "The binary logarithm of `x`; NaN below 0.", "8.0"),
  ofOne("logb", logb, "The exponent of the leading bit of `x`, as a float.", "10.0"),
  ofTwo(
    "mMax",
    ["x", "y"],
    larger,
    "The larger of `x` and `y`; NaN when one is, unless one is +Inf.",
  ),
  ofTwo(
    "mMin",
    ["x", "y"],
    smaller,
    "The smaller of `x` and `y`; NaN when one is, unless one is -Inf.",
  ),
  ofTwo(
    "mod",
    ["x", "y"],
    (x, y) => x % y,
    "What is left of `x` when whole multiples of `y` are taken away; it has the sign of `x`.",
  ),
  ofTwo("nextafter", ["x", "y"], nextAfter, "The float next to `x` in the direction of `y`."),
  ofTwo("pow", ["x", "y"], pow, "`x` to the power of `y`."),
  ofTwo(
    "remainder",
    ["x", "y"],
    remainder,
    "What is left of `x` when the nearest multiple of `y` is taken away: at most half of `y`, with either sign.",
  ),
  ofOne("round", round, "The nearest whole number; halves away from zero.", "2.5"),
  ofOne("roundtoeven", roundToEven, "The nearest whole number; halves to the even one.", "2.5"),
  ofOne("sin", Math.sin, "The sine of `x` radians."),
  ofOne("sinh", Math.sinh, "The hyperbolic sine of `x`."),
  ofOne("sqrt", Math.sqrt, "The square root of `x`; NaN below 0.", "4.0"),
  ofOne("tan", Math.tan, "The tangent of `x` radians."),
  ofOne("tanh", Math.tanh, "The hyperbolic tangent of `x`."),
  ofOne("trunc", Math.trunc, "`x` without its fraction.", "2.7"),
];
