import type { CellType, Connection } from "./duckdb.ts";
import { firstNotBefore, type Run, type SortedPoints } from "./sorted-points.ts";
import { pointsTable, valueType } from "./store-schema.ts";

const keyTypes: readonly CellType[] = ["BIGINT", "INTEGER"];

/** Writes rows in place of those that the store has for the same series and time. */
export async function writePoints(connection: Connection, rows: SortedPoints): Promise<void> {
  const table = pointsTable[rows.kind];
  await makeRoom(connection, table, rows);
  const types = [...keyTypes, valueType[rows.kind]];
  connection.append(table, types, [rows.times, rows.series, rows.values]);
}

/** Deletes rows of the same series and time. Mostly there are none, or few: those of the last moment. */
async function makeRoom(connection: Connection, table: string, rows: SortedPoints): Promise<void> {
  const present = await extentWithin(connection, table, rows);
  if (present === undefined) return;
  const { times, series } = within(rows, present);
  if (times.length === 0) return;
  await connection.run("CREATE TEMP TABLE incoming (time BIGINT, series INTEGER)");
  connection.append("temp.incoming", keyTypes, [times, series]);
  await connection.run(
    `DELETE FROM ${table} USING incoming
       WHERE ${table}.time BETWEEN ${present.first} AND ${present.last}
         AND ${table}.time = incoming.time AND ${table}.series = incoming.series`,
  );
  await connection.run("DROP TABLE incoming");
}

/** Times from the first to the last, both included. */
interface Extent {
  readonly first: bigint;
  readonly last: bigint;
}

function extentOf({ runs, times }: SortedPoints): Extent {
  let [first, last] = [times[runs[0].from], times[runs[0].from]];
  for (const { from, to } of runs) {
    if (times[from] < first) first = times[from];
    if (times[to - 1] > last) last = times[to - 1];
  }
  return { first, last };
}

/** Where the store has rows within the times and series of these. It skips blocks that do not overlap. */
async function extentWithin(
  connection: Connection,
  table: string,
  rows: SortedPoints,
): Promise<Extent | undefined> {
  const { first, last } = extentOf(rows);
  const [least, most] = [rows.runs[0].series, rows.runs[rows.runs.length - 1].series];
  const found = await connection.run(
    `SELECT min(time), max(time) FROM ${table}
       WHERE time BETWEEN ${first} AND ${last} AND series BETWEEN ${least} AND ${most}
       HAVING count(*) > 0`,
  );
  for (const chunk of found.chunks())
    if (chunk.rows > 0) return { first: chunk.longs(0)[0], last: chunk.longs(1)[0] };
  return undefined;
}

/** The keys of the rows within an extent. */
function within(
  { runs, times, series }: SortedPoints,
  { first, last }: Extent,
): { times: BigInt64Array; series: Int32Array } {
  const parts = runs.map(({ from, to }): Pick<Run, "from" | "to"> => {
    const start = firstNotBefore(times, first, { from, to });
    return { from: start, to: firstNotBefore(times, last + 1n, { from: start, to }) };
  });
  const all = parts.reduce((sum, { from, to }) => sum + to - from, 0);
  const kept = { times: new BigInt64Array(all), series: new Int32Array(all) };
  let end = 0;
  for (const { from, to } of parts) {
    kept.times.set(times.subarray(from, to), end);
    kept.series.set(series.subarray(from, to), end);
    end += to - from;
  }
  return kept;
}
