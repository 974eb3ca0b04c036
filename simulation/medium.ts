import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { backupOutbox, openSqliteOutbox, outboxPath } from "@tocsin/adapters/outbox";
import { MemoryOutbox, type OutboxStore } from "@tocsin/alerting/delivery";

/** What an outbox is kept on. */
export interface Medium {
  /** A handle, as another process has it. */
  open(): Promise<OutboxStore>;
  /** What is on it now: after its machine is started anew, or in another place. */
  copy(as: "restarted" | "elsewhere"): Promise<Medium>;
  /** Whether the simulation can take unsynced writes from it. */
  readonly forgets: boolean;
  close(): Promise<void>;
}

/** The kinds of media, by name. */
export const media = { memory: () => inMemory(new MemoryOutbox()), sqlite: inFile };

/** A name in `media`. */
export type MediumName = keyof typeof media;

function inMemory(data: MemoryOutbox): Medium {
  return {
    forgets: true,
    open: async () => data.another(),
    copy: async (as) => inMemory(data.copy(as)),
    close: () => data.close(),
  };
}

/** A file of the outbox that people use, on a file system in memory where there is one. */
function inFile(): Medium {
  const folder = mkdtempSync(join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "tocsin-sim-"));
  const open = () => openSqliteOutbox(folder);
  return {
    forgets: false,
    open,
    copy: async () => {
      const copied = inFile();
      const [from, to] = [await open(), await copied.open()];
      const file = to.place;
      await to.close();
      for (const part of ["", "-wal", "-shm"]) rmSync(file + part, { force: true });
      await backupOutbox(from, outboxPath(dirname(file)));
      await from.close();
      return copied;
    },
    close: async () => rmSync(folder, { recursive: true, force: true }),
  };
}
