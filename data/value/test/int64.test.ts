import { utf8 } from "@tocsin/platform/host";
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  describeNumberFault,
  floatToInt,
  floatToUint,
  int64Max,
  int64Min,
  type NumberFault,
  parseInt64,
  parseUint64,
  wrapInt,
  wrapUint,
} from "../src/int64.ts";
import {
  parseIntBytes,
  parseUintBytes,
  writeInt64,
  writeSmall,
  writeUint64,
} from "../src/int64-text.ts";
import floats from "./golden/float-to-int.json" with { type: "json" };
import texts from "./golden/int-parse.json" with { type: "json" };

const cell = new BigInt64Array(1);
const slot = { words: new Uint32Array(cell.buffer), at: 0 };
const bytes = new Uint8Array(32);

function shown(value: bigint | NumberFault): string {
  return typeof value === "bigint" ? `${value}` : `!${describeNumberFault(value)}`;
}

function readBytes(text: string, parse: typeof parseIntBytes): bigint | undefined {
  const source = utf8.encode(`x${text}y`);
  cell[0] = 77n;
  if (parse(source, 1, source.length - 1, slot)) return cell[0];
  expect(cell[0]).toBe(77n);
  return undefined;
}

function written(value: bigint, write: typeof writeInt64): string {
  cell[0] = value;
  return utf8.decode(bytes.slice(3, write(slot.words, 0, bytes, 3)));
}

test.each(texts.rows)("int and uint of %j", (text, asInt, asUint) => {
  expect(shown(parseInt64(text))).toBe(asInt);
  expect(shown(parseUint64(text))).toBe(asUint);
  const int = readBytes(text, parseIntBytes);
  expect(int === undefined ? "!" : `${int}`).toBe(asInt.startsWith("!") ? "!" : asInt);
  const uint = readBytes(text, parseUintBytes);
  expect(uint === undefined ? "!" : `${wrapUint(uint)}`).toBe(
    asUint.startsWith("!") ? "!" : asUint,
  );
});

test.each(floats.rows)("float %s as int and uint", (text, asInt, asUint) => {
  const value = Number(text.replace("Inf", "Infinity"));
  expect(`${floatToInt(value)}`).toBe(asInt);
  expect(`${floatToUint(value)}`).toBe(asUint);
});

const edges = [0n, 1n, -1n, int64Max, int64Min, 4294967295n, 4294967296n, -4294967296n, 10n ** 18n];

test("int64 bytes round trip", () => {
  const int = fc.oneof(fc.constantFrom(...edges), fc.bigInt({ min: int64Min, max: int64Max }));
  fc.assert(
    fc.property(int, (value) => {
      const text = written(value, writeInt64);
      expect(text).toBe(`${value}`);
      expect(readBytes(text, parseIntBytes)).toBe(value);
      const unsigned = written(value, writeUint64);
      expect(unsigned).toBe(`${wrapUint(value)}`);
      expect(readBytes(unsigned, parseUintBytes)).toBe(value);
    }),
    { numRuns: 2000 },
  );
});

test("small numbers are written digit by digit", () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), (value) => {
      expect(utf8.decode(bytes.slice(0, writeSmall(value, bytes, 0)))).toBe(`${value}`);
    }),
  );
});

test("int arithmetic wraps", () => {
  expect(wrapInt(int64Max + 1n)).toBe(int64Min);
  expect(wrapUint(-1n)).toBe(18446744073709551615n);
});
