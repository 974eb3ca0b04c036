import { closeSync, existsSync, mkdirSync, openSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { Patience } from "./patience.ts";
import { fileOf } from "./writer.ts";

/** A data folder, and how long another process that works in it is waited for. */
interface Place {
  readonly folder: string;
  /** Of the outbox. */
  readonly path: string;
  readonly milliseconds: number;
}

/** Where a new outbox is made while a damaged one is to be set aside. As long as it is there, others wait. */
export function salvageFolder(folder: string): string {
  return join(folder, "outbox.salvage");
}
/** A new outbox that is whole: whoever finds it puts it in the damaged one's place. */
function successor(folder: string): string {
  return join(salvageFolder(folder), "whole.sqlite");
}

/** Does it while no other process salvages or opens this outbox. Rejects with SQLite's error when one does for too long. */
export async function alone<T>(place: Place, body: () => Promise<T>): Promise<T> {
  const { folder, path } = place;
  const release = await lock(place);
  try {
    // Whoever was at it is gone.
    if (existsSync(successor(folder))) replace(folder, path, asideName(path, Date.now()));
    return await body();
  } finally {
    rmSync(salvageFolder(folder), { recursive: true, force: true });
    release();
  }
}

/** Waits until nobody salvages the outbox; brings to its end what a process left that died over it. */
export async function untouched(place: Place): Promise<void> {
  if (existsSync(salvageFolder(place.folder))) await alone(place, async () => undefined);
}

/** Sets the damaged outbox aside, and puts a whole one in its place, which is closed. Call it `alone`. */
export function exchange(folder: string, path: string, names: Record<"whole" | "aside", string>) {
  renameSync(names.whole, successor(folder));
  replace(folder, path, names.aside);
}

function replace(folder: string, path: string, aside: string): void {
  // The log and the index belong to the file: SQLite finds them by its name.
  for (const part of ["", "-wal", "-shm"]) {
    if (existsSync(path + part)) renameSync(path + part, aside + part);
  }
  renameSync(successor(folder), path);
}

/** A name that is free for a file that is damaged. `at`: milliseconds since 1970. */
export function asideName(path: string, at: number): string {
  const time = new Date(at).toISOString().replace(/[-:]|\.\d+/g, "");
  for (let count = 1; ; count++) {
    const name = `${path}.damaged-${time}${count === 1 ? "" : `-${count}`}`;
    if (!existsSync(name)) return name;
  }
}

/** A transaction of SQLite's, which ends with its process. Call the result to end it. */
async function lock({ folder, milliseconds }: Place): Promise<() => void> {
  const { DatabaseSync } = process.getBuiltinModule("node:sqlite");
  const file = join(salvageFolder(folder), "lock");
  const patience = new Patience(milliseconds);
  for (;;) {
    mkdirSync(salvageFolder(folder), { recursive: true, mode: 0o700 });
    // One that is there is not opened: closing it would give up the locks of this process's other handles.
    if (!existsSync(file)) closeSync(openSync(file, "a", 0o600));
    const before = fileOf(file);
    const database = new DatabaseSync(file, { timeout: 0 });
    const failed = await patience
      .run(() => database.exec("BEGIN EXCLUSIVE"))
      .then(() => undefined)
      .catch((error: unknown) => ({ error }));
    // Whoever had it may have taken it away.
    const same = before !== undefined && fileOf(file) === before;
    if (same && failed === undefined) return () => database.close();
    database.close();
    if (same && failed !== undefined) throw failed.error;
  }
}
