import { expect, test } from "vitest";
import {
  catchUp,
  type Change,
  type Delivery,
  held,
  MemoryOutbox,
  resumed,
} from "@tocsin/alerting/delivery";
import type { Unwritten } from "../src/landed.ts";
import { begun, settled } from "../src/machine.ts";
import { event } from "./store-conformance.ts";

function sent(word: string, state: Delivery["state"], identity = word): Delivery {
  const status = state === "accepted" ? "200" : "400";
  const reason = state === "accepted" ? "accepted" : state === "refused" ? "too-large" : "new";
  const rest = { failures: 0, since: 1000, inDoubt: false, detail: "" } as const;
  const known = { ...event(word, { identity }), id: "7", attempts: 1, lastStatus: status };
  return { ...known, ...rest, state, reason };
}
const supersede = true;

test("what was answered without the store is settled in it, known or not; what was not waits in it", async () => {
  const store = new MemoryOutbox();
  await store.record([event("CRITICAL:db", { identity: "CRITICAL:db" })], { supersede });
  const now = [
    sent("CRITICAL:db", "accepted"),
    sent("CRITICAL:web", "refused"),
    sent("CRITICAL:mail", "waiting"),
  ];
  const told = await catchUp(store, { sent: now, supersede, at: 5000 });
  expect(told.map(({ entity, state, reason }) => `${entity} ${state} ${reason}`)).toEqual([
    "db accepted accepted",
    "web refused too-large",
    "mail recorded new",
  ]);
  expect((await store.list({})).length).toBe(3);
  const story = await store.journal(told[0].id);
  expect(story.map((entry) => entry.state)).toEqual(["recorded", "sending", "accepted"]);
  expect(story[2].detail).toBe("sent while the outbox did not work");
});

test("no older state of an entity goes out after a newer one that went out without the store", async () => {
  const store = new MemoryOutbox();
  const words = ["CRITICAL:db", "ACKNOWLEDGEMENT:db", "CRITICAL:web"];
  await store.record(
    words.map((word) => event(word)),
    { supersede },
  );
  await catchUp(store, { sent: [sent("RECOVERY:db", "accepted")], supersede, at: 5000 });
  expect((await store.list({})).map((one) => `${one.messageType} ${one.state}`)).toEqual([
    "CRITICAL superseded",
    "CRITICAL recorded",
    "ACKNOWLEDGEMENT recorded",
    "RECOVERY accepted",
  ]);
});

/** An attempt that ended without the store: accepted, or in doubt. */
function ended(delivery: Delivery, accepted: boolean, as: Partial<Delivery> = {}): Unwritten {
  const verdict = accepted
    ? ({ kind: "accepted", status: "200", detail: "" } as const)
    : ({ kind: "retry", reason: "timeout", status: "", detail: "", inDoubt: true } as const);
  const outcome = { verdict, at: 5000, milliseconds: 1, retryAfter: undefined };
  const settle = (one: Delivery): Change => ({
    expect: one,
    step: settled(one, outcome, { next: () => 0 }),
  });
  const sending: Delivery = { ...delivery, attempts: 1, state: "sending", ...as };
  return { delivery: sending, answered: accepted, settle };
}

test("what another process has begun meanwhile ends as it does there, but for what has arrived from here", async () => {
  const store = new MemoryOutbox();
  const events = [event("CRITICAL:db"), event("CRITICAL:web")];
  const { deliveries } = await store.record(events, { supersede });
  // Both went out unmarked, and from another process, too.
  const room = new Map([[events[0].endpoint, 2]]);
  const asked = { at: 2000, leaseUntil: 17_000, room, meterOf: () => undefined };
  const other = store.another();
  const taken = await other.take({ ...asked, admit: (one) => one });
  const unwritten = deliveries.map((one, index) => ended(one, index === 0));
  await catchUp(store, { sent: [], unwritten, supersede, at: 5000 });
  expect((await store.list({})).map((one) => `${one.entity} ${one.state}`)).toEqual([
    "db accepted",
    "web sending",
  ]);
  // Or has ended it in vain.
  const [, web] = taken.deliveries;
  await other.change([ended(web, false).settle(web)]);
  const arrived = [ended(deliveries[1], true)];
  await catchUp(store, { sent: [], unwritten: arrived, supersede, at: 6000 });
  expect((await store.get(web.id))?.state).toBe("accepted");
});

