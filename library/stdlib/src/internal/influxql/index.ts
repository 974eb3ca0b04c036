import { int64Max, time } from "@tocsin/data/value";
import { constant, definePackage } from "@tocsin/engine/interpret";

const moment = (name: string, value: bigint, docs: string) =>
  constant({ name, type: "time", docs, value: time(value) });

export const packageDefinition = definePackage({
  path: "internal/influxql",
  docs: "The bounds of time as InfluxQL has them; for testcases.",
  members: [
    moment("epoch", 0n, "1970."),
    moment("maxTime", int64Max - 1n, "The last time."),
    moment("minTime", -int64Max + 1n, "The first time."),
  ],
});
