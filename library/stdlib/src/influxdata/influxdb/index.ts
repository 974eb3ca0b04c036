import { definePackage } from "@tocsin/engine/interpret";
import { buckets } from "./buckets.ts";
import { cardinality, seriesCount } from "./cardinality.ts";
import { from } from "./from.ts";
import { to } from "./to.ts";
import { wideTo } from "./wide-to.ts";

export const packageDefinition = definePackage({
  path: "influxdata/influxdb",
  docs: "Reads and writes buckets.",
  members: [buckets, cardinality, from, seriesCount, to, wideTo],
});
