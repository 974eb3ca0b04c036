import {
  type Duration,
  equalDurations,
  int64Max,
  invalid,
  locationOf,
  windowsOf as windowsOfSpec,
} from "@tocsin/data/value";

/** A stretch of time in nanoseconds since the epoch: `start` ≤ t < `stop`. */
export interface Window {
  readonly start: bigint;
  readonly stop: bigint;
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
}

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
  };
}
