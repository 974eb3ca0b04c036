import { duration, record, string, zeroDuration } from "@tocsin/data/value";
import { definePackage, flux, native } from "@tocsin/engine/interpret";
import { wallClockOf } from "../date/clock.ts";

const location = native({
  name: "location",
  type: "(name: string) => {zone: string, offset: duration}",
  docs:
    "The location of a time zone by its IANA name, such as `Europe/Berlin`. Assign it to the option `location` " +
    "or give it to functions that take one.",
  example: `import "array"
import "timezone"
array.from(rows: [{zone: timezone.location(name: "UTC").zone}])`,
  call: (args) => {
    const made = record({ zone: string(args.string("name")), offset: duration(zeroDuration) });
    wallClockOf(made);
    return made;
  },
});

const fixed = flux({
  name: "fixed",
  type: "(offset: A) => {zone: string, offset: A}",
  docs: "The location whose clock is always `offset` ahead of UTC.",
  example: `import "array"
import "date"
import "timezone"
array.from(rows: [
    {hour: date.hour(t: 2024-05-06T07:00:00Z, location: timezone.fixed(offset: -8h))},
])`,
  source: "(offset) => ({zone: utc.zone, offset: offset})",
});

const utc = flux({
  name: "utc",
  type: "{zone: string, offset: duration}",
  docs: "The location of UTC.",
  source: `{zone: "UTC", offset: 0h}`,
});

export const packageDefinition = definePackage({
  path: "timezone",
  docs: "Locations: which wall clock windows and dates follow.",
  members: [fixed, location, utc],
});
