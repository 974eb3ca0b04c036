import { int } from "@tocsin/data/value";
import { constant } from "@tocsin/engine/interpret";

const days = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const months = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
];

const named = (name: string, value: number, docs: string) =>
  constant({ name, type: "int", docs, value: int(BigInt(value)) });

/** The numbers that `weekDay` and `month` give. */
export const names = [
  ...days.map((day, i) => named(day, i, `${day} as \`weekDay\` gives it.`)),
  ...months.map((month, i) => named(month, i + 1, `${month} as \`month\` gives it.`)),
];
