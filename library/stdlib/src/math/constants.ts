import { float, int, int64Max, int64Min, uint, uint64Max } from "@tocsin/data/value";
import { constant } from "@tocsin/engine/interpret";

const number = (name: string, value: number, docs: string) =>
  constant({ name, type: "float", docs, value: float(value) });

export const constants = [
  number("e", Math.E, "The base of natural logarithms."),
  number("ln10", Math.LN10, "The natural logarithm of 10."),
  number("ln2", Math.LN2, "The natural logarithm of 2."),
  number("log10e", Math.LOG10E, "The decimal logarithm of e."),
  number("log2e", Math.LOG2E, "The binary logarithm of e."),
  number("maxfloat", Number.MAX_VALUE, "The largest finite float."),
  constant({ name: "maxint", type: "int", docs: "The largest int.", value: int(int64Max) }),
  constant({ name: "maxuint", type: "uint", docs: "The largest uint.", value: uint(uint64Max) }),
  constant({ name: "minint", type: "int", docs: "The least int.", value: int(int64Min) }),
  number("phi", 1.618033988749895, "The golden ratio."),
  number("pi", Math.PI, "The circumference of a circle by its diameter."),
  number("smallestNonzeroFloat", Number.MIN_VALUE, "The least float above zero."),
  number("sqrt2", Math.SQRT2, "The square root of 2."),
  number("sqrte", 1.6487212707001282, "The square root of e."),
  number("sqrtphi", 1.272019649514069, "The square root of the golden ratio."),
  number("sqrtpi", 1.772453850905516, "The square root of pi."),
];
