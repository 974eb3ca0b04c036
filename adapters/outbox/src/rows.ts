import {
  type Delivery,
  type DeliveryState,
  type Endpoint,
  type Fallback,
  type JournalEntry,
  type NewDelivery,
  type Reason,
  type StoredRequest,
  unfinished,
} from "@tocsin/alerting/delivery";

/** A value that SQLite stores. */
export type Value = string | number | Uint8Array | null;
/** A row as `node:sqlite` gives it. */
export type Row = Readonly<Record<string, unknown>>;

/** The rows in `delivery_state`: SQLite uses a partial index only where a statement repeats its condition. */
export const rare = "state NOT IN ('recorded', 'accepted')";

/** Numbers in the form that `json_each` reads. */
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
 * Columns of `event`, which never change. `identity` is mostly stored as a digest, and never read back.
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
export function fixedValues(event: NewDelivery, identity: Uint8Array | string): Value[] {
  return [
    event.runId,
    identity,
    event.integration,
    event.endpoint,
    event.orderKey,
    event.entity,
    event.messageType,
    requestText(event),
  ];
}

/** Begins the stored text of a common request: a POST of JSON to the endpoint's address. Its body follows. */
const usual = "=";
const usualHeader = { name: "Content-Type", value: "application/json" };

function requestText({ request, endpoint }: NewDelivery): string {
  const { method, url, headers, body, redirect, traceparent } = request;
  const names = Object.keys(headers);
  const plain = names.length === 1 && headers[usualHeader.name] === usualHeader.value;
  const alone = plain && redirect === undefined && traceparent === undefined;
  // Events are JSON; a reference to a secret could make the body something else.
  if (alone && method === "POST" && url === endpoint && !body.includes("$")) return usual + body;
  return JSON.stringify(request);
}

const states: ReadonlySet<string> = new Set<DeliveryState>([
  ...unfinished,
  ...(["accepted", "refused", "parked", "held", "superseded", "discarded"] as const),
]);

/** A row that SQLite read from a damaged file without noticing. Counts as an error of SQLite's. */
function damaged(what: string): Error {
  return Object.assign(new Error(`${what} is no longer what was written`), { errcode: 11 });
}

function objectOf(text: string, what: string): object {
  let read: unknown;
  try {
    read = JSON.parse(text);
  } catch {
    throw damaged(what);
  }
  if (typeof read !== "object" || read === null) throw damaged(what);
  return read;
}

const isState = (text: string): text is DeliveryState => states.has(text);

function requestOf(row: Row): StoredRequest {
  const what = `the request of event ${String(row["id"])}`;
  const text = String(row["request"]);
  if (text.startsWith(usual)) {
    const headers = { [usualHeader.name]: usualHeader.value };
    const body = text.slice(usual.length);
    objectOf(body, what);
    return { method: "POST", url: String(row["endpoint"]), headers, body };
  }
  const read = objectOf(text, what);
  if (!isRequest(read)) throw damaged(what);
  return read;
}

function isRequest(read: object): read is StoredRequest {
  const one: Partial<Record<keyof StoredRequest, unknown>> = read;
  const texts = typeof one.url === "string" && typeof one.method === "string";
  return texts && typeof one.body === "string" && typeof one.headers === "object";
}

/** A row as a delivery. Throws what SQLite throws for a damaged file when it is not one. */
export function deliveryOf(row: Row): Delivery {
  const state = String(row["state"]);
  if (!isState(state)) throw damaged(`the state of event ${String(row["id"])}`);
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
  return {
    id: String(row["id"]),
    runId: String(row["run_id"]),
    identity: "",
    integration: String(row["integration"]),
    endpoint: String(row["endpoint"]),
    orderKey: String(row["order_key"]),
    entity: String(row["entity"]),
    messageType: String(row["message_type"]),
    request: requestOf(row),
    recordedAt: Number(row["recorded_at"]),
    state,
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

/** A row as the state of an endpoint. Throws what SQLite throws for a damaged file when it is not one. */
export function endpointOf(row: Row): Endpoint {
  const what = "what is known of an endpoint";
  const read = objectOf(String(row["data"]), what);
  if (!isEndpoint(read)) throw damaged(what);
  return read;
}

function isEndpoint(read: object): read is Endpoint {
  return "key" in read && typeof read.key === "string" && "state" in read;
}
