import type { DuckDBConnection } from "@duckdb/node-api";
import type { FieldKind, LinePoint } from "@tocsin/data/codec";
import { faultOf } from "./point-rules.ts";
import type { StoreFile } from "./store-file.ts";
import { commitsOf, type NewSeries, type NewType, StoreIndex } from "./store-index.ts";
import { KindRows } from "./store-rows.ts";
import { fieldKinds, prepareStore } from "./store-schema.ts";
import { tagsText } from "./store-series.ts";

/** A point that a store did not take. */
export interface Refusal {
  /** Its place among the points that were given. */
  readonly point: number;
  readonly reason: string;
}

/** Writes points into a store, a call a commit. */
export class StoreWriter {
  readonly #file: StoreFile;
  #index: StoreIndex | undefined;

  constructor(file: StoreFile) {
    this.#file = file;
  }
  /** All points but those that are refused are in the store when this returns; on an error none is. */
  async commit(points: readonly LinePoint[]): Promise<readonly Refusal[]> {
    return this.#file.use("write", async (connection) => {
      await prepareStore(connection);
      const index = await this.#presentIndex(connection);
      // Forgotten until the commit: after an error nobody knows what it agrees with.
      this.#index = undefined;
      const refused: Refusal[] = [];
      const kinds = new Map(fieldKinds.map((kind) => [kind, new KindRows(kind)] as const));
      points.forEach((point, at) => {
        const ids = faultOf(point) ?? index.numbers(point);
        if (typeof ids === "string") refused.push({ point: at, reason: ids });
        else add(kinds, point, ids);
      });
      await write(connection, index, kinds);
      index.committed(index.commit + 1n);
      this.#index = index;
      return refused;
    });
  }

  /** What is known of the store, read again when another process has written. */
  async #presentIndex(connection: DuckDBConnection): Promise<StoreIndex> {
    const known = this.#index;
    if (known !== undefined && known.commit === (await commitsOf(connection))) return known;
    return StoreIndex.load(connection);
  }
}

function add(
  kinds: ReadonlyMap<FieldKind, KindRows>,
  point: LinePoint,
  ids: readonly number[],
): void {
  point.fields.forEach(([, kind, value], i) => kinds.get(kind)?.add(ids[i], point.time, value));
}

async function write(
  connection: DuckDBConnection,
  index: StoreIndex,
  kinds: ReadonlyMap<FieldKind, KindRows>,
): Promise<void> {
  await connection.run("BEGIN");
  try {
    await appendSeries(connection, index.newSeries);
    await appendTypes(connection, index.newTypes);
    for (const rows of kinds.values()) await rows.write(connection);
    await connection.run("UPDATE state SET commits = commits + 1");
    await connection.run("COMMIT");
  } catch (error) {
    await connection.run("ROLLBACK").catch(() => undefined);
    throw error;
  }
}

async function appendSeries(
  connection: DuckDBConnection,
  added: readonly NewSeries[],
): Promise<void> {
  if (added.length === 0) return;
  const appender = await connection.createAppender("series");
  for (const { id, point, field, kind } of added) {
    appender.appendInteger(id);
    appender.appendVarchar(point.measurement);
    appender.appendVarchar(field);
    appender.appendVarchar(kind);
    appender.appendVarchar(tagsText(point.tags));
    appender.endRow();
  }
  appender.closeSync();
}

async function appendTypes(connection: DuckDBConnection, added: readonly NewType[]): Promise<void> {
  if (added.length === 0) return;
  const appender = await connection.createAppender("field_types");
  for (const { measurement, field, week, kind } of added) {
    appender.appendVarchar(measurement);
    appender.appendVarchar(field);
    appender.appendBigInt(week);
    appender.appendVarchar(kind);
    appender.endRow();
  }
  appender.closeSync();
}
