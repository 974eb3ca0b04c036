import { writeSmall } from "./int64-text.ts";

/** Float text as `string(v:)`, interpolation and CSV have it: shortest digits, never an exponent. */
export function formatFloat(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e21)
    return Object.is(value, -0) ? "-0" : `${value}`;
  if (!Number.isFinite(value)) return special(value);
  const text = `${value}`;
  return text.includes("e") ? positional(text) : text;
}

/** Float text as `display(v:)` has it: an exponent below 1e-4 and from 1e+06 on. */
export function displayFloat(value: number): string {
  if (!Number.isFinite(value)) return special(value);
  const { negative, digits, exponent } = decompose(value);
  if (exponent < -4 || exponent >= 6) return sign(negative) + scientific(digits, exponent, 2);
  return formatFloat(value);
}

/** Float text as `json.encode` has it: an exponent below 1e-6 and from 1e21 on. Needs a finite value. */
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

const powers = [1, 10, 100, 1000, 10_000, 100_000, 1_000_000];

/**
 * A decimal m/10^k with m below 2^53 and k ≤ 6 is the nearest double of exactly one such text of at
 * most 15 digits, so when dividing m by 10^k gives the value back, m's digits are the shortest text.
 */
function writeShort(magnitude: number, bytes: Uint8Array, at: number): number {
  for (let k = 0; k < powers.length; k++) {
    const power = powers[k];
    const scaled = Math.round(magnitude * power);
    if (scaled / power === magnitude) {
      if (scaled >= 1e15) return 0;
      if (k === 0) return writeSmall(scaled, bytes, at);
      const whole = Math.floor(scaled / power);
      at = writeSmall(whole, bytes, at);
      bytes[at] = 0x2e;
      return writeFraction(scaled - whole * power, k, bytes, at + 1);
    }
  }
  return 0;
}

function writeFraction(fraction: number, width: number, bytes: Uint8Array, at: number): number {
  let rest = fraction;
  for (let i = at + width - 1; i >= at; i--) {
    const next = (rest / 10) | 0;
    bytes[i] = 0x30 + rest - next * 10;
    rest = next;
  }
  return at + width;
}

/** Writes text that is known to be ASCII; gives the end. */
export function writeAscii(text: string, bytes: Uint8Array, at: number): number {
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

/** JavaScript's exponent text written out in full. */
function positional(text: string): string {
  const { negative, digits, exponent } = decompose(Number(text));
  if (exponent < 0) return `${sign(negative)}0.${"0".repeat(-exponent - 1)}${digits}`;
  return sign(negative) + digits.padEnd(exponent + 1, "0");
}
