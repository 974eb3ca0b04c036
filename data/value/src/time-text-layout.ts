import { daysFromCivil, daysInMonth, isLeapYear, nanosecondsPerDay } from "./calendar.ts";
import { int64Max, int64Min } from "./int64.ts";
import { layoutTokens, type Token } from "./time-text-token.ts";
import type { TimeFault } from "./time-text.ts";

/**
 * Reads text by a layout that writes out the reference time Mon Jan 2 15:04:05 MST 2006, the
 * notation of `dateTime:<layout>` columns. Int64 nanoseconds since the epoch; without a zone the
 * text is UTC, and so it is with a zone's abbreviation (`EST`, also `GMT+3`), as upstream reads it
 * on a server that runs in UTC: only numeric offsets count.
 */
export function parseTimeLayout(layout: string, text: string): bigint | TimeFault {
  const state = new Fields(text);
  const tokens = layoutTokens(layout);
  for (let i = 0; i < tokens.length; i++) {
    const fault = readToken(state, tokens[i], tokens[i + 1]);
    if (fault !== undefined) return { reason: fault };
  }
  if (state.rest !== "") return { reason: `there is extra text "${state.rest}" after the time` };
  return state.instant();
}

/** What has been read so far, and the text that is left. */
class Fields {
  rest: string;
  year = 0;
  month = -1;
  day = -1;
  yearDay = -1;
  hour = 0;
  minute = 0;
  second = 0;
  nanosecond = 0;
  afternoon: boolean | undefined;
  offsetSeconds = 0;

  constructor(text: string) {
    this.rest = text;
  }

  take(length: number): string {
    const taken = this.rest.slice(0, length);
    this.rest = this.rest.slice(length);
    return taken;
  }

  /** One or two digits (exactly two when fixed), or -1. */
  number2(fixed: boolean): number {
    if (!isDigit(this.rest, 0)) return -1;
    if (isDigit(this.rest, 1)) return Number(this.take(2));
    return fixed ? -1 : Number(this.take(1));
  }

  /** One to three digits (exactly three when fixed), or -1. */
  number3(fixed: boolean): number {
    let length = 0;
    while (length < 3 && isDigit(this.rest, length)) length++;
    if (length === 0 || (fixed && length !== 3)) return -1;
    return Number(this.take(length));
  }

  instant(): bigint | TimeFault {
    if (this.afternoon === true && this.hour < 12) this.hour += 12;
    else if (this.afternoon === false && this.hour === 12) this.hour = 0;
    const fault = this.yearDay >= 0 ? this.resolveYearDay() : undefined;
    if (fault !== undefined) return { reason: fault };
    const month = this.month < 0 ? 1 : this.month;
    const day = this.day < 0 ? 1 : this.day;
    if (day < 1 || day > daysInMonth(this.year, month))
      return { reason: "the day is out of range" };
    const seconds = (this.hour * 60 + this.minute) * 60 + this.second - this.offsetSeconds;
    const days = BigInt(daysFromCivil(this.year, month, day));
    const time =
      days * nanosecondsPerDay + BigInt(seconds) * 1_000_000_000n + BigInt(this.nanosecond);
    if (time < int64Min || time > int64Max) {
      return {
        reason: "it is outside 1677-09-21 to 2262-04-11, the times that nanoseconds can hold",
      };
    }
    return time;
  }

  resolveYearDay(): string | undefined {
    const length = isLeapYear(this.year) ? 366 : 365;
    if (this.yearDay < 1 || this.yearDay > length) return "the day of the year is out of range";
    let month = 1;
    let day = this.yearDay;
    for (; day > daysInMonth(this.year, month); month++) day -= daysInMonth(this.year, month);
    if (this.month >= 0 && this.month !== month) return "the day of the year is in another month";
    if (this.day >= 0 && this.day !== day) return "the day of the year is another day";
    this.month = month;
    this.day = day;
    return undefined;
  }
}

type Reader = (fields: Fields, token: Token, next: Token | undefined) => string | undefined;

