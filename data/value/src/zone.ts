import { addDuration } from "./calendar.ts";
import { type Duration, negateDuration, zeroDuration } from "./duration.ts";

/** A stretch of time with one offset: `from` ≤ second < `to`, in whole seconds since the epoch. */
type Period = {
  readonly from: number;
  readonly to: number;
  /** Seconds east of UTC. */
  readonly offset: number;
};

/** A stretch of the wall clock that happens twice, because clocks were set back. */
export type Repeat = {
  /** First and last wall second, as if it were UTC: `from` ≤ second < `to`. */
  readonly from: number;
  readonly to: number;
  /** Seconds east of UTC while it happens first, and while it happens again. */
  readonly firstOffset: number;
  readonly secondOffset: number;
};

/**
 * Where a wall clock hangs: a named zone (undefined is UTC) and a fixed offset on top of it, the
 * record `{zone, offset}` of scripts.
 */
export type TimeLocation = { readonly zone: Zone | undefined; readonly offset: Duration };

/** The location without any offset. */
export const utcLocation: TimeLocation = { zone: undefined, offset: zeroDuration };

/** The name is of no zone that is known. */
export type ZoneFault = { readonly reason: string };

/** A named time zone. */
export class Zone {
  readonly name: string;
  readonly #format: Intl.DateTimeFormat;
  readonly #blocks = new Map<number, readonly Period[]>();
  #last: Period = { from: 0, to: 0, offset: 0 };

  /** Use `loadZone`. */
  constructor(name: string, format: Intl.DateTimeFormat) {
    this.name = name;
    this.#format = format;
  }

  /** Seconds east of UTC at an instant, in whole seconds since the epoch. */
  offsetAt(second: number): number {
    const last = this.#last;
    return second >= last.from && second < last.to ? last.offset : this.#periodAt(second).offset;
  }

  /** The instant of a wall clock second: the first of two, or the end of the gap that it is in. */
  instantOf(wall: number): number {
    const { before, after } = this.#offsetsAround(wall);
    if (this.offsetAt(wall - before) === before) return wall - before;
    if (this.offsetAt(wall - after) === after) return wall - after;
    return this.#transitionBefore(wall - before);
  }

  /** The repeated stretch in which a wall clock second lies, or undefined. */
  repeatAt(wall: number): Repeat | undefined {
    const { before, after } = this.#offsetsAround(wall);
    if (before <= after) return undefined;
    const first = wall - before;
    const second = wall - after;
    if (this.offsetAt(first) !== before || this.offsetAt(second) !== after) return undefined;
    const transition = this.#transitionBefore(second);
    const [from, to] = [transition + after, transition + before];
    return { from, to, firstOffset: before, secondOffset: after };
  }

  /** Offsets a day before and after a wall clock second: no clock is further from UTC. */
  #offsetsAround(wall: number): { before: number; after: number } {
    return { before: this.offsetAt(wall - 86400), after: this.offsetAt(wall + 86400) };
  }

  /** The start of the offset that rules at an instant. */
  #transitionBefore(second: number): number {
    let period = this.#periodAt(second);
    while (this.offsetAt(period.from - 1) === period.offset)
      period = this.#periodAt(period.from - 1);
    return period.from;
  }

  #periodAt(second: number): Period {
    const block = Math.floor(second / blockSeconds);
    let periods = this.#blocks.get(block);
    if (periods === undefined) {
      periods = this.#examine(block * blockSeconds, (block + 1) * blockSeconds);
      if (this.#blocks.size >= cachedBlocksMax) this.#blocks.clear();
      this.#blocks.set(block, periods);
    }
    const found = periods.find(({ to }) => second < to) ?? periods[0];
    this.#last = found;
    return found;
  }

  /** The periods between two instants. */
  #examine(from: number, to: number): readonly Period[] {
    const periods: Period[] = [];
    let start = from;
    let offset = this.#probe(from);
    for (let at = from; at < to; at += probeSeconds) {
      const next = at + probeSeconds;
      for (let same = at; this.#probe(next) !== offset; same = start) {
        const change = this.#firstChange(same, next, offset);
        // The offset at the next block's first second belongs to that block.
        if (change === to) break;
        periods.push({ from: start, to: change, offset });
        start = change;
        offset = this.#probe(change);
      }
    }
    periods.push({ from: start, to, offset });
    return periods;
  }

  /** The first second with another offset, by halving. */
  #firstChange(from: number, to: number, offset: number): number {
    let same = from;
    let other = to;
    while (other - same > 1) {
      const middle = Math.floor((same + other) / 2);
      if (this.#probe(middle) === offset) same = middle;
      else other = middle;
    }
    return other;
  }

  /** Asks the platform, which writes an offset as `GMT`, `GMT+05:30` or `GMT-04:56:02`. */
  #probe(second: number): number {
    const match = offsetPattern.exec(this.#format.format(second * 1000));
    if (match === null || match[1] === undefined) return 0;
    const [, sign, hours, minutes, seconds = "0"] = match;
    const size = (Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds);
    return sign === "-" ? -size : size;
  }
}

