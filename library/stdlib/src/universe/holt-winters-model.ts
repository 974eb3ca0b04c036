import type { Steps } from "@tocsin/platform/host";
import { minimize, type Vertex } from "./nelder-mead.ts";

/** Positions in the parameters; from `SEASONS` on, the factor of each step of the season. */
const ALPHA = 0;
const BETA = 1;
const GAMMA = 2;
const PHI = 3;
const LEVEL = 4;
const TREND = 5;
const SEASONS = 6;
/** Where the search for the four weights begins: all combinations of these. */
const FIRST_WEIGHTS = [0.3, 0.7];
/** How much of the first value and the first change the start of the search believes. */
const TRUST = 0.5;

/** A forecast, and the sum of squared errors of the fit behind it. */
interface Forecast {
  readonly values: Float64Array;
  readonly error: number;
}

/**
 * Forecasts a series with the damped method of Holt and Winters. NaN in `series` is a value that is
 * missing. Undefined when nothing fits.
 */
export function* forecast(
  series: Float64Array,
  { ahead, season, withFit }: { ahead: number; season: number; withFit: boolean },
): Steps<Forecast | undefined> {
  const seasonal = season >= 2;
  if (series.length < 2 || (seasonal && series.length < season) || ahead <= 0)
    return { values: new Float64Array(0), error: 0 };
  const start = seasonal ? seasonalStart(series, season) : plainStart(series);
  const scratch = new Float64Array(start.length);
  const fit = new Float64Array(series.length);
  const model = new Model(series[0], series.length + ahead);
  const error = (at: readonly number[]): number => {
    for (let i = 0; i < scratch.length; i++) scratch[i] = at[i];
    model.follow(fit, scratch);
    return squaredError(series, fit);
  };
  let best: Vertex | undefined;
  for (const weights of combinations()) {
    start.set(weights);
    const found = yield* minimize(error, [...start]);
    if (found !== undefined && (best === undefined || found.value < best.value)) best = found;
  }
  if (best === undefined) return undefined;
  const values = new Float64Array(series.length + ahead);
  model.follow(values, Float64Array.from(best.at));
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

function squaredError(series: Float64Array, fit: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < fit.length; i++) {
    if (Number.isNaN(series[i])) continue;
    const difference = fit[i] - series[i];
    sum += difference * difference;
  }
  return sum;
}

/** What a series with some first value is taken to follow. */
class Model {
  readonly #first: number;
  readonly #powers: Float64Array;
  #base = NaN;

  /** At most `most` values are asked for. */
  constructor(first: number, most: number) {
    this.#first = first;
    this.#powers = new Float64Array(most);
  }
  /** Writes what it gives from its first value on. Uses `parameters` up. */
  follow(out: Float64Array, parameters: Float64Array): void {
    for (let weight = ALPHA; weight <= PHI; weight++)
      parameters[weight] = Math.min(1, Math.max(0, parameters[weight]));
    this.#raise(parameters[PHI]);
    out[0] = this.#first;
    if (parameters.length > SEASONS) this.#followSeasons(out, parameters);
    else this.#followPlain(out, parameters);
  }

  // Parameters are not taken apart by a pattern: V8 took them for something else, and compiled the loops hundreds of
  // times.
  #followPlain(out: Float64Array, parameters: Float64Array): void {
    const alpha = parameters[ALPHA];
    const beta = parameters[BETA];
    const phi = parameters[PHI];
    const powers = this.#powers;
    let level = parameters[LEVEL];
    let trend = parameters[TREND];
    let damping = phi;
    let value = out[0];
    for (let t = 1; t < out.length; t++) {
      const nextLevel = alpha * value + (1 - alpha) * (level + phi * trend);
      trend = beta * (nextLevel - level) + (1 - beta) * phi * trend;
      level = nextLevel;
      out[t] = value = level + damping * trend;
      damping += powers[t];
    }
  }
  #followSeasons(out: Float64Array, parameters: Float64Array): void {
    const alpha = parameters[ALPHA];
    const beta = parameters[BETA];
    const gamma = parameters[GAMMA];
    const phi = parameters[PHI];
    const powers = this.#powers;
    const season = parameters.length - SEASONS;
    let level = parameters[LEVEL];
    let trend = parameters[TREND];
    let damping = phi;
    let value = out[0];
    // The factors lie in a ring; each step reads and writes the one of its place, and reads one ahead.
    for (let t = 1, place = 0; t < out.length; t++, place = (place + 2) % season) {
      const own = parameters[SEASONS + place];
      const ahead = parameters[SEASONS + ((place + (t % season)) % season)];
      const drift = level + phi * trend;
      const nextLevel = alpha * (value / own) + (1 - alpha) * drift;
      trend = beta * (nextLevel - level) + (1 - beta) * phi * trend;
      level = nextLevel;
      parameters[SEASONS + place] = gamma * (value / drift) + (1 - gamma) * own;
      out[t] = value = (level + damping * trend) * ahead;
      damping += powers[t];
    }
  }
  /** Powers of the damping, as squares multiplied with each other: so it is rounded as upstream does. */
  #raise(base: number): void {
    if (base === this.#base) return;
    this.#base = base;
    const powers = this.#powers;
    powers[0] = 1;
    for (let high = 1, square = base; high < powers.length; high *= 2, square *= square) {
      // Below that, nothing is added to what was added up.
      if (square < 1e-300) return void powers.fill(0, high);
      const end = Math.min(2 * high, powers.length);
      for (let t = high; t < end; t++) powers[t] = powers[t - high] * square;
    }
  }
}
