import { definePackage, flux } from "@tocsin/engine/interpret";
import { listings } from "../schema/keys-and-values.ts";

const fieldsAsCols = flux({
  name: "fieldsAsCols",
  type: "(<-tables: stream[A]) => stream[B] where A: Record, B: Record",
  docs: "The same as `schema.fieldsAsCols`.",
  source: "schema.fieldsAsCols",
});

export const packageDefinition = definePackage({
  path: "influxdata/influxdb/v1",
  docs: "Names that scripts for InfluxDB 1 use; all of them are those of `influxdata/influxdb/schema`.",
  imports: ["influxdata/influxdb/schema"],
  members: [
    fieldsAsCols,
    ...listings.map(({ name, type }) =>
      flux({ name, type, docs: `The same as \`schema.${name}\`.`, source: `schema.${name}` }),
    ),
  ],
});
