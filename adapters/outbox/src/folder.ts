import { closeSync, fsync, openSync, statfsSync } from "node:fs";
import { dirname } from "node:path";

/**
 * How many pages the log of an outbox may have before it is copied into the file: few where its file system has
 * little room left.
 */
export function pagesOfLog(path: string): number {
  const { bavail, bsize } = statfsSync(dirname(path));
  const megabytes = (bavail * bsize) / (1024 * 1024);
  return megabytes < 64 ? 64 : megabytes < 1024 ? 4000 : 16_000;
}

/** Syncs a folder: which files it has. Rejects with the system's error. */
export async function syncFolder(folder: string): Promise<void> {
  // Windows cannot open a folder for this, and does not need it.
  if (process.platform === "win32") return;
  const handle = openSync(folder, "r");
  const error = await new Promise<Error | null>((resolve) => fsync(handle, resolve));
  closeSync(handle);
  if (error !== null) throw error;
}
