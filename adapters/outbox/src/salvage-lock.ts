import { closeSync, existsSync, mkdirSync, openSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { Patience } from "./patience.ts";
import { fileOf } from "./writer.ts";

/** A data folder, and how long to wait for another process that works in it. */
interface Place {
  readonly folder: string;
  /** The outbox's file. */
  readonly path: string;
  readonly milliseconds: number;
}

/** Where the new outbox is made before the damaged one is set aside. While this folder exists, others wait. */
export function salvageFolder(folder: string): string {
  return join(folder, "outbox.salvage");
}
/** The new outbox once it is complete: whoever finds it puts it in the damaged one's place. */
function successor(folder: string): string {
  return join(salvageFolder(folder), "whole.sqlite");
}

/** Executes `body` while no other process salvages or opens this outbox. Rejects with SQLite's error when one does so for too long. */
export async function alone<T>(place: Place, body: () => Promise<T>): Promise<T> {
  const { folder, path } = place;
  const release = await lock(place);
  try {
    // A process that died had got so far.
    if (existsSync(successor(folder))) replace(folder, path, asideName(path, Date.now()));
    return await body();
  } finally {
    rmSync(salvageFolder(folder), { recursive: true, force: true });
    release();
  }
}

/** Waits until nobody salvages the outbox, and finishes what a process that died had begun. */
export async function untouched(place: Place): Promise<void> {
  if (existsSync(salvageFolder(place.folder))) await alone(place, async () => undefined);
}

/** Sets the damaged outbox aside and puts a complete one, which is closed, in its place. Call it within `alone`. */
export function exchange(folder: string, path: string, names: Record<"whole" | "aside", string>) {
  renameSync(names.whole, successor(folder));
  replace(folder, path, names.aside);
}

function replace(folder: string, path: string, aside: string): void {
  // The log and its index belong to the file; SQLite finds them by its name.
  for (const part of ["", "-wal", "-shm"]) {
    if (existsSync(path + part)) renameSync(path + part, aside + part);
  }
  renameSync(successor(folder), path);
}

/** An unused name for a damaged file. `at`: milliseconds since 1970. */
export function asideName(path: string, at: number): string {
  const time = new Date(at).toISOString().replace(/[-:]|\.\d+/g, "");
  for (let count = 1; ; count++) {
    const name = `${path}.damaged-${time}${count === 1 ? "" : `-${count}`}`;
    if (!existsSync(name)) return name;
  }
}

/** Locks by a transaction of SQLite, which ends with its process. Call the result to unlock. */
async function lock({ folder, milliseconds }: Place): Promise<() => void> {
  const { DatabaseSync } = process.getBuiltinModule("node:sqlite");
  const file = join(salvageFolder(folder), "lock");
  const patience = new Patience(milliseconds);
  for (;;) {
    mkdirSync(salvageFolder(folder), { recursive: true, mode: 0o700 });
    // An existing file is not opened: closing it would release the locks of this process's other handles.
    if (!existsSync(file)) closeSync(openSync(file, "a", 0o600));
    const before = fileOf(file);
    const database = new DatabaseSync(file, { timeout: 0 });
    const failed = await patience
      .run(() => database.exec("BEGIN EXCLUSIVE"))
      .then(() => undefined)
      .catch((error: unknown) => ({ error }));
    // Whoever held the lock may have deleted the file.
    const same = before !== undefined && fileOf(file) === before;
    if (same && failed === undefined) return () => database.close();
    database.close();
    if (same && failed !== undefined) throw failed.error;
  }
}
