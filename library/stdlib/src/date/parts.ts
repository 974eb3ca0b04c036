import {
  civilDate,
  clockTime,
  dayOf,
  int,
  isoWeek,
  nullOf,
  quarter,
  weekDay,
  yearDay,
} from "@tocsin/data/value";
import { type Definition, flux, native } from "@tocsin/engine/interpret";
import { wallClockOf } from "./clock.ts";
import { instantOf } from "./instant.ts";

const sample = (call: string): string => `import "array"
import "date"
array.from(rows: [{_value: date.${call}}])`;

/** A part of the time that the wall clock shows: the member, and the native that knows the location. */
function part(name: string, read: (wall: bigint) => number, docs: string): Definition[] {
  return [
    flux({
      name,
      type: `(t: T, ?location: {zone: string, offset: duration}) => int where T: Timeable`,
      docs: `${docs} \`t\` is a time, or a duration from now. \`location\` defaults to the option of that name.`,
      example: sample(`${name}(t: 2024-05-06T07:08:09Z)`),
      source: `(t, location=location) => _${name}(t: t, location: location)`,
    }),
    native({
      name: `_${name}`,
      type: "(t: T, location: {zone: string, offset: duration}) => int where T: Timeable",
      docs: `\`${name}\` with a location that must be given.`,
      call: (args, run) => {
        const t = instantOf(args, run, "t");
        if (t === undefined) return nullOf("int");
        const { reading } = wallClockOf(args.record("location"));
        return int(BigInt(read(reading(t))));
      },
    }),
  ];
}

/** A part of a second or minute, which is the same in all locations. */
function fraction(name: string, read: (t: bigint) => number, docs: string): Definition {
  return native({
    name,
    type: "(t: T) => int where T: Timeable",
    docs: `${docs} \`t\` is a time, or a duration from now.`,
    example: sample(`${name}(t: 2024-05-06T07:08:09.123456789Z)`),
    call: (args, run) => {
      const t = instantOf(args, run, "t");
      return t === undefined ? nullOf("int") : int(BigInt(read(t)));
    },
  });
}

const date = (wall: bigint) => civilDate(wall);

export const parts: readonly Definition[] = [
  ...part("minute", (wall) => clockTime(wall).minute, "The minute, 0 to 59."),
  ...part("hour", (wall) => clockTime(wall).hour, "The hour, 0 to 23."),
  ...part("weekDay", (wall) => weekDay(dayOf(wall)), "The day of the week, 0 (Sunday) to 6."),
  ...part("monthDay", (wall) => date(wall).day, "The day of the month, 1 to 31."),
  ...part("yearDay", (wall) => yearDay(dayOf(wall)), "The day of the year, 1 to 366."),
  ...part("month", (wall) => date(wall).month, "The month, 1 to 12."),
  ...part("year", (wall) => date(wall).year, "The year."),
  ...part("week", (wall) => isoWeek(dayOf(wall)), "The week of ISO 8601, 1 to 53."),
  ...part("quarter", (wall) => quarter(date(wall).month), "The quarter of the year, 1 to 4."),
  fraction("second", (t) => clockTime(t).second, "The second, 0 to 59."),
  fraction(
    "millisecond",
    (t) => Math.floor(clockTime(t).nanosecond / 1e6),
    "The whole milliseconds of the second, 0 to 999.",
  ),
  fraction(
    "microsecond",
    (t) => Math.floor(clockTime(t).nanosecond / 1e3),
    "The whole microseconds of the second, 0 to 999999.",
  ),
  fraction(
    "nanosecond",
    (t) => clockTime(t).nanosecond,
    "The nanoseconds of the second, 0 to 999999999.",
  ),
];
