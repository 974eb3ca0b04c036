import { definePackage, flux } from "@tocsin/engine/interpret";
import { listings } from "../schema/keys-and-values.ts";
import { databases } from "./databases.ts";
import { json } from "./json.ts";

const fieldsAsCols = flux({
  name: "fieldsAsCols",
  type: "(<-tables: stream[A]) => stream[B] where A: Record, B: Record",
  docs: "The same as `schema.fieldsAsCols`.",
  source: "schema.fieldsAsCols",
});

export const packageDefinition = definePackage({
  path: "influxdata/influxdb/v1",
  docs: "Answers of InfluxDB 1, and the names that its scripts use for what is in `influxdata/influxdb/schema`.",
  imports: ["influxdata/influxdb/schema"],
  members: [
    json,
    databases,
    fieldsAsCols,
    ...listings.map(({ name, type }) =>
      flux({ name, type, docs: `The same as \`schema.${name}\`.`, source: `schema.${name}` }),
    ),
  ],
});
