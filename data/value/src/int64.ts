/** Why text is not a number: it does not look like one, or it does not fit 64 bits. */
export type NumberFault = "syntax" | "range";

/** The ends of the 64-bit integers. */
export const int64Min = -(2n ** 63n);
export const int64Max = 2n ** 63n - 1n;
export const uint64Max = 2n ** 64n - 1n;

/** The int64 with the same low 64 bits: overflow wraps as two's complement. */
export function wrapInt(value: bigint): bigint {
  return BigInt.asIntN(64, value);
}

/** The uint64 with the same low 64 bits: `wrapUint(-1n)` is 2^64 - 1. */
export function wrapUint(value: bigint): bigint {
  return BigInt.asUintN(64, value);
}

/**
 * `int(v: float)`: the fraction is dropped; what does not fit (also NaN and the infinities) becomes
 * -2^63, because that is what upstream's processor instruction answers.
 */
export function floatToInt(value: number): bigint {
  if (!(value >= -9223372036854775808 && value < 9223372036854775808)) return int64Min;
  return BigInt(Math.trunc(value));
}

/**
 * `uint(v: float)`: the fraction is dropped, negative numbers wrap, what does not fit becomes 2^63.
 */
export function floatToUint(value: number): bigint {
  if (value < 9223372036854775808) return wrapUint(floatToInt(value));
  if (value < 18446744073709551616) return BigInt(value);
  return 2n ** 63n;
}

/** Decimal text with an optional sign as int64. No spaces, no underscores, no other bases. */
export function parseInt64(text: string): bigint | NumberFault {
  const signed = text.startsWith("-") || text.startsWith("+");
  const digits = signed ? text.slice(1) : text;
  if (!isDigits(digits)) return "syntax";
  const value = text.startsWith("-") ? -BigInt(digits) : BigInt(digits);
  return value < int64Min || value > int64Max ? "range" : value;
}

/** Decimal text without a sign as uint64. */
export function parseUint64(text: string): bigint | NumberFault {
  if (!isDigits(text)) return "syntax";
  const value = BigInt(text);
  return value > uint64Max ? "range" : value;
}

/** What was wrong with a number's text, in the words that upstream users know. */
export function describeNumberFault(fault: NumberFault): string {
  return fault === "syntax" ? "invalid syntax" : "value out of range";
}

function isDigits(text: string): boolean {
  if (text.length === 0) return false;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x30 || unit > 0x39) return false;
  }
  return true;
}
