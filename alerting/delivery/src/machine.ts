import type { Random } from "@tocsin/platform/host";
import type { Verdict } from "./classify.ts";
import type { Delivery, DeliveryState, JournalEntry, NewDelivery, Reason } from "./delivery.ts";
import { backoff, isExpired } from "./retry.ts";

/** A delivery is new. */
export function entered(delivery: Delivery): Step {
  return step(delivery, delivery.recordedAt);
}

/** A delivery after a transition, and the line that it adds to its history. */
export interface Step {
  readonly next: Delivery;
  readonly entry: JournalEntry;
}

/** While it is being made. */
type Made<T> = { -readonly [Key in keyof T]: T[Key] };

const ways: Readonly<Record<DeliveryState, readonly DeliveryState[]>> = {
  recorded: ["sending", "held", "superseded", "discarded"],
  sending: ["accepted", "refused", "waiting", "parked"],
  waiting: ["sending", "waiting", "held", "superseded", "discarded"],
  parked: ["waiting", "discarded"],
  held: ["waiting", "superseded", "discarded"],
  refused: ["waiting", "discarded"],
  accepted: [],
  superseded: [],
  discarded: [],
};

/** Whether a delivery may go from one state to the other. */
export function mayBecome(from: DeliveryState, to: DeliveryState): boolean {
  return ways[from].includes(to);
}

/**
 * The first state of an event. `identity`: what is kept of its identity, which is as long as the event itself and
 * only asked for by stores that have no digest of it.
 */
export function recorded(event: NewDelivery, id: string, identity = event.identity): Delivery {
  return {
    runId: event.runId,
    identity,
    integration: event.integration,
    endpoint: event.endpoint,
    orderKey: event.orderKey,
    entity: event.entity,
    messageType: event.messageType,
    request: event.request,
    recordedAt: event.recordedAt,
    id,
    state: "recorded",
    attempts: 0,
    failures: 0,
    since: event.recordedAt,
    inDoubt: false,
    lastStatus: "",
    reason: "new",
    detail: "",
  };
}

const inFlight = { reason: "in-flight", detail: "" } as const;

/** Its request is about to be sent by `owner`, who has until `leaseUntil` to settle it. */
export function begun(
  delivery: Delivery,
  at: number,
  lease: { owner: string; leaseUntil: number },
): Step {
  const moved = move(delivery, "sending", inFlight);
  moved.attempts += 1;
  moved.owner = lease.owner;
  moved.leaseUntil = lease.leaseUntil;
  return step(moved, at);
}

/** What the attempt came to. */
interface Outcome {
  readonly verdict: Verdict;
  /** When it is written down. Milliseconds since 1970. */
  readonly at: number;
  /** How long it took. */
  readonly milliseconds: number;
  /** What the service asked for, if it did. Milliseconds. */
  readonly retryAfter: number | undefined;
  /** What the service said, masked. */
  readonly said?: string | undefined;
}

/** An attempt ended. `detail` of the verdict is stored as it is: mask it first. */
export function settled(delivery: Delivery, outcome: Outcome, random: Random): Step {
  const { verdict, at } = outcome;
  const moved = afterVerdict(delivery, outcome, random);
  const { milliseconds, said } = outcome;
  moved.lastStatus = verdict.status;
  const { next, entry } = step(moved, at, verdict.status);
  entry.milliseconds = milliseconds;
  if (said !== undefined) entry.answer = said;
  return { next, entry };
}

function afterVerdict(delivery: Delivery, outcome: Outcome, random: Random): Made<Delivery> {
  const { verdict, at } = outcome;
  const { detail } = verdict;
  switch (verdict.kind) {
    case "accepted": {
      const moved = move(delivery, "accepted", { reason: "accepted", detail });
      moved.failures = 0;
      return moved;
    }
    case "refused":
      return move(delivery, "refused", { reason: verdict.reason, detail });
    case "blocked":
      // The endpoint's row says when the next probe is due; the event itself is ready at once.
      return {
        ...move(delivery, "waiting", { reason: verdict.reason, detail }),
        nextAttemptAt: at,
        failures: 0,
      };
    case "retry": {
      const inDoubt = delivery.inDoubt || verdict.inDoubt;
      const failures = verdict.reason === "interrupted" ? delivery.failures : delivery.failures + 1;
      if (isExpired(delivery.since, failures, at)) {
        return { ...move(delivery, "parked", { reason: "expired", detail }), failures, inDoubt };
      }
      const pause = failures === 0 ? 0 : backoff(failures, random);
      const nextAttemptAt = at + Math.max(pause, outcome.retryAfter ?? 0);
      const why = { reason: verdict.reason, detail };
      return { ...move(delivery, "waiting", why), failures, inDoubt, nextAttemptAt };
    }
  }
}

