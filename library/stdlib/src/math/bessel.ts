import { orderOne } from "./bessel-order-one.ts";
import { orderZero } from "./bessel-order-zero.ts";
import { polynomial, type Ratio, ratioAt } from "./polynomial.ts";

interface Piece {
  /** Least x of this piece. */
  readonly from: number;
  readonly ratio: Ratio;
}

/** Approximations of the Bessel functions of one order. */
export interface BesselTables {
  /** First and second kind for x < 2, by x². */
  readonly first: Ratio;
  readonly second: Ratio;
  /** The two slow factors of the waves for x ≥ 2, by 1/x²; largest x first. */
  readonly amplitude: readonly Piece[];
  readonly phase: readonly Piece[];
}

const ONE_BY_ROOT_OF_PI = 1 / 1.772453850905516;

/** The wave of order 0 or 1 for x ≥ 2, √2 times sine and cosine of x less a quarter or three quarters of π. */
function waves(order: 0 | 1, x: number): { sine: number; cosine: number } {
  const sine = Math.sin(x);
  const cosine = Math.cos(x);
  let plus = sine + cosine;
  let minus = sine - cosine;
  if (x < Number.MAX_VALUE / 2) {
    // Their product is -cos 2x: the one in which digits cancel is had from the other.
    const both = -Math.cos(x + x);
    if (sine * cosine < 0) plus = both / minus;
    else minus = both / plus;
  }
  return order === 0 ? { sine: minus, cosine: plus } : { sine: -plus, cosine: minus };
}

function piece(pieces: readonly Piece[], x: number): number {
  const found = pieces.find(({ from }) => x >= from) ?? pieces[pieces.length - 1];
  return ratioAt(found.ratio, 1 / (x * x));
}

/** Order 0 or 1 for x ≥ 2. */
function far(order: 0 | 1, kind: "first" | "second", x: number): number {
  const { sine, cosine } = waves(order, x);
  const [main, other] = kind === "first" ? [cosine, -sine] : [sine, cosine];
  if (x > 2 ** 129) return (ONE_BY_ROOT_OF_PI * main) / Math.sqrt(x);
  const { amplitude, phase } = order === 0 ? orderZero : orderOne;
  const u = 1 + piece(amplitude, x);
  const v = ((order === 0 ? -0.125 : 0.375) + piece(phase, x)) / x;
  return (ONE_BY_ROOT_OF_PI * (u * main + v * other)) / Math.sqrt(x);
}

/** The Bessel function of the first kind, order 0. */
export function j0(argument: number): number {
  const x = Math.abs(argument);
  if (Number.isNaN(x)) return x;
  if (x === Infinity) return 0;
  if (x >= 2) return far(0, "first", x);
  if (x < 2 ** -27) return 1;
  if (x < 2 ** -13) return 1 - 0.25 * x * x;
  const z = x * x;
  const rest = (z * polynomial(orderZero.first.over, z)) / polynomial(orderZero.first.under, z);
  if (x < 1) return 1 + z * (rest - 0.25);
  return (1 + 0.5 * x) * (1 - 0.5 * x) + z * rest;
}

/** The Bessel function of the first kind, order 1. */
export function j1(argument: number): number {
  const x = Math.abs(argument);
  if (Number.isNaN(x)) return x;
  if (x === Infinity || x === 0) return 0;
  const value = x >= 2 ? far(1, "first", x) : j1Near(x);
  return argument < 0 ? -value : value;
}

function j1Near(x: number): number {
  if (x < 2 ** -27) return 0.5 * x;
  const z = x * x;
  const { over, under } = orderOne.first;
  return 0.5 * x + (z * polynomial(over, z) * x) / polynomial(under, z);
}

/** Of the second kind, order 0: minus infinity at 0, no number below. */
export function y0(x: number): number {
  if (!(x >= 0)) return NaN;
  if (x === 0) return -Infinity;
  if (x === Infinity) return 0;
  if (x >= 2) return far(0, "second", x);
  if (x <= 2 ** -27) return orderZero.second.over[0] + (2 / Math.PI) * Math.log(x);
  return ratioAt(orderZero.second, x * x) + (2 / Math.PI) * j0(x) * Math.log(x);
}

