import { wideTo } from "../influxdata/influxdb/wide-to.ts";

/** An older name of `influxdb.wideTo`; what `monitor` keeps statuses with. */
export const to = {
  ...wideTo,
  name: "to",
  docs: `The same as \`influxdb.wideTo\`. ${wideTo.docs}`,
  example: `import "array"
import "experimental"
array.from(rows: [{_time: 2026-01-01T00:00:00Z, _measurement: "cpu", host: "a", load: 0.5}])
    |> group(columns: ["_measurement", "host"])
    |> experimental.to(bucket: "example-bucket")`,
};
