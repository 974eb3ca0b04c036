import { definePackage, flux } from "@tocsin/engine/interpret";
import { listings } from "./keys-and-values.ts";

const from = flux({
  name: "_from",
  type: `(
    ?bucket: string, ?bucketID: string, ?host: string, ?org: string, ?orgID: string, ?token: string,
  ) => stream[{A with _measurement: string, _field: string, _time: time, _value: B}]`,
  docs: "Where the package reads from. Tests set it.",
  option: true,
  source: "(bucket) => influxdb.from(bucket: bucket)",
});

const startDefault = flux({
  name: "_startDefault",
  type: "duration",
  docs: "How far back the listings look.",
  source: "-30d",
});

const stopDefault = flux({
  name: "_stopDefault",
  type: "time",
  docs: "Until when the listings look.",
  source: "now()",
});

const fieldsAsCols = flux({
  name: "fieldsAsCols",
  type: "(<-tables: stream[A]) => stream[B] where A: Record, B: Record",
  docs: "Makes each field a column: rows of one time in one table become one row.",
  source: `(tables=<-) => tables |> pivot(rowKey: ["_time"], columnKey: ["_field"], valueColumn: "_value")`,
});

export const packageDefinition = definePackage({
  path: "influxdata/influxdb/schema",
  docs: "What measurements, tags and fields a bucket has.",
  imports: ["influxdata/influxdb"],
  members: [fieldsAsCols, from, startDefault, stopDefault, ...listings],
});
