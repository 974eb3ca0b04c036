import { hash } from "node:crypto";
import { type Delivery, isUnfinished } from "@tocsin/alerting/delivery";
import { beginning, changing, fixed } from "./rows.ts";
import { turnColumns } from "./turns.ts";

const insert = (table: string, columns: readonly string[]): string =>
  `INSERT INTO ${table} (${columns.join(", ")}) VALUES (${columns.map(() => "?").join(", ")})`;
const sets = (names: readonly string[]): string => names.map((name) => `${name} = ?`).join(", ");

/** Records an event, unless its identity is known: the values of `fixed`. */
export const insertion = `${insert("event", fixed)} ON CONFLICT (identity) DO NOTHING`;
/** Records its delivery: id, time, the values of `changing` and `turnColumns`. */
export const placing = insert("delivery", ["id", "recorded_at", ...changing, ...turnColumns]);
/** Puts an event back under its old number: id, the values of `fixed`. */
export const reinsertion = `${insert("event", ["id", ...fixed])} ON CONFLICT DO NOTHING`;
/** Begins an attempt: the values of `beginning`, id. */
export const begin = `UPDATE delivery SET ${sets(beginning)}, turn = NULL WHERE id = ?`;
/** Makes any other transition: the values of `changing`, `queuedOf`, id. */
export const update = `UPDATE delivery SET ${sets(changing)}, queued = ?, turn = NULL WHERE id = ?`;
/** The same, when state and attempts are as they were seen. */
export const updateIf = `${update} AND state = ? AND attempts = ?`;
/** Writes a line of a history: id, time, attempt, state, reason, status, detail, milliseconds, answer. */
export const addition = "INSERT INTO journal VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
/** Remembers a value under a key. */
export const setMeta =
  "INSERT INTO meta VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = ?2";

/** The column `queued`. */
export function queuedOf(delivery: Delivery): 1 | null {
  return isUnfinished(delivery) ? 1 : null;
}

/** Identities are long; their digest is enough to know them again. */
export function digest(identity: string): Uint8Array {
  return hash("sha256", identity, "buffer").subarray(0, 16);
}
