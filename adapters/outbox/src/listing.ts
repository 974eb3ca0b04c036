import type { DeliveryFilter } from "@tocsin/alerting/delivery";
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
