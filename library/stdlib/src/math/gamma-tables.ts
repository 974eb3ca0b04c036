import type { Ratio } from "./polynomial.ts";

// From the Cephes library, by Stephen L. Moshier: "What you see here may be used freely but it comes
// with no support or guarantee."

/** gamma(x + 2) for 0 ≤ x ≤ 1. */
export const gammaFromTwo: Ratio = {
  over: [
    1, 0.4942148268014971, 0.20744822764843598, 0.04763678004571372, 0.010421379756176158,
    0.0011913514700658638, 0.00016011952247675185,
  ],
  under: [
    1, 0.0714304917030273, -0.23459179571824335, 0.035823639860549865, 0.011813978522206043,
    -0.004456419138517973, 0.0005396055804933034, -2.3158187332412014e-5,
  ],
};
/** What Stirling's formula leaves out, by 1/x. */
export const stirlingRest: readonly number[] = [
  0.08333333333334822, 0.0034722222160545866, -0.0026813261780578124, -0.00022954996161337813,
  0.0007873113957930937,
];