function readToken(fields: Fields, token: Token, next: Token | undefined): string | undefined {
  const before = fields.rest;
  const fault = readers[token.kind](fields, token, next);
  return fault === undefined ? undefined : `expected ${fault} at "${before}"`;
}

const readers: Record<Token["kind"], Reader> = {
  literal: (fields, { text }) => (skipLiteral(fields, text) ? undefined : `"${text}"`),
  year: readYear,
  shortYear: readShortYear,
  monthName: (fields, { text }) => readMonthName(fields, text),
  weekDayName: (fields, { text }) => readWeekDay(fields, text),
  month: (fields, { text }) => {
    fields.month = fields.number2(text === "01");
    return fields.month < 1 || fields.month > 12 ? "a month from 01 to 12" : undefined;
  },
  day: readDay,
  yearDay: readYearDay,
  hour: (fields) => {
    fields.hour = fields.number2(false);
    return fields.hour < 0 || fields.hour >= 24 ? "an hour from 00 to 23" : undefined;
  },
  hour12: (fields, { text }) => {
    fields.hour = fields.number2(text === "03");
    return fields.hour < 0 || fields.hour > 12 ? "an hour from 0 to 12" : undefined;
  },
  minute: (fields, { text }) => {
    fields.minute = fields.number2(text === "04");
    return fields.minute < 0 || fields.minute >= 60 ? "a minute from 00 to 59" : undefined;
  },
  second: readSecond,
  half: readHalf,
  zoneName: readZoneName,
  zoneOffset: readZoneOffset,
  fractionFixed: (fields, { text }) => readFraction(fields, text.length),
  fractionOpen: (fields) => readFraction(fields, fractionLength(fields.rest)),
};

/** A run of spaces in the layout matches a run of spaces, also an empty one at the text's end. */
function skipLiteral(fields: Fields, literal: string): boolean {
  let pattern = literal;
  while (pattern !== "") {
    if (pattern[0] === " ") {
      if (fields.rest !== "" && fields.rest[0] !== " ") return false;
      pattern = pattern.replace(/^ +/, "");
      fields.rest = fields.rest.replace(/^ +/, "");
    } else {
      if (fields.rest[0] !== pattern[0]) return false;
      pattern = pattern.slice(1);
      fields.rest = fields.rest.slice(1);
    }
  }
  return true;
}

function readYear(fields: Fields): string | undefined {
  if (!/^[0-9]{4}/.test(fields.rest)) return "a year of four digits";
  fields.year = Number(fields.take(4));
  return undefined;
}

function readShortYear(fields: Fields): string | undefined {
  if (!/^[0-9]{2}/.test(fields.rest)) return "a year of two digits";
  const year = Number(fields.take(2));
  fields.year = year >= 69 ? 1900 + year : 2000 + year;
  return undefined;
}

const monthNames =
  "January February March April May June July August September October November December".split(
    " ",
  );
const weekDayNames = "Sunday Monday Tuesday Wednesday Thursday Friday Saturday".split(" ");

function readMonthName(fields: Fields, token: string): string | undefined {
  fields.month = readName(fields, token === "Jan" ? monthNames.map(short) : monthNames) + 1;
  return fields.month < 1 ? "the name of a month" : undefined;
}

function readWeekDay(fields: Fields, token: string): string | undefined {
  const names = token === "Mon" ? weekDayNames.map(short) : weekDayNames;
  return readName(fields, names) < 0 ? "the name of a day" : undefined;
}

function short(name: string): string {
  return name.slice(0, 3);
}

function readName(fields: Fields, names: readonly string[]): number {
  const rest = fields.rest.toLowerCase();
  const found = names.findIndex((name) => rest.startsWith(name.toLowerCase()));
  if (found >= 0) fields.take(names[found].length);
  return found;
}

function readDay(fields: Fields, { text }: Token): string | undefined {
  if (text === "_2" && fields.rest.startsWith(" ")) fields.take(1);
  fields.day = fields.number2(text === "02");
  return fields.day < 0 ? "a day of the month" : undefined;
}

