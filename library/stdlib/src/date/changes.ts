import { duration, negateDuration, nullOf, scaleDuration, time } from "@tocsin/data/value";
import { flux, native } from "@tocsin/engine/interpret";
import { wallClockOf } from "./clock.ts";
import { instantOf } from "./instant.ts";

const LOCATION = "{zone: string, offset: duration}";
const sample = (call: string): string => `import "array"
import "date"
array.from(rows: [{_time: date.${call}}])`;

const timeIn = native({
  name: "_time",
  type: `(t: T, location: ${LOCATION}) => time where T: Timeable`,
  docs: "`time` with a location that must be given.",
  call: (args, run) => {
    const t = instantOf(args, run, "t");
    if (t === undefined) return nullOf("time");
    return time(wallClockOf(args.record("location")).reading(t));
  },
});

const moved = (name: "_add" | "_sub", from: "to" | "from") =>
  native({
    name,
    type:
      name === "_add"
        ? `(d: duration, to: T, location: ${LOCATION}) => time where T: Timeable`
        : `(from: T, d: duration, location: ${LOCATION}) => time where T: Timeable`,
    docs: `\`${name.slice(1)}\` with a location that must be given.`,
    call: (args, run) => {
      const t = instantOf(args, run, from);
      if (t === undefined || args.optional("d")?.kind === "null") return nullOf("time");
      const d = args.duration("d");
      const clock = wallClockOf(args.record("location"));
      return time(clock.later(t, name === "_add" ? d : negateDuration(d)));
    },
  });

/** The start of a unit; in `universe` the function `today` is made of it. */
export const truncateIn = native({
  name: "_truncate",
  type: `(t: T, unit: duration, location: ${LOCATION}) => time where T: Timeable`,
  docs: "`date.truncate` with a location that must be given.",
  call: (args, run) => {
    const t = instantOf(args, run, "t");
    if (t === undefined) return nullOf("time");
    return time(wallClockOf(args.record("location")).startOf(t, args.duration("unit")));
  },
});

export const changes = [
  flux({
    name: "time",
    type: `(t: T, ?location: ${LOCATION}) => time where T: Timeable`,
    docs:
      "What the wall clock of `location` shows at `t`, written as if it were UTC. `t` is a time, or a duration " +
      "from now.",
    example: sample("time(t: 2024-05-06T07:08:09Z)"),
    source: "(t, location=location) => _time(t: t, location: location)",
  }),
  timeIn,
  flux({
    name: "add",
    type: `(d: duration, to: T, ?location: ${LOCATION}) => time where T: Timeable`,
    docs:
      "The time `d` after `to` on the wall clock: months are calendar months, clamped to the last day, and a " +
      "day over a change of clocks has 23 or 25 hours.",
    example: sample("add(d: 1mo, to: 2024-01-31T00:00:00Z)"),
    source: "(d, to, location=location) => _add(d: d, to: to, location: location)",
  }),
  moved("_add", "to"),
  flux({
    name: "sub",
    type: `(d: duration, from: T, ?location: ${LOCATION}) => time where T: Timeable`,
    docs: "The time `d` before `from` on the wall clock; see `add`.",
    example: sample("sub(d: 1mo, from: 2024-03-31T00:00:00Z)"),
    source: "(d, from, location=location) => _sub(d: d, from: from, location: location)",
  }),
  moved("_sub", "from"),
  flux({
    name: "truncate",
    type: `(t: T, unit: duration, ?location: ${LOCATION}) => time where T: Timeable`,
    docs:
      "The start of the `unit` in which `t` lies: midnight for 1d, the first of the month for 1mo. Weeks begin " +
      "on Thursday, the day of the epoch.",
    example: sample("truncate(t: 2024-05-06T07:08:09Z, unit: 1h)"),
    source: "(t, unit, location=location) => _truncate(t: t, unit: unit, location: location)",
  }),
  truncateIn,
  native({
    name: "scale",
    type: "(d: duration, n: int) => duration",
    docs: "The duration `d` `n` times over.",
    example: sample("add(d: date.scale(d: 1h, n: 3), to: 2024-05-06T00:00:00Z)"),
    call: (args) => duration(scaleDuration(args.duration("d"), args.int("n"))),
  }),
];
