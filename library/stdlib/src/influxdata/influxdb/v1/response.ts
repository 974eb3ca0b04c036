import {
  type Batch,
  columnBuilder,
  groupKey,
  type NamedColumn,
  tableFrom,
} from "@tocsin/data/column";
import {
  type ColumnKind,
  compareUtf8,
  FluxError,
  invalid,
  type Json,
  parseTime,
  type Raw,
} from "@tocsin/data/value";

/** Values of one column of a series, without those that are null. */
interface Points {
  readonly times: readonly Json[] | undefined;
  readonly values: readonly Json[];
}

/**
 * The tables of the first result in an answer of InfluxDB 1: one for each series and column that has
 * values. Throws the error that the answer holds, or what is wrong with its shape.
 */
export function* tablesOf(answer: Json): Generator<Batch> {
  const object = objectIn(answer, "the answer");
  const [result] = listIn(object.get("results"), "results");
  const { error, series } = Object.fromEntries(objectIn(result ?? new Map(), "the result"));
  for (const one of [object.get("error"), error])
    if (typeof one === "string") throw new FluxError("internal", `v1.json: ${one}`);
  for (const one of listIn(series, "series")) yield* seriesTables(objectIn(one, "a series"));
}

function* seriesTables(series: ReadonlyMap<string, Json>): Generator<Batch> {
  const columns = listIn(series.get("columns"), "columns").map((one) => textIn(one, "a column"));
  const rows = listIn(series.get("values"), "values").map((row) => listIn(row, "a row"));
  const timeAt = columns.indexOf("time");
  const name = series.get("name");
  const tags = objectIn(series.get("tags") ?? new Map(), "tags");
  const sorted = [...tags].sort(([a], [b]) => compareUtf8(a, b));
  const named: [string, Json][] = typeof name === "string" ? [["_measurement", name]] : [];
  for (const [at, field] of columns.entries()) {
    const some = rows.filter((row) => (row[at] ?? null) !== null);
    if (at === timeAt || some.length === 0) continue;
    const values = some.map((row) => row[at]);
    const times = timeAt < 0 ? undefined : some.map((row) => row[timeAt]);
    yield tableOf([...named, ...sorted, ["_field", field]], { times, values });
  }
}

function tableOf(key: readonly (readonly [string, Json])[], { times, values }: Points): Batch {
  const cells = key.map(([label, cell]) => {
    return { label, kind: "string" as const, cell: textIn(cell, `the tag ${label}`) };
  });
  const columns: NamedColumn[] = [
    { label: "_value", column: columnOf(kindOf(values[0]), values, String(key.at(-1)?.[1])) },
  ];
  if (times !== undefined)
    columns.unshift({ label: "_time", column: columnOf("time", times.map(timeIn), "time") });
  const order = ["_time", ...key.map(([label]) => label), "_value"];
  return tableFrom(groupKey(cells), columns, { order });
}

function columnOf(kind: ColumnKind, values: readonly (Json | bigint)[], label: string) {
  const builder = columnBuilder(kind, values.length);
  for (const value of values) {
    if (kind !== "time" && kindOf(value) !== kind)
      throw invalid(`v1.json: the column ${label} has values of type ${kind} and ${kindOf(value)}`);
    builder.append(value as Raw);
  }
  return builder.finish();
}

function kindOf(value: Json | bigint): ColumnKind {
  if (typeof value === "number") return "float";
  if (typeof value === "string") return "string";
  if (typeof value === "boolean") return "bool";
  throw invalid("v1.json: a value is neither a number, a text, nor true or false");
}

function timeIn(value: Json): bigint {
  const time = typeof value === "string" ? parseTime(value) : { reason: "it is no text" };
  if (typeof time === "bigint") return time;
  throw invalid(
    `v1.json: ${JSON.stringify(value)} is no time: ${time.reason}`,
    "ask InfluxDB without epoch=, so that it writes times as text",
  );
}

function objectIn(value: Json, what: string): ReadonlyMap<string, Json> {
  if (value instanceof Map) return value;
  throw invalid(`v1.json: ${what} is no object`);
}

/** What is missing has no members. */
function listIn(value: Json | undefined, what: string): readonly Json[] {
  if (value === undefined) return [];
  if (Array.isArray(value)) return value;
  throw invalid(`v1.json: ${what} is no list`);
}

function textIn(value: Json, what: string): string {
  if (typeof value === "string") return value;
  throw invalid(`v1.json: ${what} is no text`);
}
