import { type Delivery, isUnfinished } from "@tocsin/alerting/delivery";
import { changing, fixed } from "./rows.ts";

const insert = (table: string, columns: readonly string[]): string =>
  `INSERT INTO ${table} (${columns.join(", ")}) VALUES (${columns.map(() => "?").join(", ")})`;
const sets = (names: readonly string[]): string => names.map((name) => `${name} = ?`).join(", ");

/** Columns that say which unfinished events may go out, as they are at recording. */
const turnColumns = ["lane", "order_hash", "urgency", "queued", "turn", "next", "behind"] as const;

/** Records an event, unless its identity is known: the values of `fixed`. */
export const insertion = `${insert("event", fixed)} ON CONFLICT (identity) DO NOTHING`;
/** Records its delivery: id, time, the values of `changing` and `turnColumns`. */
export const placing = insert("delivery", ["id", "recorded_at", ...changing, ...turnColumns]);
/** Puts an event back under its old number: id, the values of `fixed`. */
export const reinsertion = insert("event", ["id", ...fixed]);
/** Records the delivery of an event: id, time, the values of `turnColumns`. Its other columns are the same for every new one. */
export const entry = `INSERT INTO delivery (id, recorded_at, since, ${turnColumns.join(", ")},
    state, attempts, failures, in_doubt, last_status, reason, detail, room)
  VALUES (?1, ?2, ?2, ${turnColumns.map((_one, at) => `?${at + 3}`).join(", ")},
    'recorded', 0, 0, 0, '', 'new', '', zeroblob(48))`;
/** Gives events (ids as JSON) their turn: they are the first of their order keys now, and nothing keeps them from going out. */
export const followings = `UPDATE OR FAIL delivery SET turn = 1, behind = NULL
  WHERE id IN (SELECT value FROM json_each(?))`;
/** Begins attempts of one lease: state, reason, detail, owner, end of the lease, ids as JSON, time. */
export const beginnings = `UPDATE OR FAIL delivery SET state = ?1, attempts = attempts + 1, reason = ?2, detail = ?3,
    next_attempt_at = NULL, owner = ?4, lease_until = ?5, turn = NULL, behind = NULL,
    begun_at = ?7, room = NULL
  WHERE id IN (SELECT value FROM json_each(?6))`;
/**
 * Settles events, where state and attempts are as expected: state, failures, status, reason, detail, a JSON object from ids to
 * the milliseconds of their attempts, expected state, expected attempts, time. Returns the settled ids, each with the next one in its
 * chain (the column stays: an acceptance is final). The `+` makes SQLite find the rows by id, not by state.
 */
export const acceptances = `UPDATE OR FAIL delivery SET state = ?1, failures = ?2, last_status = ?3, reason = ?4, detail = ?5,
    next_attempt_at = NULL, owner = NULL, lease_until = NULL, queued = NULL, turn = NULL, accepted_at = ?9,
    milliseconds = said.value
  FROM json_each(?6) AS said
  WHERE delivery.id = said.key AND +state = ?7 AND attempts = ?8 RETURNING delivery.id AS id, next`;
/** Clears what a row says of the end of its history, because lines say it now: id. */
export const unsaid =
  "UPDATE delivery SET begun_at = NULL, accepted_at = NULL, milliseconds = NULL WHERE id = ?";
/** Makes any other transition: the values of `changing`, `queuedOf`, id. */
export const update = `UPDATE delivery SET ${sets(changing)}, queued = ?, turn = NULL WHERE id = ?`;
/** The same, if state and attempts are still as they were read. */
export const updateIf = `${update} AND +state = ? AND attempts = ?`;
/** Writes a line of a history: id, time, attempt, state, reason, status, detail, milliseconds, answer. */
export const addition = "INSERT INTO journal VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
/** Writes lines that differ in id and milliseconds (a JSON object): time, attempt, state, reason, status, detail. */
export const lines = `INSERT OR FAIL INTO journal SELECT NULL, key, ?1, ?2, ?3, ?4, ?5, ?6, value, NULL
  FROM json_each(?7)`;
/** Remembers a value under a key. */
export const setMeta =
  "INSERT INTO meta VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = ?2";

/** The column `queued`. */
export function queuedOf(delivery: Delivery): 1 | null {
  return isUnfinished(delivery) ? 1 : null;
}
