import { closeSync, existsSync, mkdirSync, openSync, statSync } from "node:fs";
import { join } from "node:path";
import type { OutboxStore } from "@tocsin/alerting/delivery";
import { isOfTheStore, storeError } from "./errors.ts";
import { salvageFolder, untouched } from "./salvage-lock.ts";
import type { SavedRows } from "./restoring.ts";
import { SqliteOutbox, type SqliteOptions } from "./sqlite-outbox.ts";
import { fileOf } from "./writer.ts";

/**
 * The loop may be held by SQLite's own waiting for this long; after that we wait without holding
 * it.
 */
const heldMilliseconds = 100;

/** Where the outbox of a data folder is. */
export function outboxPath(folder: string): string {
  return join(folder, "outbox.sqlite");
}

/** Whether a data folder has an outbox, or may have one: to open one that cannot be looked at says why. */
export function hasOutbox(folder: string): boolean {
  try {
    statSync(outboxPath(folder));
    return true;
  } catch (error) {
    // A process may have died between the two that it exchanged.
    if (existsSync(salvageFolder(folder))) return true;
    return !(error instanceof Error && "code" in error && error.code === "ENOENT");
  }
}

/**
 * Opens the outbox of a data folder, and makes folder and file when they are not there. Rejects
 * with
 * `StoreError`: damaged, locked, made by a newer version, not permitted.
 */
export async function openSqliteOutbox(
  folder: string,
  options: SqliteOptions = {},
): Promise<OutboxStore> {
  const path = outboxPath(folder);
  let file: string | undefined;
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    await untouched({ folder, path, milliseconds: options.busyMilliseconds ?? 10_000 });
    make(path);
    file = fileOf(path);
    const { DatabaseSync } = process.getBuiltinModule("node:sqlite");
    const database = new DatabaseSync(path, { timeout: heldMilliseconds });
    if (options.mostPages !== undefined) {
      database.exec(`PRAGMA max_page_count = ${options.mostPages}`);
    }
    const known = file === undefined ? {} : { file };
    const outbox = new SqliteOutbox(database, path, { ...options, ...known });
    await outbox.prepare();
    return outbox;
  } catch (error) {
    throw isOfTheStore(error) ? storeError(path, error, file) : error;
  }
}

/** Only its owner may read events; SQLite gives its other files the mode of this one. */
function make(path: string): void {
  // One that is there is not opened: closing it would give up the locks of this process's other handles.
  if (!existsSync(path)) closeSync(openSync(path, "a", 0o600));
}

/**
 * Copies an outbox, as it is at one moment, into a new file. Rejects with the system's error when the
 * file is there already or cannot be written.
 */
export async function backupOutbox(store: OutboxStore, file: string): Promise<void> {
  if (store instanceof SqliteOutbox) await store.backup(file);
}

/** Puts them into a new outbox, under their old numbers. */
export async function restoreRows(store: OutboxStore, rows: SavedRows): Promise<void> {
  if (store instanceof SqliteOutbox) await store.restore(rows);
}
