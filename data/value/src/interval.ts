import { addDuration, addMonths, dayOf, floorDivide, floorModulo, monthIndex } from "./calendar.ts";
import {
  type Duration,
  equalDurations,
  isMixedDuration,
  isZeroDuration,
  negateDuration,
} from "./duration.ts";
import { int64Max, int64Min } from "./int64.ts";
import {
  instantOf,
  type Repeat,
  secondOf,
  type TimeLocation,
  utcLocation,
  wallClock,
} from "./zone.ts";

/** A half-open stretch of time in int64 nanoseconds: `start` ≤ t < `stop`. */
export type Bounds = { readonly start: bigint; readonly stop: bigint };

/** What windows are made from; `period` is the length of a window, `every` their distance. */
export type WindowSpec = {
  readonly every: Duration;
  readonly period?: Duration;
  readonly offset?: Duration;
  readonly location?: TimeLocation;
};

/** The durations make no windows. */
export type WindowFault = { readonly reason: string };

/** One window of a `Windows`: its bounds and its place in the sequence. */
export type Window = Bounds & {
  /** Number of the window on the wall clock, 0 at the epoch. */
  readonly index: bigint;
  /** Whether it begins in the second pass of a repeated hour. */
  readonly again: boolean;
};

/** The windows of a spec, or why there are none. */
export function windowsOf(spec: WindowSpec): Windows | WindowFault {
  const { every } = spec;
  const period = spec.period ?? every;
  const what = "duration used as an interval cannot";
  if (isZeroDuration(every)) return { reason: `${what} be zero` };
  if (isMixedDuration(every)) return { reason: `${what} mix month and nanosecond units` };
  if (every.negative) return { reason: `${what} be negative` };
  if (period.negative) return { reason: "the period of a window cannot be negative" };
  return new Windows(spec);
}

/**
 * An endless sequence of windows. They begin at the epoch plus offset on the wall clock of the
 * location, and then every `every`; months are calendar months. Where clocks are set forward, a
 * window that the clock skips is left out. Where they are set back, windows not longer than the
 * repeated stretch happen twice, and longer ones hold it whole.
 */
export class Windows {
  readonly every: Duration;
  readonly period: Duration;
  readonly location: TimeLocation;
  /** Whether every instant lies in exactly one window. */
  readonly seamless: boolean;
  /** The start of window 0 on the wall clock. */
  readonly #zero: bigint;
  readonly #zeroMonth: number;

  /** Use `windowsOf`, which checks the durations. */
  constructor(spec: WindowSpec) {
    this.every = spec.every;
    this.period = spec.period ?? spec.every;
    this.location = spec.location ?? utcLocation;
    this.seamless = equalDurations(this.every, this.period);
    this.#zero = spec.offset === undefined ? 0n : addDuration(0n, spec.offset);
    this.#zeroMonth = monthIndex(dayOf(this.#zero));
  }

