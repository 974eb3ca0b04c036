import {
  addInLocation,
  type Duration,
  invalid,
  locationOf,
  type RecordValue,
  wallClock,
  windowsOf,
  zeroDuration,
} from "@tocsin/data/value";

/** A wall clock: where the functions of dates read hours and days. */
interface WallClock {
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
  const place = locationOf(zone, offset);
  if ("reason" in place)
    throw invalid(place.reason, "use a name of the IANA database, such as Europe/Berlin");
  return {
    reading: (t) => wallClock(place, t),
    later: (t, d) => addInLocation(place, t, d),
    startOf: (t, unit) => {
      const windows = windowsOf({ every: unit, location: place });
      if ("reason" in windows) throw invalid(windows.reason);
      return windows.latest(t).start;
    },
  };
}
