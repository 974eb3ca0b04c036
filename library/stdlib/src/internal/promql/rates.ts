import { invalid } from "@tocsin/data/value";
import { transformation } from "@tocsin/engine/interpret";
import { type Bounds, rangeVectorKind, type Sample, seconds } from "./range-vector.ts";

/** How often two neighbours make the test true. */
function countPairs(
  samples: readonly Sample[],
  test: (before: number, now: number) => boolean,
): number | undefined {
  if (samples.length === 0) return undefined;
  let count = 0;
  for (let i = 1; i < samples.length; i++)
    if (test(samples[i - 1].value, samples[i].value)) count += 1;
  return count;
}

const changesKind = rangeVectorKind<Record<string, never>>("changes", (samples) =>
  countPairs(
    samples,
    (before, now) => now !== before && !(Number.isNaN(now) && Number.isNaN(before)),
  ),
);

export const changes = transformation({
  name: "changes",
  type: "(<-tables: stream[{A with _value: float}]) => stream[{B with _value: float}]",
  docs: "How often `_value` changed in each table, as PromQL's `changes()`.",
  kind: changesKind,
  spec: () => ({}),
});

const resetsKind = rangeVectorKind<Record<string, never>>("resets", (samples) =>
  countPairs(samples, (before, now) => now < before),
);

export const resets = transformation({
  name: "resets",
  type: "(<-tables: stream[{A with _value: float}]) => stream[{B with _value: float}]",
  docs: "How often `_value` fell in each table, as PromQL's `resets()`.",
  kind: resetsKind,
  spec: () => ({}),
});

const instantRateKind = rangeVectorKind<{ readonly isRate: boolean }>(
  "instantRate",
  (samples, { isRate }) => {
    const [before, last] = samples.slice(-2);
    if (last === undefined || last.time === before.time) return undefined;
    const step = isRate && last.value < before.value ? last.value : last.value - before.value;
    return isRate ? step / seconds(last.time - before.time) : step;
  },
);

export const instantRate = transformation({
  name: "instantRate",
  type: `(<-tables: stream[{A with _time: time, _value: float}], ?isRate: bool) =>
    stream[{B with _value: float}]`,
  docs: "The step between the last two rows, with `isRate` per second, as PromQL's `idelta()` and `irate()`.",
  kind: instantRateKind,
  spec: (args) => ({ isRate: args.bool("isRate", false) }),
});

interface RateSpec {
  readonly isCounter: boolean;
  readonly isRate: boolean;
}

const extrapolatedKind = rangeVectorKind<RateSpec>("extrapolatedRate", (samples, spec, bounds) => {
  if (samples.length < 2) return undefined;
  const first = samples[0];
  const last = samples[samples.length - 1];
  let step = last.value - first.value;
  if (spec.isCounter) {
    for (let i = 1; i < samples.length; i++)
      if (samples[i].value < samples[i - 1].value) step += samples[i - 1].value;
  }
  const range = bounds();
  const sampled = Number(last.time - first.time);
  const whole = step * (extrapolated(samples, step, spec, range) / sampled);
  return spec.isRate ? whole / seconds(range.stop - range.start) : whole;
});

/** For how long the samples stand: up to the range's bounds, unless these are too far away. */
function extrapolated(
  samples: readonly Sample[],
  step: number,
  { isCounter }: RateSpec,
  { start, stop }: Bounds,
): number {
  const first = samples[0];
  const last = samples[samples.length - 1];
  const sampled = Number(last.time - first.time);
  const average = sampled / (samples.length - 1);
  let before = Number(first.time - start);
  // A counter was never negative: going back, it does not pass zero.
  if (isCounter && step > 0 && first.value >= 0)
    before = Math.min(before, sampled * (first.value / step));
  const after = Number(stop - last.time);
  const near = (distance: number): number => (distance < average * 1.1 ? distance : average / 2);
  return sampled + near(before) + near(after);
}

export const extrapolatedRate = transformation({
  name: "extrapolatedRate",
  type: `(
    <-tables: stream[{A with _start: time, _stop: time, _time: time, _value: float}], ?isCounter: bool,
    ?isRate: bool,
  ) => stream[{B with _value: float}]`,
  docs: "How much `_value` rose over the range, as PromQL's `delta()`, `increase()` and `rate()`.",
  kind: extrapolatedKind,
  spec: (args) => ({
    isCounter: args.bool("isCounter", false),
    isRate: args.bool("isRate", false),
  }),
});

interface RegressionSpec {
  readonly predict: boolean;
  /** Seconds. */
  readonly fromNow: number;
}

const regressionKind = rangeVectorKind<RegressionSpec>(
  "linearRegression",
  (samples, { predict, fromNow }, bounds) => {
    if (samples.length < 2) return undefined;
    const zero = predict ? bounds().stop : samples[0].time;
    let [sumX, sumY, sumXY, sumXX] = [0, 0, 0, 0];
    for (const { time, value } of samples) {
      const x = seconds(time - zero);
      sumX += x;
      sumY += value;
      sumXY += x * value;
      sumXX += x * x;
    }
    const n = samples.length;
    const slope = (sumXY - (sumX * sumY) / n) / (sumXX - (sumX * sumX) / n);
    return predict ? slope * fromNow + (sumY / n - (slope * sumX) / n) : slope;
  },
);

export const linearRegression = transformation({
  name: "linearRegression",
  type: `(
    <-tables: stream[{A with _time: time, _stop: time, _value: float}], ?predict: bool, ?fromNow: float,
  ) => stream[{B with _value: float}]`,
  docs:
    "The slope per second of a line through the rows, with `predict` the value `fromNow` seconds later, as " +
    "PromQL's `deriv()` and `predict_linear()`.",
  kind: regressionKind,
  spec: (args) => ({
    predict: args.bool("predict", false),
    fromNow: args.float("fromNow", 0),
  }),
});

interface SmoothingSpec {
  readonly smoothing: number;
  readonly trend: number;
}

const smoothingKind = rangeVectorKind<SmoothingSpec>(
  "promql.holtWinters",
  (samples, { smoothing, trend: weight }) => {
    if (samples.length < 2) return undefined;
    let before = 0;
    let smoothed = samples[0].value;
    let trend = samples[1].value - smoothed;
    for (let i = 1; i < samples.length; i++) {
      if (i > 1) trend = weight * (smoothed - before) + (1 - weight) * trend;
      const next = smoothing * samples[i].value + (1 - smoothing) * (smoothed + trend);
      [before, smoothed] = [smoothed, next];
    }
    return smoothed;
  },
);

export const holtWinters = transformation({
  name: "holtWinters",
  type: `(
    <-tables: stream[{A with _time: time, _value: float}], ?smoothingFactor: float, ?trendFactor: float,
  ) => stream[{B with _value: float}]`,
  docs: "The last smoothed value of each table, as PromQL's `holt_winters()`. Factors lie between 0 and 1.",
  kind: smoothingKind,
  spec: (args) => {
    const smoothing = args.float("smoothingFactor", 0);
    const trend = args.float("trendFactor", 0);
    for (const [name, factor] of [
      ["smoothing", smoothing],
      ["trend", trend],
    ] as const)
      if (!(factor > 0 && factor < 1))
        throw invalid(`invalid ${name} factor. Expected: 0 < factor < 1, got: ${factor}`);
    return { smoothing, trend };
  },
});
