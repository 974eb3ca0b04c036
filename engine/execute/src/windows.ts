import {
  type Duration,
  equalDurations,
  int64Max,
  invalid,
  locationOf,
  windowsOf as windowsOfSpec,
} from "@tocsin/data/value";
import type { Steps } from "@tocsin/platform/host";

/** A stretch of time in nanoseconds since the epoch: `start` ≤ t < `stop`. */
export interface Window {
  readonly start: bigint;
  readonly stop: bigint;
}

/**
 * Where windows begin and end: window `i` from `begun[i]` to `ended[i + 1]`. Both have one number more than there are
 * windows: so they can be looked through as lists of edges, too.
 */
export interface WindowEnds {
  readonly begun: BigInt64Array;
  readonly ended: BigInt64Array;
}

/** The windows that a call of `window` means, without the bounds of any range. */
export interface Windows {
  /** Every instant lies in exactly one window. */
  readonly seamless: boolean;
  /** The last window that begins at or before `t`. */
  latest(t: bigint): Window;
  /** All windows that hold `t`, latest first. */
  containing(t: bigint): readonly Window[];
  /** All windows that share an instant with `bounds`, earliest first. */
  within(bounds: Window): readonly Window[];
  /** Whether each is a fixed number of nanoseconds: they are listed by counting, else by a calendar or a clock. */
  readonly fixed: boolean;
  /** Where those begin and end, in steps; undefined: they are listed one by one. */
  ends(bounds: Window): Steps<WindowEnds | undefined>;
  /** About how many they are. */
  estimate(bounds: Window): number;
  /** Where those windows begin, and where the last one ends; in steps, and only if `seamless`. */
  edges(bounds: Window): Steps<BigInt64Array>;
}

const windowsPerStep = 16_384;
/** Steps between windows of fixed length stay far from the ends of 64 bits. */
const farthest = 2n ** 62n;

/** How windows lie: plain data. */
export interface WindowShape {
  readonly every: Duration;
  readonly period: Duration;
  readonly offset: Duration;
  readonly location: { readonly zone: string; readonly offset: Duration };
}

/** Whether there is only one window, without ends: `every: inf`. */
export function isEndless({ every }: WindowShape): boolean {
  return every.months === 0n && every.nanoseconds === int64Max;
}

/** The windows of a shape; throws where the durations make none or the zone is unknown. */
export function windowsOf(shape: WindowShape): Windows {
  const location = locationOf(shape.location.zone, shape.location.offset);
  if ("reason" in location) throw invalid(`window: ${location.reason}`);
  const windows = windowsOfSpec({ ...shape, location });
  if ("reason" in windows) throw invalid(`window: ${windows.reason}`);
  return {
    seamless: equalDurations(shape.every, shape.period),
    latest: (t) => windows.latest(t),
    containing: (t) => windows.containing(t),
    within: (bounds) => windows.within(bounds),
    ends: (bounds) => fixedEnds(windows, bounds),
    fixed: windows.fixed() !== undefined,
    estimate: (bounds) => estimated(windows, bounds),
    edges: (bounds) => edgesOf(windows, bounds),
  };
}

type Sequence = Exclude<ReturnType<typeof windowsOfSpec>, { readonly reason: string }>;

function estimated(windows: Sequence, { start, stop }: Window): number {
  const first = windows.latest(start);
  return Number(stop - start) / Number(windows.next(first).start - first.start);
}

/** As `ends`, by counting. */
function* fixedEnds(windows: Sequence, { start, stop }: Window): Steps<WindowEnds | undefined> {
  const fixed = windows.fixed();
  if (fixed === undefined || start < -farthest || stop > farthest) return undefined;
  const { every, period } = fixed;
  if (every > farthest || period > farthest || period === 0n) return undefined;
  const latest = windows.latest(start).start;
  const reach = latest + period - start;
  const first = reach > 0n ? latest - ((reach - 1n) / every) * every : latest + every;
  const count = first < stop ? Number((stop - first + every - 1n) / every) : 0;
  const begun = new BigInt64Array(count + 1);
  const ended = new BigInt64Array(count + 1);
  if (count > 0) {
    begun[0] = first;
    ended[1] = first + period;
  }
  for (let from = 1; from < count; from += windowsPerStep) {
    const to = Math.min(count, from + windowsPerStep);
    climb(begun, from, to, every);
    climb(ended, from + 1, to + 1, every);
    yield;
  }
  return { begun, ended };
}

function* edgesOf(windows: Sequence, bounds: Window): Steps<BigInt64Array> {
  const first = windows.latest(bounds.start);
  const fixed = windows.fixed();
  if (fixed !== undefined) return yield* fixedEdges(first, fixed.every, bounds.stop);
  const edges = [first.start];
  for (let window = first; window.start < bounds.stop;) {
    const hop = hopFrom(windows, window, bounds.stop);
    if (hop !== undefined) {
      const { nanoseconds } = windows.every;
      for (let edge = window.start; edge < hop.start;) edges.push((edge += nanoseconds));
      window = hop;
      yield;
      continue;
    }
    if (window.stop > window.start) edges.push(window.stop);
    window = windows.next(window);
    if (edges.length % windowsPerStep === 0) yield;
  }
  return BigInt64Array.from(edges);
}

/** Clocks are not set twice in so short a time. */
const hopMost = 43_200_000_000_000n;

type Placed = ReturnType<Sequence["latest"]>;

/**
 * A later window, not behind `most`, up to which windows follow each other at their length: as many were counted on the
 * clock as there was time for, so that it was not set. Undefined: it is too near, or the clock was.
 */
function hopFrom(windows: Sequence, window: Placed, most: bigint): Placed | undefined {
  const { months, nanoseconds } = windows.every;
  const left = most - window.start < hopMost ? most - window.start : hopMost;
  const count = months === 0n ? left / nanoseconds : 0n;
  if (count < 4n || window.again) return undefined;
  const hop = windows.latest(window.start + count * nanoseconds);
  const even = hop.start === window.start + count * nanoseconds;
  return even && !hop.again && hop.index === window.index + count ? hop : undefined;
}

function* fixedEdges(first: Window, every: bigint, stop: bigint): Steps<BigInt64Array> {
  const more = stop <= first.stop ? 0n : (stop - first.stop + every - 1n) / every;
  const edges = new BigInt64Array(Number(more) + 2);
  edges[0] = first.start;
  edges[1] = first.stop;
  for (let from = 2; from < edges.length; from += windowsPerStep) {
    climb(edges, from, Math.min(edges.length, from + windowsPerStep), every);
    yield;
  }
  return edges;
}

function climb(edges: BigInt64Array, from: number, to: number, every: bigint): void {
  let edge = edges[from - 1];
  for (let i = from; i < to; i++) {
    edge = edge > int64Max - every ? int64Max : edge + every;
    edges[i] = edge;
  }
}
