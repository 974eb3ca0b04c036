import { definePackage } from "@tocsin/engine/interpret";
import { api } from "./api.ts";

export const packageDefinition = definePackage({
  path: "experimental/influxdb",
  docs: "The HTTP API of InfluxDB servers.",
  members: [api],
});
