import { closeSync, fsync, openSync, statfsSync } from "node:fs";
import { dirname } from "node:path";

/**
 * The log of a file is copied into it when it has so many pages; not much of the room that is left on its file
 * system may be the log's.
 */
export function pagesOfLog(path: string): number {
  const { bavail, bsize } = statfsSync(dirname(path));
  const megabytes = (bavail * bsize) / (1024 * 1024);
  return megabytes < 64 ? 64 : megabytes < 1024 ? 4000 : 16_000;
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
