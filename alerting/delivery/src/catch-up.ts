import type { Delivery } from "./delivery.ts";
import { begun, replaceable, settled, superseded } from "./machine.ts";
import type { Change, OutboxStore } from "./store.ts";

/** What a store is told of events that went out without it. */
export interface WithoutStore {
  /** The events as they are now, with their identities. */
  readonly sent: readonly Delivery[];
  /** Whether they replace those of earlier runs. */
  readonly supersede: boolean;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/**
 * Tells a store that works again what happened without it, before anything leaves it. An event whose
 * recording failed half-way may be in it all the same, and would go out a second time: it is known
 * again by its identity. What was answered is settled, and older states of its entity are replaced;
 * what was not is recorded now. Gives the events as they are in the store, in the same order.
 */
export async function catchUp(
  store: OutboxStore,
  { sent, supersede, at }: WithoutStore,
): Promise<readonly Delivery[]> {
  if (sent.length === 0) return [];
  const { deliveries } = await store.record(sent, { supersede });
  const answered = deliveries.flatMap((stored, index) => {
    const now = sent[index];
    const done = now.state === "accepted" || now.state === "refused";
    return done && stored.state === "recorded" ? [{ stored, now }] : [];
  });
  const lease = { owner: store.owner, leaseUntil: at };
  const changes = answered.flatMap(({ stored, now }) => {
    const begin = begun(stored, at, lease);
    return [changeOf(stored, begin), changeOf(begin.next, answeredStep(begin.next, now, at))];
  });
  await store.change([...changes, ...(await overtaken(store, answered, at))]);
  const now: Delivery[] = [];
  for (const one of deliveries) now.push((await store.get(one.id)) ?? one);
  return now;
}

const refusals = ["bad-request", "too-large", "failure-answer"] as const;

function changeOf({ state, attempts }: Delivery, step: Change["step"]): Change {
  return { expect: { state, attempts }, step };
}

function answeredStep(delivery: Delivery, now: Delivery, at: number) {
  const { lastStatus: status } = now;
  const reason = refusals.find((one) => one === now.reason) ?? "bad-request";
  const detail = now.detail === "" ? "sent while the outbox did not work" : now.detail;
  const verdict =
    now.state === "accepted"
      ? ({ kind: "accepted", status, detail } as const)
      : ({ kind: "refused", reason, status, detail } as const);
  const outcome = { verdict, at, milliseconds: 0, retryAfter: undefined };
  // No chance is in an answer.
  return settled(delivery, outcome, { next: () => 0 });
}

/** Older states of the same entities that the service must not hear of any more. */
async function overtaken(
  store: OutboxStore,
  answered: readonly { stored: Delivery; now: Delivery }[],
  at: number,
): Promise<Change[]> {
  const newest = new Map<string, Delivery>();
  for (const { stored, now } of answered) {
    if (now.state === "accepted") newest.set(stored.orderKey, stored);
  }
  const own = new Set(answered.map(({ stored }) => stored.id));
  const waiting = await store.list({ states: ["recorded", "waiting"] });
  return waiting.flatMap((one) => {
    const by = newest.get(one.orderKey);
    const older = by !== undefined && Number(one.id) < Number(by.id) && !own.has(one.id);
    return older && replaceable(one) ? [changeOf(one, superseded(one, by.id, at))] : [];
  });
}
