import { utf8 } from "@tocsin/platform/host";
import type { NumberFault } from "./int64.ts";

/** A cell of a float column that a parser fills. */
export type FloatSlot = { readonly values: Float64Array; at: number };

/**
 * The float that text stands for, exactly rounded. Accepts what upstream's `float(v:)` accepts:
 * decimals with or without a point and an exponent, `inf`, `infinity`, `nan` in any case (only the
 * infinities with a sign), hexadecimal floats such as `0x1p-2`, and single underscores between
 * digits. Overflow is a "range" fault.
 */
export function parseFloat64(written: string): number | NumberFault {
  const text = written.includes("_") ? withoutUnderscores(written) : written;
  if (isDecimal(text)) {
    const value = Number(text);
    return Number.isFinite(value) ? value : "range";
  }
  const word = specials.get(text.toLowerCase());
  if (word !== undefined) return word;
  return parseHexFloat(text);
}

const specials: ReadonlyMap<string, number> = new Map([
  ["nan", NaN],
  ["inf", Infinity],
  ["+inf", Infinity],
  ["-inf", -Infinity],
  ["infinity", Infinity],
  ["+infinity", Infinity],
  ["-infinity", -Infinity],
]);

function withoutUnderscores(text: string): string {
  const isHex = /^[+-]?0x/i.test(text);
  return isHex
    ? text.replace(/(?<=[0-9a-f]|^[+-]?0x)_(?=[0-9a-f])/gi, "")
    : text.replace(/(?<=[0-9])_(?=[0-9])/g, "");
}

const decimal = /^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$/;

function isDecimal(text: string): boolean {
  return decimal.test(text);
}

/**
 * Parses float bytes into the slot as `parseFloat64` does; false when they are not one (the slot is
 * untouched). Decimals of up to 19 digits that are neither huge nor tiny hardly ever become a string.
 */
export function parseFloatBytes(
  bytes: Uint8Array,
  from: number,
  to: number,
  slot: FloatSlot,
): boolean {
  const first = bytes[from];
  const negative = first === 0x2d;
  const start = negative || first === 0x2b ? from + 1 : from;
  let mantissa = 0;
  let tail = 0;
  let digits = 0;
  let point = -1;
  let i = start;
  for (; i < to; i++) {
    const digit = bytes[i] - 0x30;
    if (digit >= 0 && digit <= 9) {
      // Zeros in front are no digits that count.
      if (digits < 15) mantissa = mantissa * 10 + digit;
      else tail = tail * 10 + digit;
      if (mantissa !== 0) digits++;
    } else if (bytes[i] === 0x2e && point < 0) {
      point = i;
    } else {
      break;
    }
  }
  const exponent = i === to ? 0 : exponentOf(bytes, i, to);
  const isPlain = exponent !== undefined && i - start > (point < 0 ? 0 : 1);
  if (!isPlain || digits > 19) return parseSlowly(bytes, from, to, slot);
  const scale = (point < 0 ? 0 : i - point - 1) - exponent;
  if (scale > 22 || scale < (digits <= 15 ? -22 : 0)) return parseSlowly(bytes, from, to, slot);
  if (scale < 0) {
    slot.values[slot.at] = (negative ? -mantissa : mantissa) * exactPowers[-scale];
    return true;
  }
  const power = exactPowers[scale];
  const magnitude =
    digits <= 15 ? mantissa / power : longQuotient(mantissa, exactPowers[digits - 15], tail, power);
  if (magnitude < 0) return parseSlowly(bytes, from, to, slot);
  slot.values[slot.at] = negative ? -magnitude : magnitude;
  return true;
}

/** What follows `e` from `from` on: up to three digits and a sign. Undefined: something else stands there. */
function exponentOf(bytes: Uint8Array, from: number, to: number): number | undefined {
  if ((bytes[from] | 0x20) !== 0x65) return undefined;
  const sign = bytes[from + 1];
  const start = sign === 0x2d || sign === 0x2b ? from + 2 : from + 1;
  if (start >= to || to - start > 3) return undefined;
  let exponent = 0;
  for (let i = start; i < to; i++) {
    const digit = bytes[i] - 0x30;
    if (!(digit >= 0 && digit <= 9)) return undefined;
    exponent = exponent * 10 + digit;
  }
  return sign === 0x2d ? -exponent : exponent;
}

