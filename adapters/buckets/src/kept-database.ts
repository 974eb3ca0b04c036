import { statSync } from "node:fs";
import { systemClock } from "@tocsin/adapters/host-node";
import type { Database, Opening } from "./database.ts";

/** The process's own clock: `performance` takes a moment to load. */
const { monotonic } = systemClock;

/** So long a database that was read stays open for the next read. Milliseconds. */
const idleMilliseconds = 100;

/** No longer than that, however often it is read: writers of other processes wait. Milliseconds. */
const ageMilliseconds = 200;

/** After that it is closed at the end of each read for so long, so that a writer finds its turn. */
const restMilliseconds = 1000;

/** When each path may be kept open again, by the process's clock. */
const restsUntil = new Map<string, number>();

/** A database as it was opened. */
export interface Opened {
  readonly database: Database;
  /** Of the file that is open: another one may have taken its place. */
  readonly file: string;
  readonly opening: Opening;
  /** When, in milliseconds of the process's clock. */
  readonly opened: number;
}

/** One that nobody uses at the moment, and what will close it. */
interface Kept extends Opened {
  readonly timer: NodeJS.Timeout;
}

/** By path. A file is open once in a process at most; uses of it are one after the other. */
const all = new Map<string, Kept>();

/** What `fileAt` says of a path where nothing is. */
export const noFile = "none";

/** Which file is at `path`. */
export function fileAt(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false });
  return found === undefined ? noFile : `${found.ino} ${found.mtimeMs} ${found.size}`;
}

/** The database of `path` when it is still open, as `opening` says; another one is closed. */
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

/** Leaves a database that was read open for a moment. */
export async function keepOpen(path: string, opened: Opened): Promise<void> {
  const now = monotonic();
  const left = opened.opened + ageMilliseconds - now;
  if (left <= 0 || now < (restsUntil.get(path) ?? 0)) {
    await opened.database.close();
    return;
  }
  // The process need not go on for it.
  const timer = setTimeout(() => closeKept(path), Math.min(idleMilliseconds, left)).unref();
  all.set(path, { ...opened, timer });
}

/** Databases that are being closed, by path. */
const closing = new Map<string, Promise<void>>();

/** Closes what is still open of `path`, because its time is over. */
function closeKept(path: string): void {
  const kept = all.get(path);
  if (kept === undefined) return;
  forget(path, kept);
  restsUntil.set(path, monotonic() + restMilliseconds);
  // A worker of the program may end at any moment, and take the process down with what it has begun in other threads.
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
