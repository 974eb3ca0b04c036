import { collectGarbage } from "@tocsin/adapters/host-node";
import type { FieldKind } from "@tocsin/data/codec";
import { type Batch, cellAt, type FlatColumn, gather, rowsOf, slice } from "@tocsin/data/column";
import type { BucketRead, StoragePool } from "@tocsin/engine/plan";
import { aggregated, applies, checkKind, resultKind } from "./aggregate.ts";
import type { Answer, Connection } from "./duckdb.ts";
import { inHalves } from "./in-halves.ts";
import { Condition, type ValueTest } from "./predicate.ts";
import { compareSeries } from "./series.ts";
import { type SeriesRows, SeriesTables } from "./series-tables.ts";
import { valueSql } from "./sql.ts";
import { aggregateSql, isOrdered, overflows, windowsOf, windowTimes } from "./store-aggregate.ts";
import { pointsSql } from "./store-condition.ts";
import { extentOf } from "./store-extent.ts";
import { expectedRows, isReduced, type Parts, partsOf, type Wanted } from "./store-parts.ts";
import { type RowShape, type SortedRows, sortedRows } from "./store-points.ts";
import { isSumming, readPooled } from "./store-pool.ts";
import { fieldKinds, hasTables, pointsTable } from "./store-schema.ts";
import { type NumberedField, readSeries } from "./store-series.ts";
import { filledWindows, windowRows } from "./window-rows.ts";

/** What was asked of one kind, and DuckDB's answer, perhaps in two halves. */
interface Asked {
  readonly answers: readonly Answer[];
  readonly shape: RowShape;
  /** The times of all windows, where the store has computed them. */
  readonly windows?: BigInt64Array;
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

/**
 * The tables of an answer, in storage's order. `loadRegexps()` must have finished where there is a
 * pattern.
 */
export async function* readStore(
  connection: Connection,
  request: BucketRead,
  partRows: number,
): AsyncGenerator<Batch> {
  // Asked together, for each question waits for its turn; nobody writes while the store is open.
  const [known, fields] = await Promise.allSettled([
    hasTables(connection),
    wantedFields(connection, request),
  ]);
  if (known.status === "rejected") throw known.reason;
  if (!known.value) return;
  if (fields.status === "rejected") throw fields.reason;
  const wanted = fields.value;
  const { pool } = request;
  if (pool === undefined) yield* readSeriesRows(connection, request, wanted, partRows);
  else if (!isSumming(pool.function)) {
    const window = pool.window && { ...pool.window, createEmpty: false };
    const aggregate = { function: pool.function, ...(window && { window }) };
    yield* readSeriesRows(connection, { ...request, aggregate }, wanted, partRows);
  } else {
    const left = yield* readPools(connection, request, pool, wanted);
    yield* readSeriesRows(connection, request, left, partRows);
  }
}

/** The pooled rows of each type; gives the fields whose points cannot be pooled. */
async function* readPools(
  connection: Connection,
  request: BucketRead,
  pool: StoragePool,
  wanted: readonly Wanted[],
): AsyncGenerator<Batch, readonly Wanted[]> {
  const left: Wanted[] = [];
  for (const kind of new Set(wanted.map(({ field }) => field.kind))) {
    const some = wanted.filter(({ field }) => field.kind === kind);
    const fields = some.map(({ field }) => field);
    const condition = valueSql(request.predicate, kind);
    const can =
      condition.exact && applies(pool.function, kind) && !overflows(request, fields.length);
    const ids = fields.map(({ id }) => id);
    const where = pointsSql(request, kind, request.predicate === undefined ? undefined : ids);
    const pooled = can
      ? await readPooled(connection, request, pool, {
          kind,
          fields,
          where,
          extent: await extentOf(connection, kind),
        })
      : undefined;
    if (pooled === undefined) left.push(...some);
    else yield* pooled;
  }
  return left;
}

/** Series after series. */
async function* readSeriesRows(
  connection: Connection,
  request: BucketRead,
  wanted: readonly Wanted[],
  partRows: number,
): AsyncGenerator<Batch> {
  if (wanted.length === 0) return;
  const tables = new SeriesTables(request.start, request.stop);
  const plan = await planned(connection, request, wanted, partRows);
  const { parts: all, many } = plan;
  let coming = plan.first;
  const next = async (i: number): Promise<ReadonlyMap<FieldKind, OfKind>> => {
    const asked = await coming;
    // DuckDB works on the next part while this one is used.
    if (i + 1 < all.length) coming = askPart(connection, request, all[i + 1], { wanted });
    // It may fail before anybody waits for it.
    coming.catch(() => undefined);
    return sorted(asked);
  };
  const garbage = new Garbage();
  try {
    for (const [i, part] of all.entries()) {
      const kinds = await next(i);
      if (many) garbage.left(rowsIn(kinds));
      yield* partTables(tables, part, kinds, request);
    }
  } finally {
    // Whoever leaves early must not close the store under it.
    await coming.catch(() => undefined);
  }
  yield* tables.finish();
}

/** There is memory for the answer where a store has no more than so many parts of numbers in all, should they be much of it. */
const unlimitedParts = 8;

/** The parts of a read, of which the first is asked for. */
async function planned(
  connection: Connection,
  request: BucketRead,
  wanted: readonly Wanted[],
  partRows: number,
): Promise<Parts & { readonly first: Promise<ReadonlyMap<FieldKind, Asked>> }> {
  const { all, inRange } = await expectedRows(connection, request, wanted);
  const whole = { parts: [wanted], many: false };
  if (all <= partRows) return { ...whole, first: askPart(connection, request, wanted, { wanted }) };
  if (inRange <= partRows) {
    // To count them first takes as long as to read them.
    const most = partRows * 2;
    // With a limit DuckDB reads in one thread; without one texts might be of any length.
    const few = all <= partRows * unlimitedParts;
    const texts = wanted.some(({ field }) => field.kind === "string");
    const limit = few && !texts ? undefined : most;
    const first = askPart(connection, request, wanted, { wanted, limit });
    const kinds = [...(await first).values()];
    if (kinds.every(({ reduced, answers: [{ rows }] }) => reduced || rows < most))
      return { ...whole, first };
  }
  const made = await partsOf(connection, request, wanted, partRows);
  return { ...made, first: askPart(connection, request, made.parts[0], { wanted }) };
}

const rowsIn = (kinds: ReadonlyMap<FieldKind, OfKind>): number =>
  [...kinds.values()].reduce((sum, { rows }) => sum + rowsOf(rows.values), 0);

/** Rows of parts that are done with, after which all garbage is collected: columns have grown old by then. */
const garbageRows = 750_000;

/** What parts leave behind is freed with its objects, of whose size V8 knows nothing or little. */
class Garbage {
  #rows = 0;

