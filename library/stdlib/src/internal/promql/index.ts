import { definePackage, flux } from "@tocsin/engine/interpret";
import { join } from "../../experimental/join.ts";
import { quantile as quantileOfAll } from "../../universe/quantile.ts";
import { dateFunctions } from "./dates.ts";
import { promHistogramQuantile } from "./histogram-quantile.ts";
import { emptyTable, labelReplace, timestamp } from "./labels.ts";
import {
  changes,
  extrapolatedRate,
  holtWinters,
  instantRate,
  linearRegression,
  resets,
} from "./rates.ts";

/** `universe.quantile` under a name that this package has not taken. */
const within = { ...quantileOfAll, name: "_quantile" };

const quantile = flux({
  name: "quantile",
  type: "(<-tables: stream[A], q: float, ?method: string) => stream[A] where A: Record",
  docs: "As `quantile`, but infinite for a `q` below 0 or above 1, as PromQL has it.",
  source: `(q, tables=<-, method="exact_mean") =>
    if q < 0.0 then
        tables |> reduce(identity: {_value: math.mInf(sign: -1)}, fn: (r, accumulator) => accumulator)
    else if q > 1.0 then
        tables |> reduce(identity: {_value: math.mInf(sign: 1)}, fn: (r, accumulator) => accumulator)
    else
        tables |> _quantile(q: q, method: method)`,
});

export const packageDefinition = definePackage({
  path: "internal/promql",
  docs: "What PromQL is translated into.",
  imports: ["math"],
  patterns: true,
  members: [
    changes,
    ...dateFunctions,
    emptyTable,
    extrapolatedRate,
    holtWinters,
    instantRate,
    join,
    labelReplace,
    linearRegression,
    promHistogramQuantile,
    quantile,
    resets,
    timestamp,
    within,
  ],
});
