import { collectGarbage } from "@tocsin/adapters/host-node";
import type { FieldKind } from "@tocsin/data/codec";
import { type Batch, cellAt, type FlatColumn, gather, rowsOf, slice } from "@tocsin/data/column";
import type { BucketRead } from "@tocsin/engine/plan";
import { aggregated, applies, checkKind, filledWindows, resultKind } from "./aggregate.ts";
import type { Answer, Connection } from "./duckdb.ts";
import { Condition, type ValueTest } from "./predicate.ts";
import { compareSeries } from "./series.ts";
import { type SeriesRows, SeriesTables } from "./series-tables.ts";
import { valueSql } from "./sql.ts";
import { aggregateSql, overflows } from "./store-aggregate.ts";
import { type RowShape, type SortedRows, sortedRows } from "./store-points.ts";
import { fieldKinds, hasTables, pointsTable } from "./store-schema.ts";
import { type NumberedField, readSeries } from "./store-series.ts";

/** A field of a series that the answer may hold, and what its points must still pass. */
interface Wanted {
  readonly field: NumberedField;
  readonly test: ValueTest | undefined;
}

/** What was asked of one kind, and DuckDB's answer. */
interface Asked {
  readonly answer: Answer;
  readonly shape: RowShape;
  readonly reduced: boolean;
  readonly tested: boolean;
}

/** What was read of one kind. */
interface OfKind {
  readonly rows: SortedRows;
  /** The store has computed the aggregate. */
  readonly reduced: boolean;
  /** The values were tested by the store. */
  readonly tested: boolean;
}

/** Points that are read from a store at a time, by the bytes that the process may take. */
export function partRowsOf(memory: number | undefined): number {
  return Math.min(1 << 18, Math.max(1 << 14, Math.floor((memory ?? Infinity) / 2048)));
}

/**
 * The tables of an answer, in storage's order. `loadRegexps()` must have finished where there is a
 * pattern.
 */
export async function* readStore(
  connection: Connection,
  request: BucketRead,
  partRows: number,
): AsyncGenerator<Batch> {
  if (!(await hasTables(connection))) return;
  const tables = new SeriesTables(request.start, request.stop);
  // All parts are of one moment, whoever writes meanwhile.
  await connection.run("BEGIN");
  const wanted = await wantedFields(connection, request);
  const all = cut(wanted, partRows, await rowsOfEach(connection, request, { wanted, partRows }));
  let coming = askPart(connection, request, all[0], wanted);
  const next = async (i: number): Promise<ReadonlyMap<FieldKind, OfKind>> => {
    const asked = await coming;
    // DuckDB works on the next part while this one is used.
    if (i + 1 < all.length) coming = askPart(connection, request, all[i + 1], wanted);
    // It may fail before anybody waits for it.
    coming.catch(() => undefined);
    return sorted(asked);
  };
  try {
    for (const [i, part] of all.entries()) {
      const kinds = await next(i);
      // The answer is freed with its objects, of whose size V8 knows nothing.
      if (all.length > 1) collectGarbage("young");
      yield* partTables(tables, part, kinds, request);
    }
  } finally {
    // Whoever leaves early must not close the store under it.
    await coming.catch(() => undefined);
  }
  yield* tables.finish();
}

function sorted(asked: ReadonlyMap<FieldKind, Asked>): ReadonlyMap<FieldKind, OfKind> {
  return new Map(
    [...asked].map(([kind, { answer, shape, reduced, tested }]) => [
      kind,
      { rows: sortedRows(answer, shape), reduced, tested },
    ]),
  );
}

async function wantedFields(connection: Connection, { predicate }: BucketRead): Promise<Wanted[]> {
  const condition = predicate === undefined ? undefined : new Condition(predicate);
  const wanted: Wanted[] = [];
  for (const field of await readSeries(connection, predicate)) {
    const verdict = condition?.verdict(field) ?? true;
    if (verdict === false) continue;
    wanted.push({ field, test: verdict === true ? undefined : verdict });
  }
  return wanted.sort((a, b) => compareSeries(a.field, b.field));
}

