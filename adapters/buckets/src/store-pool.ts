import type { FieldKind } from "@tocsin/data/codec";
import type { Batch } from "@tocsin/data/column";
import { compareUtf8 } from "@tocsin/data/value";
import type { BucketRead, StoragePool } from "@tocsin/engine/plan";
import type { Answer, Connection } from "./duckdb.ts";
import { inHalves } from "./in-halves.ts";
import { PooledSums, type PoolKey } from "./pooled-sums.ts";
import type { FieldOfSeries } from "./predicate.ts";
import {
  isOrdered,
  reduction,
  windowSql,
  type WindowsOfRange,
  windowsOf,
} from "./store-aggregate.ts";
import type { Extent } from "./store-extent.ts";
import { pointsTable } from "./store-schema.ts";
import type { NumberedField } from "./store-series.ts";

/** What is put together: points of one type. */
interface PoolOfKind {
  readonly kind: FieldKind;
  readonly fields: readonly NumberedField[];
  /** A condition in SQL that the points must pass. */
  readonly where: string;
  /** Of all points of the kind. */
  readonly extent: Extent;
}

/** Functions whose results of parts can be put together; the others choose a row. */
export const isSumming = (name: StoragePool["function"]): boolean =>
  name === "sum" || name === "count" || name === "mean";

/**
 * The rows of an answer, put together by key and window as `BucketRead.pool` asks for it. Undefined where
 * that would not leave much fewer of them.
 */
export async function readPooled(
  connection: Connection,
  request: BucketRead,
  pool: StoragePool,
  of: PoolOfKind,
): Promise<Iterable<Batch> | undefined> {
  const windows = pool.window && windowsOf(within(request, of.extent), pool.window);
  const count = windows?.count ?? 1;
  const { keys, keyOf } = keysOf(of.fields, pool);
  const units = unitsOf(of.fields, keys.length, keyOf);
  if (units.count * count * rowsWorthOne > of.extent.rows) return undefined;
  const answers = await asked(connection, { pool, of, windows, unit: units.sql });
  const sums = new PooledSums(of.kind, pool.function, keys.length * count);
  for (const answer of answers)
    sums.take(answer, units.keyOf, windows === undefined ? undefined : count);
  return sums.batches({ keys, count, request, windows });
}

/** Fewer points in each window are not worth a row of their sum. */
const rowsWorthOne = 2;

/** The part of a range in which there are points. */
function within(request: BucketRead, { first, last }: Extent): BucketRead {
  const start = first > request.start ? first : request.start;
  const stop = last < request.stop ? last + 1n : request.stop;
  return start < stop ? { ...request, start, stop } : { ...request, stop: request.start + 1n };
}

/** The keys of fields of series: each once, and which of them each has. */
function keysOf(
  fields: readonly NumberedField[],
  { columns }: StoragePool,
): { keys: readonly PoolKey[]; keyOf: readonly number[] } {
  const numbers = new Map<string, number>();
  const keys: PoolKey[] = [];
  const keyOf = fields.map((field) => {
    const key = keyColumns(field, columns);
    const text = JSON.stringify(key);
    const known = numbers.get(text) ?? keys.push(key) - 1;
    numbers.set(text, known);
    return known;
  });
  return { keys, keyOf };
}

function keyColumns(field: FieldOfSeries, columns: readonly string[]): PoolKey {
  const all: PoolKey = [
    ["_field", field.field],
    ["_measurement", field.measurement],
    ...field.tags,
  ];
  return all.filter(([label]) => columns.includes(label)).sort((a, b) => compareUtf8(a[0], b[0]));
}

/** What the store groups by, and which key each of its numbers has. */
interface Units {
  /** How many there are. */
  readonly count: number;
  /** SQL; undefined: all points have one key. */
  readonly sql: string | undefined;
  readonly keyOf: Int32Array;
}

/** Longer lists of series are not put into a statement. */
const listMax = 10_000;

function unitsOf(fields: readonly NumberedField[], keys: number, keyOf: readonly number[]): Units {
  if (keys === 1) return { count: 1, sql: undefined, keyOf: new Int32Array(1) };
  const bySeries = new Int32Array(fields.reduce((most, { id }) => Math.max(most, id), 0) + 1);
  fields.forEach(({ id }, i) => (bySeries[id] = keyOf[i]));
  // A look into a list costs less than a larger table of groups.
  if (keys * 2 > fields.length || bySeries.length > listMax)
    return { count: fields.length, sql: "series", keyOf: bySeries };
  const list = `([${bySeries.join(",")}]::INTEGER[])[series + 1]`;
  return { count: keys, sql: list, keyOf: Int32Array.from({ length: keys }, (_, key) => key) };
}

interface Question {
  readonly pool: StoragePool;
  readonly of: PoolOfKind;
  readonly windows: WindowsOfRange | undefined;
  readonly unit: string | undefined;
}

async function asked(
  connection: Connection,
  { pool, of, windows, unit }: Question,
): Promise<readonly Answer[]> {
  const { kind, fields, where, extent } = of;
  const by = [
    ...(unit === undefined ? [] : [`${unit} AS unit`]),
    ...(windows === undefined ? [] : [`(${windowSql(windows)})::INTEGER AS w`]),
  ];
  const value = pool.function === "count" ? [] : [reduction("sum", kind)];
  const made = [...by, "count(*)::BIGINT", ...value].join(", ");
  const groups = by.length === 0 ? "HAVING count(*) > 0" : "GROUP BY ALL";
  const sqlOf = (condition: string): string =>
    `SELECT ${made} FROM ${pointsTable[kind]} WHERE ${where} AND ${condition} ${groups}`;
  if (!isOrdered(pool.function, kind)) return [await connection.run(sqlOf("TRUE"))];
  const ids = fields.map(({ id }) => id);
  return inHalves(connection, ids, extent.rows, sqlOf);
}
