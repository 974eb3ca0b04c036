import { type Batch, concatenate, type FlatColumn, gather } from "@tocsin/data/column";
import { FluxError, loadRegexps } from "@tocsin/data/value";
import type {
  BucketInfo,
  BucketRead,
  Buckets,
  Point,
  Pushed,
  StoragePredicate,
} from "@tocsin/engine/plan";
import type { Signal } from "@tocsin/platform/host";
import { aggregated } from "./aggregate.ts";
import { GrowingSeries } from "./growing-series.ts";
import { allAggregates } from "./memory.ts";
import { faultOf } from "./point-rules.ts";
import { Condition, type FieldOfSeries, hasPattern } from "./predicate.ts";
import { throwRefused } from "./intake.ts";
import { timesOf, within } from "./points-within.ts";
import { checkRange, sortedTags } from "./request.ts";
import { ScannedSeries, type SeriesPoints } from "./scanned-series.ts";
import { compareSeries, conflict, FieldTypes, seriesText, weekOf } from "./series.ts";
import { KeyColumns, SeriesTables } from "./series-tables.ts";

/** How many conditions of one bucket are kept separately; with more, all of the bucket is kept instead. */
const SCANS_MAX = 8;

interface Scan {
  /** What was scanned. Nanoseconds since the epoch. */
  readonly start: bigint;
  readonly stop: bigint;
  readonly series: readonly SeriesPoints[];
}

/**
 * The content of buckets over a stretch of time, for many runs at moments within it. Each bucket is read once for each
 * condition that the storage evaluates, as far back as the runs look. The answers are those that the bucket would give.
 */
export class History {
  readonly #below: Buckets;
  readonly #from: bigint;
  readonly #to: bigint;
  readonly #scans = new Map<string, Map<string, Promise<Scan>>>();