  /** The last window that begins at or before t. It need not hold t when `period` < `every`. */
  latest(t: bigint): Window {
    if (this.#isEndless()) return endless;
    const wall = wallClock(this.location, t);
    const index = this.#lastIndex(wall);
    const repeat = this.#repeatAt(index);
    if (repeat !== undefined) return this.#at(index, this.#isSecondPass(t, repeat));
    return this.#missedRepeat(t, index) ?? this.#at(index, false);
  }

  /** The window after another. */
  next(window: Window): Window {
    const start = this.#nextStart(window);
    return this.#at(start.index, start.again);
  }

  /** The window before another. */
  previous(window: Window): Window {
    const start = this.#previousStart(window);
    return this.#at(start.index, start.again);
  }

  /** All windows that hold t, latest first. */
  containing(t: bigint): Window[] {
    const found: Window[] = [];
    let window = this.latest(t);
    while (t >= window.start && t < window.stop) {
      found.push(window);
      if (window === endless) break;
      window = this.previous(window);
    }
    return found;
  }

  /** All windows that share an instant with the bounds, earliest first. */
  within(bounds: Bounds): Window[] {
    if (this.#isEndless()) return [endless];
    const found: Window[] = [];
    let window = this.latest(bounds.start);
    while (window.stop > bounds.start) window = this.previous(window);
    for (; window.start < bounds.stop; window = this.next(window)) {
      if (window.stop > bounds.start && window.start < window.stop) found.push(window);
    }
    return found;
  }

  /**
   * Distance and first start of windows that are a fixed number of nanoseconds apart, for
   * `windowStart` in loops; undefined when they follow months or a zone's clock.
   */
  fixed(): { readonly every: bigint; readonly zero: bigint; readonly period: bigint } | undefined {
    const { every, period, location } = this;
    if (every.months !== 0n || period.months !== 0n || location.zone !== undefined)
      return undefined;
    if (location.offset.months !== 0n || this.#isEndless()) return undefined;
    const zero = floorModulo(instantOf(location, this.#zero), every.nanoseconds);
    return { every: every.nanoseconds, zero, period: period.nanoseconds };
  }

  #isEndless(): boolean {
    return this.every.months === 0n && this.every.nanoseconds === int64Max;
  }

  #wallStart(index: bigint): bigint {
    const { months, nanoseconds } = this.every;
    // Without wrapping: only instants, in the end, are pulled into 64 bits.
    if (months === 0n) return this.#zero + nanoseconds * index;
    return addMonths(this.#zero, months * index);
  }

  /**
   * Months of `every` and `period` are added in one step: a start that was clamped to the 28th must
   * not pull the end, which may be a 31st, to the 28th as well.
   */
  #wallStop(wall: bigint, index: bigint): bigint {
    const { months, nanoseconds } = this.period;
    if (this.every.months === 0n || months === 0n) return addDuration(wall, this.period);
    return addMonths(this.#zero, this.every.months * index + months) + nanoseconds;
  }

  /** The last index whose wall start is at or before a wall time. */
  #lastIndex(wall: bigint): bigint {
    const { months, nanoseconds } = this.every;
    if (months === 0n) return floorDivide(wall - this.#zero, nanoseconds);
    const month = BigInt(monthIndex(dayOf(wall)) - this.#zeroMonth);
    // Clamping to the end of a month moves starts, so the estimate is checked against them.
    let index = floorDivide(month, months) + 1n;
    while (this.#wallStart(index) > wall) index--;
    return index;
  }

  #at(index: bigint, again: boolean): Window {
    const wall = this.#wallStart(index);
    const start = this.#instant(wall, again);
    return { start, stop: this.#stop(wall, { index, again }), index, again };
  }

  /** The end is on the wall clock too, but short windows do not swallow a repeated hour. */
  #stop(wall: bigint, start: Start): bigint {
    const begin = this.#instant(wall, start.again);
    const byClock = this.#instant(this.#wallStop(wall, start.index), start.again);
    const { months, nanoseconds } = this.period;
    if (this.location.zone === undefined || months !== 0n || nanoseconds >= day) return byClock;
    const repeated = byClock - begin - nanoseconds;
    if (repeated < this.every.nanoseconds || this.every.months !== 0n) return byClock;
    const steps = nanoseconds / this.every.nanoseconds;
    const isMultiple = nanoseconds % this.every.nanoseconds === 0n;
    if (!isMultiple || steps > stepsMax) return begin + nanoseconds;
    // As many windows later one begins here: no gap between them, whatever the clock does.
    let at = start;
    for (let n = 0n; n < steps; n++) at = this.#nextStart(at);
    return this.#instant(this.#wallStart(at.index), at.again);
  }

  #instant(wall: bigint, again: boolean): bigint {
    const first = clamp(instantOf(this.location, wall));
    if (!again) return first;
    const repeat = this.#wallRepeat(wall);
    if (repeat === undefined) return first;
    return first + BigInt(repeat.firstOffset - repeat.secondOffset) * 1_000_000_000n;
  }

  /** The repeated stretch in which a window's start lies, when windows are short enough for it. */
  #repeatAt(index: bigint): Repeat | undefined {
    const { zone } = this.location;
    if (zone === undefined || this.every.months !== 0n) return undefined;
    if (this.every.nanoseconds > longestRepeat) return undefined;
    const repeat = this.#wallRepeat(this.#wallStart(index));
    return repeat !== undefined && this.#fits(repeat) ? repeat : undefined;
  }

  #fits(repeat: Repeat): boolean {
    return this.every.nanoseconds <= BigInt(repeat.to - repeat.from) * 1_000_000_000n;
  }

  #wallRepeat(wall: bigint): Repeat | undefined {
    const { zone, offset } = this.location;
    return zone?.repeatAt(secondOf(addDuration(wall, negateDuration(offset))));
  }

  #isSecondPass(t: bigint, repeat: Repeat): boolean {
    return secondOf(t) >= repeat.to - repeat.firstOffset;
  }

