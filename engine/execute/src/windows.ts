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
 * Where windows begin and end: window `i` from `begun[i]` to `ended[i + 1]`. Both have one time more than there are
 * windows, so that each can also serve as a list of edges.
 */
export interface WindowEnds {
  readonly begun: BigInt64Array;
  readonly ended: BigInt64Array;
}

/** The windows that a call of `window` asks for, whatever the range. */
export interface Windows {
  /** Every instant lies in exactly one window. */
  readonly seamless: boolean;
  /** The last window that begins at or before `t`. */
  latest(t: bigint): Window;
  /** All windows that hold `t`, latest first. */
  containing(t: bigint): readonly Window[];
  /** All windows that share an instant with `bounds`, earliest first. */
  within(bounds: Window): readonly Window[];
  /** Whether all are equally long and equally far apart in nanoseconds, which no calendar or zone changes. */
  readonly fixed: boolean;
  /**
   * Where the windows `within` bounds begin and end, in steps. Undefined: they are not `fixed`, or too far from 1970.
   */
  ends(bounds: Window): Steps<WindowEnds | undefined>;
  /** About how many windows lie in bounds. */
  estimate(bounds: Window): number;
  /** Where the windows `within` bounds begin, and where the last one ends; in steps, and only if `seamless`. */
  edges(bounds: Window): Steps<BigInt64Array>;
}

const windowsPerStep = 16_384;
/** Bounds and lengths up to here can be added without leaving 64 bits. */
const farthest = 2n ** 62n;

/** What windows are asked for: plain data. */
export interface WindowShape {
  readonly every: Duration;
  readonly period: Duration;
  readonly offset: Duration;
  readonly location: { readonly zone: string; readonly offset: Duration };
}

/** Whether there is only one window, which never ends: `every: inf`. */
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

/** `ends`, by adding up. */
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

/** No zone changes its offset twice within this time. */
const hopMost = 43_200_000_000_000n;

type Placed = ReturnType<Sequence["latest"]>;

/**
 * A later window, at `most` at the latest, up to which all windows have their full length: the zone's offset did not
 * change in between, as the clock shows as many windows as fit into the time. Undefined: it did change, or the hop
 * would be short.
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
