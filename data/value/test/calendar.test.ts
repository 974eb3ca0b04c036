import fc from "fast-check";
import { expect, test } from "vitest";
import {
  addMonths,
  civilFromDays,
  clockTime,
  dayOf,
  daysFromCivil,
  daysInMonth,
  floorDivide,
  floorModulo,
  isoWeek,
  monthIndex,
  packedDate,
  packedDay,
  packedMonth,
  packedYear,
  quarter,
  weekDay,
  yearDay,
} from "../src/calendar.ts";
import { type Duration, parseDuration } from "../src/duration.ts";
import { windowsOf } from "../src/interval.ts";
import { formatTime9, formatTimeNano, parseTime } from "../src/time-text.ts";
import { addInLocation, locationOf, type TimeLocation, wallClock } from "../src/zone.ts";
import golden from "./golden/dates.json" with { type: "json" };

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

function location(zone: string, offset: string): TimeLocation {
  const found = locationOf(zone, duration(offset));
  if ("reason" in found) throw new Error(found.reason);
  return found;
}

test.each(golden.rows)("date.* of %s in %s + %s", (text, zone, offset, step, unit, expected) => {
  const place = location(zone, offset);
  const t = time(text);
  const wall = wallClock(place, t);
  const days = dayOf(wall);
  const { year, month, day } = civilFromDays(days);
  const { hour, minute } = clockTime(wall);
  const { second, nanosecond } = clockTime(t);
  const windows = windowsOf({ every: duration(unit), location: place });
  if ("reason" in windows) throw new Error(windows.reason);
  const date = [year, month, day, hour, minute, second, nanosecond];
  const weeks = [isoWeek(days), weekDay(days), yearDay(days), quarter(month)];
  const later = formatTime9(addInLocation(place, t, duration(step)));
  const start = formatTime9(windows.latest(t).start);
  expect([...date, ...weeks, later, start].join(" ")).toBe(expected);
});

test("days and dates are one to one", () => {
  fc.assert(
    fc.property(fc.integer({ min: -1_000_000, max: 1_000_000 }), (days) => {
      const { year, month, day } = civilFromDays(days);
      expect(daysFromCivil(year, month, day)).toBe(days);
      expect(day).toBeLessThanOrEqual(daysInMonth(year, month));
      const packed = packedDate(days);
      expect([packedYear(packed), packedMonth(packed), packedDay(packed)]).toEqual([
        year,
        month,
        day,
      ]);
      expect(monthIndex(days)).toBe((year - 1970) * 12 + month - 1);
      expect(weekDay(days + 1)).toBe((weekDay(days) + 1) % 7);
      const utc = new Date(days * 86_400_000);
      expect([year, month - 1, day, weekDay(days)]).toEqual([
        utc.getUTCFullYear(),
        utc.getUTCMonth(),
        utc.getUTCDate(),
        utc.getUTCDay(),
      ]);
    }),
    { numRuns: 1000 },
  );
});

test.each([
  ["2020-01-31T10:00:00Z", 1n, "2020-02-29T10:00:00Z"],
  ["2021-01-31T10:00:00Z", 1n, "2021-02-28T10:00:00Z"],
  ["2020-02-29T10:00:00Z", 12n, "2021-02-28T10:00:00Z"],
  ["2020-03-31T10:00:00Z", -1n, "2020-02-29T10:00:00Z"],
  ["2020-01-15T00:00:00.000000001Z", -1n, "2019-12-15T00:00:00.000000001Z"],
  ["1970-01-31T00:00:00Z", -3n, "1969-10-31T00:00:00Z"],
])("%s plus %s months is %s", (from, months, to) => {
  expect(formatTimeNano(addMonths(time(from), months))).toBe(to);
});

test("division rounds down", () => {
  const divisor = fc.oneof(
    fc.bigInt({ min: 1n, max: 1000n }),
    fc.bigInt({ min: -1000n, max: -1n }),
  );
  fc.assert(
    fc.property(fc.bigInt({ min: -(10n ** 12n), max: 10n ** 12n }), divisor, (value, by) => {
      const rest = floorModulo(value, by);
      expect(floorDivide(value, by) * by + rest).toBe(value);
      expect(by > 0n ? rest >= 0n && rest < by : rest <= 0n && rest > by).toBe(true);
    }),
  );
});