  /**
   * In the second pass before its first window start, the last window is the last one of the first
   * pass.
   */
  #missedRepeat(t: bigint, index: bigint): Window | undefined {
    const { zone } = this.location;
    if (zone === undefined) return undefined;
    const wall = secondOf(t) + zone.offsetAt(secondOf(t));
    const repeat = zone.repeatAt(wall);
    if (repeat === undefined || !this.#isSecondPass(t, repeat)) return undefined;
    const last = this.#lastIndexIn(repeat);
    return last > index ? this.#at(last, false) : undefined;
  }

  #lastIndexIn(repeat: Repeat): bigint {
    return this.#lastIndex(this.#shifted(repeat.to) - 1n);
  }

  #firstIndexIn(repeat: Repeat): bigint {
    return this.#lastIndex(this.#shifted(repeat.from) - 1n) + 1n;
  }

  /** A zone's wall second as a wall time of the location, which may have an offset on top. */
  #shifted(wallSecond: number): bigint {
    return addDuration(BigInt(wallSecond) * 1_000_000_000n, this.location.offset);
  }

  #nextStart({ index, again }: Start): Start {
    const repeat = this.#repeatAt(index);
    if (repeat === undefined) return { index: index + 1n, again: false };
    if (index < this.#lastIndexIn(repeat)) return { index: index + 1n, again };
    if (again) return { index: index + 1n, again: false };
    return { index: this.#firstIndexIn(repeat), again: true };
  }

  #previousStart({ index, again }: Start): Start {
    if (again) {
      const repeat = this.#repeatAt(index);
      if (repeat === undefined || index > this.#firstIndexIn(repeat)) {
        return { index: index - 1n, again: true };
      }
      return { index: this.#lastIndexIn(repeat), again: false };
    }
    const before = this.#repeatAt(index - 1n);
    const sameRepeat = before !== undefined && this.#repeatAt(index)?.from === before.from;
    return { index: index - 1n, again: before !== undefined && !sameRepeat };
  }
}

type Start = { readonly index: bigint; readonly again: boolean };

const day = 86_400_000_000_000n;
// No clock was ever set back by more than a day (Manila in 1844, Alaska in 1867).
const longestRepeat = day;
// Windows that overlap more than a thousandfold are long enough: a gap between them hides nothing.
const stepsMax = 1000n;

const endless: Window = { start: int64Min, stop: int64Max, index: 0n, again: false };

function clamp(time: bigint): bigint {
  return time < int64Min ? int64Min : time > int64Max ? int64Max : time;
}

/**
 * The start of the fixed window in which t lies: windows begin at `zero` and every `every`
 * nanoseconds from there, in both directions. Compiles to 64-bit integer code inside a loop.
 */
export function windowStart(t: bigint, every: bigint, zero: bigint): bigint {
  const rest = BigInt.asIntN(64, BigInt.asIntN(64, t - zero) % every);
  return BigInt.asIntN(64, t - (rest < 0n ? BigInt.asIntN(64, rest + every) : rest));
}
