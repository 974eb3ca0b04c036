/** What is wrong with a date, and what may be put behind it to mend it. */
type DateProblem = {
  readonly message: string;
  readonly hint?: string;
  readonly insert?: string;
};

const shape =
  /^(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d):(\d\d)(?:\.(\d*))?(?:Z|([+-])(\d\d):(\d\d))?)?$/;

const nanosecondsPerSecond = 1_000_000_000n;

/**
 * Nanoseconds since 1970 of a date or time as the scanner cuts them out, or what is wrong with it.
 * A leap second is the first of the next minute, as in Go; digits beyond nanoseconds are dropped.
 */
export function parseDateTime(text: string): bigint | DateProblem {
  const match = shape.exec(text);
  if (!match) return { message: `\`${text}\` is neither a date nor a time` };
  const [year, month, day, hour, minute, second] = match
    .slice(1, 7)
    .map((part) => Number(part ?? 0));
  if (month < 1 || month > 12) return { message: `there is no month ${match[2]}` };
  const days = daysInMonth(year, month);
  if (day < 1 || day > days) {
    return { message: `there is no day ${match[3]} in ${match[1]}-${match[2]}` };
  }
  if (hour > 23) return { message: `there is no hour ${match[4]}`, hint: "hours go from 00 to 23" };
  if (minute > 59) return { message: `there is no minute ${match[5]}` };
  if (second > 60) return { message: `there is no second ${match[6]}` };
  if (match[7] === "") return { message: "a fraction of a second needs digits after the point" };
  if (text.includes("T") && !/(?:Z|[+-]\d\d:\d\d)$/.test(text)) {
    return {
      message: "this time has no offset from UTC",
      hint: "put `Z` (UTC) or an offset like `+02:00` behind it",
    };
  }
  const [offsetHour, offsetMinute] = [Number(match[9] ?? 0), Number(match[10] ?? 0)];
  if (offsetHour > 23 || offsetMinute > 59) return { message: "this offset from UTC is too large" };
  const offset = (offsetHour * 60 + offsetMinute) * (match[8] === "-" ? -60 : 60);
  const seconds = daysSinceEpoch(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second;
  const fraction = BigInt((match[7] ?? "").slice(0, 9).padEnd(9, "0"));
  return inRange(BigInt(seconds - offset) * nanosecondsPerSecond + fraction);
}

function inRange(nanoseconds: bigint): bigint | DateProblem {
  if (BigInt.asIntN(64, nanoseconds) === nanoseconds) return nanoseconds;
  return {
    message: "this time is out of range",
    hint: "times go from 1677-09-21 to 2262-04-11, in nanoseconds of 64 bits",
  };
}

function daysInMonth(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}

/** Of the proleptic Gregorian calendar: years counted from March, so that leap days come last. */
function daysSinceEpoch(year: number, month: number, day: number): number {
  const shifted = month <= 2 ? year - 1 : year;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra =
    yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}
