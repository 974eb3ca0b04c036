import { type Batch, cellOf, type ColumnSpec, indexOf } from "@tocsin/data/column";
import { FluxError } from "@tocsin/data/value";
import { operatorKind } from "@tocsin/engine/execute";
import { transformation } from "@tocsin/engine/interpret";
import { fieldOf, type FieldsOf, pointsOf, tagColumns } from "./point-columns.ts";
import { type Points, PointWriter } from "./point-writer.ts";
import { bucketParameters, writtenBucket } from "./written-bucket.ts";

/** Columns that are neither tags nor fields. */
const others: ReadonlySet<string> = new Set(["_start", "_stop", "_time", "_measurement"]);

/** Writes each row as a point with many fields, and passes it on. */
const wideToKind = operatorKind<{ readonly bucket: string }>(
  {
    name: "wideTo",
    rowwise: false,
    effect: true,
    describe: ({ bucket }) => `bucket ${bucket}`,
  },
  ({ bucket }, out, context) => new PointWriter(bucket, widePoints, out, context),
);

function widePoints(batch: Batch): Points {
  const { schema, columns } = batch;
  const keys = schema.filter(({ key, label }) => key && label !== "_start" && label !== "_stop");
  for (const spec of keys) checkKey(spec);
  if (!keys.some(({ label }) => label === "_measurement"))
    throw failed(`required column "_measurement" not in group key`);
  const time = indexOf(schema, "_time");
  if (time < 0) throw failed(`input table is missing required column "_time"`);
  if (schema[time].kind !== "time")
    throw failed(`column "_time" has type ${schema[time].kind}; type time is required`);
  const tags = keys.filter(({ label }) => !others.has(label)).map(({ label }) => label);
  return pointsOf(batch, {
    time: columns[time],
    measurement: columns[indexOf(schema, "_measurement")],
    tags: tagColumns(batch, tags),
    fields: wideFields(batch),
  });
}

function checkKey({ label, kind }: ColumnSpec): void {
  if (label === "_field")
    throw failed(`found column "_field" in the group key; wideTo() expects pivoted data`);
  if (kind !== "string")
    throw failed(`group key column "${label}" has type ${kind}; type string is required`);
}

const failed = (message: string): FluxError =>
  new FluxError("failed precondition", message, {
    hint:
      "wideTo and experimental.to want a column for each field, and the measurement and the tags as the group key: " +
      `pivot(rowKey: ["_time"], columnKey: ["_field"], valueColumn: "_value") makes that`,
  });

function wideFields({ schema, columns }: Batch): FieldsOf {
  const fields = schema
    .map((spec, at) => ({ ...spec, column: columns[at] }))
    .filter(({ key, label }) => !key && !others.has(label));
  return (row, table) =>
    fields.flatMap(({ label, kind, column }) => {
      const field = fieldOf(label, kind, cellOf(column, row, table), "text");
      return field === undefined ? [] : [field];
    });
}

export const wideTo = transformation({
  name: "wideTo",
  type: `(<-tables: stream[A], ${bucketParameters}) => stream[A] where A: Record`,
  docs:
    "Writes rows to a bucket, a point a row, and passes them on. The group key has the " +
    "measurement and the tags; all other columns but `_time`, `_start` and `_stop` are fields. " +
    "NaN and infinite values are not written, and times become text.",
  example: `import "array"
import "influxdata/influxdb"
array.from(rows: [{_time: 2026-01-01T00:00:00Z, _measurement: "cpu", host: "a", load: 0.5, temperature: 40}])
    |> group(columns: ["_measurement", "host"])
    |> influxdb.wideTo(bucket: "example-bucket")`,
  kind: wideToKind,
  spec: (args) => ({ bucket: writtenBucket(args) }),
});
