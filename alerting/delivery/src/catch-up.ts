import type { Delivery } from "./delivery.ts";
import { begun, released, replaces, settled, superseded } from "./machine.ts";
import type { Unwritten } from "./landed.ts";
import type { Change, OutboxStore } from "./store.ts";

/** What a store is told that happened without it. */
interface WithoutStore {
  /** Events that went out without it, as they are now, with their identities. */
  readonly sent: readonly Delivery[];
  /** Attempts that it perhaps does not know the end of. */
  readonly unwritten?: readonly Unwritten[];
  /** Whether events replace those of earlier runs. */
  readonly supersede: boolean;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/**
 * Tells a store that works again what happened without it, in one transaction, before anything leaves
 * it; in another one where somebody else wrote just before. An event whose recording failed half-way may be in it all the same, and would go out a second
 * time: it is known again by its identity. What was answered is settled, and older states of its
 * entity are replaced; what was not is recorded now. Gives `sent` as it is in the store, in the same
 * order.
 */
export async function catchUp(
  store: OutboxStore,
  { sent, unwritten = [], supersede, at }: WithoutStore,
): Promise<readonly Delivery[]> {
  if (sent.length + unwritten.length === 0) return [];
  const known: (Delivery | undefined)[] = [];
  const newer: (Delivery | undefined)[] = [];
  for (const { delivery } of unwritten) {
    known.push(await store.get(delivery.id));
    newer.push(await newerState(store, delivery));
  }
  const older = await waiting(store, sent);
  const lease = { owner: store.owner, leaseUntil: at };
  const recorded = await store.record(sent, {
    supersede,
    also: (deliveries) => {
      const answered = pairs(deliveries, sent);
      const newest = newestOf(answered);
      return [
        ...unwritten.flatMap((one, index) => {
          const stored = known[index];
          const changes = ended(one, stored, { at, lease });
          const left = changes.at(-1)?.step.next ?? stored;
          const by = newest.get(one.delivery.orderKey) ?? newer[index];
          return [...changes, ...(left === undefined ? [] : replacedBy(left, by, at))];
        }),
        ...answered.flatMap(({ stored, now }) => {
          const { changes, next } = begunUnseen(stored, at, lease);
          return [...changes, changeOf(next, answeredStep(next, now, at))];
        }),
        ...overtaken(older, { answered, newest }, at),
      ];
    },
  });
  if (recorded.changed.includes(false)) {
    // Somebody else wrote between our look and this. Where that was us there is nothing left to say.
    const again: Unwritten[] = [];
    for (const [index, one] of unwritten.entries())
      if (await hasMoved(store, known[index])) again.push(one);
    await catchUp(store, { sent: [], unwritten: again, supersede, at });
  }
  const now: Delivery[] = [];
  for (const one of recorded.deliveries) now.push((await store.get(one.id)) ?? one);
  return now;
}

/** Whether somebody else wrote since it was looked at. */
async function hasMoved(store: OutboxStore, seen: Delivery | undefined): Promise<boolean> {
  const now = seen && (await store.get(seen.id));
  return now?.state !== seen?.state || now?.attempts !== seen?.attempts;
}

/** How an attempt ended that the store, which has `stored`, may not know. */
function ended(
  { delivery, answered, settle }: Unwritten,
  stored: Delivery | undefined,
  { at, lease }: { at: number; lease: Lease },
): Change[] {
  if (stored === undefined) return [];
  const { state, attempts, reason } = stored;
  if (state === "sending") {
    if (attempts !== delivery.attempts) return [];
    const change = settle(stored);
    // Another process has begun it meanwhile, and will say how that ended: only where it arrived from here nothing is left to say.
    const ours = stored.owner === delivery.owner || change.step.next.state === "accepted";
    return ours ? [change] : [];
  }
  // It lost the claim, which is not synced; or another process has waited for the end in vain.
  const lost = attempts < delivery.attempts || (reason === "interrupted" && state === "waiting");
  if (!answered || !waits.includes(state)) return [];
  const { changes, next } = begunUnseen(stored, at, lease);
  const change = settle(next);
  // What has arrived has, whatever became of it elsewhere.
  const counts = lost || state === "held" || change.step.next.state === "accepted";
  return counts ? [...changes, change] : [];
}

interface Lease {
  readonly owner: string;
  readonly leaseUntil: number;
}

/** States of what a store takes for unsent; what another process, or a person, holds was perhaps sent before. */
const waits: readonly Delivery["state"][] = ["recorded", "waiting", "held"];

/** An attempt that the store did not see; what is held meanwhile is let go for it. */
function begunUnseen(
  stored: Delivery,
  at: number,
  lease: Lease,
): { readonly changes: readonly Change[]; readonly next: Delivery } {
  if (stored.state !== "held") {
    const begin = begun(stored, at, lease);
    return { changes: [changeOf(stored, begin)], next: begin.next };
  }
  const free = released(stored, at, "it had gone out before it was held");
  const begin = begun(free.next, at, lease);
  return { changes: [changeOf(stored, free), changeOf(free.next, begin)], next: begin.next };
}

/** What went out and was answered, and waits in the store as if nothing had happened. */
interface Answered {
  readonly stored: Delivery;
  readonly now: Delivery;
}

function pairs(deliveries: readonly Delivery[], sent: readonly Delivery[]): Answered[] {
  return deliveries.flatMap((stored, index) => {
    const now = sent[index];
    const done = now.state === "accepted" || now.state === "refused";
    return done && waits.includes(stored.state) ? [{ stored, now }] : [];
  });
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

/** What waits of the entities that something was sent of. */
async function waiting(store: OutboxStore, sent: readonly Delivery[]): Promise<Delivery[]> {
  const found: Delivery[] = [];
  const entities = new Set(sent.map(({ entity }) => entity).filter((entity) => entity !== ""));
  for (const entity of entities) {
    found.push(...(await store.list({ states: ["recorded", "waiting"], entity })));
  }
  return found;
}

/** The newest state of its entity that the service has, and that is newer than this one. */
async function newerState(
  store: OutboxStore,
  { id, entity, orderKey }: Delivery,
): Promise<Delivery | undefined> {
  if (orderKey === "") return undefined;
  const accepted = await store.list({ states: ["accepted"], entity, after: id });
  return accepted.findLast((one) => one.orderKey === orderKey && replaces(one));
}

/** By order key: the last state that went out without the store and was accepted. */
function newestOf(answered: readonly Answered[]): Map<string, Delivery> {
  const newest = new Map<string, Delivery>();
  for (const { stored, now } of answered) {
    if (now.state === "accepted" && replaces(stored)) newest.set(stored.orderKey, stored);
  }
  return newest;
}

/** An older state that waits takes its leave, also one in doubt: to send it again now would turn the incident back. */
function replacedBy(one: Delivery, by: Delivery | undefined, at: number): Change[] {
  const waiting = one.state === "recorded" || one.state === "waiting";
  if (by === undefined || !waiting || !replaces(one) || Number(one.id) >= Number(by.id)) return [];
  return [changeOf(one, superseded(one, by.id, at))];
}

/** Older states of the same entities that the service must not hear of any more. */
function overtaken(
  older: readonly Delivery[],
  { answered, newest }: { answered: readonly Answered[]; newest: ReadonlyMap<string, Delivery> },
  at: number,
): Change[] {
  const own = new Set(answered.map(({ stored }) => stored.id));
  return older.flatMap((one) =>
    own.has(one.id) ? [] : replacedBy(one, newest.get(one.orderKey), at),
  );
}
