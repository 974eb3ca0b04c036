import {
  type Duration,
  FluxError,
  formatDuration,
  invalid,
  kindName,
  nullOf,
  parseDuration,
  string,
} from "@tocsin/data/value";
import { type Definition, definePackage, native } from "@tocsin/engine/interpret";

const units: Readonly<Record<string, string>> = {
  ns: "nanoseconds",
  us: "microseconds",
  ms: "milliseconds",
  s: "seconds",
  m: "minutes",
  h: "hours",
  d: "days",
  w: "weeks",
  mo: "months",
  y: "years",
};

/** Each part has the sign: "-1 hours -30 minutes". */
function intervalText(duration: Duration): string {
  const sign = duration.negative ? "-" : "";
  return Array.from(
    formatDuration(duration).matchAll(/(\d+)([a-z]+)/gu),
    ([, count, unit]) => `${sign}${count} ${units[unit]}`,
  ).join(" ");
}

const sqlInterval = native({
  name: "sqlInterval",
  type: "(d: A) => string",
  docs: "A duration, or the text of one, as SQL writes it after `INTERVAL`.",
  example: `import "array"
import "experimental/iox"
array.from(rows: [{sql: "time > now() - INTERVAL '\${iox.sqlInterval(d: 1d12h)}'"}])`,
  call: (args) => {
    const value = args.value("d");
    if (value.kind === "null") return nullOf("string");
    const duration =
      value.kind === "duration"
        ? value.value
        : value.kind === "string"
          ? parseDuration(value.value)
          : undefined;
    if (duration !== undefined) return string(intervalText(duration));
    const found = value.kind === "string" ? `"${value.value}"` : kindName(value);
    throw invalid(`${args.function}: d should be a duration, but is ${found}`);
  },
});

/** What only InfluxDB's own storage of version 3 can answer. */
function absent(name: string, type: string, docs: string, instead: string): Definition {
  return native({
    name,
    type,
    docs: `${docs} Not here: calling it is an error.`,
    call: (args) => {
      throw new FluxError(
        "unimplemented",
        `${args.function} asks the storage of InfluxDB 3, which Tocsin does not do`,
        { hint: instead },
      );
    },
  });
}

export const packageDefinition = definePackage({
  path: "experimental/iox",
  docs: "What scripts for InfluxDB 3's storage use.",
  members: [
    absent(
      "from",
      "(bucket: string, measurement: string) => stream[{A with _time: time}] where A: Record",
      "Reads a measurement, fields as columns.",
      'from(bucket: "b") |> range(start: -1h) |> filter(fn: (r) => r._measurement == "m") |> ' +
        "schema.fieldsAsCols() gives the same rows",
    ),
    absent(
      "sql",
      "(bucket: string, query: string) => stream[A] where A: Record",
      "Asks a bucket in SQL.",
      "read the bucket with from(bucket: …)",
    ),
    sqlInterval,
  ],
});
