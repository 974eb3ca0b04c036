import fc from "fast-check";
import { expect, test } from "vitest";
import { addDuration } from "../src/calendar.ts";
import {
  approximateNanoseconds,
  compareDurations,
  type Duration,
  durationOfParts,
  equalDurations,
  formatDuration,
  nanosecondDuration,
  negateDuration,
  parseDuration,
  scaleDuration,
  zeroDuration,
} from "../src/duration.ts";
import { formatTime9, parseTime } from "../src/time-text.ts";
import golden from "./golden/durations.json" with { type: "json" };

function read(text: string): Duration {
  const duration = parseDuration(text);
  if (duration === undefined) throw new Error(`${text} is no duration`);
  return duration;
}

const january = parseTime("2020-01-31T10:00:00Z");

test.each(golden.rows)("duration %j", (text, shown, nanoseconds, scaled, added) => {
  const duration = read(text);
  expect(formatDuration(duration)).toBe(shown);
  expect(`${approximateNanoseconds(duration)}`).toBe(nanoseconds);
  expect(formatDuration(scaleDuration(duration, -3n))).toBe(scaled);
  if (typeof january === "bigint") expect(formatTime9(addDuration(january, duration))).toBe(added);
});

test.each(["1", "h", "1h1", "1h-1m", "+1h", "1 h", "1x", "1H", "99999999999999999999ns", "1.5h"])(
  "%j is no duration",
  (text) => expect(parseDuration(text)).toBe(undefined),
);

test("text gives the same duration back", () => {
  const size = fc.bigInt({ min: 0n, max: 10n ** 15n });
  fc.assert(
    fc.property(size, size, fc.boolean(), (months, nanoseconds, negative) => {
      const sum = { months, nanoseconds, negative: false };
      const duration = negative ? negateDuration(sum) : sum;
      expect(read(formatDuration(duration))).toEqual(duration);
    }),
  );
});

test("the sign belongs to the whole, and nothing has none", () => {
  expect(negateDuration(zeroDuration)).toBe(zeroDuration);
  expect(durationOfParts([{ magnitude: 0n, unit: "s" }], true)).toEqual(zeroDuration);
  expect(durationOfParts([{ magnitude: 1n, unit: "fortnight" }])).toBe(undefined);
  expect(nanosecondDuration(-5n)).toEqual({ months: 0n, nanoseconds: 5n, negative: true });
});

test("durations compare by their average length, and equal part by part", () => {
  expect(compareDurations(read("1mo"), read("30d"))).toBe(1);
  expect(compareDurations(read("-1mo"), read("1ns"))).toBe(-1);
  expect(compareDurations(read("24h"), read("1d"))).toBe(0);
  expect(equalDurations(read("24h"), read("1d"))).toBe(true);
  expect(equalDurations(read("12mo"), read("1y"))).toBe(true);
  expect(equalDurations(read("1mo"), read("30d10h30m"))).toBe(false);
});
