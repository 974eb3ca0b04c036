import fc from "fast-check";
import { expect, test } from "vitest";
import { type Duration, parseDuration, scaleDuration } from "../src/duration.ts";
import { int64Max, int64Min } from "../src/int64.ts";
import {
  type Bounds,
  windowsOf,
  windowStart,
  type Window,
  type Windows,
  type WindowSpec,
} from "../src/interval.ts";
import { formatTimeNano, parseTime } from "../src/time-text.ts";
import { locationOf, type TimeLocation } from "../src/zone.ts";
import golden from "./golden/windows.json" with { type: "json" };

function time(text: string): bigint {
  const parsed = parseTime(text);
  if (typeof parsed !== "bigint") throw new Error(`${text}: ${parsed.reason}`);
  return parsed;
}

function duration(text: string): Duration {
  const parsed = parseDuration(text);
  if (parsed === undefined) throw new Error(text);
  return parsed;
}

function location(zone: string, offset = "0s"): TimeLocation {
  const found = locationOf(zone, duration(offset));
  if ("reason" in found) throw new Error(found.reason);
  return found;
}

function windows(spec: WindowSpec): Windows {
  const made = windowsOf(spec);
  if ("reason" in made) throw new Error(made.reason);
  return made;
}

function shown({ start, stop }: Bounds): string {
  return `${formatTimeNano(start)} ${formatTimeNano(stop)}`;
}

test.each(golden.rows)("windows every %s of %s, offset %s, in %s + %s", (...row) => {
  const [every, period, offset, zone, fixed] = row.slice(0, 5).map(String);
  const made = windows({
    every: duration(every),
    period: duration(period),
    offset: duration(offset),
    location: location(zone, fixed),
  });
  const held = golden.times.map((t) => made.containing(time(t)).map(shown).toSorted());
  expect(held).toEqual(row[5]);
});

/** The starts of all windows between two times, and the end of the last. */
function edges(spec: WindowSpec, from: string, to: string): string {
  const all = windows(spec).within({ start: time(from), stop: time(to) });
  const clock = (t: bigint): string => formatTimeNano(t).slice(11, 16);
  return [...all.map(({ start }) => clock(start)), clock(all[all.length - 1].stop)].join(" ");
}

// In New York, 01:00 to 02:00 on 7 November 2021 happens at 05:00Z and again at 06:00Z.
test.each([
  ["1h", "0s", "03:00 04:00 05:00 06:00 07:00 08:00 09:00"],
  ["30m", "15m", "03:45 04:15 04:45 05:15 05:45 06:15 06:45 07:15 07:45 08:15 08:45"],
  ["45m", "0s", "03:15 04:00 04:45 05:30 06:30 07:15 08:00 08:45"],
  ["2h", "0s", "02:00 04:00 07:00 09:00"],
  ["2h", "90m", "03:30 05:30 08:30 10:30"],
  ["1d", "0s", "04:00 04:00 05:00"],
])("the repeated hour in windows every %s, offset %s: %s", (every, offset, expected) => {
  const spec = {
    every: duration(every),
    offset: duration(offset),
    location: location("America/New_York"),
  };
  expect(edges(spec, "2021-11-07T03:45:00Z", "2021-11-07T08:40:00Z")).toBe(expected);
});

test("windows that overlap keep their length through the repeated hour", () => {
  const spec = {
    every: duration("1h"),
    period: duration("2h"),
    location: location("America/New_York"),
  };
  expect(windows(spec).containing(time("2021-11-07T06:30:00Z")).map(shown)).toEqual([
    "2021-11-07T06:00:00Z 2021-11-07T08:00:00Z",
    "2021-11-07T05:00:00Z 2021-11-07T07:00:00Z",
  ]);
});

test("the skipped hour has no window", () => {
  const spec = { every: duration("1h"), location: location("America/New_York") };
  expect(edges(spec, "2021-03-14T05:10:00Z", "2021-03-14T08:10:00Z")).toBe(
    "05:00 06:00 07:00 08:00 09:00",
  );
});

