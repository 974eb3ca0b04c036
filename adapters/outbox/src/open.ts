import { closeSync, existsSync, mkdirSync, openSync, statSync } from "node:fs";
import { join } from "node:path";
import type { OutboxStore } from "@tocsin/alerting/delivery";
import { isOfTheStore, storeError } from "./errors.ts";
import { salvageFolder, untouched } from "./salvage-lock.ts";
import type { SavedRows } from "./restoring.ts";
import { SqliteOutbox, type SqliteOptions } from "./sqlite-outbox.ts";
import { fileOf } from "./writer.ts";

/** How long SQLite itself may wait for a lock, which holds the event loop; then `Patience` waits without holding it. */
const heldMilliseconds = 100;

/** Where the outbox of a data folder is. */
export function outboxPath(folder: string): string {
  return join(folder, "outbox.sqlite");
}

/** Whether a data folder has an outbox, or may have one: opening one that cannot be seen then says why. */
export function hasOutbox(folder: string): boolean {
  try {
    statSync(outboxPath(folder));
    return true;
  } catch (error) {
    // A process may have died while it exchanged the damaged outbox for the new one.
    if (existsSync(salvageFolder(folder))) return true;
    return !(error instanceof Error && "code" in error && error.code === "ENOENT");
  }
}

/**
 * Opens the outbox of a data folder, and creates the folder and the file when they do not exist. Rejects with
 * `StoreError` when it is damaged, locked, made by a newer version, or not permitted.
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
    create(path);
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

/** Creates the file with a mode that lets only its owner read events; SQLite gives its other files the same mode. */
function create(path: string): void {
  // An existing file is not opened: closing it would release the locks of this process's other handles.
  if (!existsSync(path)) closeSync(openSync(path, "a", 0o600));
}

/**
 * Copies an outbox, as it is at one moment, into a new file. Rejects with the system's error when the file
 * exists or cannot be written.
 */
export async function backupOutbox(store: OutboxStore, file: string): Promise<void> {
  if (store instanceof SqliteOutbox) await store.backup(file);
}

/** Puts rows that were saved into a new outbox, under their old numbers. */
export async function restoreRows(store: OutboxStore, rows: SavedRows): Promise<void> {
  if (store instanceof SqliteOutbox) await store.restore(rows);
}
