import fc from "fast-check";
import { expect, test } from "vitest";
import { finished } from "@tocsin/platform/host";
import { type WindowShape, windowsOf } from "../src/windows.ts";

const minute = 60_000_000_000n;
const day = 1440n * minute;
const at = (date: string): bigint => BigInt(Date.parse(date)) * 1_000_000n;
const length = (nanoseconds: bigint): WindowShape["every"] => ({
  months: 0n,
  nanoseconds,
  negative: false,
});

/** Zones, and days on which their clocks are set: by an hour, by half of one, over a day. */
const moments = [
  ["Europe/Berlin", "2026-03-29"],
  ["America/New_York", "2026-11-01"],
  ["Australia/Lord_Howe", "2026-04-05"],
  ["Africa/Casablanca", "2026-02-15"],
  ["Pacific/Apia", "2011-12-30"],
  ["UTC", "2026-01-01"],
] as const;

test("windows of a zone are listed as they follow each other, over days on which its clock is set", () => {
  const property = fc.property(
    fc.constantFrom(...moments),
    fc.constantFrom(minute, 7n * minute, 15n * minute, 60n * minute, 7n * 60n * minute, day),
    fc.bigInt({ min: -3n * day, max: 0n }),
    fc.bigInt({ min: 1n, max: 4n * day }),
    fc.constantFrom(0n, 17n * minute),
    ([zone, date], every, before, span, offset) => {
      const shape = { every: length(every), period: length(every), offset: length(offset) };
      const windows = windowsOf({ ...shape, location: { zone, offset: length(0n) } });
      const start = at(date) + before;
      const bounds = { start, stop: start + span };
      const edges = finished(windows.edges(bounds));
      const within = windows.within(bounds);
      expect([...edges]).toEqual([within[0].start, ...within.map(({ stop }) => stop)]);
    },
  );
  fc.assert(property, { seed: 5, numRuns: 150 });
});
