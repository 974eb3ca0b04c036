import { type Batch, cellOf, type Column, indexOf } from "@tocsin/data/column";
import { type FunctionValue, invalid } from "@tocsin/data/value";
import { noSuchColumn, type OperatorContext, operatorKind } from "@tocsin/engine/execute";
import type { Mapper } from "@tocsin/engine/expression";
import { type Arguments, transformation } from "@tocsin/engine/interpret";
import { recordUses } from "../../columns-read.ts";
import { fieldOf, type FieldsOf, pointsOf, tagColumns } from "./point-columns.ts";
import { type Points, PointWriter } from "./point-writer.ts";
import { bucketParameters, writtenBucket } from "./written-bucket.ts";

interface ToSpec {
  readonly bucket: string;
  readonly timeColumn: string;
  readonly measurementColumn: string;
  /** Undefined: all text that is nothing else. */
  readonly tagColumns: readonly string[] | undefined;
  /** From a row to a record of fields. Undefined: `_field` has the name and `_value` the value. */
  readonly fieldFn: FunctionValue | undefined;
}

/** Writes rows as points and passes them on. */
const toKind = operatorKind<ToSpec>(
  {
    name: "to",
    rowwise: false,
    effect: true,
    describe: ({ bucket }) => `bucket ${bucket}`,
  },
  (spec, out, context) => {
    const rows = new RowsToPoints(spec, context);
    return new PointWriter(spec.bucket, (batch) => rows.points(batch), out, context);
  },
);

class RowsToPoints {
  readonly #spec: ToSpec;
  readonly #mapper: Mapper | undefined;
  /** Columns that are no tags by themselves: they have another meaning. */
  readonly #untagged: ReadonlySet<string>;

  constructor(spec: ToSpec, context: OperatorContext) {
    const { fieldFn } = spec;
    this.#spec = spec;
    this.#mapper = fieldFn === undefined ? undefined : context.rows.mapper(fieldFn);
    const used = fieldFn === undefined ? [] : recordUses(fieldFn, ["r"]).r.fields;
    this.#untagged = new Set(["_value", "_field", "_measurement", spec.measurementColumn, ...used]);
  }
  points(batch: Batch): Points | Promise<Points> {
    const measurement = column(batch, this.#spec.measurementColumn, "string");
    const time = column(batch, this.#spec.timeColumn, "time");
    const tags = tagColumns(batch, this.#tags(batch));
    const made = (fields: FieldsOf): Points => pointsOf(batch, { time, measurement, tags, fields });
    if (this.#mapper === undefined) return made(namedFields(batch));
    const mapped = this.#mapper.map(batch, (_row, error) => {
      throw error;
    });
    const fieldsOf = (all: Awaited<typeof mapped>): FieldsOf => mappedFields(all.columns);
    return mapped instanceof Promise
      ? mapped.then((all) => made(fieldsOf(all)))
      : made(fieldsOf(mapped));
  }
  #tags(batch: Batch): readonly string[] {
    const { tagColumns: given, measurementColumn } = this.#spec;
    if (given === undefined) {
      return batch.schema
        .filter(({ kind, label }) => kind === "string" && !this.#untagged.has(label))
        .map(({ label }) => label);
    }
    for (const label of given) {
      const spec = batch.schema[indexOf(batch.schema, label)];
      if (spec === undefined || spec.kind === "string") continue;
      throw invalid(
        `invalid type for tag column`,
        `tags are text, but column ${label} is ${spec.kind}: make it text with string(v: r.${label})`,
      );
    }
    return given.filter((label) => label !== measurementColumn);
  }
}

function column(batch: Batch, label: string, kind: "string" | "time"): Column {
  const at = indexOf(batch.schema, label);
  if (at < 0) {
    throw noSuchColumn(
      kind === "time" ? "no time column detected" : `no column with label ${label} exists`,
      batch,
    );
  }
  const found = batch.schema[at].kind;
  if (found === kind) return batch.columns[at];
  throw invalid(`column ${label} of type ${found} is not of type ${kind}`);
}

/** One field for each row: `_field` is its name and `_value` its value. */
function namedFields(batch: Batch): FieldsOf {
  const name = valueColumn(batch, "_field");
  const value = valueColumn(batch, "_value");
  const kind = batch.schema[indexOf(batch.schema, "_value")].kind;
  return (row, table) => {
    const key = cellOf(name, row, table);
    if (typeof key !== "string") return [];
    const field = fieldOf(key, kind, cellOf(value, row, table), "int");
    return field === undefined ? [] : [field];
  };
}

function valueColumn(batch: Batch, label: string): Column {
  const at = indexOf(batch.schema, label);
  if (at < 0) throw noSuchColumn(`table has no ${label} column`, batch);
  return batch.columns[at];
}

function mappedFields(
  columns: readonly { readonly label: string; readonly column: Column }[],
): FieldsOf {
  return (row, table) =>
    columns.flatMap(({ label, column: cells }) => {
      const field = fieldOf(label, cells.kind, cellOf(cells, row, table), "int");
      return field === undefined ? [] : [field];
    });
}

export const to = transformation({
  name: "to",
  type: `(
    <-tables: stream[A], ${bucketParameters},
    ?timeColumn: string, ?measurementColumn: string, ?tagColumns: [string], ?fieldFn: (r: A) => B,
  ) => stream[A] where A: Record, B: Record`,
  docs:
    "Writes rows to a bucket as points and passes them on. A row is one field, with its name in " +
    "`_field` and its value in `_value`, unless `fieldFn` makes a record of fields of it. Tags " +
    "are `tagColumns`, or all columns of text that mean nothing else. Rows without a time are " +
    "left out; NaN and infinite values are not written, and times become ints of nanoseconds.",
  example: `import "array"
array.from(rows: [{_time: 2026-01-01T00:00:00Z, _measurement: "cpu", _field: "load", host: "a", _value: 0.5}])
    |> to(bucket: "example-bucket")`,
  kind: toKind,
  spec: (args: Arguments) => ({
    bucket: writtenBucket(args),
    timeColumn: args.string("timeColumn", "_time"),
    measurementColumn: args.string("measurementColumn", "_measurement"),
    tagColumns: args.has("tagColumns") ? args.strings("tagColumns") : undefined,
    fieldFn: args.has("fieldFn") ? args.func("fieldFn") : undefined,
  }),
});
