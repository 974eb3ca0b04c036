/**
 * A cell of a 64-bit column that a parser fills: `words` are the little-endian Uint32 halves of the
 * column's buffer, `at` counts 64-bit values. Halves, because a BigInt per element is many times
 * slower than two 32-bit stores.
 */
export type WordSlot = { readonly words: Uint32Array; at: number };

const two32 = 4294967296;
const digits9 = 1_000_000_000;

/**
 * Writes the int64 at `words[2 * index]` as decimal ASCII into `bytes` from `at` on; gives the end.
 * Needs 20 bytes of room.
 */
export function writeInt64(
  words: Uint32Array,
  index: number,
  bytes: Uint8Array,
  at: number,
): number {
  let low = words[2 * index];
  let high = words[2 * index + 1];
  if (high >= 0x80000000) {
    bytes[at++] = 0x2d;
    high = ~high >>> 0;
    if (low === 0) high = (high + 1) >>> 0;
    low = -low >>> 0;
  }
  return writeHalves(high, low, bytes, at);
}

/** Writes the uint64 at `words[2 * index]` as decimal ASCII, like `writeInt64`. */
export function writeUint64(
  words: Uint32Array,
  index: number,
  bytes: Uint8Array,
  at: number,
): number {
  return writeHalves(words[2 * index + 1], words[2 * index], bytes, at);
}

/** Writes a whole number 0 ≤ value ≤ 2^53 as decimal ASCII; gives the end. */
export function writeSmall(value: number, bytes: Uint8Array, at: number): number {
  if (value >= digits9) {
    const upper = Math.floor(value / digits9);
    return writePadded(value - upper * digits9, 9, bytes, writeSmall(upper, bytes, at));
  }
  return writePadded(value, digitCount(value), bytes, at);
}

/** Writes `value` < 10^9 as exactly `width` digits; gives the end. */
export function writePadded(value: number, width: number, bytes: Uint8Array, at: number): number {
  let rest = value | 0;
  for (let i = at + width - 1; i >= at; i--) {
    const next = (rest / 10) | 0;
    bytes[i] = 0x30 + rest - next * 10;
    rest = next;
  }
  return at + width;
}

/** Parses decimal int64 bytes into the slot; false when they are not one (the slot is left). */
export function parseIntBytes(
  bytes: Uint8Array,
  from: number,
  to: number,
  slot: WordSlot,
): boolean {
  const first = bytes[from];
  const negative = first === 0x2d;
  const start = negative || first === 0x2b ? from + 1 : from;
  return parseMagnitude(bytes, start, to, { slot, kind: negative ? negativeInt : positiveInt });
}

/** Parses decimal uint64 bytes into the slot; false when they are not one. */
export function parseUintBytes(
  bytes: Uint8Array,
  from: number,
  to: number,
  slot: WordSlot,
): boolean {
  return parseMagnitude(bytes, from, to, { slot, kind: unsignedInt });
}

const negativeInt = 0;
const positiveInt = 1;
const unsignedInt = 2;

type Sink = { slot: WordSlot; kind: number };

function parseMagnitude(bytes: Uint8Array, from: number, to: number, sink: Sink): boolean {
  if (from >= to) return false;
  // Leading zeros are legal and must not count against the digits that fit.
  while (from < to - 1 && bytes[from] === 0x30) from++;
  const length = to - from;
  if (length > 20) return false;
  let high = 0;
  let low = 0;
  if (length <= 15) {
    const value = parseDigits(bytes, from, to);
    if (value < 0) return false;
    high = Math.floor(value / two32);
    low = value - high * two32;
  } else {
    // value = upper · 10^9 + lower, with upper < 2^37: each partial product stays below 2^53.
    const upper = parseDigits(bytes, from, to - 9);
    const lower = parseDigits(bytes, to - 9, to);
    if (upper < 0 || lower < 0) return false;
    const upperHigh = Math.floor(upper / 65536);
    const upperLow = upper - upperHigh * 65536;
    const bottom = upperLow * digits9 + lower;
    const top = upperHigh * digits9;
    // value = top · 2^16 + bottom
    const topLow = top % 65536;
    const sum = topLow * 65536 + (bottom % two32);
    high = Math.floor(top / 65536) + Math.floor(bottom / two32) + Math.floor(sum / two32);
    low = sum % two32;
    if (high >= two32) return false;
  }
  return store(high, low, sink);
}

function store(high: number, low: number, sink: Sink): boolean {
  const { slot, kind } = sink;
  if (kind !== unsignedInt && high >= 0x80000000) {
    const isMinimum = kind === negativeInt && high === 0x80000000 && low === 0;
    if (!isMinimum) return false;
  }
  const at = 2 * slot.at;
  if (kind === negativeInt) {
    slot.words[at] = -low;
    slot.words[at + 1] = low === 0 ? -high : ~high;
  } else {
    slot.words[at] = low;
    slot.words[at + 1] = high;
  }
  return true;
}

/** The number of up to 15 digits, or -1 when another byte is among them. */
function parseDigits(bytes: Uint8Array, from: number, to: number): number {
  let value = 0;
  for (let i = from; i < to; i++) {
    const digit = bytes[i] - 0x30;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}

function writeHalves(high: number, low: number, bytes: Uint8Array, at: number): number {
  if (high < 0x200000) return writeSmall(high * two32 + low, bytes, at);
  // Long division by 10^9 on base-2^16 digits: every intermediate is below 2^46.
  const a = high % digits9;
  const b = a * 65536 + (low >>> 16);
  const c = (b % digits9) * 65536 + (low & 0xffff);
  const remainder = c % digits9;
  const quotient =
    Math.floor(high / digits9) * two32 + Math.floor(b / digits9) * 65536 + Math.floor(c / digits9);
  return writePadded(remainder, 9, bytes, writeSmall(quotient, bytes, at));
}

function digitCount(value: number): number {
  if (value < 10) return 1;
  if (value < 100) return 2;
  if (value < 1000) return 3;
  if (value < 10_000) return 4;
  if (value < 100_000) return 5;
  if (value < 1_000_000) return 6;
  if (value < 10_000_000) return 7;
  return value < 100_000_000 ? 8 : 9;
}
