import { definePackage } from "@tocsin/engine/interpret";
import { from } from "./from.ts";

export const packageDefinition = definePackage({
  path: "influxdata/influxdb",
  docs: "Reads and writes buckets.",
  members: [from],
});
