import { statSync } from "node:fs";
import { systemClock } from "@tocsin/adapters/host-node";
import type { Database, Opening } from "./database.ts";

/** The process's own clock, because `performance` takes time to load. */
const { monotonic } = systemClock;

/** How long a database that was read stays open for the next read. Milliseconds. */
const idleMilliseconds = 100;

/** The longest time it stays open, however often it is read, because writers of other processes wait. Milliseconds. */
const ageMilliseconds = 200;

/** How long it is then closed after each read, so that writers get their turn. Milliseconds. */
const restMilliseconds = 1000;

/** From when on each path may be kept open again, by the process's clock. */
const restsUntil = new Map<string, number>();

/** An open database. */
export interface Opened {
  readonly database: Database;
  /** The file that is open; another one may have taken its place. */
  readonly file: string;
  readonly opening: Opening;
  /** When it was opened, in milliseconds of the process's clock. */
  readonly opened: number;
}

/** A database that nobody uses at the moment, and the timer that closes it. */
interface Kept extends Opened {
  readonly timer: NodeJS.Timeout;
}

/** Databases that are kept open, by path. A process opens a file at most once, and uses it one piece of work at a time. */
const all = new Map<string, Kept>();

/** The result of `fileAt` for a path without a file. */
export const noFile = "none";

/** Identifies the file at `path`. */
export function fileAt(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false });
  return found === undefined ? noFile : `${found.ino} ${found.mtimeMs} ${found.size}`;
}

/** The database of `path`, if it is still open in the way of `opening`; one that is open otherwise is closed. */
export async function takeKept(
  path: string,
  { access, memory }: Opening,
): Promise<Opened | undefined> {
  await closing.get(path);
  const kept = all.get(path);
  if (kept === undefined) return undefined;
  forget(path, kept);
  const { opening, file } = kept;
  if (opening.access === access && opening.memory === memory && file === fileAt(path)) return kept;
  restsUntil.set(path, monotonic() + restMilliseconds);
  await kept.database.close();
  return undefined;
}

/** Keeps a database open for a moment after a read. */
export async function keepOpen(path: string, opened: Opened): Promise<void> {
  const now = monotonic();
  const left = opened.opened + ageMilliseconds - now;
  if (left <= 0 || now < (restsUntil.get(path) ?? 0)) {
    await opened.database.close();
    return;
  }
  // It does not keep the process alive.
  const timer = setTimeout(() => closeKept(path), Math.min(idleMilliseconds, left)).unref();
  all.set(path, { ...opened, timer });
}

/** Databases that are being closed, by path. */
const closing = new Map<string, Promise<void>>();

/** Closes the database of `path`, because its time is over. */
function closeKept(path: string): void {
  const kept = all.get(path);
  if (kept === undefined) return;
  forget(path, kept);
  restsUntil.set(path, monotonic() + restMilliseconds);
  // A worker thread may end at any moment, and would crash the process while the engine works in other threads.
  if (!process.getBuiltinModule("node:worker_threads").isMainThread) kept.database.discard();
  else
    closing.set(
      path,
      kept.database.close().finally(() => closing.delete(path)),
    );
}

function forget(path: string, { timer }: Kept): void {
  all.delete(path);
  clearTimeout(timer);
}
