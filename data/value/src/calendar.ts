import type { Duration } from "./duration.ts";
import { wrapInt } from "./int64.ts";

/** A civil date in the proleptic Gregorian calendar; month and day count from 1. */
export type CivilDate = { readonly year: number; readonly month: number; readonly day: number };

/** The clock of a day; nanosecond counts within the second. */
export type ClockTime = {
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly nanosecond: number;
};

/** A day of the calendar, which knows no leap seconds. */
export const nanosecondsPerDay = 86_400_000_000_000n;
const nanosecondsPerSecond = 1_000_000_000n;

/**
 * Days since 1970-01-01 of a civil date. Months outside 1–12 carry into the year, days outside the
 * month into the months.
 */
export function daysFromCivil(year: number, month: number, day: number): number {
  const monthIndex = month - 1;
  const carriedYear = year + Math.floor(monthIndex / 12);
  const m = monthIndex - 12 * Math.floor(monthIndex / 12);
  // The year begins in March here, so that the leap day is its last one.
  const y = m < 2 ? carriedYear - 1 : carriedYear;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * ((m + 10) % 12) + 2) / 5) + day - 1;
  const dayOfEra =
    yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146097 + dayOfEra - 719468;
}

/**
 * The civil date of days since 1970-01-01 in one number, year · 512 + month · 32 + day, for loops
 * that must not allocate: read it with `packedYear`, `packedMonth` and `packedDay`.
 */
export function packedDate(days: number): number {
  const z = days + 719468;
  const era = Math.floor(z / 146097);
  const dayOfEra = z - era * 146097;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36524) -
      Math.floor(dayOfEra / 146096)) /
      365,
  );
  const dayOfYear =
    dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const m = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * m + 2) / 5) + 1;
  const month = m < 10 ? m + 3 : m - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  return year * 512 + month * 32 + day;
}

/** The year of a packed date. */
export function packedYear(packed: number): number {
  return Math.floor(packed / 512);
}

/** The month, 1–12, of a packed date. */
export function packedMonth(packed: number): number {
  return Math.floor(packed / 32) & 15;
}

/** The day of the month of a packed date. */
export function packedDay(packed: number): number {
  return packed & 31;
}

/** The civil date of days since 1970-01-01. */
export function civilFromDays(days: number): CivilDate {
  const packed = packedDate(days);
  return { year: packedYear(packed), month: packedMonth(packed), day: packedDay(packed) };
}

/** Whether the year has a 29th of February. */
export function isLeapYear(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

const monthLengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** Days in the month, 1–12, of the year. */
export function daysInMonth(year: number, month: number): number {
  return month === 2 && isLeapYear(year) ? 29 : monthLengths[month - 1];
}

/** Whole days since the epoch of int64 nanoseconds, rounded down. */
export function dayOf(time: bigint): number {
  return Number(floorDivide(time, nanosecondsPerDay));
}

/** Nanoseconds since midnight of int64 nanoseconds since the epoch. */
function timeOfDay(time: bigint): bigint {
  return floorModulo(time, nanosecondsPerDay);
}

/** The quotient rounded down, where `/` rounds towards zero. */
export function floorDivide(value: bigint, by: bigint): bigint {
  const quotient = value / by;
  return value % by < 0n === by > 0n && value % by !== 0n ? quotient - 1n : quotient;
}

/** The rest of `floorDivide`: it has the sign of the divisor. */
export function floorModulo(value: bigint, by: bigint): bigint {
  const rest = value % by;
  return rest !== 0n && rest < 0n === by > 0n ? rest + by : rest;
}

/** The civil date (UTC) of int64 nanoseconds since the epoch. */
export function civilDate(time: bigint): CivilDate {
  return civilFromDays(dayOf(time));
}

/** The clock (UTC) of int64 nanoseconds since the epoch. */
export function clockTime(time: bigint): ClockTime {
  const inDay = timeOfDay(time);
  const seconds = Number(inDay / nanosecondsPerSecond);
  return {
    hour: Math.floor(seconds / 3600),
    minute: Math.floor(seconds / 60) % 60,
    second: seconds % 60,
    nanosecond: Number(inDay % nanosecondsPerSecond),
  };
}

/** Day of the week, 0 = Sunday, of days since the epoch (a Thursday). */
export function weekDay(days: number): number {
  return (((days + 4) % 7) + 7) % 7;
}

/** Day of the year, 1–366, of days since the epoch. */
export function yearDay(days: number): number {
  return days - daysFromCivil(civilFromDays(days).year, 1, 1) + 1;
}

/** ISO 8601 week, 1–53: weeks begin on Monday, week 1 holds the year's first Thursday. */
export function isoWeek(days: number): number {
  const thursday = days + 3 - ((weekDay(days) + 6) % 7);
  return Math.floor((yearDay(thursday) - 1) / 7) + 1;
}

/** Quarter, 1–4, of a month, 1–12. */
export function quarter(month: number): number {
  return Math.ceil(month / 3);
}

/** Months since January 1970 of days since the epoch. */
export function monthIndex(days: number): number {
  const { year, month } = civilFromDays(days);
  return (year - 1970) * 12 + month - 1;
}

/** Calendar months added; a day past the end of the new month becomes its last day. */
export function addMonths(time: bigint, months: bigint): bigint {
  const { year, month, day } = civilDate(time);
  const index = BigInt(year) * 12n + BigInt(month - 1) + months;
  // Beyond these years nothing fits int64 nanoseconds; the number arithmetic must stay exact.
  if (index > 12_000_000n || index < -12_000_000n) return index > 0n ? beyond : -beyond;
  const total = Number(index);
  const newYear = Math.floor(total / 12);
  const newMonth = total - newYear * 12 + 1;
  const newDay = Math.min(day, daysInMonth(newYear, newMonth));
  const days = BigInt(daysFromCivil(newYear, newMonth, newDay));
  return days * nanosecondsPerDay + timeOfDay(time);
}

const beyond = 2n ** 63n - 1n;

/**
 * Time plus duration: calendar months first (clamped to the month's end), then nanoseconds. Wraps
 * at 64 bits as all integer arithmetic of scripts does.
 */
export function addDuration(time: bigint, duration: Duration): bigint {
  const { months, nanoseconds, negative } = duration;
  const moved = months > 0n ? addMonths(time, negative ? -months : months) : time;
  return wrapInt(negative ? moved - nanoseconds : moved + nanoseconds);
}
