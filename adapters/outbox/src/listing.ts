import type { StatementSync } from "node:sqlite";
import { type DeliveryFilter, type DeliveryState, emptyCounts } from "@tocsin/alerting/delivery";
import type { Value } from "./rows.ts";

/** What follows `WHERE` for a filter, in the order of ids, and the values in it. */
export function listing(filter: DeliveryFilter): { where: string; values: Value[] } {
  const { states, runId, entity, reason, after, limit } = filter;
  const wanted: [string, Value[]][] = [];
  if (states !== undefined) {
    wanted.push([`state IN (${states.map(() => "?").join(", ")})`, [...states]]);
  }
  if (runId !== undefined) wanted.push(["run_id = ?", [runId]]);
  if (entity !== undefined) wanted.push(["entity = ?", [entity]]);
  if (reason !== undefined) wanted.push(["reason = ?", [reason]]);
  if (after !== undefined) wanted.push(["id > ?", [Number(after)]]);
  const where = ["1", ...wanted.map(([text]) => text)].join(" AND ");
  const values = [...wanted.flatMap(([, value]) => value), limit ?? -1];
  return { where: `${where} ORDER BY id LIMIT ?`, values };
}

/** How many events are in each state, or in these. */
export function countsOf(
  states: readonly DeliveryState[] | undefined,
  statement: (sql: string) => StatementSync,
): Record<DeliveryState, number> {
  const counts = emptyCounts();
  const where = states === undefined ? "" : `WHERE state IN (${states.map(() => "?").join(", ")})`;
  const select = `SELECT state, count(*) AS n FROM delivery ${where} GROUP BY state`;
  for (const row of statement(select).all(...(states ?? [])))
    counts[String(row["state"]) as DeliveryState] = Number(row["n"]);
  return counts;
}
