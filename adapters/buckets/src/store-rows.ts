import type { FieldKind } from "@tocsin/data/codec";
import type { CellType, Connection, Numbers } from "./duckdb.ts";
import type { KindColumn } from "./point-columns.ts";
import { pointsTable, valueType } from "./store-schema.ts";

/**
 * Rows of one table of a store, sorted by series and time, none twice: reads then find whole series in
 * few blocks, and DuckDB keeps times that follow each other in little space.
 */
export interface SortedPoints {
  readonly series: Int32Array;
  readonly times: BigInt64Array;
  readonly values: Numbers | readonly Uint8Array[];
}

/**
 * The rows of `column` without those of points for which `refused` holds. `series` are the numbers of
 * series by those of fields. Of rows with one series and time the last stays.
 */
export function sortedPoints(
  kind: FieldKind,
  column: KindColumn,
  series: Int32Array,
  refused: ReadonlySet<number>,
): SortedPoints {
  const rows = sortedRows(column, series, refused);
  const ids = new Int32Array(rows.length);
  const times = new BigInt64Array(rows.length);
  for (let i = 0; i < rows.length; i++) {
    ids[i] = series[column.fields[rows[i]]];
    times[i] = column.times[rows[i]];
  }
  return { series: ids, times, values: valuesOf(kind, column, rows) };
}

function valuesOf(
  kind: FieldKind,
  column: KindColumn,
  rows: Uint32Array,
): Numbers | readonly Uint8Array[] {
  switch (kind) {
    case "float": {
      const { floats } = column;
      const values = new Float64Array(rows.length);
      for (let i = 0; i < rows.length; i++) values[i] = floats[rows[i]];
      return values;
    }
    case "string":
      return Array.from(rows, (row) => column.text(row));
    case "bool":
      return Uint8Array.from(rows, (row) => (column.longs[row] === 0n ? 0 : 1));
    case "int":
    case "uint": {
      const { longs } = column;
      const values = new BigInt64Array(rows.length);
      for (let i = 0; i < rows.length; i++) values[i] = longs[rows[i]];
      return values;
    }
  }
}

function sortedRows(
  column: KindColumn,
  series: Int32Array,
  refused: ReadonlySet<number>,
): Uint32Array {
  const { order, ends } = bySeries(column, series, refused);
  const { times } = column;
  let kept = 0;
  for (let group = 0, from = 0; group < ends.length; from = ends[group++]) {
    const to = ends[group];
    if (!increasing(times, order, from, to)) {
      order
        .subarray(from, to)
        .sort((a, b) => (times[a] < times[b] ? -1 : times[a] > times[b] ? 1 : a - b));
    }
    for (let i = from; i < to; i++) {
      if (i + 1 < to && times[order[i]] === times[order[i + 1]]) continue;
      order[kept++] = order[i];
    }
  }
  return order.subarray(0, kept);
}

function increasing(times: BigInt64Array, order: Uint32Array, from: number, to: number): boolean {
  for (let i = from + 1; i < to; i++) if (times[order[i - 1]] >= times[order[i]]) return false;
  return true;
}

/** The rows that are not refused, by their series, with the end of each. */
function bySeries(
  { rows, fields, points }: KindColumn,
  series: Int32Array,
  refused: ReadonlySet<number>,
): { order: Uint32Array; ends: Uint32Array } {
  const rank = ranks(series);
  const next = new Uint32Array(rank.count + 1);
  const all = refused.size === 0;
  const taken = (row: number): boolean => all || !refused.has(points[row]);
  for (let row = 0; row < rows; row++) if (taken(row)) next[rank.of[fields[row]] + 1]++;
  for (let i = 1; i <= rank.count; i++) next[i] += next[i - 1];
  const order = new Uint32Array(next[rank.count]);
  for (let row = 0; row < rows; row++) if (taken(row)) order[next[rank.of[fields[row]]]++] = row;
  return { order, ends: next.subarray(0, rank.count) };
}

/** Place of each field's series among all of them, in the order of their numbers. */
function ranks(series: Int32Array): { of: Int32Array; count: number } {
  const byNumber = Int32Array.from(series.keys()).sort((a, b) => series[a] - series[b]);
  const of = new Int32Array(series.length);
  let count = 0;
  byNumber.forEach((field, i) => {
    if (i > 0 && series[field] !== series[byNumber[i - 1]]) count += 1;
    of[field] = count;
  });
  return { of, count: count + 1 };
}

/** Writes rows in place of those that the store has for the same series and time. */
export async function writePoints(
  connection: Connection,
  kind: FieldKind,
  rows: SortedPoints,
): Promise<void> {
  if (rows.series.length === 0) return;
  const table = pointsTable[kind];
  await replace(connection, table, rows);
  const types = [...keyTypes, valueType[kind]];
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
function rangeOf({ series, times }: SortedPoints): string {
  let [first, last] = [times[0], times[0]];
  for (let i = 1; i < times.length; i++) {
    if (times[i] < first) first = times[i];
    if (times[i] > last) last = times[i];
  }
  return `time BETWEEN ${first} AND ${last} AND series BETWEEN ${series[0]} AND ${series[series.length - 1]}`;
}
