import type { FieldKind, LinePoint } from "@tocsin/data/codec";
import {
  type Batch,
  cellOf,
  type Column,
  indexOf,
  type Schema,
  tableStart,
} from "@tocsin/data/column";
import { compareUtf8, invalid, type Raw } from "@tocsin/data/value";

/** Columns that define a point; all other columns of text are tags. */
const pointColumns: ReadonlySet<string> = new Set([
  "_start",
  "_stop",
  "_time",
  "_measurement",
  "_field",
  "_value",
]);

/** The rows of a batch of annotated CSV as points with one field each. Rows without a value are left out. */
export function* pointsOf(batch: Batch): Generator<LinePoint> {
  const parts = partsOf(batch.schema);
  const fixed = [parts.measurement, parts.field, ...parts.tags].every(
    (at) => batch.columns[at].form === "table",
  );
  for (let table = 0; table < batch.tableEnds.length; table++) {
    let series: ReturnType<typeof seriesAt> | undefined;
    for (let row = tableStart(batch, table); row < batch.tableEnds[table]; row++) {
      const time = cellOf(batch.columns[parts.time], row, table);
      const value = cellOf(batch.columns[parts.value], row, table);
      if (value === null) continue;
      if (time === null) throw invalid("a row has no _time");
      if (series === undefined || !fixed) series = seriesAt(batch, parts, row, table);
      const { measurement, field, tags } = series;
      yield { measurement, tags, fields: [[field, parts.kind, value]], time: time as bigint };
    }
  }
}

interface Parts {
  readonly time: number;
  readonly value: number;
  readonly kind: FieldKind;
  readonly measurement: number;
  readonly field: number;
  /** Sorted by label. */
  readonly tags: readonly number[];
}

function partsOf(schema: Schema): Parts {
  const find = (label: string): number => {
    const at = indexOf(schema, label);
    if (at >= 0) return at;
    const has = schema.map((spec) => spec.label).join(", ");
    throw invalid(
      `a table has no column ${label}: a bucket in CSV needs _time, _measurement, _field and _value; it has ${has}`,
    );
  };
  const value = find("_value");
  const { kind } = schema[value];
  if (kind === "time") throw invalid("column _value holds times, but a field cannot be a time");
  const time = find("_time");
  if (schema[time].kind !== "time") throw invalid(`column _time is of type ${schema[time].kind}`);
  const tags = [...schema.keys()]
    .filter((i) => schema[i].kind === "string" && !pointColumns.has(schema[i].label))
    .sort((a, b) => compareUtf8(schema[a].label, schema[b].label));
  return { time, value, kind, measurement: find("_measurement"), field: find("_field"), tags };
}

function seriesAt(
  batch: Batch,
  parts: Parts,
  row: number,
  table: number,
): { measurement: string; field: string; tags: (readonly [string, string])[] } {
  const text = (at: number): Raw => cellOf(batch.columns[at] satisfies Column, row, table);
  const measurement = text(parts.measurement);
  const field = text(parts.field);
  if (typeof measurement !== "string" || typeof field !== "string") {
    throw invalid("a row has no _measurement or no _field");
  }
  const tags: (readonly [string, string])[] = [];
  for (const at of parts.tags) {
    const value = text(at);
    if (typeof value === "string" && value !== "") tags.push([batch.schema[at].label, value]);
  }
  return { measurement, field, tags };
}
