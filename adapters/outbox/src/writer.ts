import { readFileSync, statSync } from "node:fs";
import { uptime } from "node:os";
import type { LastWriter } from "@tocsin/alerting/delivery";

/**
 * What tells this file, on this machine, since it was started, from a copy of it and from the time
 * before: "FILE START". A backup that is put back, or a folder that moves to another machine, is
 * another file; a disk that is set back is not, but its machine was started since.
 */
export function writerOf(path: string): string {
  return `${fileOf(path)} ${start()}`;
}

/** What tells a file from another one in its place: "NUMBER:BIRTH". Undefined: there is none. */
export function fileOf(path: string): string | undefined {
  const found = statSync(path, { throwIfNoEntry: false });
  return found === undefined ? undefined : `${found.ino}:${Math.round(found.birthtimeMs)}`;
}

/** Who wrote last, when that was `written`, and now it would be `now`. */
export function whoWrote(written: string, now: string): LastWriter["by"] {
  if (written === now) return "here";
  // An outbox of a format that did not remember it: as if the machine had been off.
  if (written === "") return "restarted";
  return written.split(" ")[0] === now.split(" ")[0] ? "restarted" : "elsewhere";
}

function start(): string {
  try {
    return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  } catch {
    // Not Linux. A minute or two of inaccuracy makes it another start, which is the careful answer.
    return String(Math.round((Date.now() / 1000 - uptime()) / 120));
  }
}
