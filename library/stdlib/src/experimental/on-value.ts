import type { NativeDefinition } from "@tocsin/engine/interpret";
import { count } from "../universe/count.ts";
import { distinct } from "../universe/distinct.ts";
import { fill } from "../universe/fill.ts";
import { first } from "../universe/first.ts";
import { histogramQuantile } from "../universe/histogram-quantile.ts";
import { histogram } from "../universe/histogram.ts";
import { integral } from "../universe/integral.ts";
import { kaufmansAMA } from "../universe/kaufmans-ama.ts";
import { last } from "../universe/last.ts";
import { max } from "../universe/max.ts";
import { mean } from "../universe/mean.ts";
import { min } from "../universe/min.ts";
import { mode } from "../universe/mode.ts";
import { quantile } from "../universe/quantile.ts";
import { skew } from "../universe/skew.ts";
import { spread } from "../universe/spread.ts";
import { stddev } from "../universe/stddev.ts";
import { sum } from "../universe/sum.ts";
import { unique } from "../universe/unique.ts";

/** A function of `universe` that works on `_value` only, so that its type can say more. */
function onValue(
  definition: NativeDefinition,
  type: string,
  more: { docs?: string; call?: string } = {},
): NativeDefinition {
  const { name } = definition;
  return {
    ...definition,
    type,
    docs: more.docs ?? `The function \`${name}\` on the column \`_value\`.`,
    example: `import "experimental"
import "sampledata"
${more.call ?? `sampledata.float() |> experimental.${name}()`}`,
  };
}

const SAME = "(<-tables: stream[{T with _value: A}]) => stream[{T with _value: A}]";
const FLOATS = "(<-tables: stream[{T with _value: float}]) => stream[{T with _value: float}]";

/** Functions of `universe` without the choice of a column. */
export const onValueFunctions = [
  onValue(count, "(<-tables: stream[{T with _value: A}]) => stream[{T with _value: int}]"),
  onValue(distinct, SAME),
  onValue(
    fill,
    `(<-tables: stream[{T with _value: A}], ?value: A, ?usePrevious: bool) => stream[{T with _value: A}]`,
    { call: "sampledata.float(includeNull: true) |> experimental.fill(value: 0.0)" },
  ),
  onValue(first, SAME),
  onValue(
    histogram,
    `(<-tables: stream[{T with _value: float}], bins: [float], ?normalize: bool) => 
      stream[{T with _value: float, le: float}]`,
    { call: "sampledata.float() |> experimental.histogram(bins: [0.0, 10.0, 20.0])" },
  ),
  onValue(
    histogramQuantile,
    `(<-tables: stream[{T with _value: float, le: float}], ?quantile: float, ?minValue: float) => 
      stream[{T with _value: float}]`,
    {
      call: `sampledata.float()
    |> experimental.histogram(bins: [0.0, 10.0, 20.0])
    |> experimental.histogramQuantile(quantile: 0.5)`,
    },
  ),
  onValue(
    integral,
    `(<-tables: stream[{T with _time: time, _value: B}], ?unit: duration, ?interpolate: string) => 
      stream[{T with _value: B}]`,
    {
      call: `sampledata.float()
    |> range(start: sampledata.start, stop: sampledata.stop)
    |> experimental.integral(unit: 20s)`,
    },
  ),
  onValue(
    kaufmansAMA,
    "(<-tables: stream[{T with _value: A}], n: int) => stream[{T with _value: float}] where A: Numeric",
    { call: "sampledata.float() |> experimental.kaufmansAMA(n: 3)" },
  ),
  onValue(last, SAME),
  onValue(max, SAME),
  onValue(mean, FLOATS),
  onValue(min, SAME),
  onValue(mode, SAME),
  onValue(
    quantile,
    `(<-tables: stream[{T with _value: float}], q: float, ?compression: float, ?method: string) => 
      stream[{T with _value: float}]`,
    { call: "sampledata.float() |> experimental.quantile(q: 0.5)" },
  ),
  onValue(skew, FLOATS),
  onValue(spread, `${SAME} where A: Numeric`),
  onValue(
    stddev,
    "(<-tables: stream[{T with _value: float}], ?mode: string) => stream[{T with _value: float}]",
  ),
  onValue(sum, `${SAME} where A: Numeric`),
  onValue(unique, SAME),
];