/** Its sender vanished while the request was in flight: nobody knows whether it arrived. */
export function resumed(delivery: Delivery, at: number): Step {
  const detail = "the process ended before the answer was read; it may be sent a second time";
  const moved = move(delivery, "waiting", { reason: "interrupted", detail });
  return step({ ...moved, inDoubt: true, nextAttemptAt: at }, at);
}

/**
 * Whether a later run's event may take this one's place: it still waits, and nobody has seen it.
 */
export function replaceable(delivery: Delivery): boolean {
  const waits = ["recorded", "waiting", "held"].includes(delivery.state);
  return waits && !delivery.inDoubt && replaces(delivery);
}

/** Whether it says what state its entity is in, so that it takes the place of older ones. */
export function replaces(delivery: Delivery): boolean {
  const type = delivery.messageType.toUpperCase();
  return delivery.orderKey !== "" && ["CRITICAL", "WARNING", "RECOVERY"].includes(type);
}

/** Whether the service has it, or may have it: earlier events of its entity must not follow. */
export function overtakes({ state, inDoubt }: Delivery): boolean {
  return state === "accepted" || state === "sending" || inDoubt;
}

/** A later run knows better. */
export function superseded(delivery: Delivery, successor: string, at: number): Step {
  const detail = `replaced by ${successor}, a newer state of the same entity`;
  const moved = move(delivery, "superseded", { reason: "superseded", detail });
  return step({ ...moved, supersededBy: successor }, at);
}

/** A person asks for another try; the 24 hours begin anew. */
export function retried(delivery: Delivery, at: number): Step {
  const moved = move(delivery, "waiting", { reason: "retry-asked", detail: delivery.detail });
  return step({ ...moved, failures: 0, since: at, nextAttemptAt: at }, at);
}

/**
 * It is not sent until a person releases it, a new run says the same entity's state anew, or the time
 * `until` comes.
 */
export function held(
  delivery: Delivery,
  why: { reason: "hold-asked" | "restored" | "unconfirmed"; detail: string; until?: number },
  at: number,
): Step {
  const { reason, detail, until } = why;
  const moved = move(delivery, "held", { reason, detail });
  return step(until === undefined ? moved : { ...moved, nextAttemptAt: until }, at);
}

/** A person lets it go, or its time has come. */
export function released(delivery: Delivery, at: number, detail = ""): Step {
  const moved = move(delivery, "waiting", { reason: "released", detail });
  return step({ ...moved, failures: 0, since: at, nextAttemptAt: at }, at);
}

/** A person gives up on it. */
export function discarded(delivery: Delivery, detail: string, at: number): Step {
  return step(move(delivery, "discarded", { reason: "discarded", detail }), at);
}

function move(
  delivery: Delivery,
  state: DeliveryState,
  { reason, detail }: { reason: Reason; detail: string },
): Made<Delivery> {
  if (!mayBecome(delivery.state, state)) {
    throw new Error(`delivery ${delivery.id} cannot go from ${delivery.state} to ${state}`);
  }
  // What belongs to the state that it leaves goes with it: `nextAttemptAt`, `owner`, `leaseUntil`. Written out,
  // since leaving fields out of a copy takes ten times as long, and each event makes two such moves.
  const moved: Made<Delivery> = {
    runId: delivery.runId,
    identity: delivery.identity,
    integration: delivery.integration,
    endpoint: delivery.endpoint,
    orderKey: delivery.orderKey,
    entity: delivery.entity,
    messageType: delivery.messageType,
    request: delivery.request,
    recordedAt: delivery.recordedAt,
    id: delivery.id,
    state,
    attempts: delivery.attempts,
    failures: delivery.failures,
    since: delivery.since,
    inDoubt: delivery.inDoubt,
    lastStatus: delivery.lastStatus,
    reason,
    detail,
  };
  const { supersededBy, fallback } = delivery;
  if (supersededBy !== undefined) moved.supersededBy = supersededBy;
  if (fallback !== undefined) moved.fallback = fallback;
  return moved;
}

function step(
  next: Delivery,
  at: number,
  status = "",
): { next: Delivery; entry: Made<JournalEntry> } {
  const { id, attempts, state, reason, detail } = next;
  return { next, entry: { deliveryId: id, at, attempt: attempts, state, reason, status, detail } };
}