test("what was held while its sender could not write is settled when that was answered", async () => {
  const store = new MemoryOutbox();
  const events = [event("CRITICAL:db"), event("CRITICAL:web")];
  const { deliveries } = await store.record(events, { supersede });
  // Both went out unmarked; then another process took the queue for an old one.
  const why = { reason: "unconfirmed", detail: "old", until: 9000 } as const;
  await store.change(deliveries.map((one) => ({ expect: one, step: held(one, why, 3000) })));
  const unwritten = deliveries.map((one, index) => ended(one, index === 0));
  await catchUp(store, { sent: [], unwritten, supersede, at: 5000 });
  expect((await store.list({})).map((one) => `${one.entity} ${one.state}`)).toEqual([
    "db accepted",
    "web held",
  ]);
  const story = (await store.journal(deliveries[0].id)).map((one) => one.state);
  expect(story).toEqual(["recorded", "held", "waiting", "sending", "accepted"]);
});

test("what went out without the store, and is held in it, is settled there", async () => {
  const store = new MemoryOutbox();
  const { deliveries } = await store.record([event("CRITICAL:db", { identity: "CRITICAL:db" })], {
    supersede,
  });
  const why = { reason: "hold-asked", detail: "" } as const;
  await store.change([{ expect: deliveries[0], step: held(deliveries[0], why, 3000) }]);
  await catchUp(store, { sent: [sent("CRITICAL:db", "accepted")], supersede, at: 5000 });
  expect((await store.list({})).map((one) => one.state)).toEqual(["accepted"]);
});

test("a note that went out without the store replaces no state; a state also replaces what is in doubt", async () => {
  const store = new MemoryOutbox();
  await store.record([event("CRITICAL:db"), event("CRITICAL:web")], { supersede });
  const room = new Map([[event("CRITICAL:db").endpoint, 2]]);
  const asked = { at: 2000, leaseUntil: 17_000, room, meterOf: () => undefined };
  const { deliveries } = await store.take({ ...asked, admit: (one) => one });
  await store.change(deliveries.map((one) => ({ expect: one, step: resumed(one, 3000) })));
  const went = [sent("INFO:db", "accepted"), sent("RECOVERY:web", "accepted")];
  await catchUp(store, { sent: went, supersede, at: 5000 });
  expect(
    (await store.list({})).map((one) => `${one.messageType}:${one.entity} ${one.state}`),
  ).toEqual([
    "CRITICAL:db waiting",
    "CRITICAL:web superseded",
    "INFO:db accepted",
    "RECOVERY:web accepted",
  ]);
});

test("what failed while its store did not hear of it does not go out after a newer state that arrived", async () => {
  const store = new MemoryOutbox();
  const { deliveries } = await store.record([event("CRITICAL:db"), event("CRITICAL:web")], {
    supersede,
  });
  const room = new Map([[deliveries[0].endpoint, 2]]);
  const asked = { at: 2000, leaseUntil: 17_000, room, meterOf: () => undefined };
  const taken = await store.take({ ...asked, admit: (one) => one });
  const went = [sent("RECOVERY:db", "accepted")];
  // One state was told of before, and the other comes with it.
  await catchUp(store, { sent: [sent("RECOVERY:web", "accepted")], supersede, at: 4000 });
  const unwritten = taken.deliveries.map((one) => ended(one, false, one));
  await catchUp(store, { sent: went, unwritten, supersede, at: 5000 });
  expect(
    (await store.list({})).map((one) => `${one.messageType}:${one.entity} ${one.state}`),
  ).toEqual([
    "CRITICAL:db superseded",
    "CRITICAL:web superseded",
    "RECOVERY:web accepted",
    "RECOVERY:db accepted",
  ]);
});

test("what another process changes between the look and the telling is looked at again", async () => {
  const store = new MemoryOutbox();
  const { deliveries } = await store.record([event("CRITICAL:db")], { supersede });
  const [one] = deliveries;
  const { record } = store;
  store.record = async (...asked) => {
    store.record = record;
    // Another process tried to send it.
    const step = begun(one, 4000, { owner: "another", leaseUntil: 4000 });
    const missing = {
      kind: "retry",
      reason: "server-error",
      status: "",
      detail: "",
      inDoubt: false,
    } as const;
    const outcome = { verdict: missing, at: 4001, milliseconds: 0, retryAfter: undefined };
    const back = settled(step.next, outcome, { next: () => 0 });
    await store.change([
      { expect: one, step },
      { expect: step.next, step: back },
    ]);
    return store.record(...asked);
  };
  await catchUp(store, { sent: [], unwritten: [ended(one, true)], supersede, at: 5000 });
  expect((await store.get(one.id))?.state).toBe("accepted");
});
