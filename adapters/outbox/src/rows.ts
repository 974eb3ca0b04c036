import type {
  Delivery,
  DeliveryState,
  Endpoint,
  Fallback,
  JournalEntry,
  NewDelivery,
  Reason,
  StoredRequest,
} from "@tocsin/alerting/delivery";

/** A value that SQLite stores. */
export type Value = string | number | Uint8Array | null;
/** A row as `node:sqlite` gives it. */
export type Row = Readonly<Record<string, unknown>>;

/** Numbers as `json_each` takes them. */
export function textOf(numbers: readonly (string | number)[]): string {
  return `[${numbers.join(",")}]`;
}

/** Columns that a transition may change. */
export const changing = [
  "state",
  "attempts",
  "failures",
  "since",
  "in_doubt",
  "last_status",
  "reason",
  "detail",
  "next_attempt_at",
  "superseded_by",
  "owner",
  "lease_until",
] as const;

/** Their values, in the order of `changing`. */
export function changingValues(delivery: Delivery): Value[] {
  return [
    delivery.state,
    delivery.attempts,
    delivery.failures,
    delivery.since,
    delivery.inDoubt ? 1 : 0,
    delivery.lastStatus,
    delivery.reason,
    delivery.detail,
    delivery.nextAttemptAt ?? null,
    delivery.supersededBy === undefined ? null : Number(delivery.supersededBy),
    delivery.owner ?? null,
    delivery.leaseUntil ?? null,
  ];
}

/**
 * Columns of `event`, which never change. `identity` is stored as a digest and never read back.
 */
export const fixed = [
  "run_id",
  "identity",
  "integration",
  "endpoint",
  "order_key",
  "entity",
  "message_type",
  "request",
] as const;

const columns = ["id", ...fixed, "recorded_at", ...changing, "urgency", "fallback", "fallback_at"];
const read = columns.filter((name) => name !== "identity");
/** Selects whole deliveries: what changes, and what does not. */
export const whole = `SELECT ${read.join(", ")} FROM delivery CROSS JOIN event USING (id)`;

/** Their values, in the order of `fixed`. */
export function fixedValues(event: NewDelivery, identity: Uint8Array): Value[] {
  return [
    event.runId,
    identity,
    event.integration,
    event.endpoint,
    event.orderKey,
    event.entity,
    event.messageType,
    JSON.stringify(event.request),
  ];
}

/** A row as a delivery. */
export function deliveryOf(row: Row): Delivery {
  const optional: { -readonly [Key in keyof Delivery]?: Delivery[Key] } = {};
  if (row["next_attempt_at"] !== null) optional.nextAttemptAt = Number(row["next_attempt_at"]);
  if (row["superseded_by"] !== null) optional.supersededBy = String(row["superseded_by"]);
  if (row["owner"] !== null) optional.owner = String(row["owner"]);
  const fallback = row["fallback"] ?? null;
  if (fallback !== null) {
    const state = String(fallback) as Fallback["state"];
    optional.fallback = { state, at: Number(row["fallback_at"]) };
  }
  if (row["lease_until"] !== null) optional.leaseUntil = Number(row["lease_until"]);
  const request: StoredRequest = JSON.parse(String(row["request"]));
  return {
    id: String(row["id"]),
    runId: String(row["run_id"]),
    identity: "",
    integration: String(row["integration"]),
    endpoint: String(row["endpoint"]),
    orderKey: String(row["order_key"]),
    entity: String(row["entity"]),
    messageType: String(row["message_type"]),
    request,
    recordedAt: Number(row["recorded_at"]),
    state: String(row["state"]) as DeliveryState,
    attempts: Number(row["attempts"]),
    failures: Number(row["failures"]),
    since: Number(row["since"]),
    inDoubt: row["in_doubt"] === 1,
    lastStatus: String(row["last_status"]),
    reason: String(row["reason"]) as Reason,
    detail: String(row["detail"]),
    ...optional,
  };
}

/** A row as a line of history. */
export function entryOf(row: Row): JournalEntry {
  const entry = {
    deliveryId: String(row["delivery_id"]),
    at: Number(row["at"]),
    attempt: Number(row["attempt"]),
    state: String(row["state"]) as DeliveryState,
    reason: String(row["reason"]) as Reason,
    status: String(row["status"]),
    detail: String(row["detail"]),
  };
  const milliseconds = row["milliseconds"];
  const answer = row["answer"] ?? null;
  return {
    ...entry,
    ...(milliseconds === null ? {} : { milliseconds: Number(milliseconds) }),
    ...(answer === null ? {} : { answer: String(answer) }),
  };
}

/** A row as what is known of an endpoint. */
export function endpointOf(row: Row): Endpoint {
  const endpoint: Endpoint = JSON.parse(String(row["data"]));
  return endpoint;
}
