import { type Duration, int64Max, invalid } from "@tocsin/data/value";
import { windowStart } from "./window-start.ts";

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

/** The windows of a shape; throws where the durations make none. */
export function windowsOf(shape: WindowShape): Windows {
  const { every, period, offset } = shape;
  if (every.months !== 0n || period.months !== 0n || offset.months !== 0n)
    throw invalid("window: months are not there yet");
  if (every.negative || every.nanoseconds === 0n)
    throw invalid("window: every must be a positive duration");
  return new FixedWindows(every.nanoseconds, period.nanoseconds, signed(offset));
}

function signed(duration: Duration): bigint {
  return duration.negative ? -duration.nanoseconds : duration.nanoseconds;
}

class FixedWindows implements Windows {
  readonly seamless: boolean;
  readonly #every: bigint;
  readonly #period: bigint;
  readonly #zero: bigint;

  constructor(every: bigint, period: bigint, zero: bigint) {
    this.#every = every;
    this.#period = period;
    this.#zero = zero;
    this.seamless = every === period;
  }
  latest(t: bigint): Window {
    const start = windowStart(t, this.#every, this.#zero);
    return { start, stop: start + this.#period };
  }
  containing(t: bigint): readonly Window[] {
    const found: Window[] = [];
    let { start } = this.latest(t);
    for (; start + this.#period > t; start -= this.#every)
      found.push({ start, stop: start + this.#period });
    return found;
  }
  within(bounds: Window): readonly Window[] {
    const found: Window[] = [];
    let { start } = this.latest(bounds.start);
    while (start + this.#period > bounds.start) start -= this.#every;
    for (start += this.#every; start < bounds.stop; start += this.#every)
      if (start + this.#period > bounds.start) found.push({ start, stop: start + this.#period });
    return found;
  }
}
