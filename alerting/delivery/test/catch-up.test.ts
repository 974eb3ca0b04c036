import { expect, test } from "vitest";
import { catchUp, type Delivery, MemoryOutbox } from "@tocsin/alerting/delivery";
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
