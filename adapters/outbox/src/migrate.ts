import { existsSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import { StoreError } from "@tocsin/alerting/delivery";
import { deliveryOf, whole } from "./rows.ts";
import { applicationId, formatVersion, migrations, schema } from "./schema.ts";
import type { SqliteTurns } from "./turns.ts";

/** The open file of an outbox. */
interface OutboxFile {
  readonly place: string;
  readonly database: DatabaseSync;
  readonly turns: SqliteTurns;
}

/** Throws a `StoreError` for another program's database, which must be left as it is. Call it before anything else. */
export function refuseForeign({ database, place }: Pick<OutboxFile, "database" | "place">): void {
  // Tables first: between the two queries another process may create the whole outbox in one transaction.
  const tables = Number(database.prepare("SELECT count(*) AS n FROM sqlite_schema").get()?.["n"]);
  if (tables === 0) return;
  const application = Number(database.prepare("PRAGMA application_id").get()?.["application_id"]);
  if (application === applicationId) return;
  throw new StoreError(
    "foreign",
    `${place} is another program's database. Nothing was changed. Use another --data`,
  );
}

/** Copies a file of an older format before it is changed: a mistake in the conversion must not cost events. */
export function copyBefore({ database, place }: OutboxFile): void {
  const version = versionOf(database);
  if (version === 0 || version >= formatVersion) return;
  const copy = `${place}.format-${version}`;
  if (!existsSync(copy)) database.prepare("VACUUM INTO ?").run(copy);
}

/**
 * Turns a new file into an outbox, and brings an older outbox to this format. True: the file was new. Throws
 * `StoreError`.
 */
export function migrate({ database, place, turns }: OutboxFile): boolean {
  const version = versionOf(database);
  if (version > formatVersion) {
    throw new StoreError(
      "newer-version",
      `the outbox ${place} was written by a newer Tocsin (format ${version}, this one ` +
        `knows ${formatVersion}). Upgrade this one, or use another --data`,
    );
  }
  if (version === formatVersion) return false;
  if (version === 0) database.exec(schema);
  for (let from = version; from > 0 && from < formatVersion; from++) {
    database.exec(migrations[from]);
  }
  if (version > 0 && version < 3) giveTurns(database, turns);
  database.exec(`PRAGMA application_id = ${applicationId}`);
  database.exec(`PRAGMA user_version = ${formatVersion}`);
  return version === 0;
}

/** Gives events their turns, which formats before the third do not have. */
function giveTurns(database: DatabaseSync, turns: SqliteTurns): void {
  const next = database.prepare(`${whole} WHERE id > ? ORDER BY id LIMIT 1000`);
  for (let after = 0, more = true; more;) {
    const some = next.all(after).map(deliveryOf);
    for (const one of some) turns.adopted(one);
    after = Number(some.at(-1)?.id ?? 0);
    more = some.length > 0;
  }
}

function versionOf(database: DatabaseSync): number {
  return Number(database.prepare("PRAGMA user_version").get()?.["user_version"]);
}
