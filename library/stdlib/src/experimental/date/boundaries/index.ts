import { type Definition, definePackage, flux } from "@tocsin/engine/interpret";

const RECORD = "{start: time, stop: time}";
const days = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];

const sample = (call: string): string => `import "array"
import "experimental/date/boundaries"
array.from(rows: [boundaries.${call}])`;

/** The last day of this name before today; a week ago when today is one. */
function weekday(name: string, number: number): Definition {
  const title = name[0].toUpperCase() + name.slice(1);
  return flux({
    name,
    type: `() => ${RECORD}`,
    docs: `The last ${title} before today: its midnight and the next, for \`range\`.`,
    example: sample(`${name}()`),
    source: `() => {
    back = (date.weekDay(t: today()) - ${number} + 6) % 7 + 1
    start = date.sub(d: date.scale(d: 1d, n: back), from: today())

    return {start: start, stop: date.add(d: 1d, to: start)}
}`,
  });
}

const yesterday = flux({
  name: "yesterday",
  type: `() => ${RECORD}`,
  docs: "Yesterday: its midnight and today's, for `range`.",
  example: sample("yesterday()"),
  source: "() => ({start: date.sub(d: 1d, from: today()), stop: today()})",
});

const month = flux({
  name: "month",
  type: `(?month_offset: int) => ${RECORD}`,
  docs: "The present month, or one `month_offset` months later: its start and the next one's, for `range`.",
  example: sample("month(month_offset: -1)"),
  source: `(month_offset=0) => {
    present = date.truncate(t: today(), unit: 1mo)
    start = date.add(d: date.scale(d: 1mo, n: month_offset), to: present)

    return {start: start, stop: date.add(d: 1mo, to: start)}
}`,
});

const week = flux({
  name: "week",
  type: `(?week_offset: int, ?start_sunday: bool) => ${RECORD}`,
  docs:
    "The present week, or one `week_offset` weeks later: its start and the next one's, for `range`. Weeks begin " +
    "on Monday, with `start_sunday: true` on Sunday.",
  example: sample("week(week_offset: -1)"),
  source: `(week_offset=0, start_sunday=false) => {
    first = if start_sunday then 0 else 1
    since = (date.weekDay(t: today()) - first + 7) % 7
    present = date.sub(d: date.scale(d: 1d, n: since), from: today())
    start = date.add(d: date.scale(d: 1w, n: week_offset), to: present)

    return {start: start, stop: date.add(d: 1w, to: start)}
}`,
});

export const boundaries = [...days.map(weekday), month, week, yesterday];

export const packageDefinition = definePackage({
  path: "experimental/date/boundaries",
  docs: "Starts and ends of days, weeks and months around today.",
  imports: ["date"],
  members: boundaries,
});