  /** `from`, `to`: the first and the last moment of a run. Nanoseconds since the epoch. */
  constructor(below: Buckets, from: bigint, to: bigint) {
    this.#below = below;
    this.#from = from;
    this.#to = to;
  }
  /** The buckets, with what is written to them from now on, which is kept only here. */
  overlay(): HistoryBuckets {
    return new HistoryBuckets(this, this.#below);
  }
  /**
   * Series with their points in the range and around it. `filtered`: only points for which the condition holds;
   * otherwise there may be others, too.
   */
  async series(
    request: BucketRead,
    now: bigint,
    signal?: Signal,
  ): Promise<{ readonly series: readonly SeriesPoints[]; readonly filtered: boolean }> {
    const { bucket, start, stop } = request;
    const scans = this.#scans.get(bucket) ?? new Map<string, Promise<Scan>>();
    this.#scans.set(bucket, scans);
    const key = keyOf(request.predicate);
    const predicate = scans.has(key) || scans.size < SCANS_MAX ? request.predicate : undefined;
    const name = keyOf(predicate);
    const filtered = name === key;
    const before = await scans.get(name);
    if (before !== undefined && before.start <= start && before.stop >= stop)
      return { series: before.series, filtered };
    // Other runs will look as far to both sides of their moment as this one.
    const wider = {
      start: least(start, this.#from + start - now, before?.start),
      stop: -least(
        -stop,
        -(this.#to + stop - now),
        before === undefined ? undefined : -before.stop,
      ),
    };
    const scan = this.#scan({ bucket, ...wider, ...(predicate && { predicate }) }, signal);
    scans.set(name, scan);
    scan.catch(() => scans.delete(name));
    return { series: (await scan).series, filtered };
  }

  async #scan(request: BucketRead, signal?: Signal): Promise<Scan> {
    const scanned = new ScannedSeries();
    for await (const batch of this.#below.read(request, signal)) scanned.add(batch);
    return { start: request.start, stop: request.stop, series: scanned.series() };
  }
}

function keyOf(predicate: StoragePredicate | undefined): string {
  if (predicate === undefined) return "";
  return JSON.stringify(predicate, (_name, value: unknown) =>
    typeof value === "bigint" ? `${value}n` : value,
  );
}

function least(a: bigint, b: bigint, c: bigint | undefined): bigint {
  const two = a < b ? a : b;
  return c === undefined || two < c ? two : c;
}

/** What was written to one bucket. */
class Written {
  readonly series = new Map<string, GrowingSeries>();
  readonly #types = new FieldTypes();

  /** Adds a point, or returns the reason why a bucket would refuse it. */
  add(point: Point): string | undefined {
    const fault = faultOf(point);
    if (fault !== undefined) return fault;
    const { measurement, tags, fields, time } = point;
    const week = weekOf(time);
    for (const [field, kind] of fields) {
      const settled = this.#types.settle(measurement, field, week, kind);
      if (settled !== kind) return conflict(measurement, field, settled, kind);
    }
    const text = seriesText({ measurement, tags });
    for (const [field, kind, value] of fields) {
      const name = `${text}${kind}${field}`;
      const series = this.series.get(name) ?? new GrowingSeries({ measurement, tags }, field, kind);
      this.series.set(name, series);
      series.add(time, value);
    }
    return undefined;
  }
}

/** The buckets of many runs over one stretch of history. `at` sets the moment of the present run. */
class HistoryBuckets implements Buckets {
  readonly #history: History;
  readonly #below: Buckets;
  readonly #written = new Map<string, Written>();
  readonly #keys = new KeyColumns();
  #now = 0n;

  constructor(history: History, below: Buckets) {
    this.#history = history;
    this.#below = below;
  }
  /** Sets the moment of the run. Nanoseconds since the epoch. */
  at(now: bigint): this {
    this.#now = now;
    return this;
  }
  async *read(request: BucketRead, signal?: Signal): AsyncGenerator<Batch> {
    checkRange(request);
    if (hasPattern(request.predicate)) await loadRegexps();
    const written = this.#written.get(request.bucket);
    const below = await this.#seriesBelow(request, written !== undefined, signal);
    const series =
      written === undefined ? below.series : merged(below.series, [...written.series.values()]);
    const condition =
      request.predicate === undefined || (below.filtered && written === undefined)
        ? undefined
        : new Condition(request.predicate);
    const tables = new SeriesTables(request.start, request.stop, this.#keys);
    for (const one of series) {
      const verdict = condition?.verdict(one) ?? true;
      if (verdict === false) continue;
      const points = within(one.points(), request, verdict === true ? undefined : verdict);
      if (points === undefined) continue;
      yield* tables.add(
        one,
        request.aggregate === undefined ? points : aggregated(one, points, request),
      );
    }
    yield* tables.finish();
  }
  pushes(bucket: string): Pushed | Promise<Pushed> {
    return this.#written.has(bucket) ? allAggregates : this.#below.pushes(bucket);
  }
  async write(bucket: string, points: readonly Point[]): Promise<void> {
    let written = this.#written.get(bucket);
    if (written === undefined) {
      // An empty write changes nothing, and fails where the bucket can only be read.
      await this.#below.write(bucket, []);
      this.#written.set(bucket, (written = new Written()));
    }
    const refused: { point: number; reason: string }[] = [];
    for (const [at, point] of points.entries()) {
      const reason = written.add(sortedTags(point));
      if (reason !== undefined) refused.push({ point: at, reason });
    }
    throwRefused(bucket, points.length, refused);
  }
  async list(): Promise<readonly BucketInfo[]> {
    const below = await this.#below.list();
    const made = [...this.#written.keys()]
      .filter((name) => below.every((one) => one.name !== name))
      .map((name) => ({ name, source: "these runs", retention: 0n }));
    return [...below, ...made].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** A bucket that only the runs created has nothing below. */
  async #seriesBelow(
    request: BucketRead,
    made: boolean,
    signal?: Signal,
  ): ReturnType<History["series"]> {
    try {
      return await this.#history.series(request, this.#now, signal);
    } catch (error) {
      if (made && error instanceof FluxError && error.code === "not found")
        return { series: [], filtered: false };
      throw error;
    }
  }
}

/** The series of a bucket with what was written to them. A written point replaces one of the same time. */
function merged(
  below: readonly SeriesPoints[],
  written: readonly GrowingSeries[],
): readonly SeriesPoints[] {
  if (below.length === 0) return [...written].sort(compareSeries);
  const all = [...below, ...written].sort(compareSeries);
  const series: SeriesPoints[] = [];
  for (const one of all) {
    const last = series.at(-1);
    if (last === undefined || compareSeries(last, one) !== 0) series.push(one);
    else series[series.length - 1] = { ...named(last), points: () => both(last, one) };
  }
  return series;
}

function named({ measurement, tags, field, kind }: FieldOfSeries): FieldOfSeries {
  return { measurement, tags, field, kind };
}

function both(a: SeriesPoints, b: SeriesPoints): { times: FlatColumn; values: FlatColumn } {
  const [first, second] = [a.points(), b.points()];
  const times = concatenate([first.times, second.times]);
  const values = concatenate([first.values, second.values]);
  const data = timesOf(times);
  const order = Array.from(data.keys()).sort((x, y) =>
    data[x] < data[y] ? -1 : data[x] > data[y] ? 1 : x - y,
  );
  const kept = order.filter((row, i) => i + 1 === order.length || data[row] !== data[order[i + 1]]);
  const rows = Uint32Array.from(kept);
  return { times: gather(times, rows, rows.length), values: gather(values, rows, rows.length) };
}
