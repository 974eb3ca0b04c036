import type { DuckDBConnection } from "@duckdb/node-api";
import type { FieldKind } from "@tocsin/data/codec";
import { type Batch, cellAt, type FlatColumn, gather, rowsOf, slice } from "@tocsin/data/column";
import type { BucketRead } from "@tocsin/engine/plan";
import { aggregated, applies, checkKind, filledWindows, resultKind } from "./aggregate.ts";
import { Condition, type ValueTest } from "./predicate.ts";
import { compareSeries } from "./series.ts";
import { type SeriesRows, SeriesTables } from "./series-tables.ts";
import { valueSql } from "./sql.ts";
import { aggregateSql, overflows } from "./store-aggregate.ts";
import { type SortedRows, sortedRows } from "./store-points.ts";
import { fieldKinds, hasTables, pointsTable } from "./store-schema.ts";
import { type NumberedField, readSeries } from "./store-series.ts";

/** A field of a series that the answer may hold, and what its points must still pass. */
interface Wanted {
  readonly field: NumberedField;
  readonly test: ValueTest | undefined;
}

/** What was read of one kind. */
interface OfKind {
  readonly rows: SortedRows;
  /** The store has computed the aggregate. */
  readonly reduced: boolean;
  /** The values were tested by the store. */
  readonly tested: boolean;
}

/** An answer that is wholly in memory: the store is closed when it is used. */
export interface StoreAnswer {
  readonly wanted: readonly Wanted[];
  readonly kinds: ReadonlyMap<FieldKind, OfKind>;
}

/** Reads all that an answer needs. `loadRegexps()` must have finished where there is a pattern. */
export async function readStore(
  connection: DuckDBConnection,
  request: BucketRead,
): Promise<StoreAnswer> {
  const kinds = new Map<FieldKind, OfKind>();
  if (!(await hasTables(connection))) return { wanted: [], kinds };
  const wanted = await wantedFields(connection, request);
  for (const kind of fieldKinds) {
    const ids = wanted.filter(({ field }) => field.kind === kind).map(({ field }) => field.id);
    if (ids.length > 0) kinds.set(kind, await readKind(connection, request, kind, ids));
  }
  return { wanted, kinds };
}

async function wantedFields(
  connection: DuckDBConnection,
  { predicate }: BucketRead,
): Promise<Wanted[]> {
  const condition = predicate === undefined ? undefined : new Condition(predicate);
  const wanted: Wanted[] = [];
  for (const field of await readSeries(connection, predicate)) {
    const verdict = condition?.verdict(field) ?? true;
    if (verdict === false) continue;
    wanted.push({ field, test: verdict === true ? undefined : verdict });
  }
  return wanted.sort((a, b) => compareSeries(a.field, b.field));
}

async function readKind(
  connection: DuckDBConnection,
  request: BucketRead,
  kind: FieldKind,
  ids: readonly number[],
): Promise<OfKind> {
  const { start, stop, predicate, aggregate } = request;
  const condition = valueSql(predicate, kind);
  const where = [
    `time >= ${start} AND time < ${stop}`,
    ...(predicate === undefined ? [] : [idsSql(ids)]),
    condition.sql,
  ].join(" AND ");
  const tested = condition.exact;
  if (aggregate === undefined || !tested || overflows(request)) {
    const sql = `SELECT series, time, value FROM ${pointsTable[kind]} WHERE ${where}`;
    const rows = await sortedRows(connection, sql, { ids, kind, timed: true });
    return { rows, reduced: false, tested };
  }
  // Where it has no meaning it is an error, but only if there are points.
  const computed = applies(aggregate.function, kind) ? aggregate : ({ function: "count" } as const);
  const { sql, timed, oneThread } = aggregateSql(kind, computed, where);
  if (oneThread) await connection.run("SET threads = 1");
  const made = resultKind(computed.function, kind);
  const rows = await sortedRows(connection, sql, { ids, kind: made, timed });
  if (oneThread) await connection.run("RESET threads");
  return { rows, reduced: true, tested };
}

/** A condition for series of these numbers; runs of numbers as ranges, which skip blocks of a table. */
function idsSql(ids: readonly number[]): string {
  const sorted = ids.toSorted((a, b) => a - b);
  const ranges: string[] = [];
  const singles: number[] = [];
  for (let i = 0; i < sorted.length;) {
    let end = i;
    while (end + 1 < sorted.length && sorted[end + 1] === sorted[end] + 1) end++;
    if (end - i > 1) ranges.push(`series BETWEEN ${sorted[i]} AND ${sorted[end]}`);
    else singles.push(...sorted.slice(i, end + 1));
    i = end + 1;
  }
  if (singles.length > 0) ranges.push(`series IN (${singles.join(",")})`);
  return `(${ranges.join(" OR ")})`;
}

/** The tables of an answer, in storage's order. */
export function* answerTables(
  { wanted, kinds }: StoreAnswer,
  request: BucketRead,
): Generator<Batch> {
  const tables = new SeriesTables(request.start, request.stop);
  const next = new Map<FieldKind, number>();
  for (const { field, test } of wanted) {
    const kind = kinds.get(field.kind);
    if (kind === undefined) continue;
    const index = next.get(field.kind) ?? 0;
    next.set(field.kind, index + 1);
    const rows = rowsOfSeries(kind, index, test);
    if (rows === undefined) continue;
    yield* tables.add(field, finished(field, rows, kind, request));
  }
  yield* tables.finish();
}

function rowsOfSeries(
  kind: OfKind,
  index: number,
  test: ValueTest | undefined,
): SeriesRows | undefined {
  const { times, values, ends } = kind.rows;
  const from = index === 0 ? 0 : ends[index - 1];
  const to = ends[index];
  if (from === to) return undefined;
  const cut = (column: FlatColumn): FlatColumn => slice(column, from, to);
  const rows = { times: times === undefined ? undefined : cut(times), values: cut(values) };
  return test === undefined || kind.tested ? rows : passing(rows, test);
}

function passing({ times, values }: SeriesRows, test: ValueTest): SeriesRows | undefined {
  const all = rowsOf(values);
  const kept = new Uint32Array(all);
  let count = 0;
  for (let row = 0; row < all; row++) if (test(cellAt(values, row))) kept[count++] = row;
  if (count === 0) return undefined;
  return {
    times: times === undefined ? undefined : gather(times, kept, count),
    values: gather(values, kept, count),
  };
}

function finished(
  field: NumberedField,
  rows: SeriesRows,
  kind: OfKind,
  request: BucketRead,
): SeriesRows {
  const { aggregate } = request;
  if (aggregate !== undefined) checkKind(aggregate.function, field);
  if (aggregate === undefined || rows.times === undefined) return rows;
  const points = { times: rows.times, values: rows.values };
  if (!kind.reduced) return aggregated(field, points, request);
  return aggregate.window === undefined ? rows : filledWindows(aggregate.function, points, request);
}
