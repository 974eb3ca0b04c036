import { chmodSync, copyFileSync, existsSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type OutboxStore, StoreError } from "@tocsin/alerting/delivery";
import { openSqliteOutbox, outboxPath } from "./open.ts";

/** An outbox that is only read. */
interface LookedAt {
  readonly store: OutboxStore;
  /** Why a copy had to be opened; undefined: it is the outbox itself. */
  readonly trouble: StoreError | undefined;
  close(): Promise<void>;
}

/**
 * Opens the outbox of a data folder to read it. Where it cannot be written, as on a full disk or in a read-only
 * folder, a copy in the folder for temporary files is opened, because SQLite does not read a log without writing
 * beside it. Rejects with `StoreError` when it cannot be read either.
 */
export async function lookIntoOutbox(folder: string): Promise<LookedAt> {
  try {
    const store = await openSqliteOutbox(folder);
    return { store, trouble: undefined, close: () => store.close() };
  } catch (error) {
    const unwritable = ["full", "permission", "io"];
    if (!(error instanceof StoreError) || !unwritable.includes(error.code)) throw error;
    const aside = mkdtempSync(join(tmpdir(), "tocsin-outbox-"));
    const end = (): void => rmSync(aside, { recursive: true, force: true });
    try {
      copyInto(aside, folder);
      const store = await openSqliteOutbox(aside);
      return { store, trouble: error, close: () => store.close().finally(end) };
    } catch {
      end();
      throw error;
    }
  }
}

/**
 * Copies the outbox as it is at one moment: by SQLite, where that can read it beside other processes; else the file
 * and its log, again until neither changed meanwhile.
 */
function copyInto(aside: string, folder: string): void {
  const [from, to] = [outboxPath(folder), outboxPath(aside)];
  if (!copyByReading(from, to)) {
    let before: string;
    let tries = 0;
    do {
      before = stateOf(from);
      for (const part of ["", "-wal"]) {
        rmSync(to + part, { force: true });
        if (part === "" || existsSync(from + part)) copyFileSync(from + part, to + part);
      }
    } while (stateOf(from) !== before && ++tries < mostTries);
  }
  for (const part of ["", "-wal"]) if (existsSync(to + part)) chmodSync(to + part, 0o600);
}

function copyByReading(from: string, to: string): boolean {
  const { DatabaseSync } = process.getBuiltinModule("node:sqlite");
  let database;
  try {
    database = new DatabaseSync(from, { readOnly: true, timeout: 1000 });
    database.prepare("VACUUM INTO ?").run(to);
    return true;
  } catch {
    rmSync(to, { force: true });
    return false;
  } finally {
    database?.close();
  }
}

/** Then the copy is taken as it is: somebody writes without end. */
const mostTries = 20;

/** A text that changes when a file or its log is written. */
function stateOf(path: string): string {
  return ["", "-wal"]
    .map((part) => {
      const found = statSync(path + part, { throwIfNoEntry: false, bigint: true });
      return `${found?.ino} ${found?.size} ${found?.mtimeNs}`;
    })
    .join();
}
