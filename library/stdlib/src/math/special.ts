import { j0, j1, y0, y1 } from "./bessel.ts";
import { erf, erfc, erfinv } from "./erf.ts";
import { ofOne } from "./functions.ts";
import { gamma } from "./gamma.ts";

/** Special functions of one float. */
export const specialFunctions = [
  ofOne("erf", erf, "The error function of `x`."),
  ofOne(
    "erfc",
    erfc,
    "The complementary error function of `x`: 1 - erf(x), also where that is tiny.",
  ),
  ofOne(
    "erfcinv",
    (x) => erfinv(1 - x),
    "The number whose complementary error function is `x`; NaN for `x` below 0 or above 2.",
  ),
  ofOne(
    "erfinv",
    erfinv,
    "The number whose error function is `x`; NaN for `x` below -1 or above 1.",
  ),
  ofOne("gamma", gamma, "The gamma function of `x`; NaN at the negative integers.", "5.0"),
  ofOne("j0", j0, "The Bessel function of the first kind and order 0 at `x`."),
  ofOne("j1", j1, "The Bessel function of the first kind and order 1 at `x`."),
  ofOne("y0", y0, "The Bessel function of the second kind and order 0 at `x`; NaN below 0."),
  ofOne("y1", y1, "The Bessel function of the second kind and order 1 at `x`; NaN below 0."),
];
