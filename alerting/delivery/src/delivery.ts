/**
 * Where a delivery is in its life.
 *
 * recorded → sending → accepted | refused | waiting | parked; waiting → sending; recorded and
 * waiting →
 * superseded; all of these and parked, refused → discarded; parked, refused → waiting
 * (by a person). recorded, waiting → held (by a person, or found in a restored outbox) → waiting |
 * superseded | discarded.
 */
export type DeliveryState =
  | "recorded"
  | "sending"
  | "waiting"
  | "accepted"
  | "refused"
  | "parked"
  | "held"
  | "superseded"
  | "discarded";

/** The states of a delivery that the sender still has to do something about. */
export const unfinished: readonly DeliveryState[] = ["recorded", "sending", "waiting"];

/** Whether the sender still has to do something about it. */
export function isUnfinished(delivery: { readonly state: DeliveryState }): boolean {
  return unfinished.includes(delivery.state);
}

/** Why a delivery is in its state. */
export type Reason =
  | "new"
  | "in-flight"
  | "accepted"
  // The event's fault.
  | "bad-request"
  | "too-large"
  | "failure-answer"
  // The endpoint's fault: everything for it waits.
  | "redirect"
  | "unauthorised"
  | "not-found"
  | "method-not-allowed"
  | "gone"
  | "tls"
  | "no-such-host"
  | "invalid-url"
  | "html-answer"
  | "secret-missing"
  // Try again.
  | "rate-limited"
  | "server-error"
  | "timeout"
  | "network"
  | "truncated"
  | "interrupted"
  // Decided here.
  | "expired"
  | "superseded"
  | "discarded"
  | "hold-asked"
  | "restored"
  | "unconfirmed"
  | "released"
  | "retry-asked"
  // Beside its way: it was late, and another way was taken, too.
  | "fallback";

/** A request as it is stored: every secret is a reference (see `toReference`). */
export interface StoredRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Origin that takes the place of the URL's own (`--deliver-to`). */
  readonly redirect?: string;
  /** Where its recording stands in a trace (W3C); never sent. */
  readonly traceparent?: string;
}

/** An event that is to be recorded. Times are milliseconds since 1970, wall clock. */
export interface NewDelivery {
  readonly runId: string;
  /**
   * Run id, endpoint, body without `state_start_time`, n-th equal one: the same text, the same
   * event. Of a run that cannot be repeated: run id, number.
   */
  readonly identity: string;
  /** Name of the integration: "victorops". */
  readonly integration: string;
  /**
   * Where it goes: the request's URL with secrets by reference, the redirect's origin before it.
   */
  readonly endpoint: string;
  /**
   * Host and entity: at most one of these is in flight. "" is an event without entity: no order.
   */
  readonly orderKey: string;
  readonly entity: string;
  readonly messageType: string;
  readonly request: StoredRequest;
  /** Milliseconds since 1970, as all times here. */
  readonly recordedAt: number;
}

/** An event in the outbox. */
export interface Delivery extends NewDelivery {
  /** Decimal digits; a later one is a larger number. */
  readonly id: string;
  readonly state: DeliveryState;
  /** Attempts begun. */
  readonly attempts: number;
  /** Attempts in a row that failed in a way worth repeating: what the backoff grows with. */
  readonly failures: number;
  /** Start of the 24 hours after which it is parked: recording, or a person's `retry`. */
  readonly since: number;
  /** True once an attempt ended without a verdict: On-Call may have it already. */
  readonly inDoubt: boolean;
  /** Last HTTP status as text; "" when no answer came. */
  readonly lastStatus: string;
  readonly reason: Reason;
  /** For people; never a secret. */
  readonly detail: string;
  /** When the next attempt is due (state waiting). */
  readonly nextAttemptAt?: number;
  /** The successor's id (state superseded). */
  readonly supersededBy?: string;
  /** Who sends it and until when that is certain (state sending). */
  readonly owner?: string;
  readonly leaseUntil?: number;
  /** Whether it went out by the fallback, too, because it was late. */
  readonly fallback?: Fallback;
}

/** What became of a late event's other way: it is on it, it went, or that failed. */
export interface Fallback {
  readonly state: "begun" | "sent" | "failed";
  readonly at: number;
}

/** One line of a delivery's history. */
export interface JournalEntry {
  readonly deliveryId: string;
  readonly at: number;
  readonly attempt: number;
  /** The state that it entered. */
  readonly state: DeliveryState;
  readonly reason: Reason;
  readonly status: string;
  readonly detail: string;
  /** How long the attempt took. */
  readonly milliseconds?: number;
  /** What the service said, when it did not accept: up to 20,480 characters, without secrets. */
  readonly answer?: string;
}
