import { civilDate, clockTime } from "./calendar.ts";
import { parseTimeLayout } from "./time-text-layout.ts";

/** Why text is not a time, as a sentence about the text. */
export type TimeFault = { readonly reason: string };

/** int64 nanoseconds as `string(v:)` has them: nine digits of fraction, always UTC. */
export function formatTime9(time: bigint): string {
  return `${secondsText(time)}.${fraction(time)}Z`;
}

/** int64 nanoseconds as CSV and JSON have them (RFC 3339): zeros at the fraction's end are cut. */
export function formatTimeNano(time: bigint): string {
  const digits = fraction(time).replace(/0+$/, "");
  return digits === "" ? `${secondsText(time)}Z` : `${secondsText(time)}.${digits}Z`;
}

/**
 * `time(v: text)`: an RFC 3339 time with `Z` or an offset, or a date alone (midnight UTC), as int64
 * nanoseconds since the epoch. Years outside 1677–2262 do not fit and are a fault.
 */
export function parseTime(text: string): bigint | TimeFault {
  return parseTimeLayout(text.includes("T") ? rfc3339 : dateOnly, text);
}

/** The layout of RFC 3339 in the notation of `parseTimeLayout`. */
export const rfc3339 = "2006-01-02T15:04:05.999999999Z07:00";
const dateOnly = "2006-01-02";

function secondsText(time: bigint): string {
  const { year, month, day } = civilDate(time);
  const { hour, minute, second } = clockTime(time);
  return `${year}-${two(month)}-${two(day)}T${two(hour)}:${two(minute)}:${two(second)}`;
}

function fraction(time: bigint): string {
  return `${clockTime(time).nanosecond}`.padStart(9, "0");
}

function two(value: number): string {
  return value < 10 ? `0${value}` : `${value}`;
}
