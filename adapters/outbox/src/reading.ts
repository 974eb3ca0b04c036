import { chmodSync, copyFileSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type OutboxStore, StoreError } from "@tocsin/alerting/delivery";
import { openSqliteOutbox, outboxPath } from "./open.ts";

/** An outbox that is only looked at. */
interface LookedAt {
  readonly store: OutboxStore;
  /** Why a copy of it had to be opened; undefined: it is the outbox itself. */
  readonly trouble: StoreError | undefined;
  close(): Promise<void>;
}

/**
 * Opens the outbox of a data folder to look at it. Where it cannot be written, as on a full disk or in a folder that
 * may only be read, a copy in the system's folder for such is opened: SQLite does not read a log without writing
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

/** The file and its log; what is beside them SQLite makes anew. */
function copyInto(aside: string, folder: string): void {
  for (const part of ["", "-wal"]) {
    const [from, to] = [outboxPath(folder) + part, outboxPath(aside) + part];
    if (part !== "" && !existsSync(from)) continue;
    copyFileSync(from, to);
    chmodSync(to, 0o600);
  }
}
