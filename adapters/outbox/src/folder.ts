import { closeSync, fsync, openSync, statfsSync } from "node:fs";
import { dirname } from "node:path";

/** Bytes that are left on the file system of a file. */
export function roomFor(path: string): number {
  const { bavail, bsize } = statfsSync(dirname(path));
  return bavail * bsize;
}

/** Puts on disk which files a folder has. Rejects with the system's error. */
export async function syncFolder(folder: string): Promise<void> {
  // A folder cannot be opened for this on Windows, where it is not needed either.
  if (process.platform === "win32") return;
  const handle = openSync(folder, "r");
  const error = await new Promise<Error | null>((resolve) => fsync(handle, resolve));
  closeSync(handle);
  if (error !== null) throw error;
}