  /** A part is done with. */
  left(rows: number): void {
    this.#rows += rows;
    collectGarbage(this.#rows < garbageRows ? "young" : "all");
    if (this.#rows >= garbageRows) this.#rows = 0;
  }
}

function sorted(asked: ReadonlyMap<FieldKind, Asked>): ReadonlyMap<FieldKind, OfKind> {
  return new Map(
    [...asked].map(([kind, { answers, shape, windows, reduced, tested }]) => {
      const rows =
        windows === undefined
          ? sortedRows(answers, shape)
          : windowRows(answers, { ids: shape.ids, kind: shape.kind, times: windows });
      return [kind, { rows, reduced, tested }];
    }),
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

async function askPart(
  connection: Connection,
  request: BucketRead,
  part: readonly Wanted[],
  { wanted, limit }: { readonly wanted: readonly Wanted[]; readonly limit?: number | undefined },
): Promise<ReadonlyMap<FieldKind, Asked>> {
  const whole = part === wanted && request.predicate === undefined;
  const kinds = new Map<FieldKind, Asked>();
  for (const kind of fieldKinds) {
    const ids = part.filter(({ field }) => field.kind === kind).map(({ field }) => field.id);
    if (ids.length > 0)
      kinds.set(kind, await askKind(connection, request, kind, { ids, whole, limit }));
  }
  return kinds;
}

/** Which points of a kind are asked for. */
interface PointsOfKind {
  readonly ids: readonly number[];
  /** All that there are. */
  readonly whole: boolean;
  /** So many at most of those that the store does not put together. */
  readonly limit: number | undefined;
}

async function askKind(
  connection: Connection,
  request: BucketRead,
  kind: FieldKind,
  { ids, whole, limit }: PointsOfKind,
): Promise<Asked> {
  const { predicate, aggregate } = request;
  const tested = valueSql(predicate, kind).exact;
  const where = pointsSql(request, kind, whole ? undefined : ids);
  if (aggregate === undefined || !isReduced(request, kind, ids.length)) {
    // Each column takes its time: which series it is need not be asked where there is one.
    const named = ids.length !== 1;
    const columns = named ? "series, time, value" : "time, value";
    const most = limit === undefined ? "" : `LIMIT ${limit}`;
    const sql = `SELECT ${columns} FROM ${pointsTable[kind]} WHERE ${where} ${most}`;
    const answers = [await connection.run(sql)];
    return { answers, shape: { ids, kind, named, timed: true }, reduced: false, tested };
  }
  // Where it has no meaning it is an error, but only if there are points.
  const computed = applies(aggregate.function, kind) ? aggregate : ({ function: "count" } as const);
  const sqlOf = (condition: string): string =>
    aggregateSql(kind, request, computed, `${where} AND ${condition}`).sql;
  // Not streamed: there the rows simply end where a damaged block begins, without an error.
  const answers = isOrdered(computed.function, kind)
    ? await inHalves(connection, ids, (await extentOf(connection, kind)).rows, sqlOf)
    : [await connection.run(sqlOf("TRUE"))];
  const { timed } = aggregateSql(kind, request, computed, where);
  const shape = { ids, kind: resultKind(computed.function, kind), named: true, timed };
  const windows = computed.window && timesOf(request);
  return { answers, shape, reduced: true, tested, ...(windows !== undefined && { windows }) };
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
  const { aggregate, pool } = request;
  if (pool !== undefined || aggregate === undefined) return rows;
  checkKind(aggregate.function, field);
  if (rows.times === undefined) return rows;
  const points = { times: rows.times, values: rows.values };
  if (!kind.reduced) return aggregated(field, points, request);
  if (aggregate.window?.createEmpty !== true) return rows;
  return filledWindows(points, timesOf(request), aggregate.function === "count" ? 0n : null);
}

/** The times of all windows of a request. */
function timesOf(request: BucketRead): BigInt64Array {
  const known = timesOfRequests.get(request);
  if (known !== undefined) return known;
  const window = request.aggregate?.window ?? { every: 1n, offset: 0n };
  const times = windowTimes(request, windowsOf(request, window));
  timesOfRequests.set(request, times);
  return times;
}

const timesOfRequests = new WeakMap<BucketRead, BigInt64Array>();