// All of these are exact doubles. With at most 15 digits the mantissa is one too, and a division or a
// product of exact doubles rounds correctly (Clinger's fast path).
const exactPowers = [
  1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17,
  1e18, 1e19, 1e20, 1e21, 1e22,
];

/**
 * (mantissa · shift + tail) / power, correctly rounded, or -1 when the last bit is in doubt. The
 * quotient is computed as a sum of two doubles, good to about 100 bits; only when it lies that near
 * to the middle between two doubles does it not settle the rounding.
 */
function longQuotient(mantissa: number, shift: number, tail: number, power: number): number {
  // The dividend as high + low, exactly: mantissa < 2^50 and shift < 2^14, multiplied in halves.
  const upper = Math.floor(mantissa / 67108864);
  const left = upper * shift * 67108864;
  const right = (mantissa - upper * 67108864) * shift + tail;
  const high = left + right;
  const low = right - (high - left);
  const quotient = high / power;
  // The remainder of that division, exactly, by splitting both factors (Veltkamp, Dekker).
  const product = quotient * power;
  const q = upperHalf(quotient);
  const p = upperHalf(power);
  const lost =
    q * p - product + q * (power - p) + (quotient - q) * p + (quotient - q) * (power - p);
  const correction = (high - product - lost + low) / power;
  const doubt = quotient * 1e-29;
  const rounded = quotient + correction;
  const isSettled =
    rounded === quotient + (correction - doubt) && rounded === quotient + (correction + doubt);
  return isSettled ? rounded : -1;
}

/** The upper 26 bits of a double's 53. */
function upperHalf(value: number): number {
  const shifted = value * 134217729;
  return shifted - (shifted - value);
}

function parseSlowly(bytes: Uint8Array, from: number, to: number, slot: FloatSlot): boolean {
  const value = parseFloat64(utf8.decode(bytes.subarray(from, to)));
  if (typeof value !== "number") return false;
  slot.values[slot.at] = value;
  return true;
}

const hexFloat = /^([+-]?)0[xX]([0-9a-fA-F]*)(?:\.([0-9a-fA-F]*))?[pP]([+-]?[0-9]+)$/;

function parseHexFloat(text: string): number | NumberFault {
  const match = hexFloat.exec(text);
  if (match === null) return "syntax";
  const [, sign, whole, fraction = "", power] = match;
  if (whole.length + fraction.length === 0) return "syntax";
  const mantissa = BigInt(`0x${whole}${fraction}`);
  // The exponent is bounded so that a silly one cannot make a giant shift.
  const exponent = Math.max(-100_000, Math.min(100_000, Number(power))) - 4 * fraction.length;
  const magnitude = scaleByTwo(mantissa, exponent);
  if (magnitude === Infinity) return "range";
  return sign === "-" ? -magnitude : magnitude;
}

/** mantissa · 2^exponent, rounded once, to even. */
function scaleByTwo(mantissa: bigint, exponent: number): number {
  if (mantissa === 0n) return 0;
  const bits = mantissa.toString(2).length;
  const top = bits + exponent;
  if (top > 1024) return Infinity;
  // Bits below 2^-1074 (or below the 53rd) are rounded away before the exact scaling.
  const keep = Math.min(53, top + 1074);
  if (keep < 0) return 0;
  const drop = bits - keep;
  const kept = drop > 0 ? roundShift(mantissa, BigInt(drop)) : mantissa;
  return timesPowerOfTwo(Number(kept), exponent + Math.max(drop, 0));
}

function roundShift(value: bigint, drop: bigint): bigint {
  const kept = value >> drop;
  const rest = value - (kept << drop);
  const half = 1n << (drop - 1n);
  if (rest > half || (rest === half && (kept & 1n) === 1n)) return kept + 1n;
  return kept;
}

function timesPowerOfTwo(value: number, exponent: number): number {
  let result = value;
  let rest = exponent;
  for (; rest > 1000; rest -= 1000) result *= 2 ** 1000;
  for (; rest < -1000; rest += 1000) result *= 2 ** -1000;
  return result * 2 ** rest;
}
