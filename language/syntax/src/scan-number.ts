import { isDigit } from "./character.ts";

/** Where the duration ends whose first digits end at `digitsEnd`; 0 when no unit follows them. */
export function durationEnd(text: string, digitsEnd: number): number {
  let best = 0;
  let at = digitsEnd;
  for (;;) {
    const unit = unitEnd(text, at);
    if (unit === at) return best;
    best = unit;
    at = unit;
    while (isDigit(text.charCodeAt(at))) at += 1;
    if (at === unit) return best;
  }
}

/** Where the unit at `at` ends, the longest that fits; `at` itself when there is none. */
function unitEnd(text: string, at: number): number {
  const second = text.charCodeAt(at + 1);
  switch (text.charCodeAt(at)) {
    case 109: // m, mo, ms
      return second === 111 || second === 115 ? at + 2 : at + 1;
    case 110: // ns
    case 117: // us
    case 181: // µs
      return second === 115 ? at + 2 : at;
    case 100: // d
    case 104: // h
    case 115: // s
    case 119: // w
    case 121: // y
      return at + 1;
    default:
      return at;
  }
}

/** Where the date or time ends whose year's four digits end at `yearEnd`; 0 when there is none. */
export function dateTimeEnd(text: string, yearEnd: number): number {
  if (!fits(text, yearEnd, "-dd-dd")) return 0;
  const date = yearEnd + 6;
  if (!fits(text, date, "Tdd:dd:dd")) return date;
  let time = date + 9;
  if (text.charCodeAt(time) === 46) {
    time += 1;
    while (isDigit(text.charCodeAt(time))) time += 1;
  }
  if (fits(text, time, "Z")) return time + 1;
  if (fits(text, time, "+dd:dd") || fits(text, time, "-dd:dd")) return time + 6;
  return time;
}

/** `d` stands for a digit, anything else for itself. */
function fits(text: string, at: number, pattern: string): boolean {
  for (let index = 0; index < pattern.length; index += 1) {
    const code = text.charCodeAt(at + index);
    if (pattern[index] === "d" ? !isDigit(code) : code !== pattern.charCodeAt(index)) return false;
  }
  return true;
}
