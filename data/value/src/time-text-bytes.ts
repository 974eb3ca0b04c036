import {
  daysFromCivil,
  daysInMonth,
  packedDate,
  packedDay,
  packedMonth,
  packedYear,
} from "./calendar.ts";
import { writePadded, type WordSlot } from "./int64-text.ts";
import { rfc3339 } from "./time-text.ts";
import { parseTimeLayout } from "./time-text-layout.ts";
import { utf8 } from "@tocsin/platform/host";

const two32 = 4294967296;
const dayNanoseconds = 86_400_000_000_000;
// 86_400_000_000_000 = 20116 · 2^32 + 2437873664: a day's start is computed in halves, exactly.
const dayHigh = Math.floor(dayNanoseconds / two32);
const dayLow = dayNanoseconds - dayHigh * two32;

/**
 * Writes times of a column as RFC 3339 text. It keeps the day that it wrote last, because
 * neighbouring rows nearly always share it: one writer per column.
 */
export class TimeWriter {
  #startHigh = 0;
  #startLow = 0;
  #known = false;
  readonly #date = new Uint8Array(11);

  /**
   * Writes the time at `words[2 * index]` (little-endian halves of int64 nanoseconds) with zeros at
   * the fraction's end cut, as CSV and JSON have it; gives the end. Needs 30 bytes of room.
   */
  writeNano(words: Uint32Array, index: number, bytes: Uint8Array, at: number): number {
    let nanosecond = this.#writeSeconds(words, index, bytes, at);
    let end = at + 19;
    if (nanosecond !== 0) {
      let width = 9;
      while (nanosecond % 10 === 0) {
        nanosecond /= 10;
        width--;
      }
      bytes[end] = 0x2e;
      end = writePadded(nanosecond, width, bytes, end + 1);
    }
    bytes[end] = 0x5a;
    return end + 1;
  }

  /** Writes all nine digits of the fraction, as `string(v:)` does: 30 bytes; gives the end. */
  write9(words: Uint32Array, index: number, bytes: Uint8Array, at: number): number {
    const nanosecond = this.#writeSeconds(words, index, bytes, at);
    bytes[at + 19] = 0x2e;
    writePadded(nanosecond, 9, bytes, at + 20);
    bytes[at + 29] = 0x5a;
    return at + 30;
  }

