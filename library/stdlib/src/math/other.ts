import { float, int, invalid, nullOf, record, type Value } from "@tocsin/data/value";
import { type Arguments, native, scalar } from "@tocsin/engine/interpret";
import { jn, yn } from "./bessel.ts";
import { bitsOf, frexp, ldexp, logb, ofBits } from "./float-bits.ts";
import { lgamma } from "./gamma.ts";

const example = (call: string): string => `import "array"
import "math"
array.from(rows: [{text: display(v: math.${call})}])`;

/** A function of one float that gives a record; of null, a null. */
function parts(
  name: string,
  parameter: "x" | "f",
  { type, docs }: { type: string; docs: string },
  split: (x: number) => Record<string, Value>,
) {
  return native({
    name,
    type: `(${parameter}: float) => ${type}`,
    docs,
    example: example(`${name}(${parameter}: 2.5)`),
    call: (args: Arguments) =>
      args.optional(parameter)?.kind === "null"
        ? nullOf(undefined)
        : record(split(args.float(parameter))),
  });
}

/** Orders beyond have no use, and each costs a step. */
const ORDER_MAX = 10_000_000n;

function bessel(name: "jn" | "yn", kind: string, apply: (n: number, x: number) => number) {
  return scalar({
    name,
    type: "(n: int, x: float) => float",
    docs: `The Bessel function of the ${kind} kind and order \`n\` at \`x\`.`,
    example: example(`${name}(n: 2, x: 1.5)`),
    parameters: { n: "int", x: "float" },
    result: "float",
    apply: (n: bigint, x: number) => {
      if (n > ORDER_MAX || n < -ORDER_MAX)
        throw invalid(`math.${name}: n should lie between ±${ORDER_MAX}, but is ${n}`);
      return apply(Number(n), x);
    },
  });
}

function ilogb(x: number): bigint {
  if (x === 0) return -(2n ** 31n);
  return Number.isFinite(x) ? BigInt(logb(x)) : 2n ** 31n - 1n;
}

function pow10(n: bigint): number {
  if (n < -323n) return 0;
  return n > 308n ? Infinity : Number(`1e${n}`);
}

function isInf(f: number, sign: bigint): boolean {
  return (f === Infinity && sign >= 0n) || (f === -Infinity && sign <= 0n);
}

/** Exponents that are far out of the range of floats, pulled into numbers. */
const exponent = (exp: bigint): number =>
  Number(exp > 10_000n ? 10_000n : exp < -10_000n ? -10_000n : exp);

/** Functions with other types than float to float. */
export const otherFunctions = [
  scalar({
    name: "float64bits",
    type: "(f: float) => uint",
    docs: "The 64 bits of a float in the format of IEEE 754.",
    example: example("float64bits(f: 1.0)"),
    parameters: { f: "float" },
    result: "uint",
    apply: (f: number) => bitsOf(f),
  }),
  scalar({
    name: "float64frombits",
    type: "(b: uint) => float",
    docs: "The float that 64 bits are in the format of IEEE 754.",
    example: example("float64frombits(b: uint(v: 4))"),
    parameters: { b: "uint" },
    result: "float",
    apply: (b: bigint) => ofBits(b),
  }),
  parts(
    "frexp",
    "f",
    {
      type: "{frac: float, exp: int}",
      docs: "`f` as frac · 2^exp, with the size of frac at least 0.5 and below 1.",
    },
    (f) => {
      const { frac, exp } = frexp(f);
      return { frac: float(frac), exp: int(BigInt(exp)) };
    },
  ),
  scalar({
    name: "ilogb",
    type: "(x: float) => int",
    docs: "The exponent of the leading bit of `x`.",
    example: example("ilogb(x: 10.0)"),
    parameters: { x: "float" },
    result: "int",
    apply: ilogb,
  }),
  scalar({
    name: "isInf",
    type: "(f: float, sign: int) => bool",
    docs: "Whether `f` is infinite with the sign of `sign`; with either sign when that is 0.",
    example: example("isInf(f: 1.0, sign: 0)"),
    parameters: { f: "float", sign: "int" },
    result: "bool",
    apply: isInf,
  }),
  scalar({
    name: "isNaN",
    type: "(f: float) => bool",
    docs: "Whether `f` is NaN, which nothing equals.",
    example: example("isNaN(f: math.NaN())"),
    parameters: { f: "float" },
    result: "bool",
    apply: (f: number) => Number.isNaN(f),
  }),
  bessel("jn", "first", jn),
  scalar({
    name: "ldexp",
    type: "(frac: float, exp: int) => float",
    docs: "`frac` · 2^`exp`: what `frexp` took apart.",
    example: example("ldexp(frac: 0.5, exp: 6)"),
    parameters: { frac: "float", exp: "int" },
    result: "float",
    apply: (frac: number, exp: bigint) => ldexp(frac, exponent(exp)),
  }),
  parts(
    "lgamma",
    "x",
    {
      type: "{lgamma: float, sign: int}",
      docs: "The natural logarithm of the size of gamma(`x`), and the sign of gamma(`x`).",
    },
    (x) => {
      const value = lgamma(x);
      return { lgamma: float(value.lgamma), sign: int(BigInt(value.sign)) };
    },
  ),
  scalar({
    name: "mInf",
    type: "(sign: int) => float",
    docs: "Infinity, with the sign of `sign`; positive for 0.",
    example: example("mInf(sign: -1)"),
    parameters: { sign: "int" },
    result: "float",
    apply: (sign: bigint) => (sign >= 0n ? Infinity : -Infinity),
  }),
  parts(
    "modf",
    "f",
    {
      type: "{int: float, frac: float}",
      docs: "The whole part of `f` and its fraction, both with the sign of `f`.",
    },
    (f) => {
      const whole = Math.trunc(f);
      const fraction = Math.abs(f) === Infinity ? NaN : f - whole;
      const signed = fraction === 0 && (f < 0 || Object.is(f, -0)) ? -0 : fraction;
      return { int: float(whole), frac: float(signed) };
    },
  ),
  native({
    name: "NaN",
    type: "() => float",
    docs: "Not a number.",
    example: example("NaN()"),
    call: () => float(NaN),
  }),
  scalar({
    name: "pow10",
    type: "(n: int) => float",
    docs: "10 to the power of `n`.",
    example: example("pow10(n: 9)"),
    parameters: { n: "int" },
    result: "float",
    apply: pow10,
  }),
  scalar({
    name: "signbit",
    type: "(x: float) => bool",
    docs: "Whether `x` is negative, or the zero with a minus sign.",
    example: example("signbit(x: -1.2)"),
    parameters: { x: "float" },
    result: "bool",
    apply: (x: number) => bitsOf(x) >= 2n ** 63n,
  }),
  parts(
    "sincos",
    "x",
    { type: "{sin: float, cos: float}", docs: "Sine and cosine of `x` radians." },
    (x) => ({ sin: float(Math.sin(x)), cos: float(Math.cos(x)) }),
  ),
  bessel("yn", "second", yn),
];
