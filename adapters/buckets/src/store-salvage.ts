import { copyFileSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { FluxError, formatTimeNano } from "@tocsin/data/value";
import { Database, type Opening } from "./database.ts";
import type { Connection } from "./duckdb.ts";
import { fieldKinds, hasTables, pointsTable, prepareStore } from "./store-schema.ts";

/** What became of a store that could not be opened. */
interface Salvage {
  /** Where the damaged files are now. */
  readonly aside: string;
  /** How many points could be read and are in the new store. */
  readonly kept: number;
  /** Whether blocks of points were unreadable. */
  readonly gaps: boolean;
}

/** Whether an error means that a store is damaged, and not that it is in use or not permitted. */
export function isDamage(error: unknown): boolean {
  const message = error instanceof Error ? error.message : "";
  if (!/^(?:IO|Serialization|FATAL) Error/i.test(message)) return false;
  return /not a valid DuckDB database|corrupt|checksum|replaying WAL|could not read enough bytes|deserializ/i.test(
    message,
  );
}

/**
 * Sets a damaged store aside and puts what can be read of it in its place. The log of commits is used as far as it is
 * intact, where DuckDB itself refuses to open a store when a single byte of its log is wrong. The copy is made beside the
 * store, so that others never see an incomplete one.
 */
export async function salvage(path: string, now: bigint): Promise<Salvage> {
  const work = `${path}.salvage-${process.pid}`;
  const aside = asideName(path, now);
  try {
    const { kept, gaps } = await rebuilt(path, work);
    renameSync(path, aside);
    if (existsSync(`${path}.wal`)) renameSync(`${path}.wal`, `${aside}.wal`);
    renameSync(work, path);
    return { aside, kept, gaps };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new FluxError(
      "data loss",
      `the store ${path} is damaged, and could not be set aside: ${why}`,
      {
        cause: error,
      },
    );
  } finally {
    for (const file of [work, `${work}.wal`, `${work}.old`, `${work}.old.wal`])
      rmSync(file, { force: true });
  }
}

function asideName(path: string, now: bigint): string {
  const time = formatTimeNano(now - (now % 1_000_000_000n)).replaceAll(/[-:]/g, "");
  const base = `${path.replace(/\.duckdb$/, "")}.damaged-${time}`;
  for (let i = 1; ; i++) {
    const name = `${base}${i === 1 ? "" : `-${i}`}.duckdb`;
    if (!existsSync(name)) return name;
  }
}

/** Creates a store at `work` from what can be read at `path`. */
async function rebuilt(path: string, work: string): Promise<{ kept: number; gaps: boolean }> {
  const old = `${work}.old`;
  copyFileSync(path, old);
  await cutLog(path, old);
  const whole = await attempt(old, "write", async (connection) => {
    return (await hasTables(connection)) ? countPoints(connection) : 0;
  });
  if (typeof whole === "number") {
    renameSync(old, work);
    return { kept: whole, gaps: false };
  }
  const kept = await opened(work, "write", async (connection) => {
    await prepareStore(connection);
    return copyReadable(connection, old);
  });
  return { kept, gaps: true };
}

/** Puts the longest beginning of the log with which `old` can be opened beside it. */
async function cutLog(path: string, old: string): Promise<void> {
  const log = existsSync(`${path}.wal`) ? readFileSync(`${path}.wal`) : new Uint8Array(0);
  let good = 0;
  let bad = log.length + 1;
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    writeFileSync(`${old}.wal`, log.subarray(0, middle));
    const opened = await attempt(old, "read", async () => true);
    if (opened === true) good = middle;
    else bad = middle;
  }
  if (good > 0) writeFileSync(`${old}.wal`, log.subarray(0, good));
  else rmSync(`${old}.wal`, { force: true });
}

/** The result of `use` with the store open; undefined when the store is damaged. */
async function attempt<T>(
  path: string,
  access: Opening["access"],
  use: (connection: Connection) => Promise<T>,
): Promise<T | undefined> {
  try {
    return await opened(path, access, use);
  } catch (error) {
    if (isDamage(error)) return undefined;
    throw error;
  }
}

async function opened<T>(
  path: string,
  access: Opening["access"],
  use: (connection: Connection) => Promise<T>,
): Promise<T> {
  const database = await Database.open(path, { access });
  try {
    const made = await use(database.connection());
    await database.close();
    return made;
  } catch (error) {
    database.discard();
    throw error;
  }
}

/** Reads every value, which fails at a damaged block. */
async function countPoints(connection: Connection): Promise<number> {
  let points = 0;
  await connection.run("SELECT max(hash(id, measurement, field, kind, tags)) FROM series");
  await connection.run("SELECT max(hash(measurement, field, week, kind)) FROM field_types");
  for (const kind of fieldKinds) {
    const found = await connection.run(
      `SELECT count(*), max(hash(time, series, value)) FROM ${pointsTable[kind]}`,
    );
    points += Number(found.first());
  }
  return points;
}

/** The rows of a vector, the least that DuckDB reads at once. */
const vectorRows = 2048;

/** Copies what can be read of the store at `old` into the connection's store, block by block. */
async function copyReadable(connection: Connection, old: string): Promise<number> {
  try {
    await connection.run(`ATTACH '${old.replaceAll("'", "''")}' AS old (READ_ONLY)`);
    // Points are meaningless without the names of their series.
    await connection.run("INSERT INTO series SELECT * FROM old.series");
    await connection.run("INSERT INTO field_types SELECT * FROM old.field_types");
  } catch (error) {
    if (isDamage(error)) return 0;
    throw error;
  }
  let points = 0;
  for (const kind of fieldKinds) points += await copyTable(connection, pointsTable[kind]);
  await connection.run("DETACH old");
  return points;
}

async function copyTable(connection: Connection, table: string): Promise<number> {
  const found = await connection.run(
    `SELECT estimated_size FROM duckdb_tables() WHERE database_name = 'old' AND table_name = '${table}'`,
  );
  const rows = Number(found.first() ?? 0);
  return copyRows(connection, table, 0, rows + 1);
}

/** Copies the rows from `from` to `to`; where that fails, each half of them. */
async function copyRows(
  connection: Connection,
  table: string,
  from: number,
  to: number,
): Promise<number> {
  const range = `rowid >= ${from} AND rowid < ${to}`;
  try {
    const copied = await connection.run(
      `INSERT INTO ${table} SELECT * FROM old.${table} WHERE ${range}`,
    );
    return copied.changed;
  } catch (error) {
    if (!isDamage(error)) throw error;
  }
  if (to - from <= vectorRows) return 0;
  const middle = from + Math.ceil((to - from) / 2 / vectorRows) * vectorRows;
  const below = await copyRows(connection, table, from, middle);
  return below + (await copyRows(connection, table, middle, to));
}
