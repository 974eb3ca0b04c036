import { closeSync, fsyncSync, openSync, statfsSync } from "node:fs";
import { dirname } from "node:path";

/** Bytes that are left on the file system of a file. */
export function roomFor(path: string): number {
  const { bavail, bsize } = statfsSync(dirname(path));
  return bavail * bsize;
}

/** Puts on disk which files a folder has. */
export function syncFolder(folder: string): void {
  // A folder cannot be opened for this on Windows, where it is not needed either.
  if (process.platform === "win32") return;
  const handle = openSync(folder, "r");
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
