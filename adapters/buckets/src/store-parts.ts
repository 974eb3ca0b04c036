import type { FieldKind } from "@tocsin/data/codec";
import type { BucketRead } from "@tocsin/engine/plan";
import { applies } from "./aggregate.ts";
import { chunkRows, type Connection } from "./duckdb.ts";
import type { ValueTest } from "./predicate.ts";
import { valueSql } from "./sql.ts";
import { overflows } from "./store-aggregate.ts";
import { extentOf } from "./store-extent.ts";
import { commitsOf } from "./store-index.ts";
import { pointsSql } from "./store-condition.ts";
import { fieldKinds, pointsTable } from "./store-schema.ts";
import type { NumberedField } from "./store-series.ts";

/** A field of a series that the answer may hold, and what its points must still pass. */
export interface Wanted {
  readonly field: NumberedField;
  readonly test: ValueTest | undefined;
}

/** Points that are read from a store at a time, by the bytes that the process may take. */
export function partRowsOf(memory: number | undefined): number {
  return Math.min(1 << 18, Math.max(1 << 14, Math.floor((memory ?? Infinity) / 2048)));
}

/** So many points of a series are worth a statement of their own, in which the series is not named. */
const aloneRows = 1 << 16;

/** What a read is made of. */
export interface Parts {
  readonly parts: readonly (readonly Wanted[])[];
  /** Whether they are so much that what is done with has to be freed. */
  readonly many: boolean;
}

/** What so many full parts leave behind there is room for; to collect it would take a quarter of the time. */
const fewParts = 5;

/** How many points the types that are read as they are have, in all and, if time is even, in the range. */
export async function expectedRows(
  connection: Connection,
  request: BucketRead,
  wanted: readonly Wanted[],
): Promise<{ readonly all: number; readonly inRange: number }> {
  let [all, inRange] = [0, 0];
  for (const kind of readAsTheyAre(request, wanted)) {
    const { rows, first, last } = await extentOf(connection, kind);
    all += rows;
    const start = first > request.start ? first : request.start;
    const stop = last < request.stop ? last + 1n : request.stop;
    if (start < stop) inRange += (rows * Number(stop - start)) / Number(last - first + 1n);
  }
  return { all, inRange };
}

/** An answer in parts of which each fits into memory: whole series. */
export async function partsOf(
  connection: Connection,
  request: BucketRead,
  wanted: readonly Wanted[],
  partRows: number,
): Promise<Parts> {
  const counts = await rowsOfEach(connection, request, wanted);
  const all = [...counts.values()].reduce((sum, rows) => sum + rows, 0);
  // Where commits are small a block has points of all series, and each statement reads all blocks.
  const stretch = all / (Number(await commitsOf(connection)) * counts.size);
  const most = stretch < chunkRows ? Infinity : aloneRows;
  const made: Wanted[][] = [[]];
  let rows = 0;
  for (const one of wanted) {
    const more = counts.get(one.field.id) ?? 0;
    if (rows > 0 && (rows + more > partRows || Math.max(rows, more) > most)) {
      made.push([]);
      rows = 0;
    }
    made[made.length - 1].push(one);
    rows += more;
  }
  return { parts: made, many: all > partRows * fewParts };
}

/** How many points of each series will be read. */
async function rowsOfEach(
  connection: Connection,
  request: BucketRead,
  wanted: readonly Wanted[],
): Promise<ReadonlyMap<number, number>> {
  const counts = new Map<number, number>();
  for (const kind of readAsTheyAre(request, wanted)) {
    const ids = wanted.filter(({ field }) => field.kind === kind).map(({ field }) => field.id);
    const where = pointsSql(request, kind, request.predicate === undefined ? undefined : ids);
    const found = await connection.run(
      `SELECT series, count(*) FROM ${pointsTable[kind]} WHERE ${where} GROUP BY series`,
    );
    for (const chunk of found.chunks()) {
      const [series, rows] = [chunk.integers(0), chunk.longs(1)];
      for (let i = 0; i < chunk.rows; i++) counts.set(series[i], Number(rows[i]));
    }
  }
  return counts;
}

function readAsTheyAre(request: BucketRead, wanted: readonly Wanted[]): readonly FieldKind[] {
  return fieldKinds.filter((kind) => {
    const fields = wanted.filter(({ field }) => field.kind === kind).length;
    return fields > 0 && !isReduced(request, kind, fields);
  });
}

/** Whether the store computes what is asked of the points of a kind. */
export function isReduced(request: BucketRead, kind: FieldKind, fields: number): boolean {
  const { aggregate, pool, predicate } = request;
  if (aggregate === undefined || !valueSql(predicate, kind).exact) return false;
  // The engine, which is yet to come, says what is wrong with the type.
  if (pool !== undefined && !applies(aggregate.function, kind)) return false;
  return !overflows(request, fields);
}
