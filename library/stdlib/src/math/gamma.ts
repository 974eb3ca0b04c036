import { gammaFromTwo, stirlingRest } from "./gamma-tables.ts";
import { aroundMinimum, aroundOne, aroundTwo, fromEight, fromTwo } from "./lgamma-tables.ts";
import { polynomial } from "./polynomial.ts";

const EULER = 0.5772156649015329;

/** The gamma function; no number at the negative integers. */
export function gamma(x: number): number {
  if (Number.isNaN(x) || x === -Infinity || (x < 0 && Number.isInteger(x))) return NaN;
  if (x === Infinity) return Infinity;
  if (x === 0) return 1 / x;
  if (Math.abs(x) <= 33) return gammaByRecurrence(x);
  return x > 0 ? product(stirling(x)) : gammaReflected(x);
}

/** Steps of 1 from x into 2 … 3. */
function gammaByRecurrence(start: number): number {
  let x = start;
  let factor = 1;
  while (x >= 3) factor *= --x;
  while (x < 0) {
    if (x > -1e-9) return factor / ((1 + EULER * x) * x);
    factor /= x;
    x += 1;
  }
  while (x < 2) {
    if (x < 1e-9) return x === 0 ? Infinity : factor / ((1 + EULER * x) * x);
    factor /= x;
    x += 1;
  }
  if (x === 2) return factor;
  const { over, under } = gammaFromTwo;
  return (factor * polynomial(over, x - 2)) / polynomial(under, x - 2);
}

const product = ([a, b]: readonly [number, number]): number => a * b;

/** Stirling's formula as two factors: one alone could be too large. */
function stirling(x: number): readonly [number, number] {
  if (x > 200) return [Infinity, 1];
  const rest = 1 + (1 / x) * polynomial(stirlingRest, 1 / x);
  const root = 2.5066282746310007;
  if (x > 143.01608) {
    const half = Math.pow(x, 0.5 * x - 0.25);
    return [half, root * rest * (half / Math.exp(x))];
  }
  return [Math.pow(x, x - 0.5) / Math.exp(x), root * rest];
}

/** gamma(-q) = ± π / (q·sin(πq)·gamma(q)), for q > 33 that is no integer. */
function gammaReflected(x: number): number {
  const q = -x;
  const whole = Math.floor(q);
  const sign = whole % 2 === 0 ? -1 : 1;
  const fraction = q - whole > 0.5 ? q - (whole + 1) : q - whole;
  const sine = Math.abs(q * Math.sin(Math.PI * fraction));
  if (sine === 0) return sign * Infinity;
  const [a, b] = stirling(q);
  const divisor = sine * a * b;
  return sign * (divisor === Infinity ? Math.PI / sine / a / b : Math.PI / divisor);
}

/** The logarithm of gamma's size, and gamma's sign. */
export function lgamma(x: number): { lgamma: number; sign: 1 | -1 } {
  if (Number.isNaN(x) || Math.abs(x) === Infinity) return { lgamma: x, sign: 1 };
  if (x === 0) return { lgamma: Infinity, sign: 1 };
  const size = Math.abs(x);
  if (size < 2 ** -70) return { lgamma: -Math.log(size), sign: x < 0 ? -1 : 1 };
  if (x > 0) return { lgamma: lgammaOfSize(x), sign: 1 };
  const sine = size >= 2 ** 52 ? 0 : sineOfPi(size);
  if (sine === 0) return { lgamma: Infinity, sign: 1 };
  const reflected = Math.log(Math.PI / Math.abs(sine * size)) - lgammaOfSize(size);
  return { lgamma: reflected, sign: sine < 0 ? 1 : -1 };
}

/** sin(πx) for 0 < x < 2^52, exact at the integers. */
function sineOfPi(x: number): number {
  if (x < 0.25) return Math.sin(Math.PI * x);
  const rest = x % 2;
  const part = Math.floor(rest * 4);
  if (Number.isInteger(rest)) return 0;
  if (part === 0) return Math.sin(Math.PI * rest);
  if (part <= 2) return Math.cos(Math.PI * (0.5 - rest));
  if (part <= 4) return Math.sin(Math.PI * (1 - rest));
  if (part <= 6) return -Math.cos(Math.PI * (rest - 1.5));
  return Math.sin(Math.PI * (rest - 2));
}

/** Where gamma has its least value, and its logarithm there in two parts. */
const MINIMUM = 1.4616321449683622;
const AT_MINIMUM = -0.12148629053584961;
const AT_MINIMUM_REST = -3.638676997039505e-18;

function lgammaOfSize(x: number): number {
  if (x === 1 || x === 2) return 0;
  if (x < 2) return x <= 0.9 ? -Math.log(x) + lgammaAboveOne(x) : lgammaAboveOne(x - 1);
  if (x < 8) return lgammaFromTwo(x);
  const log = Math.log(x);
  if (x >= 2 ** 58) return x * (log - 1);
  const z = 1 / x;
  return (x - 0.5) * (log - 1) + (fromEight[0] + z * polynomial(fromEight.slice(1), z * z));
}

/** The logarithm of gamma at `1 + y`, for y between -0.1 and 1. */
function lgammaAboveOne(y: number): number {
  if (y >= MINIMUM - 1 + 0.27) {
    const below = 1 - y;
    const z = below * below;
    return below * polynomial(aroundTwo.even, z) + z * polynomial(aroundTwo.odd, z) - 0.5 * below;
  }
  if (y >= MINIMUM - 1 - 0.27) {
    const away = y - (MINIMUM - 1);
    const z = away * away;
    const w = z * away;
    const [a, b, c] = aroundMinimum.map((coefficients) => polynomial(coefficients, w));
    return AT_MINIMUM + (z * a - (AT_MINIMUM_REST - w * (b + away * c)));
  }
  return -0.5 * y + (y * polynomial(aroundOne.over, y)) / polynomial(aroundOne.under, y);
}

function lgammaFromTwo(x: number): number {
  const whole = Math.floor(x);
  const y = x - whole;
  const near = 0.5 * y + (y * polynomial(fromTwo.over, y)) / polynomial(fromTwo.under, y);
  let factor = 1;
  for (let n = whole - 1; n >= 2; n--) factor *= y + n;
  return whole >= 3 ? near + Math.log(factor) : near;
}