const offsetPattern = /GMT(?:([+-\u2212])([0-9]{2}):([0-9]{2})(?::([0-9]{2}))?)?$/;

// Between two probes, six days apart, no zone has ever changed its offset and back again (Vienna
// came closest, in April 1945). A block is a third of a year: what one script looks at is examined
// in a few blocks, each with about twenty probes of a microsecond.
const probeSeconds = 2 ** 19;
const blockSeconds = 20 * probeSeconds;
const cachedBlocksMax = 4000;

const zones = new Map<string, Zone>();

/** The zone of an IANA name such as `Europe/Berlin`; undefined for UTC. */
export function loadZone(name: string): Zone | undefined | ZoneFault {
  if (name === "UTC" || name === "") return undefined;
  const known = zones.get(name);
  if (known !== undefined) return known;
  const format = zoneFormat(name);
  if (format === undefined) return { reason: `unknown time zone ${name}` };
  const zone = new Zone(name, format);
  zones.set(name, zone);
  return zone;
}

function zoneFormat(name: string): Intl.DateTimeFormat | undefined {
  // The platform would also take "+05:30", which is no zone's name.
  if (!/^[A-Za-z]/.test(name)) return undefined;
  try {
    return new Intl.DateTimeFormat("en-US", { timeZone: name, timeZoneName: "longOffset" });
  } catch {
    return undefined;
  }
}

/** The location of a zone's name and an offset, as in the record `{zone, offset}`. */
export function locationOf(
  name: string,
  offset: Duration = zeroDuration,
): TimeLocation | ZoneFault {
  const zone = loadZone(name);
  return zone !== undefined && "reason" in zone ? zone : { zone, offset };
}

/** The wall clock at an instant, written as int64 nanoseconds as if it were UTC. */
export function wallClock(location: TimeLocation, time: bigint): bigint {
  const { zone, offset } = location;
  const zoned = zone === undefined ? time : time + seconds(zone.offsetAt(secondOf(time)));
  return addDuration(zoned, offset);
}

/**
 * The instant at which the wall clock shows `wall`: the first one of a repeated hour, the end of
 * the gap for a time that the clock skipped.
 */
export function instantOf(location: TimeLocation, wall: bigint): bigint {
  const zoned = addDuration(wall, negateDuration(location.offset));
  return zonedInstant(location.zone, zoned);
}

function zonedInstant(zone: Zone | undefined, wall: bigint): bigint {
  if (zone === undefined) return wall;
  const second = secondOf(wall);
  const instant = zone.instantOf(second);
  // In a gap all clock times stand for the one instant at its end.
  const exists = instant + zone.offsetAt(instant) === second;
  return seconds(instant) + (exists ? wall - seconds(second) : 0n);
}

/**
 * `date.add`: the duration added on the wall clock, so that a day over a change of clocks has 23 or
 * 25 hours. In a repeated hour the result stays in the pass (first or second) it started from.
 */
export function addInLocation(location: TimeLocation, time: bigint, duration: Duration): bigint {
  const { zone, offset } = location;
  const wall = addDuration(wallClock(location, time), duration);
  if (zone === undefined) return instantOf(location, wall);
  const zoned = addDuration(wall, negateDuration(offset));
  const kept = zone.offsetAt(secondOf(time));
  const candidate = zoned - seconds(kept);
  if (zone.offsetAt(secondOf(candidate)) === kept) return candidate;
  return zonedInstant(zone, zoned);
}

/** Whole seconds since the epoch, rounded down. */
export function secondOf(time: bigint): number {
  const quotient = Number(time / nanosecondsPerSecond);
  return time < 0n && time % nanosecondsPerSecond !== 0n ? quotient - 1 : quotient;
}

const nanosecondsPerSecond = 1_000_000_000n;

function seconds(count: number): bigint {
  return BigInt(count) * nanosecondsPerSecond;
}