/** Of the second kind, order 1. */
export function y1(x: number): number {
  if (!(x >= 0)) return NaN;
  if (x === 0) return -Infinity;
  if (x === Infinity) return 0;
  if (x >= 2) return far(1, "second", x);
  if (x <= 2 ** -54) return -(2 / Math.PI) / x;
  return x * ratioAt(orderOne.second, x * x) + (2 / Math.PI) * (j1(x) * Math.log(x) - 1 / x);
}

/** Beyond this, the order no longer counts beside x. */
const HUGE = 2 ** 302;

/** Of the first kind, order n. */
export function jn(order: number, argument: number): number {
  if (Number.isNaN(argument)) return argument;
  if (Math.abs(argument) === Infinity) return 0;
  if (order === 0) return j0(argument);
  if (argument === 0) return 0;
  // Order and argument with their signs turned give the same.
  const [n, x] = order < 0 ? [-order, -argument] : [order, argument];
  if (n === 1) return j1(x);
  const value = jnOfSize(n, Math.abs(x));
  return x < 0 && n % 2 === 1 ? -value : value;
}

function jnOfSize(n: number, x: number): number {
  if (n > x) return x < 2 ** -29 ? jnTiny(n, x) : jnDownward(n, x);
  if (x >= HUGE) {
    const { sine, cosine } = { sine: Math.sin(x), cosine: Math.cos(x) };
    const wave = [cosine + sine, sine - cosine, -cosine - sine, cosine - sine][n % 4];
    return (ONE_BY_ROOT_OF_PI * wave) / Math.sqrt(x);
  }
  let before = j0(x);
  let value = j1(x);
  for (let i = 1; i < n; i++) [before, value] = [value, value * ((i + i) / x) - before];
  return value;
}

/** The first term of the series, (x/2)^n / n!. */
function jnTiny(n: number, x: number): number {
  if (n > 33) return 0;
  let power = x * 0.5;
  let factorial = 1;
  for (let i = 2; i <= n; i++) {
    factorial *= i;
    power *= x * 0.5;
  }
  return power / factorial;
}

/** From a continued fraction for the quotient of two orders down to order 0, which is known. */
function jnDownward(n: number, x: number): number {
  let quotient = 0;
  for (let i = 2 * (n + termsNeeded(n, x)); i >= n + n; i -= 2) quotient = 1 / (i / x - quotient);
  let above = quotient;
  let value = 1;
  const mayOverflow = n * Math.log(Math.abs((2 / x) * n)) >= 709.782712893384;
  for (let i = n - 1; i > 0; i--) {
    [above, value] = [value, (value * (i + i)) / x - above];
    if (mayOverflow && value > 1e100) {
      above /= value;
      quotient /= value;
      value = 1;
    }
  }
  return (quotient * j0(x)) / value;
}

function termsNeeded(n: number, x: number): number {
  const step = 2 / x;
  let z = (n + n) / x + step;
  let before = (n + n) / x;
  let present = before * z - 1;
  let terms = 1;
  while (present < 1e9) {
    terms += 1;
    z += step;
    [before, present] = [present, z * present - before];
  }
  return terms;
}

/** Of the second kind, order n. */
export function yn(order: number, x: number): number {
  if (!(x >= 0)) return NaN;
  if (x === Infinity) return 0;
  if (order === 0) return y0(x);
  const n = Math.abs(order);
  const turned = order < 0 && n % 2 === 1;
  if (x === 0) return turned ? Infinity : -Infinity;
  const value = n === 1 ? y1(x) : ynUpward(n, x);
  return turned ? -value : value;
}

function ynUpward(n: number, x: number): number {
  if (x >= HUGE) {
    const { sine, cosine } = { sine: Math.sin(x), cosine: Math.cos(x) };
    const wave = [sine - cosine, -sine - cosine, cosine - sine, sine + cosine][n % 4];
    return (ONE_BY_ROOT_OF_PI * wave) / Math.sqrt(x);
  }
  let before = y0(x);
  let value = y1(x);
  for (let i = 1; i < n && value !== -Infinity; i++)
    [before, value] = [value, ((i + i) / x) * value - before];
  return value;
}