function readYearDay(fields: Fields, { text }: Token): string | undefined {
  for (let i = 0; i < 2 && text === "__2" && fields.rest.startsWith(" "); i++) fields.take(1);
  fields.yearDay = fields.number3(text === "002");
  return fields.yearDay < 0 ? "a day of the year" : undefined;
}

function readSecond(fields: Fields, { text }: Token, next: Token | undefined): string | undefined {
  fields.second = fields.number2(text === "05");
  if (fields.second < 0 || fields.second >= 60) return "a second from 00 to 59";
  // A fraction is read also where the layout has none.
  const inLayout = next?.kind === "fractionFixed" || next?.kind === "fractionOpen";
  return inLayout ? undefined : readFraction(fields, fractionLength(fields.rest));
}

/** The length of a point (or comma) and the digits after it; 0 without any. */
function fractionLength(rest: string): number {
  return /^[.,][0-9]+/.exec(rest)?.[0].length ?? 0;
}

function readFraction(fields: Fields, length: number): string | undefined {
  if (length === 0) return undefined;
  const text = fields.take(length);
  const usable = text.slice(0, 10);
  if (text.length < length || !/^[.,][0-9]+$/.test(usable)) return "a fraction of a second";
  fields.nanosecond = Number(usable.slice(1).padEnd(9, "0"));
  return undefined;
}

function readHalf(fields: Fields, { text }: Token): string | undefined {
  const half = fields.take(2);
  const [am, pm] = text === "PM" ? ["AM", "PM"] : ["am", "pm"];
  if (half !== am && half !== pm) return `${am} or ${pm}`;
  fields.afternoon = half === pm;
  return undefined;
}

const zonePattern = new RegExp(
  [
    /^UTC/,
    /^(?:ChST|MeST)/,
    /^GMT(?:[+-]0*(?:1?[0-9]|2[0-3])(?![0-9]))?/,
    /^[+-]0*(?:1?[0-9]|2[0-3])(?![0-9])/,
    /^(?:WITA|[A-Z]{4}T|[A-Z]{3}T|[A-Z]{3})(?![A-Z])/,
  ]
    .map(({ source }) => source)
    .join("|"),
);

function readZoneName(fields: Fields): string | undefined {
  const zone = zonePattern.exec(fields.rest)?.[0];
  if (zone === undefined) return "a time zone";
  fields.take(zone.length);
  return undefined;
}

const offsetPatterns: ReadonlyMap<string, RegExp> = new Map([
  ["07", /^([+-])([0-9]{2})/],
  ["0700", /^([+-])([0-9]{2})([0-9]{2})/],
  ["070000", /^([+-])([0-9]{2})([0-9]{2})([0-9]{2})/],
  ["07:00", /^([+-])([0-9]{2}):([0-9]{2})/],
  ["07:00:00", /^([+-])([0-9]{2}):([0-9]{2}):([0-9]{2})/],
]);

function readZoneOffset(fields: Fields, { text }: Token): string | undefined {
  if (text.startsWith("Z") && fields.rest.startsWith("Z")) {
    fields.take(1);
    return undefined;
  }
  const match = offsetPatterns.get(text.slice(1))?.exec(fields.rest);
  const wanted = text.startsWith("Z") ? `"Z" or an offset such as +${text.slice(1)}` : "an offset";
  if (match === null || match === undefined) return wanted;
  const [whole, sign, hours, minutes = "0", seconds = "0"] = match;
  if (Number(hours) > 24 || Number(minutes) > 60 || Number(seconds) > 60) return wanted;
  fields.take(whole.length);
  const size = (Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds);
  fields.offsetSeconds = sign === "-" ? -size : size;
  return undefined;
}

function isDigit(text: string, at: number): boolean {
  const unit = text.charCodeAt(at);
  return unit >= 0x30 && unit <= 0x39;
}
