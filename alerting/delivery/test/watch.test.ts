import { Masker } from "@tocsin/alerting/oncall";
import {
  addressRoute,
  DeliveryMetrics,
  type FallbackRoute,
  sendLate,
  Watchdog,
} from "@tocsin/alerting/delivery";
import {
  HttpError,
  type HttpRequest,
  memorySecrets,
  scriptedHttp,
  utf8,
} from "@tocsin/platform/host";
import { expect, test } from "vitest";
import { World } from "./world.ts";

const minute = 60_000;
const lateAfter = 5 * minute;

/** A second way that writes down what it gets. */
class Ways implements FallbackRoute {
  readonly name = "second endpoint";
  readonly got: string[] = [];
  works = true;
  async send({ entity }: { readonly entity: string }, late: number) {
    this.got.push(`${entity} ${Math.round(late / minute)}`);
    return { sent: this.works, status: "200", detail: this.works ? "" : "it says no" };
  }
}

async function late(world: World, route: FallbackRoute): Promise<void> {
  const { store } = world;
  await sendLate({ store, clock: world.clock, route, lateAfter });
}

test("a page that is late goes by the second way, too: once, across restarts; the event goes on", async () => {
  const world = await new World(() => "refused").start();
  await world.page(world.run({ wait: 0 }), "CRITICAL:a RECOVERY:b INFO:c WARNING:d");
  const ways = new Ways();
  await world.clock.advance(lateAfter - 1000);
  await late(world, ways);
  expect(ways.got).toEqual([]);
  await world.clock.advance(2000);
  await Promise.all([late(world, ways), late(world, ways)]);
  expect(ways.got).toEqual(["a 5", "b 5"]);
  await world.restart();
  await world.clock.advance(30 * minute);
  await late(world, ways);
  expect(ways.got.length).toBe(2);
  const [page] = await world.store.list({});
  expect(page).toMatchObject({ state: "waiting", fallback: { state: "sent" } });
  const told = (await world.store.journal(page.id)).filter((one) => one.reason === "fallback");
  expect(told.map((one) => one.detail)).toEqual([
    "late by 5 minutes: second endpoint",
    "second endpoint: sent",
  ]);
  world.script = () => "200";
  await world.clock.advance(6 * minute);
  expect((await world.store.get(page.id))?.state).toBe("accepted");
});

test("a second way that fails, or whose process vanished on it, is taken again after a minute", async () => {
  const world = await new World(() => "refused").start();
  await world.page(world.run({ wait: 0 }), "CRITICAL:a");
  await world.clock.advance(lateAfter + 1000);
  const ways = new Ways();
  ways.works = false;
  await late(world, ways);
  await late(world, ways);
  expect(ways.got.length).toBe(1);
  await world.clock.advance(minute + 1000);
  // A process that vanishes on the way leaves it begun.
  const vanishes = new Promise<never>(() => undefined);
  void late(world, { name: "vanishes", send: () => vanishes });
  await world.idle();
  await late(world, ways);
  expect(ways.got.length).toBe(1);
  await world.clock.advance(minute + 1000);
  ways.works = true;
  await late(world, ways);
  expect(ways.got).toEqual(["a 5", "a 7"]);
});

test("what was recorded for another origin leaves by no second way", async () => {
  const world = await new World(() => "refused").start();
  await world.page(world.run({ wait: 0, deliverTo: "http://sandbox" }), "CRITICAL:a");
  await world.clock.advance(2 * lateAfter);
  const ways = new Ways();
  await late(world, ways);
  expect(ways.got).toEqual([]);
});

test("the second endpoint gets the same event, marked, at an address that nobody is shown", async () => {
  const asked: HttpRequest[] = [];
  const url = "https://second.example/hook/SECRET-PART";
  const masker = new Masker();
  const answers = [503, 200];
  const route = addressRoute({
    url: async () => url,
    http: scriptedHttp((one) => {
      asked.push(one);
      const status = answers.shift() ?? 200;
      return { status, headers: {}, body: utf8.encode(`not here: ${one.url}`) };
    }),
    secrets: memorySecrets({}),
    masker,
  });
  const world = await new World(() => "refused").start();
  await world.page(world.run({ wait: 0 }), "CRITICAL:a:words");
  const [delivery] = await world.store.list({});
  const failed = await route.send(delivery, 7 * minute);
  expect(failed).toMatchObject({ sent: false, status: "503" });
  expect(JSON.stringify(failed)).not.toContain("SECRET-PART");
  expect(await route.send(delivery, 7 * minute)).toMatchObject({ sent: true, status: "200" });
  expect(asked.map((one) => one.url)).toEqual([url, url]);
  const body: Record<string, unknown> = JSON.parse(utf8.decode(asked[1].body ?? new Uint8Array()));
  expect(body).toMatchObject({ entity_id: "a", message_type: "CRITICAL", state_message: "words" });
  expect(body["vo_annotate.s.Fallback"]).toContain("late by 7 minutes");
});

