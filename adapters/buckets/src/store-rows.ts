import type { CellType, Connection } from "./duckdb.ts";
import type { SortedPoints } from "./sorted-points.ts";
import { pointsTable, valueType } from "./store-schema.ts";

/** Writes rows in place of those that the store has for the same series and time. */
export async function writePoints(connection: Connection, rows: SortedPoints): Promise<void> {
  const table = pointsTable[rows.kind];
  await replace(connection, table, rows);
  const types = [...keyTypes, valueType[rows.kind]];
  connection.append(table, types, [rows.times, rows.series, rows.values]);
}

const keyTypes: readonly CellType[] = ["BIGINT", "INTEGER"];

async function replace(connection: Connection, table: string, rows: SortedPoints): Promise<void> {
  const range = rangeOf(rows);
  const found = await connection.run(`SELECT 1 FROM ${table} WHERE ${range} LIMIT 1`);
  if (found.rows === 0) return;
  await connection.run("CREATE TEMP TABLE incoming (time BIGINT, series INTEGER)");
  connection.append("temp.incoming", keyTypes, [rows.times, rows.series]);
  await connection.run(
    `DELETE FROM ${table} USING incoming
       WHERE ${range.replaceAll(/\b(time|series)\b/g, `${table}.$1`)}
         AND ${table}.time = incoming.time AND ${table}.series = incoming.series`,
  );
  await connection.run("DROP TABLE incoming");
}

/** What all rows lie in: the store skips blocks that do not overlap with it. */
function rangeOf({ series, first, last }: SortedPoints): string {
  return `time BETWEEN ${first} AND ${last} AND series BETWEEN ${series[0]} AND ${series[series.length - 1]}`;
}
