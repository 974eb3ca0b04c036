import { statfsSync } from "node:fs";
import { dirname } from "node:path";
import { StoreError, type StoreFailure } from "@tocsin/alerting/delivery";

const advice: Readonly<
  Record<Exclude<StoreFailure, "closed" | "newer-version" | "foreign">, string>
> = {
  corrupt:
    "is damaged, or is not an outbox. Nothing was changed. Move it away (with the -wal and -shm files " +
    "beside it) to start with an empty one; `sqlite3 FILE .recover` shows what can be read of it",
  locked: "is held by another process. Wait until that one ends; `fuser` names it",
  full: "cannot grow: the disk is full. Make room, then run again",
  permission: "cannot be read and written by this user. Change its owner, or use another --data",
  io: "cannot be read or written: the disk reports an error. Look at the system's log",
};

const noFolder = "cannot be created: a file is in the place of its folder. Use another --data";

/** Whether SQLite or the system raised an error; any other one is a mistake in the program. */
export function isOfTheStore(error: unknown): boolean {
  return error instanceof Error && ("errcode" in error || "code" in error);
}

/** What an error of SQLite or the system means for the outbox at `path`. `file`: the file that it was, as `fileOf` gives it. */
export function storeError(path: string, error: unknown, file?: string): StoreError {
  if (error instanceof StoreError) return error;
  const failure = failureOf(error);
  // SQLite reports some failures to grow its files as errors of the disk.
  const said = failure === "io" && isDiskFull(path) ? "full" : failure;
  const words = isNoFolder(error) ? noFolder : advice[said];
  const cause = error instanceof Error ? error.message : String(error);
  return new StoreError(failure, `the outbox ${path} ${words} (${cause})`, file);
}

/** Whether another process holds the file, so that waiting may help. */
export function isBusy(error: unknown): boolean {
  const code = sqliteCode(error);
  return code === 5 || code === 6;
}

/** Whether a file is in the place of the folder. */
const isNoFolder = (error: unknown): boolean =>
  error instanceof Error && "code" in error && ["ENOTDIR", "EEXIST"].includes(String(error.code));

function isDiskFull(path: string): boolean {
  try {
    const { bavail, bsize } = statfsSync(dirname(path));
    return bavail * bsize < 64 * 1024;
  } catch {
    return false;
  }
}

/** Whether the disk is full. */
export function isFull(error: unknown): boolean {
  return sqliteCode(error) === 13;
}

function failureOf(error: unknown): keyof typeof advice {
  switch (sqliteCode(error)) {
    case 5:
    case 6:
      return "locked";
    case 3:
    case 8:
    case 14:
    case 23:
      return "permission";
    case 11:
    case 26:
      return "corrupt";
    case 13:
      return "full";
    case undefined:
      return systemFailure(error);
    default:
      return "io";
  }
}

function systemFailure(error: unknown): keyof typeof advice {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "EACCES" || code === "EPERM" || code === "EROFS") return "permission";
  return code === "ENOSPC" || code === "EDQUOT" ? "full" : "io";
}

/** SQLite's primary result code. */
function sqliteCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !("errcode" in error)) return undefined;
  return typeof error.errcode === "number" ? error.errcode & 0xff : undefined;
}