test("the heartbeat is called once a minute, and only while all is well", async () => {
  const world = await new World(({ entity_id: entity }) =>
    entity === "x" ? "404" : "refused",
  ).start();
  const beats: number[] = [];
  const said: string[] = [];
  let watcher = (): number => 200;
  const dog = new Watchdog({
    store: world.store,
    clock: world.clock,
    http: scriptedHttp(() => {
      beats.push(world.clock.monotonic());
      return { status: watcher(), headers: {}, body: new Uint8Array() };
    }),
    masker: world.masker,
    url: async () => "https://watcher.example/SECRET-PART",
    lateAfter,
    log: { write: (_level, message) => void said.push(message) },
  });
  const minutes = async (count: number): Promise<number> => {
    const before = beats.length;
    for (let passed = 0; passed < count * 4; passed++) {
      await dog.tick();
      await world.clock.advance(15_000);
    }
    return beats.length - before;
  };
  expect(await minutes(3)).toBe(3);
  await world.page(world.run({ wait: 0 }), "INFO:a CRITICAL:b");
  expect(await minutes(12)).toBe(6);
  world.script = () => "200";
  expect(await minutes(12)).toBeGreaterThan(5);
  world.script = () => "404";
  await world.page(world.run({ runId: "two", wait: 0 }), "INFO:x");
  await world.idle();
  expect(await minutes(3)).toBe(0);
  world.script = () => "200";
  expect(await minutes(3)).toBeGreaterThan(0);
  watcher = () => {
    throw new HttpError("refused", "refused", false);
  };
  await minutes(2);
  watcher = () => 200;
  await world.store.close();
  expect(await minutes(1)).toBe(0);
  expect(said).toEqual([
    "no heartbeat: a page is late",
    "no heartbeat: an endpoint is blocked",
    "no heartbeat: the watcher cannot be reached (refused)",
    "no heartbeat: the outbox in memory is closed",
  ]);
  expect(said.join()).not.toContain("SECRET-PART");
});

test("metrics count what happens, go on in the next process, and show no entity, address or key", async () => {
  let calls = 0;
  const world = await new World(() => (++calls === 1 ? "503" : "200")).start();
  const first = new DeliveryMetrics(world.sender, lateAfter);
  world.sender.observe(first);
  await world.page(world.run(), "CRITICAL:db-7 strange:x INFO:db-7");
  await world.clock.advance(5000);
  await first.render({ version: "1" });
  await world.restart();
  const second = new DeliveryMetrics(world.sender, lateAfter);
  world.sender.observe(second);
  await world.page(world.run(), "CRITICAL:db-7");
  await world.page(world.run({ runId: "two" }), "RECOVERY:db-7");
  await world.clock.advance(5000);
  world.script = () => "404";
  await world.page(world.run({ runId: "three" }), "INFO:z");
  await world.clock.advance(1000);
  const text = await second.render({ version: "1", scripts: new Map([["a.flux", 5000]]) });
  const lines = text.split("\n");
  for (const line of [
    'tocsin_outbox_events{endpoint="victorops",state="waiting"} 1',
    'tocsin_outbox_oldest_event_age_seconds{endpoint="victorops"} 1',
    'tocsin_outbox_blocked_entities{endpoint="victorops"} 1',
    'tocsin_outbox_enqueued_events_total{endpoint="victorops",message_type="CRITICAL"} 1',
    'tocsin_outbox_enqueued_events_total{endpoint="victorops",message_type="INFO"} 3',
    'tocsin_outbox_deduplicated_events_total{endpoint="victorops"} 1',
    'tocsin_delivery_attempts_total{endpoint="victorops",outcome="accepted",reason="accepted"} 4',
    'tocsin_delivery_attempts_total{endpoint="victorops",outcome="retry",reason="server-error"} 1',
    'tocsin_endpoint_state{endpoint="victorops",state="open"} 1',
    'tocsin_endpoint_state{endpoint="victorops",state="closed"} 0',
    'tocsin_endpoint_state{endpoint="victorops",state="half_open"} 0',
    'tocsin_script_last_success_timestamp_seconds{script="a.flux"} 5',
    "# TYPE tocsin_delivery_attempt_duration_seconds histogram",
    'tocsin_delivery_attempt_duration_seconds_count{endpoint="victorops"} 6',
  ])
    expect(lines).toContain(line);
  expect(text).not.toMatch(/db-7|KEY-123456|http|strange/);
});

test("metrics tell how long a host's rate made events wait", async () => {
  const world = new World(() => "200", { rateOf: () => ({ perMinute: 60, burst: 1 }) });
  await world.start();
  const metrics = new DeliveryMetrics(world.sender, lateAfter);
  world.sender.observe(metrics);
  await world.page(world.run(), "CRITICAL:a CRITICAL:b CRITICAL:c CRITICAL:d");
  await world.clock.advance(10_000);
  const text = await metrics.render({ version: "1" });
  const told = /tocsin_delivery_throttled_seconds_total\{endpoint="victorops"\} (.*)/.exec(text);
  expect(Number(told?.[1])).toBe(3);
});
