import { minimize } from "./nelder-mead.ts";

/** Positions in the parameters; from `SEASONS` on, the factor of each step of the season. */
const [ALPHA, BETA, GAMMA, PHI, LEVEL, TREND, SEASONS] = [0, 1, 2, 3, 4, 5, 6];
/** Where the search for the four weights begins: all combinations of these. */
const FIRST_WEIGHTS = [0.3, 0.7];
/** How much of the first value and the first change the start of the search believes. */
const TRUST = 0.5;

/** A forecast, and the sum of squared errors of the fit that it stands on. */
export interface Forecast {
  readonly values: Float64Array;
  readonly error: number;
}

/**
 * Forecasts a series with the damped method of Holt and Winters. NaN in `series` is a value that is
 * missing. Undefined when nothing fits.
 */
export function forecast(
  series: Float64Array,
  { ahead, season, withFit }: { ahead: number; season: number; withFit: boolean },
): Forecast | undefined {
  const seasonal = season >= 2;
  if (series.length < 2 || (seasonal && series.length < season) || ahead <= 0)
    return { values: new Float64Array(0), error: 0 };
  const start = seasonal ? seasonalStart(series, season) : plainStart(series);
  const scratch = new Float64Array(start.length);
  const error = (at: Float64Array): number => {
    scratch.set(at);
    return squaredError(series, scratch);
  };
  let best: { at: Float64Array; value: number } | undefined;
  for (const weights of combinations()) {
    start.set(weights);
    const found = minimize(error, start);
    if (found !== undefined && (best === undefined || found.value < best.value)) best = found;
  }
  if (best === undefined) return undefined;
  const values = new Float64Array(series.length + ahead);
  follow(series[0], values, best.at.slice());
  return { values: withFit ? values : values.slice(series.length), error: best.value };
}

function combinations(): number[][] {
  return FIRST_WEIGHTS.flatMap((alpha) =>
    FIRST_WEIGHTS.flatMap((beta) =>
      FIRST_WEIGHTS.flatMap((gamma) => FIRST_WEIGHTS.map((phi) => [alpha, beta, gamma, phi])),
    ),
  );
}

function plainStart(series: Float64Array): Float64Array {
  const start = new Float64Array(SEASONS);
  start[LEVEL] = TRUST * series[0];
  start[TREND] = Number.isNaN(series[1]) ? 0 : TRUST * (series[1] - series[0]);
  return start;
}

function seasonalStart(series: Float64Array, season: number): Float64Array {
  const start = new Float64Array(SEASONS + season);
  for (let i = 0; i < season; i++) {
    const [now, next] = [series[i], series[i + season]];
    if (!Number.isNaN(now)) start[LEVEL] += (1 / season) * now;
    if (i + season < series.length && !Number.isNaN(now) && !Number.isNaN(next))
      start[TREND] += (1 / (season * season)) * (next - now);
  }
  for (let i = 0; i < season; i++)
    start[SEASONS + i] = Number.isNaN(series[i]) ? 1 : series[i] / start[LEVEL];
  return start;
}

function squaredError(series: Float64Array, parameters: Float64Array): number {
  const fit = new Float64Array(series.length);
  follow(series[0], fit, parameters);
  let sum = 0;
  for (let i = 0; i < fit.length; i++) {
    if (Number.isNaN(series[i])) continue;
    const difference = fit[i] - series[i];
    sum += difference * difference;
  }
  return sum;
}

/** Writes what the model gives from its first value on. Uses `parameters` up. */
function follow(first: number, out: Float64Array, parameters: Float64Array): void {
  for (const weight of [ALPHA, BETA, GAMMA, PHI])
    parameters[weight] = Math.min(1, Math.max(0, parameters[weight]));
  const { [ALPHA]: alpha, [BETA]: beta, [GAMMA]: gamma, [PHI]: phi } = parameters;
  const season = parameters.length - SEASONS;
  let [level, trend, damping, value] = [parameters[LEVEL], parameters[TREND], phi, first];
  out[0] = first;
  for (let t = 1; t < out.length; t++) {
    // The factors lie in a ring; each step reads the one of its place and writes the next but one.
    const turn = season - 1 + (t - 1);
    const [own, ahead] =
      season === 0
        ? [1, 1]
        : [
            parameters[SEASONS + ((t - season + turn) % season)],
            parameters[SEASONS + ((t - season + (t % season) + turn) % season)],
          ];
    const drift = level + phi * trend;
    const nextLevel = alpha * (value / own) + (1 - alpha) * drift;
    const nextTrend = beta * (nextLevel - level) + (1 - beta) * phi * trend;
    const factor = gamma * (value / drift) + (1 - gamma) * own;
    value = (nextLevel + damping * nextTrend) * ahead;
    [level, trend] = [nextLevel, nextTrend];
    damping += phi ** t;
    if (season > 0) parameters[SEASONS + ((t + turn) % season)] = factor;
    out[t] = value;
  }
}
