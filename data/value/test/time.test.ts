import { utf8 } from "@tocsin/platform/host";
import fc from "fast-check";
import { expect, test } from "vitest";
import { int64Max, int64Min } from "../src/int64.ts";
import { formatTime9, formatTimeNano, parseTime } from "../src/time-text.ts";
import { TimeReader, TimeWriter } from "../src/time-text-bytes.ts";
import { parseTimeLayout } from "../src/time-text-layout.ts";
import golden from "./golden/time-layout.json" with { type: "json" };

const cells = new BigInt64Array(1);
const slot = { words: new Uint32Array(cells.buffer), at: 0 };
const bytes = new Uint8Array(64);
const reader = new TimeReader();
const writer = new TimeWriter();

function readBytes(text: string): bigint | undefined {
  const source = utf8.encode(`"${text}"`);
  return reader.read(source, 1, source.length - 1, slot) ? cells[0] : undefined;
}

test.each(golden.rows)("%j read by the layout %j", (text, layout, expected) => {
  const time = parseTimeLayout(layout, text);
  expect(typeof time === "bigint" ? `${time}` : "!").toBe(expected);
});

test.each(golden.rows.filter(([, layout]) => layout.endsWith("Z07:00")))("%j as bytes", (text) => {
  const time = parseTime(text);
  expect(readBytes(text)).toBe(typeof time === "bigint" ? time : undefined);
});

test.each([
  ["2020-01-01T00:00:00", 'expected "Z" or an offset such as +07:00 at ""'],
  ["2020-13-01", 'expected a month from 01 to 12 at "13-01"'],
  ["2021-02-29", "the day is out of range"],
  ["2020-01-01x", 'there is extra text "x" after the time'],
  ["1677-01-01", "it is outside 1677-09-21 to 2262-04-11, the times that nanoseconds can hold"],
])("%j says what is wrong", (text, reason) => {
  expect(parseTime(text)).toEqual({ reason });
});

test("time text has nine digits in scripts and only the needed ones in results", () => {
  const time = parseTime("2020-01-01T00:00:00.5Z");
  if (typeof time !== "bigint") throw new Error("not read");
  expect(formatTime9(time)).toBe("2020-01-01T00:00:00.500000000Z");
  expect(formatTimeNano(time)).toBe("2020-01-01T00:00:00.5Z");
});

const day = 86_400_000_000_000n;

test("times round trip through text and bytes", () => {
  const anywhere = fc.bigInt({ min: int64Min, max: int64Max });
  // The last and first nanoseconds of days, where the cached day is left.
  const midnight = fc
    .tuple(fc.bigInt({ min: -106_000n, max: 106_000n }), fc.bigInt({ min: -2n, max: 2n }))
    .map(([days, beside]) => days * day + beside);
  const edge = fc.constantFrom(int64Min, int64Max, 0n, -1n);
  fc.assert(
    fc.property(fc.oneof(anywhere, midnight, edge), (time) => {
      const text = formatTimeNano(time);
      expect(parseTime(text)).toBe(time);
      expect(parseTime(formatTime9(time))).toBe(time);
      expect(readBytes(text)).toBe(time);
      cells[0] = time;
      expect(utf8.decode(bytes.slice(1, writer.writeNano(slot.words, 0, bytes, 1)))).toBe(text);
      const end = writer.write9(slot.words, 0, bytes, 1);
      expect(utf8.decode(bytes.slice(1, end))).toBe(formatTime9(time));
    }),
    { numRuns: 2000 },
  );
});
