import {
  type Delivery,
  isUnfinished,
  mayBecome,
  type OutboxStore,
  overtakes,
} from "@tocsin/alerting/delivery";
import type { Ledgers } from "./ledgers.ts";
import { numberOf } from "./ledgers.ts";

/** Part of every key. */
const secret = "-SECRET-";
/** What an administrator may leave behind on purpose. */
interface Leave {
  /** Clocks and disks went back, so events are held. */
  readonly mayHold: boolean;
  /** A person gave events up. */
  readonly mayDiscard: boolean;
}

/** Looks at the ledgers after everything had time to arrive; writes down what does not hold. */
export async function judge(ledgers: Ledgers, store: OutboxStore, leave: Leave): Promise<void> {
  const all = await store.list({});
  const left = (one: Delivery) =>
    (one.state === "discarded" && leave.mayDiscard) ||
    (one.state === "held" && leave.mayHold) ||
    ((one.state === "held" || one.state === "parked") && isOvertaken(one, all));
  const stored = all.filter((one) => !left(one));
  for (const one of all) {
    if (left(one)) ledgers.acknowledged.delete(numberOf(one.request.body));
  }
  const byNumber = new Map(stored.map((one) => [numberOf(one.request.body), one]));
  const byId = new Map(all.map((one) => [one.id, one]));
  for (const number of ledgers.acknowledged) {
    if (!byNumber.has(number)) ledgers.violate("lost", `${number} is not in the outbox`);
  }
  for (const [number, delivery] of byNumber) {
    if (!ledgers.emitted.has(number)) ledgers.violate("unexpected", `${number} is in the outbox`);
    finalState(ledgers, number, delivery, byId);
  }
  for (const delivery of all) await history(ledgers, delivery, store);
  newest(ledgers, all, left);
  const texts = [...ledgers.shown, JSON.stringify(stored)];
  for (const text of texts) {
    if (text.includes(secret)) ledgers.violate("no secret", text.slice(0, 300));
  }
}

function finalState(
  ledgers: Ledgers,
  number: number,
  delivery: Delivery,
  byId: ReadonlyMap<string, Delivery>,
): void {
  const { id, state, supersededBy, runId, orderKey } = delivery;
  const effects = ledgers.received.filter((one) => one.number === number).map((one) => one.effect);
  if (isUnfinished(delivery) || ["parked", "discarded", "held"].includes(state)) {
    ledgers.violate("nothing waits", `${number} is ${state}: ${delivery.reason}`);
  } else if (state === "accepted" && !effects.includes("accepted")) {
    ledgers.violate("lost", `${number} counts as accepted, and never was`);
  } else if (state === "refused" && !effects.includes("refused")) {
    ledgers.violate("lost", `${number} counts as refused, and never was`);
  } else if (state === "superseded" && !ledgers.pruned.has(supersededBy ?? "")) {
    const successor = byId.get(supersededBy ?? "");
    const newer = successor !== undefined && Number(successor.id) > Number(id);
    if (!isState(delivery) || (newer && !isState(successor))) {
      ledgers.violate("lost", `${number} was replaced, though one of the two says no state`);
    }
    // What went out without the outbox also takes the place of what waits of its own run.
    const own =
      successor?.runId === runId && !ledgers.unmarked.has(numberOf(successor.request.body));
    if (!newer || own || successor.orderKey !== orderKey) {
      ledgers.violate("lost", `${number} was replaced by ${supersededBy}, which is no newer state`);
    }
  }
}

/** Whether it says what state its entity is in. */
function isState({ messageType, orderKey }: Delivery): boolean {
  return orderKey !== "" && ["CRITICAL", "WARNING", "RECOVERY"].includes(messageType);
}

/** What is said of a delivery's life is what happened to it. */
async function history(ledgers: Ledgers, delivery: Delivery, store: OutboxStore): Promise<void> {
  const entries = await store.journal(delivery.id);
  const last = entries.at(-1);
  const begun = entries.filter((one) => one.state === "sending").length;
  const whole =
    entries[0]?.state === "recorded" &&
    last?.state === delivery.state &&
    begun === delivery.attempts &&
    entries.every((one, index) => index === 0 || mayBecome(entries[index - 1].state, one.state));
  const told = entries.map(({ state, reason }) => `${state} ${reason}`);
  const written = ledgers.steps.get(delivery.id) ?? [];
  if (!whole || !within(written, told)) {
    const states = entries.map((one) => one.state).join(" ");
    ledgers.violate("history", `${delivery.id} is ${delivery.state}; its history: ${states}`);
  }
}

/** Whether all of `some` stand in `all`, in that order. */
function within(some: readonly string[], all: readonly string[]): boolean {
  let at = 0;
  for (const one of all) if (one === some[at]) at += 1;
  return at === some.length;
}

/** The newest state of each entity arrived, or the service refused it. */
function newest(
  ledgers: Ledgers,
  stored: readonly Delivery[],
  left: (one: Delivery) => boolean,
): void {
  const last = new Map<string, Delivery>();
  for (const one of stored) if (isState(one)) last.set(one.orderKey, one);
  for (const [key, one] of last) {
    if (one.state === "accepted" || one.state === "refused" || left(one)) continue;
    if (ledgers.pruned.has(one.supersededBy ?? "")) continue;
    ledgers.violate("newest state", `${one.id} of ${key} is ${one.state}`);
  }
}

/** Sending it would turn back what the service was told since. */
function isOvertaken(held: Delivery, all: readonly Delivery[]): boolean {
  return all.some(
    (one) => one.orderKey === held.orderKey && Number(one.id) > Number(held.id) && overtakes(one),
  );
}
