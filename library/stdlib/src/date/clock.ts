import {
  addDuration,
  type Duration,
  FluxError,
  floorDivide,
  invalid,
  isMixedDuration,
  isZeroDuration,
  monthIndex,
  dayOf,
  negateDuration,
  type RecordValue,
  zeroDuration,
} from "@tocsin/data/value";

/** A wall clock: where the functions of dates read hours and days. */
export interface WallClock {
  /** What it shows at an instant, in nanoseconds as if it were UTC. */
  reading(t: bigint): bigint;
  /** The instant that is `d` later on this clock. */
  later(t: bigint, d: Duration): bigint;
  /** The start of the unit in which an instant lies. Throws when `unit` is no length of time. */
  startOf(t: bigint, unit: Duration): bigint;
}

const clocks = new WeakMap<RecordValue, WallClock>();

/** The clock of a location `{zone, offset}`. */
export function wallClockOf(location: RecordValue): WallClock {
  let clock = clocks.get(location);
  if (clock === undefined) {
    clock = makeClock(zoneOf(location), offsetOf(location));
    clocks.set(location, clock);
  }
  return clock;
}

function zoneOf(location: RecordValue): string {
  const zone = location.fields.get("zone");
  if (zone === undefined) throw invalid("zone property missing from location record");
  if (zone.kind === "null") return "UTC";
  if (zone.kind === "string") return zone.value;
  throw invalid(`zone property for location must be of type string, got ${zone.kind}`);
}

function offsetOf(location: RecordValue): Duration {
  const offset = location.fields.get("offset");
  if (offset === undefined || offset.kind === "null") return zeroDuration;
  if (offset.kind === "duration") return offset.value;
  throw invalid(`offset property for location must be of type duration, got ${offset.kind}`);
}

function makeClock(zone: string, offset: Duration): WallClock {
  if (zone !== "UTC" && zone !== "")
    throw new FluxError("unimplemented", `time zone ${zone}: named zones are not there yet`);
  const back = negateDuration(offset);
  const reading = (t: bigint): bigint => addDuration(t, offset);
  return {
    reading,
    later: (t, d) => addDuration(addDuration(reading(t), d), back),
    startOf: (t, unit) => addDuration(startOfUnit(reading(t), unit), back),
  };
}

function startOfUnit(wall: bigint, unit: Duration): bigint {
  const what = "duration used as an interval cannot";
  if (isZeroDuration(unit)) throw invalid(`${what} be zero`);
  if (isMixedDuration(unit)) throw invalid(`${what} mix month and nanosecond units`);
  if (unit.negative) throw invalid(`${what} be negative`);
  if (unit.months === 0n) return floorDivide(wall, unit.nanoseconds) * unit.nanoseconds;
  const index = floorDivide(BigInt(monthIndex(dayOf(wall))), unit.months) * unit.months;
  return addDuration(0n, {
    months: index < 0n ? -index : index,
    nanoseconds: 0n,
    negative: index < 0n,
  });
}
