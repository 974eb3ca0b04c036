import type { FieldKind } from "@tocsin/data/codec";
import type { Connection } from "./duckdb.ts";
import { pointsTable } from "./store-schema.ts";

/** How many points of a kind a store has, and the times of the first and the last. */
export interface Extent {
  readonly rows: number;
  readonly first: bigint;
  readonly last: bigint;
}

/** DuckDB knows without reading them. */
export async function extentOf(connection: Connection, kind: FieldKind): Promise<Extent> {
  const sql = `SELECT count(*), coalesce(min(time), 0), coalesce(max(time), 0) FROM ${pointsTable[kind]}`;
  for (const chunk of (await connection.ask(sql)).chunks()) {
    const [rows, first, last] = [0, 1, 2].map((at) => chunk.longs(at)[0]);
    return { rows: Number(rows), first, last };
  }
  return { rows: 0, first: 0n, last: 0n };
}
