import type { StatementSync } from "node:sqlite";
import {
  type Delivery,
  type DeliveryFilter,
  type DeliveryState,
  emptyCounts,
  isUnfinished,
} from "@tocsin/alerting/delivery";
import { rare, type Value } from "./rows.ts";

/** The SQL behind `WHERE` for a filter, in the order of ids, and its values. */
export function listing(filter: DeliveryFilter): { where: string; values: Value[] } {
  const { states, runId, entity, reason, after, limit } = filter;
  const wanted: [string, Value[]][] = [];
  if (states !== undefined) {
    wanted.push([`state IN (${states.map(() => "?").join(", ")})`, [...states]]);
    if (states.every((one) => isUnfinished({ state: one }))) wanted.push(["queued = 1", []]);
    if (!states.some((one) => one === "recorded" || one === "accepted")) wanted.push([rare, []]);
  }
  if (runId !== undefined) wanted.push(["run_id = ?", [runId]]);
  if (entity !== undefined) wanted.push(["entity = ?", [entity]]);
  if (reason !== undefined) wanted.push(["reason = ?", [reason]]);
  if (after !== undefined) wanted.push(["id > ?", [Number(after)]]);
  const where = ["1", ...wanted.map(([text]) => text)].join(" AND ");
  const values = [...wanted.flatMap(([, value]) => value), limit ?? -1];
  return { where: `${where} ORDER BY id LIMIT ?`, values };
}

/** The last lines of an event's history, which its row holds (decision 0040). */
export const saidByRow = `SELECT ${Number.MAX_SAFE_INTEGER - 1} AS number, id AS delivery_id, begun_at AS at, attempts AS attempt,
    'sending' AS state, 'in-flight' AS reason, '' AS status, '' AS detail, NULL AS milliseconds, NULL AS answer
  FROM delivery WHERE begun_at IS NOT NULL AND id = ?1
  UNION ALL SELECT ${Number.MAX_SAFE_INTEGER}, id, accepted_at, attempts, state, reason, last_status, detail, milliseconds, NULL
  FROM delivery WHERE accepted_at IS NOT NULL AND id = ?1`;

/** The history of an event. Its row holds the first line and, for most events, the last ones. */
export const history = `SELECT 0 AS number, id AS delivery_id, recorded_at AS at, 0 AS attempt, 'recorded' AS state,
    'new' AS reason, '' AS status, '' AS detail, NULL AS milliseconds, NULL AS answer
  FROM delivery WHERE id = ?1
  UNION ALL SELECT number, delivery_id, at, attempt, state, reason, status, detail, milliseconds, answer
  FROM journal WHERE delivery_id = ?1 UNION ALL ${saidByRow} ORDER BY number`;

/** The number of events in each rare state, and of unfinished ones, from short indexes. */
const few = `SELECT state, count(*) AS n FROM delivery WHERE ${rare} GROUP BY state
  UNION ALL SELECT 'unfinished', count(*) FROM delivery WHERE queued = 1`;
const all = `${few} UNION ALL SELECT 'all', count(*) FROM delivery`;

/** How many events are in each state, or in each of `states`. */
export function countsOf(
  states: readonly DeliveryState[] | undefined,
  statement: (sql: string) => StatementSync,
): Record<DeliveryState, number> {
  const rows = statement(states?.includes("accepted") === false ? few : all).all();
  const found = new Map(rows.map(({ state, n }) => [String(state), Number(n)]));
  const of = (name: string): number => found.get(name) ?? 0;
  const counts = emptyCounts();
  const names = Object.keys(counts) as DeliveryState[];
  const rest = names.reduce((sum, state) => sum + of(state), 0);
  const recorded = of("unfinished") - of("sending") - of("waiting");
  found.set("recorded", recorded).set("accepted", of("all") - rest - recorded);
  for (const state of states ?? names) counts[state] = of(state);
  return counts;
}

/** By order key the last accepted state behind the first of these: it went out while the outbox was in trouble. */
export function newestAccepted(
  lost: readonly Delivery[],
  statement: (sql: string) => StatementSync,
): ReadonlyMap<string, number> {
  if (lost.length === 0) return new Map();
  const rows = statement(
    `SELECT order_key, max(id) AS id FROM delivery CROSS JOIN event USING (id)
     WHERE id > ? AND state = 'accepted'
     AND upper(message_type) IN ('CRITICAL', 'WARNING', 'RECOVERY') GROUP BY order_key`,
  ).all(Number(lost[0].id));
  return new Map(rows.map((row) => [String(row["order_key"]), Number(row["id"])]));
}
