import { statSync } from "node:fs";
import { systemClock } from "@tocsin/adapters/host-node";
import type { Database } from "./duckdb.ts";

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

/** A database that nobody uses at the moment. */
interface Kept {
  readonly database: Database;
  /** Of the file that is open: another one may have taken its place. */
  readonly file: string;
  readonly settings: string;
  /** When it was opened, and when it is closed. Milliseconds of the process's clock. */
  readonly opened: number;
  readonly timer: NodeJS.Timeout;
}

/** By path. A file has one instance in a process at most; uses of it are one after the other. */
const all = new Map<string, Kept>();

/** A database as it was opened. */
export interface Opened {
  readonly database: Database;
  readonly file: string;
  readonly settings: string;
  readonly opened: number;
}

/** Which file is at `path`. */
export function fileAt(path: string): string {
  const { ino, mtimeMs, size } = statSync(path, { throwIfNoEntry: false }) ?? {};
  return `${ino} ${mtimeMs} ${size}`;
}

/** The database of `path` when it is still open, as it is opened with `settings`; another one is closed. */
export function takeKept(path: string, settings: string): Opened | undefined {
  const kept = all.get(path);
  if (kept === undefined) return undefined;
  if (kept.settings === settings && kept.file === fileAt(path)) {
    all.delete(path);
    clearTimeout(kept.timer);
    return kept;
  }
  closeKept(path);
  return undefined;
}

/** Leaves a database open for a moment: opening one takes longer than most reads. */
export function keepOpen(path: string, { database, file, settings, opened }: Opened): void {
  const now = monotonic();
  const left = opened + ageMilliseconds - now;
  if (left <= 0 || now < (restsUntil.get(path) ?? 0)) {
    database.close();
    return;
  }
  // The process need not go on for it.
  const timer = setTimeout(() => closeKept(path), Math.min(idleMilliseconds, left)).unref();
  all.set(path, { database, file, settings, opened, timer });
}

/** Closes what is still open of `path`. */
export function closeKept(path: string): void {
  const kept = all.get(path);
  if (kept === undefined) return;
  all.delete(path);
  clearTimeout(kept.timer);
  restsUntil.set(path, monotonic() + restMilliseconds);
  kept.database.close();
}
