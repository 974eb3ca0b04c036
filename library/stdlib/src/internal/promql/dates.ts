import { civilDate, clockTime, dayOf, daysInMonth, floatToInt, weekDay } from "@tocsin/data/value";
import { scalar } from "@tocsin/engine/interpret";

function part(name: string, read: (time: bigint) => number, docs: string) {
  return scalar({
    name,
    type: "(timestamp: float) => float",
    docs: `${docs} of a time in seconds since 1970, in UTC.`,
    parameters: { timestamp: "float" },
    result: "float",
    apply: (timestamp: number) => read(floatToInt(timestamp * 1e9)),
  });
}

export const dateFunctions = [
  part("promqlDayOfMonth", (time) => civilDate(time).day, "The day of the month"),
  part("promqlDayOfWeek", (time) => weekDay(dayOf(time)), "The day of the week, 0 for Sunday,"),
  part(
    "promqlDaysInMonth",
    (time) => {
      const { year, month } = civilDate(time);
      return daysInMonth(year, month);
    },
    "The number of days in the month",
  ),
  part("promqlHour", (time) => clockTime(time).hour, "The hour"),
  part("promqlMinute", (time) => clockTime(time).minute, "The minute"),
  part("promqlMonth", (time) => civilDate(time).month, "The month"),
  part("promqlYear", (time) => civilDate(time).year, "The year"),
];
