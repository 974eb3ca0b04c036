import { seeded, utf8 } from "@tocsin/platform/host";
import fc from "fast-check";
import { expect, test } from "vitest";
import { writeShortest } from "../src/float-digits.ts";
import { displayFloat, formatFloat, jsonFloat, writeFloat } from "../src/float-format.ts";
import { parseFloat64, parseFloatBytes } from "../src/float-text.ts";
import { describeNumberFault } from "../src/int64.ts";
import formats from "./golden/float-format.json" with { type: "json" };
import texts from "./golden/float-parse.json" with { type: "json" };

const view = new DataView(new ArrayBuffer(8));
const bytes = new Uint8Array(400);
const slot = { values: new Float64Array(1), at: 0 };

function ofBits(bits: string): number {
  view.setBigUint64(0, BigInt(`0x${bits}`));
  return view.getFloat64(0);
}

function written(value: number): string {
  return utf8.decode(bytes.slice(2, writeFloat(value, bytes, 2)));
}

function readBytes(text: string): number | undefined {
  const source = utf8.encode(`1${text}1`);
  return parseFloatBytes(source, 1, source.length - 1, slot) ? slot.values[0] : undefined;
}

test.each(formats.rows)("text of the float with bits %s", (bits, plain, display, json) => {
  const value = ofBits(bits);
  expect(formatFloat(value)).toBe(plain);
  expect(written(value)).toBe(plain);
  expect(displayFloat(value)).toBe(display);
  if (Number.isFinite(value)) expect(jsonFloat(value)).toBe(json);
});

test.each(texts.rows)("float of %j", (text, expected) => {
  const value = parseFloat64(text);
  if (typeof value === "string") {
    expect(`!${describeNumberFault(value)}`).toBe(expected);
    expect(readBytes(text)).toBe(undefined);
  } else {
    // Go's NaN has another payload.
    expect(value).toBe(Number.isNaN(value) ? NaN : ofBits(expected));
    expect(readBytes(text)).toBe(value);
  }
});

const decimal = fc
  .tuple(fc.bigInt({ min: -(10n ** 18n), max: 10n ** 18n }), fc.integer({ min: 0, max: 22 }))
  .map(([digits, scale]) => {
    const text = `${digits < 0n ? -digits : digits}`.padStart(scale + 1, "0");
    const point = text.length - scale;
    const sign = digits < 0n ? "-" : "";
    return scale === 0 ? sign + text : `${sign}${text.slice(0, point)}.${text.slice(point)}`;
  });

test("decimal bytes are rounded as JavaScript rounds decimal text", () => {
  fc.assert(
    fc.property(decimal, (text) => {
      expect(readBytes(text)).toBe(Number(text));
    }),
    { numRuns: 5000 },
  );
});

test("so are decimals with an exponent, and what only looks like one is none", () => {
  const sign = fc.constantFrom("", "-", "+");
  const parts = fc.tuple(
    decimal,
    fc.constantFrom("e", "E"),
    sign,
    fc.integer({ min: 0, max: 345 }),
  );
  fc.assert(
    fc.property(parts, ([text, e, sign, power]) => {
      const value = Number(`${text}${e}${sign}${power}`);
      expect(readBytes(`${text}${e}${sign}${power}`)).toBe(
        Number.isFinite(value) ? value : undefined,
      );
      for (const end of [e, `${e}${sign}`, `${e}${sign}x`, `${e}${sign}${power}${e}`, `${e} 1`])
        expect(readBytes(text + end)).toBe(undefined);
    }),
    { numRuns: 5000 },
  );
  for (const text of ["e5", ".e5", "-e5", "1e5e", "1.5.e3"])
    expect(readBytes(text)).toBe(undefined);
  expect(readBytes("-0.0e3")).toBe(-0);
});

test("decimals half-way between two floats are rounded to even", () => {
  const odd = fc.bigInt({ min: 2n ** 53n, max: 2n ** 54n }).map((n) => `${2n * n + 1n}`);
  fc.assert(
    fc.property(odd, (text) => {
      expect(readBytes(text)).toBe(Number(text));
    }),
  );
});

test("float text gives the same float back", () => {
  const short = fc
    .tuple(fc.maxSafeInteger(), fc.integer({ min: 0, max: 12 }))
    .map(([digits, scale]) => digits / 10 ** scale);
  const float = fc.oneof(fc.double(), short);
  fc.assert(
    fc.property(float, (value) => {
      const text = formatFloat(value);
      expect(text).not.toMatch(/e/);
      expect(written(value)).toBe(text);
      expect(parseFloat64(text)).toBe(value);
      expect(parseFloat64(displayFloat(value))).toBe(value);
      expect(readBytes(text)).toBe(value);
    }),
    { numRuns: 3000 },
  );
});

test("digits that are written without a string are those of JavaScript (seed 5)", () => {
  const random = seeded(5);
  const bytes = new Uint8Array(400);
  const bits = new DataView(new ArrayBuffer(8));
  const values: number[] = [
    0.1,
    0.3,
    1 / 3,
    2 / 3,
    5e-7,
    1e-6,
    9.999999999999999e14,
    1e15,
    4.5,
    2 ** 40,
  ];
  for (let i = 0; i < 30_000; i++) {
    bits.setUint32(4, random.next() * 2 ** 32);
    bits.setUint32(0, ((1000 + Math.floor(random.next() * 76)) << 20) | (random.next() * 2 ** 20));
    const one = bits.getFloat64(0);
    const short = Number((random.next() * 10 ** (random.next() * 16)).toPrecision(1 + (i % 17)));
    const power = 2 ** Math.floor(random.next() * 70 - 20);
    values.push(
      one,
      short,
      short / 1e6,
      power,
      power * (1 + Number.EPSILON),
      power * (1 - Number.EPSILON / 2),
    );
  }
  let written = 0;
  for (const one of values) {
    const end = writeShortest(one, bytes, 0);
    if (end > 0) written += 1;
    if (end > 0) expect(utf8.decode(bytes.subarray(0, end))).toBe(String(one));
    const all = writeFloat(-one, bytes, 0);
    expect(utf8.decode(bytes.subarray(0, all))).toBe(formatFloat(-one));
  }
  expect(written / values.length).toBeGreaterThan(0.5);
});