/** How many points of each series will be read; undefined: so few that it does not matter. */
async function rowsOfEach(
  connection: Connection,
  request: BucketRead,
  { wanted, partRows }: { readonly wanted: readonly Wanted[]; readonly partRows: number },
): Promise<ReadonlyMap<number, number> | undefined> {
  const read = fieldKinds
    .filter((kind) => !isReduced(request, kind) && wanted.some(({ field }) => field.kind === kind))
    .map((kind) => pointsTable[kind]);
  if (read.length === 0 || (await sizeOf(connection, read)) <= partRows) return undefined;
  const counts = new Map<number, number>();
  for (const table of read) {
    const range = `time >= ${request.start} AND time < ${request.stop}`;
    const found = await connection.run(
      `SELECT series, count(*) FROM ${table} WHERE ${range} GROUP BY series`,
    );
    for (const chunk of found.chunks()) {
      const [series, rows] = [chunk.integers(0), chunk.longs(1)];
      for (let i = 0; i < chunk.rows; i++) counts.set(series[i], Number(rows[i]));
    }
  }
  return counts;
}

/** Cuts an answer that has more points than should be in memory at once. */
function cut(
  wanted: readonly Wanted[],
  partRows: number,
  counts: ReadonlyMap<number, number> | undefined,
): readonly (readonly Wanted[])[] {
  if (counts === undefined) return [wanted];
  const made: Wanted[][] = [[]];
  let rows = 0;
  for (const one of wanted) {
    const more = counts.get(one.field.id) ?? 0;
    if (rows > 0 && rows + more > partRows) {
      made.push([]);
      rows = 0;
    }
    made[made.length - 1].push(one);
    rows += more;
  }
  return made;
}

/** About how many rows tables have. */
async function sizeOf(connection: Connection, tables: readonly string[]): Promise<number> {
  const names = tables.map((table) => `'${table}'`).join(",");
  const found = await connection.run(
    `SELECT sum(estimated_size)::BIGINT FROM duckdb_tables() WHERE table_name IN (${names})`,
  );
  return Number(found.first() ?? 0);
}

/** Whether the store computes what is asked of the points of a kind. */
function isReduced(request: BucketRead, kind: FieldKind): boolean {
  const { aggregate, predicate } = request;
  return aggregate !== undefined && valueSql(predicate, kind).exact && !overflows(request);
}

async function askPart(
  connection: Connection,
  request: BucketRead,
  part: readonly Wanted[],
  wanted: readonly Wanted[],
): Promise<ReadonlyMap<FieldKind, Asked>> {
  const whole = part === wanted && request.predicate === undefined;
  const kinds = new Map<FieldKind, Asked>();
  for (const kind of fieldKinds) {
    const ids = part.filter(({ field }) => field.kind === kind).map(({ field }) => field.id);
    if (ids.length > 0) kinds.set(kind, await askKind(connection, request, kind, { ids, whole }));
  }
  return kinds;
}

async function askKind(
  connection: Connection,
  request: BucketRead,
  kind: FieldKind,
  { ids, whole }: { readonly ids: readonly number[]; readonly whole: boolean },
): Promise<Asked> {
  const { start, stop, predicate, aggregate } = request;
  const condition = valueSql(predicate, kind);
  const where = [
    `time >= ${start} AND time < ${stop}`,
    ...(whole ? [] : [idsSql(ids)]),
    condition.sql,
  ].join(" AND ");
  const tested = condition.exact;
  if (aggregate === undefined || !isReduced(request, kind)) {
    const sql = `SELECT series, time, value FROM ${pointsTable[kind]} WHERE ${where}`;
    const answer = await connection.run(sql);
    return { answer, shape: { ids, kind, timed: true }, reduced: false, tested };
  }
  // Where it has no meaning it is an error, but only if there are points.
  const computed = applies(aggregate.function, kind) ? aggregate : ({ function: "count" } as const);
  const { sql, timed, oneThread } = aggregateSql(kind, computed, where);
  if (oneThread) await connection.run("SET threads = 1");
  // Not streamed: there the rows simply end where a damaged block begins, without an error.
  const answer = await connection.run(sql);
  if (oneThread) await connection.run("RESET threads");
  const shape = { ids, kind: resultKind(computed.function, kind), timed };
  return { answer, shape, reduced: true, tested };
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

function* partTables(
  tables: SeriesTables,
  part: readonly Wanted[],
  kinds: ReadonlyMap<FieldKind, OfKind>,
  request: BucketRead,
): Generator<Batch> {
  const next = new Map<FieldKind, number>();
  for (const { field, test } of part) {
    const kind = kinds.get(field.kind);
    if (kind === undefined) continue;
    const index = next.get(field.kind) ?? 0;
    next.set(field.kind, index + 1);
    const rows = rowsOfSeries(kind, index, test);
    if (rows === undefined) continue;
    yield* tables.add(field, finished(field, rows, kind, request));
  }
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