  /** Writes `2006-01-02T15:04:05`; gives the nanoseconds within the second. */
  #writeSeconds(words: Uint32Array, index: number, bytes: Uint8Array, at: number): number {
    const low = words[2 * index];
    const high = words[2 * index + 1] | 0;
    let inDay = (high - this.#startHigh) * two32 + (low - this.#startLow);
    if (!this.#known || inDay < 0 || inDay >= dayNanoseconds) inDay = this.#enterDay(high, low);
    bytes.set(this.#date, at);
    const seconds = Math.floor(inDay / 1e9);
    const hour = (seconds / 3600) | 0;
    const minute = ((seconds / 60) | 0) - hour * 60;
    writePadded(hour, 2, bytes, at + 11);
    bytes[at + 13] = 0x3a;
    writePadded(minute, 2, bytes, at + 14);
    bytes[at + 16] = 0x3a;
    writePadded(seconds % 60, 2, bytes, at + 17);
    return inDay - seconds * 1e9;
  }

  /** Moves the cache to the day of a time; gives the nanoseconds since its midnight. */
  #enterDay(high: number, low: number): number {
    // The quotient of doubles may be one day off at midnight; the exact remainder says so.
    let day = Math.floor((high * two32 + low) / dayNanoseconds);
    let inDay = this.#moveTo(day, high, low);
    if (inDay < 0) inDay = this.#moveTo(--day, high, low);
    else if (inDay >= dayNanoseconds) inDay = this.#moveTo(++day, high, low);
    const packed = packedDate(day);
    writePadded(packedYear(packed), 4, this.#date, 0);
    this.#date[4] = 0x2d;
    writePadded(packedMonth(packed), 2, this.#date, 5);
    this.#date[7] = 0x2d;
    writePadded(packedDay(packed), 2, this.#date, 8);
    this.#date[10] = 0x54;
    this.#known = true;
    return inDay;
  }

  #moveTo(day: number, high: number, low: number): number {
    const lowProduct = day * dayLow;
    const carry = Math.floor(lowProduct / two32);
    this.#startHigh = day * dayHigh + carry;
    this.#startLow = lowProduct - carry * two32;
    return (high - this.#startHigh) * two32 + (low - this.#startLow);
  }
}

/**
 * Reads RFC 3339 bytes into a column of int64 nanoseconds. It keeps the day that it read last: one
 * reader per column.
 */
export class TimeReader {
  readonly #date = new Uint8Array(10);
  readonly #dateView = new DataView(this.#date.buffer);
  #startHigh = 0;
  #startLow = 0;
  #known = false;

  /** Fills the slot; false when the bytes are not a time (the slot is untouched). */
  read(bytes: Uint8Array, from: number, to: number, slot: WordSlot): boolean {
    const length = to - from;
    if (length < 20 || length > 30 || bytes[to - 1] !== 0x5a)
      return readSlowly(bytes, from, to, slot);
    if (!this.#sameDay(bytes, from) && !this.#enterDay(bytes, from)) {
      return readSlowly(bytes, from, to, slot);
    }
    const inDay = readClock(bytes, from, to);
    if (inDay < 0) return readSlowly(bytes, from, to, slot);
    return this.#fill(inDay, slot);
  }
  /**
   * Fills the slot from the time in UTC that begins at `from`, wherever it ends; gives its end, or -1
   * when it needs a closer look. `view` shows `bytes`, of which 24 behind `from` can be read.
   */
  scan(bytes: Uint8Array, view: DataView, from: number, slot: WordSlot): number {
    if (!this.#sameDayWords(view, from) && !this.#enterDay(bytes, from)) return -1;
    // Four bytes at a time: "HH:M" and "M:SS", their digits as numbers below ten.
    const left = view.getInt32(from + 11, true) ^ 0x303a3030;
    const right = view.getInt32(from + 15, true) ^ 0x30303a30;
    const strange =
      ((left | (left + 0x06000606)) & 0xf0fff0f0) | ((right | (right + 0x06060006)) & 0xf0f0fff0);
    if (strange !== 0 || bytes[from + 10] !== 0x54) return -1;
    const hour = (left & 0xff) * 10 + ((left >> 8) & 0xff);
    const minute = (left >>> 24) * 10 + (right & 0xff);
    const second = ((right >> 16) & 0xff) * 10 + (right >>> 24);
    if (hour > 23 || minute > 59 || second > 59) return -1;
    const inDay = ((hour * 60 + minute) * 60 + second) * 1e9;
    const b = bytes[from + 19];
    if (b === 0x5a) return this.#fill(inDay, slot) ? from + 20 : -1;
    if (b !== 0x2e) return -1;
    let fraction = 0;
    let end = from + 20;
    let digit = bytes[end] - 0x30;
    for (; digit >= 0 && digit <= 9; digit = bytes[++end] - 0x30) fraction = fraction * 10 + digit;
    const width = end - from - 20;
    if (width === 0 || width > 9 || bytes[end] !== 0x5a) return -1;
    return this.#fill(inDay + fraction * fractionUnits[width], slot) ? end + 1 : -1;
  }

  /** Writes the time `inDay` nanoseconds after the day's midnight; false when 64 bits do not hold it. */
  #fill(inDay: number, slot: WordSlot): boolean {
    const inDayHigh = Math.floor(inDay / two32);
    const low = this.#startLow + (inDay - inDayHigh * two32);
    const carry = low >= two32 ? 1 : 0;
    const high = this.#startHigh + inDayHigh + carry;
    if (high < -2147483648 || high > 2147483647) return false;
    slot.words[2 * slot.at] = low - carry * two32;
    slot.words[2 * slot.at + 1] = high;
    return true;
  }
  #sameDayWords(view: DataView, from: number): boolean {
    const date = this.#dateView;
    return (
      this.#known &&
      view.getInt32(from + 6, true) === date.getInt32(6, true) &&
      view.getInt32(from + 2, true) === date.getInt32(2, true) &&
      view.getInt16(from, true) === date.getInt16(0, true)
    );
  }
  #sameDay(bytes: Uint8Array, from: number): boolean {
    if (!this.#known) return false;
    // The day changes most often: compare from its end.
    for (let i = 9; i >= 0; i--) if (bytes[from + i] !== this.#date[i]) return false;
    return true;
  }

  #enterDay(bytes: Uint8Array, from: number): boolean {
    const year = pair(bytes, from) * 100 + pair(bytes, from + 2);
    const month = pair(bytes, from + 5);
    const day = pair(bytes, from + 8);
    if (bytes[from + 4] !== 0x2d || bytes[from + 7] !== 0x2d) return false;
    if (!(year >= 1600 && year < 2400 && month >= 1 && month <= 12)) return false;
    if (!(day >= 1 && day <= daysInMonth(year, month))) return false;
    const days = daysFromCivil(year, month, day);
    const lowProduct = days * dayLow;
    const carry = Math.floor(lowProduct / two32);
    this.#startHigh = days * dayHigh + carry;
    this.#startLow = lowProduct - carry * two32;
    const date = this.#date;
    for (let i = 0; i < 10; i++) date[i] = bytes[from + i];
    this.#known = true;
    return true;
  }
}

/** Nanoseconds of `T15:04:05[.frac]Z` behind a date at `from`, or -1 when it is not that. */
function readClock(bytes: Uint8Array, from: number, to: number): number {
  if (bytes[from + 10] !== 0x54 || bytes[from + 13] !== 0x3a || bytes[from + 16] !== 0x3a)
    return -1;
  const hour = pair(bytes, from + 11);
  const minute = pair(bytes, from + 14);
  const second = pair(bytes, from + 17);
  if (!(hour < 24 && minute < 60 && second < 60)) return -1;
  const seconds = (hour * 60 + minute) * 60 + second;
  const fractionFrom = from + 20;
  const fractionTo = to - 1;
  if (fractionTo === from + 19) return seconds * 1e9;
  if (bytes[from + 19] !== 0x2e || fractionTo === fractionFrom) return -1;
  let fraction = 0;
  for (let i = fractionFrom; i < fractionTo; i++) {
    const digit = bytes[i] - 0x30;
    if (digit < 0 || digit > 9) return -1;
    fraction = fraction * 10 + digit;
  }
  return seconds * 1e9 + fraction * fractionUnits[fractionTo - fractionFrom];
}

const fractionUnits = [0, 1e8, 1e7, 1e6, 1e5, 1e4, 1000, 100, 10, 1];

/** The number of two digits, or NaN, which no range check lets through. */
function pair(bytes: Uint8Array, at: number): number {
  const tens = bytes[at] - 0x30;
  const ones = bytes[at + 1] - 0x30;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : NaN;
}

function readSlowly(bytes: Uint8Array, from: number, to: number, slot: WordSlot): boolean {
  const time = parseTimeLayout(rfc3339, utf8.decode(bytes.subarray(from, to)));
  if (typeof time !== "bigint") return false;
  slot.words[2 * slot.at] = Number(BigInt.asUintN(32, time));
  slot.words[2 * slot.at + 1] = Number(BigInt.asIntN(32, time >> 32n));
  return true;
}