test("month windows with a fixed offset lose no time", () => {
  const spec = { every: duration("1mo"), location: location("UTC", "8h") };
  expect(windows(spec).containing(time("2021-04-30T17:00:00Z")).map(shown)).toEqual([
    "2021-04-30T16:00:00Z 2021-05-31T16:00:00Z",
  ]);
  const shifted = { every: duration("1mo"), offset: duration("-1d") };
  expect(windows(shifted).containing(time("2021-03-29T00:00:00Z")).map(shown)).toEqual([
    "2021-02-28T00:00:00Z 2021-03-31T00:00:00Z",
  ]);
});

test("an endless window holds all time", () => {
  const endless = windows({
    every: { months: 0n, nanoseconds: int64Max, negative: false },
  });
  expect(endless.containing(5n).map(({ start, stop }) => [start, stop])).toEqual([
    [int64Min, int64Max],
  ]);
});

test.each([
  ["0s", "1h", "duration used as an interval cannot be zero"],
  ["1mo1d", "1h", "duration used as an interval cannot mix month and nanosecond units"],
  ["-1h", "1h", "duration used as an interval cannot be negative"],
  ["1h", "-1h", "the period of a window cannot be negative"],
])("every %s with period %s makes no windows", (every, period, reason) => {
  expect(windowsOf({ every: duration(every), period: duration(period) })).toEqual({ reason });
});

const zones = `UTC America/New_York Europe/Berlin Australia/Lord_Howe America/Havana Pacific/Apia
  Pacific/Kwajalein Africa/Casablanca America/Sao_Paulo`.split(/\s+/);
const clockChanges = [
  "1969-09-29T00:00:00Z",
  "2011-12-29T00:00:00Z",
  "2021-03-13T20:00:00Z",
  "2021-04-03T00:00:00Z",
  "2021-10-30T12:00:00Z",
  "2021-11-06T20:00:00Z",
].map(time);
const specs = fc.record({
  every: fc.constantFrom("1m", "20m", "45m", "1h", "90m", "2h", "7h", "1d", "25h", "1mo", "5mo"),
  multiple: fc.constantFrom(1n, 1n, 2n, 3n),
  offset: fc.constantFrom("0s", "15m", "90m", "-3h", "-2d", "29d", "-1mo", "7ns"),
  zone: fc.constantFrom(...zones),
  fixed: fc.constantFrom("0s", "-8h", "5h30m"),
});
const instants = fc.oneof(
  fc
    .tuple(fc.constantFrom(...clockChanges), fc.bigInt({ min: 0n, max: 180_000n }))
    .map(([from, seconds]) => from + seconds * 1_000_000_000n),
  fc.bigInt({ min: -(10n ** 18n), max: 2n * 10n ** 18n }),
);

const place = ({ index, again }: Window): string => `${index}${again ? " again" : ""}`;

test("windows follow each other without gaps, and going on and back meet", () => {
  fc.assert(
    fc.property(specs, instants, ({ every, multiple, offset, zone, fixed }, t) => {
      const made = windows({
        every: duration(every),
        period: scaleDuration(duration(every), multiple),
        offset: duration(offset),
        location: location(zone, fixed),
      });
      const window = made.latest(t);
      const next = made.next(window);
      expect(window.start).toBeLessThanOrEqual(t);
      expect(next.start > t || next.start === window.start).toBe(true);
      expect(place(made.previous(next))).toBe(place(window));
      expect(place(made.next(made.previous(window)))).toBe(place(window));
      if (multiple === 1n) {
        expect(window.stop).toBe(next.start);
        expect(window.stop).toBeGreaterThan(t);
      }
      const held = made.containing(t);
      expect(held.length).toBeGreaterThan(0);
      const within = made.within({ start: t, stop: t + 1n });
      expect(within.map(place)).toEqual(held.map(place).toReversed());
      expect(made.seamless).toBe(multiple === 1n);
      const plain = made.fixed();
      if (plain !== undefined) expect(windowStart(t, plain.every, plain.zero)).toBe(window.start);
    }),
    { numRuns: 3000 },
  );
});
