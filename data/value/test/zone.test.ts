import fc from "fast-check";
import { expect, test } from "vitest";
import { type Duration, parseDuration, zeroDuration } from "../src/duration.ts";
import { formatTimeNano, parseTime } from "../src/time-text.ts";
import {
  addInLocation,
  instantOf,
  loadZone,
  locationOf,
  secondOf,
  type TimeLocation,
  utcLocation,
  wallClock,
  Zone,
} from "../src/zone.ts";

function time(text: string): bigint {
  const parsed = parseTime(text);
  if (typeof parsed !== "bigint") throw new Error(`${text}: ${parsed.reason}`);
  return parsed;
}

function location(zone: string, offset: Duration = zeroDuration): TimeLocation {
  const found = locationOf(zone, offset);
  if ("reason" in found) throw new Error(found.reason);
  return found;
}

function duration(text: string): Duration {
  return parseDuration(text) ?? zeroDuration;
}

test.each([
  ["America/New_York", "2021-07-01T00:00:00Z", -4 * 3600],
  ["America/New_York", "2021-12-01T00:00:00Z", -5 * 3600],
  ["America/New_York", "2021-03-14T06:59:59Z", -5 * 3600],
  ["America/New_York", "2021-03-14T07:00:00Z", -4 * 3600],
  ["America/New_York", "1874-12-07T00:00:00Z", -17762],
  ["Asia/Kolkata", "2021-07-01T00:00:00Z", 19800],
  ["Australia/Lord_Howe", "2021-07-01T00:00:00Z", 37800],
  ["Pacific/Apia", "2011-12-30T09:59:59Z", -36000],
  ["Pacific/Apia", "2011-12-30T10:00:00Z", 50400],
  ["Etc/GMT+5", "2021-07-01T00:00:00Z", -18000],
  // Ten days of summer time in April 1945.
  ["Europe/Vienna", "1945-04-05T00:00:00Z", 7200],
  ["Europe/Vienna", "1945-04-13T00:00:00Z", 3600],
])("the offset of %s at %s is %i seconds", (name, at, offset) => {
  const zone = loadZone(name);
  if (!(zone instanceof Zone)) throw new Error(name);
  expect(zone.offsetAt(secondOf(time(at)))).toBe(offset);
});

test.each(["Mars/Olympus", "+05:30", "-08:00", "utc+1", "Local", " "])("%j is no zone", (name) => {
  expect(loadZone(name)).toEqual({ reason: `unknown time zone ${name}` });
});

test("UTC is no zone at all", () => {
  expect(loadZone("UTC")).toBe(undefined);
  expect(locationOf("UTC")).toEqual(utcLocation);
});

test.each([
  ["America/New_York", "2021-03-14T01:30:00Z", "2021-03-14T06:30:00Z"],
  // Skipped: all of the hour stands for the instant at its end.
  ["America/New_York", "2021-03-14T02:30:00.5Z", "2021-03-14T07:00:00Z"],
  ["America/New_York", "2021-03-14T03:00:00Z", "2021-03-14T07:00:00Z"],
  // Repeated: the first of the two.
  ["America/New_York", "2021-11-07T01:30:00.5Z", "2021-11-07T05:30:00.5Z"],
  ["America/New_York", "2021-11-07T02:00:00Z", "2021-11-07T07:00:00Z"],
  ["Australia/Lord_Howe", "2021-10-03T02:15:00Z", "2021-10-02T15:30:00Z"],
  ["Pacific/Apia", "2011-12-30T12:00:00Z", "2011-12-30T10:00:00Z"],
])("the clock in %s shows %s at %s", (zone, wall, instant) => {
  expect(formatTimeNano(instantOf(location(zone), time(wall)))).toBe(instant);
});

test.each([
  ["America/New_York", "2021-03-13T12:00:00Z", "24h", "2021-03-14T11:00:00Z"],
  ["America/New_York", "2021-11-06T12:00:00Z", "1d", "2021-11-07T13:00:00Z"],
  // In the second pass of the repeated hour a minute is a minute.
  ["America/New_York", "2021-11-07T06:30:00Z", "1m", "2021-11-07T06:31:00Z"],
  ["America/New_York", "2021-11-07T05:30:00Z", "1m", "2021-11-07T05:31:00Z"],
  ["Europe/Berlin", "2021-01-30T23:30:00Z", "1mo", "2021-02-27T23:30:00Z"],
])("in %s, %s plus %s is %s", (zone, from, step, to) => {
  expect(formatTimeNano(addInLocation(location(zone), time(from), duration(step)))).toBe(to);
});

const zones = ["America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Pacific/Apia", "UTC"];
const instants = fc.bigInt({ min: 0n, max: 2_000_000_000n }).map((s) => s * 1_000_000_000n + 5n);

test("an instant's wall clock leads back to it, or to the first of two", () => {
  fc.assert(
    fc.property(fc.constantFrom(...zones), instants, (name, t) => {
      const place = location(name, duration("-3h"));
      const wall = wallClock(place, t);
      const back = instantOf(place, wall);
      expect(wallClock(place, back)).toBe(wall);
      expect(back === t || t - back === 1_800_000_000_000n || t - back === 3_600_000_000_000n).toBe(
        true,
      );
    }),
    { numRuns: 2000 },
  );
});
