import { readFileSync, statSync } from "node:fs";
import { uptime } from "node:os";
import type { LastWriter } from "@tocsin/alerting/delivery";

/**
 * Identifies a file and the start of the machine: "FILE START". A restored backup, or a folder that moved to another
 * machine, is another file. A disk that was set back is the same file, but its machine has been started since.
 */
export function writerOf(path: string): string {
  return `${fileOf(path)} ${start()}`;
}

/** Identifies a file among those that stand in one place over time: "INODE:BIRTH". Undefined: there is none. */
export function fileOf(path: string): string | undefined {
  const found = statSync(path, { throwIfNoEntry: false });
  return found === undefined ? undefined : `${found.ino}:${Math.round(found.birthtimeMs)}`;
}

/** Who wrote last, by what was stored then (`written`) and what would be stored now. */
export function whoWrote(written: string, now: string): LastWriter["by"] {
  if (written === now) return "here";
  // Older formats did not store it: as if the machine had been off.
  if (written === "") return "restarted";
  return written.split(" ")[0] === now.split(" ")[0] ? "restarted" : "elsewhere";
}

function start(): string {
  try {
    return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  } catch {
    // Not Linux. An error of a minute or two makes it another start, which is the cautious answer.
    return String(Math.round((Date.now() / 1000 - uptime()) / 120));
  }
}
