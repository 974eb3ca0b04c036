import { existsSync } from "node:fs";
import type { DatabaseSync, SQLOutputValue, StatementSync } from "node:sqlite";
import { setImmediate } from "node:timers/promises";
import { DatabaseError, type Signal, type SqlRows } from "@tocsin/platform/host";
import { type Asking, checkEnded, type Driver, PIECE_ROWS } from "./driver.ts";
import { createTable, insertInto, timeText } from "./sql-text.ts";
import { kindsOf, sqliteCell } from "./sqlite-kinds.ts";

/** How long another writer is waited for, as in upstream's driver. */
const BUSY_MILLISECONDS = 5000;

const types = {
  bool: "BOOLEAN",
  int: "INT",
  uint: "INT",
  float: "FLOAT",
  string: "TEXT",
  time: "DATETIME",
};

/** SQLite, by `node:sqlite`. A data source is a path, or a URL such as `file:PATH?mode=ro`. */
export const sqlite: Driver = {
  query: async function* (name, statement, asking) {
    const database = open(name, { existing: true, readOnly: asking.readOnly });
    try {
      yield* answer(prepared(database, statement), asking);
    } catch (error) {
      throw inWords(error);
    } finally {
      database.close();
    }
  },
  insert: async (name, table, pieces, signal) => {
    const database = open(name, { existing: false, readOnly: false });
    try {
      await insertAll(database, table, pieces, signal);
    } catch (error) {
      throw inWords(error);
    } finally {
      // This rolls back what is not committed.
      database.close();
    }
  },
};

function open(
  name: string,
  { existing, readOnly }: { readonly existing: boolean; readonly readOnly: boolean },
): DatabaseSync {
  const [path, words = ""] = name.startsWith("file:") ? inUrl(name) : [name];
  const asked = new URLSearchParams(words);
  const inMemory = path === ":memory:" || path === "" || asked.get("mode") === "memory";
  if (existing && !inMemory && !existsSync(path))
    throw new DatabaseError(
      `there is no file ${path}`,
      "a path is relative to the folder where tocsin runs",
    );
  const { DatabaseSync: Database } = process.getBuiltinModule("node:sqlite");
  try {
    return new Database(inMemory ? ":memory:" : path, {
      readOnly: !inMemory && (readOnly || asked.get("mode") === "ro"),
      timeout: BUSY_MILLISECONDS,
    });
  } catch (error) {
    throw inWords(error);
  }
}

/** The path and what follows the question mark of `file:///a`, `file:a?mode=ro`. */
function inUrl(name: string): string[] {
  const [path, words = ""] = name.slice("file:".length).split("?", 2);
  return [decodeURIComponent(path.replace(/^\/\/(?:localhost)?(?=\/)/u, "")), words];
}

/** One statement. SQLite would read the first one of a text and ignore the others. */
function prepared(database: DatabaseSync, text: string): StatementSync {
  const statement = database.prepare(text);
  const rest = text.slice(text.indexOf(statement.sourceSQL) + statement.sourceSQL.length);
  if (rest.replaceAll(/--[^\n]*|\/\*[\s\S]*?\*\/|[\s;]/gu, "") !== "")
    throw new DatabaseError("a query is one statement", `this is left over: ${rest.trim()}`);
  statement.setReadBigInts(true);
  return statement;
}

async function* answer(
  statement: StatementSync,
  { signal }: Asking,
): AsyncGenerator<SqlRows, void, undefined> {
  const columns = statement.columns().map(({ name, type }) => ({ label: name, type }));
  statement.setReturnArrays(true);
  const rows = statement.iterate() as unknown as Iterator<SQLOutputValue[]>;
  let kinds: SqlRows["columns"] | undefined;
  for (let ended = false; !ended;) {
    const piece: SQLOutputValue[][] = [];
    while (piece.length < PIECE_ROWS && !ended) {
      const { done, value } = rows.next();
      if (done === true) ended = true;
      else piece.push(value);
    }
    if (ended && piece.length === 0 && kinds !== undefined) return;
    const made = (kinds ??= kindsOf(columns, piece));
    yield {
      columns: made,
      rows: piece.map((row) => row.map((cell, i) => sqliteCell(cell, made[i]))),
    };
    await setImmediate();
    checkEnded(signal);
  }
}

async function insertAll(
  database: DatabaseSync,
  table: string,
  pieces: Iterable<SqlRows>,
  signal: Signal | undefined,
): Promise<void> {
  database.exec("BEGIN IMMEDIATE");
  for (const { columns, rows } of pieces) {
    if (rows.length === 0) continue;
    database.exec(createTable(table, columns, types));
    const marks = columns.map(() => "?").join(",");
    const statement = database.prepare(`${insertInto(table, columns)}(${marks})`);
    for (const row of rows) {
      statement.run(
        ...row.map((cell, i) => {
          if (typeof cell === "boolean") return cell ? 1n : 0n;
          return typeof cell === "bigint" && columns[i].kind === "time" ? timeText(cell) : cell;
        }),
      );
    }
    await setImmediate();
    checkEnded(signal);
  }
  database.exec("COMMIT");
}

function inWords(error: unknown): unknown {
  const isSqlite =
    error instanceof Error && (error as NodeJS.ErrnoException).code === "ERR_SQLITE_ERROR";
  return isSqlite ? new DatabaseError(`SQLite says: ${error.message}`, undefined, error) : error;
}
