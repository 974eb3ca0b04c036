import { flux, native } from "@tocsin/engine/interpret";
import { truncateIn } from "../date/changes.ts";

/** `date` cannot be imported here: it is built on this package. */
export const startOfUnit = native({ ...truncateIn, name: "_startOfUnit" });

export const today = flux({
  name: "today",
  type: "() => time",
  docs: "Midnight of the day of `now()`, on the wall clock of the option `location`.",
  example: `import "array"
array.from(rows: [{_time: today()}])`,
  source: "() => _startOfUnit(t: now(), unit: 1d, location: location)",
});
