import { expect, test } from "vitest";
import { MemoryOutbox, rescue, Sender, StoreError } from "@tocsin/alerting/delivery";
import { memorySecrets, scriptedHttp, seeded, utf8 } from "@tocsin/platform/host";
import { SimulatedClock } from "@tocsin/platform/host";
import { event } from "./store-conformance.ts";

/** A store whose writes fail when it is said so. */
class Failing extends MemoryOutbox {
  fails = false;
  override take(...asked: Parameters<MemoryOutbox["take"]>): ReturnType<MemoryOutbox["take"]> {
    if (this.fails) return Promise.reject(new StoreError("io", "the disk reports an error"));
    return super.take(...asked);
  }
}

async function idle(): Promise<void> {
  for (let turn = 0; turn < 500; turn++) await Promise.resolve();
}

test("what is on its way when a verdict cannot be written ends, and none of it is sent again", async () => {
  const clock = new SimulatedClock();
  const sent: string[] = [];
  const http = scriptedHttp(async ({ body = new Uint8Array(0) }) => {
    const word = utf8.decode(body);
    sent.push(word);
    await clock.sleep(word === "CRITICAL:slow" ? 3000 : 10);
    return { status: 200, headers: {}, body: new Uint8Array(0) };
  });
  const begin = async (store: MemoryOutbox) => {
    const secrets = memorySecrets({ KEY: "key" });
    const sender = new Sender({ store, clock, random: seeded(1), http, secrets });
    await sender.start();
    return sender;
  };
  const failing = new Failing();
  const broken = await begin(failing);
  const recorded = await failing.record([event("CRITICAL:fast"), event("CRITICAL:slow")], {
    supersede: true,
  });
  broken.add(recorded);
  await idle();
  failing.fails = true;
  await clock.advance(20);
  expect(broken.failure).toBeInstanceOf(StoreError);
  const open = async () => failing.another();
  const until = clock.monotonic() + 5000;
  const own = recorded.deliveries;
  const world = { open, begin: async () => begin(failing.another()), supersede: true, until };
  const rescued = rescue({ sender: broken, own, sent: [] }, world);
  await clock.advance(5000);
  const { own: now, unmarked, sender } = await rescued;
  expect(now.map((one) => `${one.entity} ${one.state} ${one.attempts}`)).toEqual([
    "fast accepted 1",
    "slow accepted 1",
  ]);
  expect([sent, unmarked]).toEqual([["CRITICAL:fast", "CRITICAL:slow"], 0]);
  await sender?.stop();
});
