import { writeShortest } from "./float-digits.ts";
import { writePadded, writeSmall } from "./int64-text.ts";

/** Float text as `string(v:)` and CSV have it: the shortest digits, never an exponent. */
export function formatFloat(value: number): string {
  const magnitude = Math.abs(value);
  // Here JavaScript writes the same digits, and without an exponent.
  if (magnitude >= 1e-6 && magnitude < 1e21) return `${value}`;
  if (magnitude === 0) return Object.is(value, -0) ? "-0" : "0";
  return Number.isFinite(value) ? positional(value) : special(value);
}

/** Float text as `display(v:)` has it: an exponent below 1e-4 and from 1e+06 on. */
export function displayFloat(value: number): string {
  if (!Number.isFinite(value)) return special(value);
  const { negative, digits, exponent } = decompose(value);
  if (exponent < -4 || exponent >= 6) return sign(negative) + scientific(digits, exponent, 2);
  return formatFloat(value);
}

/** Float text as `json.encode` has it: an exponent below 1e-6 and from 1e21 on. Finite only. */
export function jsonFloat(value: number): string {
  const magnitude = Math.abs(value);
  if (magnitude !== 0 && (magnitude < 1e-6 || magnitude >= 1e21)) {
    const { negative, digits, exponent } = decompose(value);
    return sign(negative) + scientific(digits, exponent, 1);
  }
  return formatFloat(value);
}

/**
 * Writes `formatFloat(value)` as ASCII into `bytes` from `at` on; gives the end. Short decimals
 * never become a string. Needs 330 bytes of room (the longest text, of -5e-324, has 327).
 */
export function writeFloat(value: number, bytes: Uint8Array, at: number): number {
  let magnitude = value;
  if (value < 0 || Object.is(value, -0)) {
    magnitude = -value;
    bytes[at++] = 0x2d;
  }
  if (magnitude < 1e9) {
    const short = writeShort(magnitude, bytes, at);
    if (short > 0) return short;
    const long = writeShortest(magnitude, bytes, at);
    if (long > 0) return long;
  } else if (magnitude <= Number.MAX_SAFE_INTEGER && Number.isInteger(magnitude)) {
    return writeSmall(magnitude, bytes, at);
  }
  if (value === Infinity) bytes[at++] = 0x2b;
  return writeAscii(
    Number.isFinite(magnitude) ? formatFloat(magnitude) : bare(magnitude),
    bytes,
    at,
  );
}

/**
 * A decimal of at most 15 digits is the shortest text of the double nearest to it. So when m/10^6,
 * with a whole m below 10^15, is the value itself, m's digits are the text, less the zeros at the
 * end. Gives 0, and writes nothing, when the value is no such decimal.
 */
function writeShort(magnitude: number, bytes: Uint8Array, at: number): number {
  const millionths = Math.round(magnitude * 1e6);
  if (millionths / 1e6 !== magnitude) return 0;
  const whole = Math.floor(millionths / 1e6);
  const end = writeSmall(whole, bytes, at);
  let fraction = millionths - whole * 1e6;
  if (fraction === 0) return end;
  let width = 6;
  for (; fraction % 10 === 0; width--) fraction /= 10;
  bytes[end] = 0x2e;
  return writePadded(fraction, width, bytes, end + 1);
}

/** Writes text that is known to be ASCII; gives the end. */
function writeAscii(text: string, bytes: Uint8Array, at: number): number {
  for (let i = 0; i < text.length; i++) bytes[at + i] = text.charCodeAt(i);
  return at + text.length;
}

function special(value: number): string {
  if (value === Infinity) return "+Inf";
  return value === -Infinity ? "-Inf" : "NaN";
}

function bare(magnitude: number): string {
  return magnitude === Infinity ? "Inf" : "NaN";
}

function sign(negative: boolean): string {
  return negative ? "-" : "";
}

type Decimal = { negative: boolean; digits: string; exponent: number };

/** The shortest digits d₀d₁… and the exponent with value = d₀.d₁… · 10^exponent. */
function decompose(value: number): Decimal {
  const text = Math.abs(value).toExponential();
  const mark = text.indexOf("e");
  const digits = text.slice(0, mark).replace(".", "");
  const negative = value < 0 || Object.is(value, -0);
  return { negative, digits, exponent: Number(text.slice(mark + 1)) };
}

function scientific(digits: string, exponent: number, exponentDigits: number): string {
  const mantissa = digits.length > 1 ? `${digits[0]}.${digits.slice(1)}` : digits;
  const size = `${Math.abs(exponent)}`.padStart(exponentDigits, "0");
  return `${mantissa}e${exponent < 0 ? "-" : "+"}${size}`;
}

/** A number whose text in JavaScript would have an exponent, written out in full. */
function positional(value: number): string {
  const { negative, digits, exponent } = decompose(value);
  if (exponent < 0) return `${sign(negative)}0.${"0".repeat(-exponent - 1)}${digits}`;
  return sign(negative) + digits.padEnd(exponent + 1, "0");
}
