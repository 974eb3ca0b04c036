import { type Delivery, type JournalEntry, unfinished } from "@tocsin/alerting/delivery";
import { saidByRow } from "./listing.ts";
import { deliveryOf, entryOf, type Row } from "./rows.ts";
import { openSqliteOutbox, outboxPath, restoreRows } from "./open.ts";
import { alone, asideName, exchange, salvageFolder } from "./salvage-lock.ts";
import { syncFolder } from "./folder.ts";
import { fileOf } from "./writer.ts";

/** What became of an outbox that is damaged. */
export interface OutboxSalvage {
  /** Where the damaged file is now. */
  readonly aside: string;
  /** Events that were not settled, and are in the new outbox with their histories. */
  readonly saved: number;
  /** Whether parts of the file could not be read: events may have been there. */
  readonly gaps: boolean;
}

/** What must go on: what is not final, and what only a person can send. */
const kept: readonly string[] = [...unfinished, "parked", "held"];

/** Another process that salvages or opens the outbox is waited for so long. Milliseconds. */
const patience = 10_000;

/** Which outbox is damaged, and when that was noticed: milliseconds since 1970, for the name. */
interface Damage {
  readonly at: number;
  /** As `StoreError` names it. Another one in its place is left alone. */
  readonly file?: string | undefined;
}

/**
 * Sets a damaged outbox aside, beside its old place, and makes a new one with every unsettled event
 * that can be read, under its old number. Undefined: another process has done so. Rejects with the system's or SQLite's
 * error when the file cannot be moved; then nothing was changed.
 */
export async function salvageOutbox(
  folder: string,
  { at, file }: Damage,
): Promise<OutboxSalvage | undefined> {
  const path = outboxPath(folder);
  return alone({ folder, path, milliseconds: patience }, async () => {
    if (file !== undefined && fileOf(path) !== file) return undefined;
    const { found, histories, gaps, last } = readable(path);
    // Nobody else can write to it before it is whole: no number is taken.
    const store = await openSqliteOutbox(salvageFolder(folder));
    try {
      await restoreRows(store, { deliveries: found, histories, last });
    } finally {
      await store.close();
    }
    const aside = asideName(path, at);
    exchange(folder, path, { whole: store.place, aside });
    await syncFolder(folder);
    return { aside, saved: found.length, gaps };
  });
}

interface Readable {
  readonly found: Delivery[];
  readonly histories: JournalEntry[];
  readonly gaps: boolean;
  /** The largest number that was seen: a new event must not get an old one's. */
  readonly last: number;
}

function readable(path: string): Readable {
  const { DatabaseSync } = process.getBuiltinModule("node:sqlite");
  const found: Delivery[] = [];
  const histories: JournalEntry[] = [];
  let gaps = false;
  let last = 0;
  let database;
  try {
    database = new DatabaseSync(path);
    database.exec("PRAGMA query_only = 1");
  } catch {
    return { found, histories, gaps: true, last };
  }
  const rows = (sql: string, values: readonly number[]): Row[] | undefined => {
    try {
      return database.prepare(sql).all(...values);
    } catch {
      gaps = true;
      return undefined;
    }
  };
  const [top] = rows("SELECT max(id) AS id FROM delivery", []) ?? [];
  const [sequence] = rows("SELECT max(seq) AS id FROM sqlite_sequence", []) ?? [];
  // Formats before the fifth have all in one table.
  const [split] = rows("SELECT 1 FROM sqlite_schema WHERE name = 'event'", []) ?? [];
  const table = `delivery NOT INDEXED ${split === undefined ? "" : "CROSS JOIN event NOT INDEXED USING (id)"}`;
  last = Math.max(Number(top?.["id"] ?? 0), Number(sequence?.["id"] ?? 0));
  const ids = new Set<string>();
  const keep = (row: Row): void => {
    try {
      const one = deliveryOf(row);
      // A torn tree may lead to a row twice.
      if (kept.includes(one.state) && !ids.has(one.id)) found.push(one);
      ids.add(one.id);
    } catch {
      gaps = true;
    }
  };
  const read = (from: number, to: number): void => {
    const sql = `SELECT * FROM ${table} WHERE id BETWEEN ? AND ?`;
    const some = rows(sql, [from, to]);
    if (some !== undefined) {
      for (const row of some) keep(row);
    } else if (from < to) {
      const middle = Math.floor((from + to) / 2);
      read(from, middle);
      read(middle + 1, to);
    }
  };
  if (last > 0) read(1, last);
  for (const { id } of found) histories.push(...historyOf(Number(id), rows));
  database.close();
  return { found, histories, gaps, last };
}

type Read = (sql: string, values: readonly number[]) => Row[] | undefined;

/** Formats before the seventh have all of a history in its lines. */
const endsInRows = "SELECT 1 FROM pragma_table_info('delivery') WHERE name = 'begun_at'";

function historyOf(id: number, rows: Read): JournalEntry[] {
  const lines = rows("SELECT * FROM journal WHERE delivery_id = ? ORDER BY number", [id]) ?? [];
  const ends = (rows(endsInRows, []) ?? []).length > 0 ? rows(saidByRow, [id]) : undefined;
  return [...lines, ...(ends ?? [])].map(entryOf);
}
