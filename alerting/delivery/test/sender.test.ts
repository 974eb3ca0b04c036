import { expect, test } from "vitest";
import {
  Deference,
  defaultRate,
  MemoryOutbox,
  Sender,
  type SenderOptions,
} from "@tocsin/alerting/delivery";
import { HttpError, memorySecrets, scriptedHttp, seeded, utf8 } from "@tocsin/platform/host";
import { request, url, World } from "./world.ts";

test("events of one entity go out in order, one at a time; others do not wait", async () => {
  const world = await new World(({ entity_id: entity }) =>
    entity === "slow" ? "1000ms" : "200",
  ).start();
  const run = world.run();
  const rows = await world.page(run, "CRITICAL:slow WARNING:slow CRITICAL:a RECOVERY:slow INFO:b");
  await world.idle();
  expect(rows.map((row) => row.state)).toEqual([
    "pending",
    "pending",
    "accepted",
    "pending",
    "accepted",
  ]);
  await world.clock.advance(3000);
  expect(rows.map((row) => row.state)).toEqual(Array(5).fill("accepted"));
  expect(
    world.sent.filter((one) => one.entity === "slow").map((one) => [one.type, one.at]),
  ).toEqual([
    ["CRITICAL", 0],
    ["WARNING", 1000],
    ["RECOVERY", 2000],
  ]);
});

test("a failing event is tried again and holds back only its own entity", async () => {
  let broken = true;
  const world = await new World(({ entity_id: entity }) =>
    broken && entity === "a" ? "503" : "200",
  ).start();
  const rows = await world.page(world.run(), "CRITICAL:a RECOVERY:a CRITICAL:b");
  await world.clock.advance(5000);
  expect(rows.map((row) => row.state)).toEqual(["pending", "pending", "accepted"]);
  expect(world.sent.filter((one) => one.type === "RECOVERY")).toEqual([]);
  broken = false;
  await world.clock.advance(25_000);
  expect(rows.map((row) => row.state)).toEqual(["accepted", "accepted", "accepted"]);
  expect(world.entities.endsWith("CRITICAL:a RECOVERY:a")).toBe(true);
});

test("a row goes on as waiting when the wait after the last event is over", async () => {
  const world = await new World(() => "500").start();
  const run = world.run({ wait: 30_000 });
  const [row] = await world.page(run, "CRITICAL:a");
  await world.clock.advance(10_000);
  const before = row.state;
  await world.clock.advance(20_000);
  expect([before, row.settlement]).toMatchObject([
    "pending",
    { state: "waiting", status: "500", reason: "server-error", detail: "HTTP 500" },
  ]);
});

test("Retry-After past the wait ends it at once", async () => {
  const world = await new World(() => "429 retry-after=60").start();
  const [row] = await world.page(world.run(), "CRITICAL:a");
  await world.idle();
  expect(row.settlement).toMatchObject({ state: "waiting", status: "429", reason: "rate-limited" });
  await world.clock.advance(59_000);
  expect(world.sent.length).toBe(1);
});

test("a blocked endpoint holds its events, is probed once a minute, ends the wait", async () => {
  let status = "404";
  const world = await new World(() => status, { concurrency: 1 }).start();
  const run = world.run();
  const rows = await world.page(run, "INFO:a CRITICAL:b WARNING:c");
  await world.idle();
  expect(rows.map((row) => row.state)).toEqual(["waiting", "waiting", "waiting"]);
  expect(rows[0].settlement?.detail).toContain("not the API key");
  expect(rows[0].settlement?.status).toBe("");
  expect(world.entities).toBe("CRITICAL:b");
  await world.clock.advance(179_000);
  expect(world.entities).toBe("CRITICAL:b CRITICAL:b CRITICAL:b");
  status = "200";
  await world.clock.advance(2000);
  expect(await world.states()).toBe("INFO:a=accepted CRITICAL:b=accepted WARNING:c=accepted");
  expect((await run.finish()).deliveries.map((one) => one.state)).toEqual(
    Array(3).fill("accepted"),
  );
});

test("refused is final: the next event of the entity goes out", async () => {
  const world = await new World(({ message_type: type }) =>
    type === "CRITICAL" ? '200 {"result":"failure","message":"no such team"}' : "200",
  ).start();
  const rows = await world.page(world.run(), "CRITICAL:a RECOVERY:a");
  await world.idle();
  expect(rows.map((row) => row.settlement)).toMatchObject([
    { state: "refused", status: "200", reason: "failure-answer", detail: "HTTP 200: no such team" },
    { state: "accepted", status: "200" },
  ]);
});

test("what fails for 24 hours is parked; then the next of its entity is tried", async () => {
  const world = await new World(({ message_type: type }) =>
    type === "CRITICAL" ? "500" : "200",
  ).start();
  await world.page(world.run(), "CRITICAL:a RECOVERY:a");
  await world.clock.advance(24 * 3_600_000 - 1);
  const before = await world.states();
  await world.clock.advance(300_001);
  expect([before, await world.states()]).toEqual([
    "CRITICAL:a=waiting RECOVERY:a=recorded",
    "CRITICAL:a=parked RECOVERY:a=accepted",
  ]);
});

test("after a crash what was in flight is sent again first, in its place", async () => {
  const world = await new World(() => "hang").start();
  await world.page(world.run(), "CRITICAL:a RECOVERY:a");
  await world.idle();
  expect(world.entities).toBe("CRITICAL:a");
  world.script = () => "200";
  await world.restart();
  expect(world.entities).toBe("CRITICAL:a CRITICAL:a");
  // The dead process's request may still be on its way; another start ends that wait no sooner.
  await world.clock.advance(1000);
  await world.restart();
  await world.clock.advance(999);
  expect(world.entities).toBe("CRITICAL:a CRITICAL:a");
  await world.clock.advance(1);
  expect(world.entities).toBe("CRITICAL:a CRITICAL:a RECOVERY:a");
  const [first] = await world.store.list({});
  expect(first).toMatchObject({ state: "accepted", attempts: 2, inDoubt: true });
});

test("while verdicts are written to the disk others are, too, and what they let go leaves when they are there", async () => {
  class SlowDisk extends MemoryOutbox {
    override async take(...asked: Parameters<MemoryOutbox["take"]>) {
      const taken = await super.take(...asked);
      if ((asked[1] ?? []).length > 0) await world.clock.sleep(100);
      return taken;
    }
  }
  const takes: Record<string, string> = { a: "10ms", b: "50ms", c: "1000ms" };
  const script = ({ entity_id: entity }: Record<string, unknown>) => takes[String(entity)] ?? "1ms";
  const world = new World(script, { store: new SlowDisk(), concurrency: 2 });
  await world.start();
  await world.page(world.run(), "INFO:a INFO:b INFO:c INFO:d INFO:e");
  await world.clock.advance(3000);
  expect(world.sent.map(({ entity, at }) => `${entity} ${at}`)).toEqual([
    "a 0",
    "b 0",
    "c 110",
    "d 150",
    "e 251",
  ]);
  expect(world.mostInFlight).toBe(2);
});

test("a run hears soon that another process sent its event when its wait was over", async () => {
  const world = await new World(() => "503").start();
  const [watched] = await world.page(world.run(), "CRITICAL:a");
  await world.idle();
  const store = world.store instanceof MemoryOutbox ? world.store.another() : world.store;
  const http = scriptedHttp(async () => ({ status: 200, headers: {}, body: new Uint8Array(0) }));
  const { clock } = world;
  const other = new Sender({ store, clock, random: seeded(1), http, secrets: memorySecrets({}) });
  await other.start();
  await world.idle();
  expect([await world.states(), watched.state]).toEqual(["CRITICAL:a=accepted", "pending"]);
  await clock.advance(1000);
  expect(watched.state).toBe("accepted");
  await other.stop();
});

test("what waits leaves when the next process starts, whatever its backoff was", async () => {
  const world = await new World(() => "503").start();
  await world.page(world.run({ runId: "one" }), "INFO:a");
  await world.clock.advance(30_000);
  await world.sender.stop();
  world.script = () => "200";
  await world.restart();
  expect(await world.states()).toBe("INFO:a=accepted");
});

test("while a run may still say an entity's state anew, what earlier runs said of it does not go out", async () => {
  const world = await new World(() => "refused").start();
  await world.page(world.run({ runId: "one" }), "CRITICAL:a WARNING:b INFO:c CRITICAL:d");
  await world.clock.advance(2000);
  await world.sender.stop();
  world.script = () => "200";
  world.sent.length = 0;
  const deference = new Deference("two", world.clock.monotonic() + 5000);
  await world.restart({ deference });
  // What no newer state takes the place of leaves at once.
  expect(world.entities).toBe("INFO:c");
  const run = world.run({ runId: "two" });
  await world.page(run, "RECOVERY:a");
  await world.idle();
  expect(world.entities).toBe("INFO:c RECOVERY:a");
  // Behind an event of this run's entity nothing may wait for the run.
  await world.page(run, "INFO:d");
  await world.idle();
  expect(world.entities).toBe("INFO:c RECOVERY:a CRITICAL:d INFO:d");
  await run.finish();
  expect(world.entities).toBe("INFO:c RECOVERY:a CRITICAL:d INFO:d WARNING:b");
  expect(await world.states()).toBe(
    "CRITICAL:a=superseded WARNING:b=accepted INFO:c=accepted CRITICAL:d=accepted RECOVERY:a=accepted INFO:d=accepted",
  );
});

test("a long evaluation does not keep pages of earlier runs", async () => {
  const world = await new World(() => "refused").start();
  await world.page(world.run({ runId: "one" }), "CRITICAL:a");
  await world.clock.advance(2000);
  await world.sender.stop();
  world.script = () => "200";
  await world.restart({ deference: new Deference("two", world.clock.monotonic() + 5000) });
  world.run({ runId: "two" });
  await world.clock.advance(4999);
  expect(await world.states()).toBe("CRITICAL:a=waiting");
  await world.clock.advance(1);
  expect(await world.states()).toBe("CRITICAL:a=accepted");
});

test("the same run id never sends an event twice; equal events of one run are two", async () => {
  const world = await new World().start();
  for (const runId of ["one", "one", "two"]) {
    const run = world.run({ runId });
    const rows = await world.page(run, "INFO:a:x INFO:a:x INFO:a:y");
    await world.idle();
    expect(rows.map((row) => row.settlement?.status)).toEqual(["200", "200", "200"]);
    await run.finish();
  }
  expect(world.sent.length).toBe(6);
});

test("a later run's state replaces what still waits, but not what may have arrived", async () => {
  const world = await new World(({ entity_id: entity }) =>
    entity === "doubt" ? "reset" : "503",
  ).start();
  await world.page(world.run({ runId: "one" }), "CRITICAL:a INFO:a CRITICAL:doubt WARNING:b");
  await world.idle();
  const two = world.run({ runId: "two" });
  await world.page(two, "RECOVERY:a RECOVERY:doubt INFO:b");
  const finished = two.finish();
  await world.clock.advance(30_000);
  expect((await finished).superseded).toBe(1);
  const [first] = await world.store.list({});
  expect(first).toMatchObject({ state: "superseded", supersededBy: "5", reason: "superseded" });
  world.script = () => "200";
  await world.clock.advance(600_000);
  expect(world.entities.split(" ").slice(-6).toSorted()).toEqual([
    "CRITICAL:doubt",
    "INFO:a",
    "INFO:b",
    "RECOVERY:a",
    "RECOVERY:doubt",
    "WARNING:b",
  ]);
});

test("at most `concurrency` requests are in flight, and pages go first", async () => {
  const world = await new World(() => "100ms", { concurrency: 2 }).start();
  await world.page(world.run(), "INFO:a INFO:b ACKNOWLEDGEMENT:c RECOVERY:d WARNING:e CRITICAL:f");
  await world.clock.advance(1000);
  expect(world.mostInFlight).toBe(2);
  expect(world.entities).toBe("RECOVERY:d CRITICAL:f ACKNOWLEDGEMENT:c WARNING:e INFO:a INFO:b");
});

test("a rate is kept, and ends a wait that is too short for the queue", async () => {
  const rateOf = () => ({ perMinute: 60, burst: 2 });
  const world = await new World(() => "200", { rateOf }).start();
  const run = world.run({ wait: 1500 });
  const rows = await world.page(run, "CRITICAL:a CRITICAL:b CRITICAL:c CRITICAL:d");
  await world.idle();
  expect(rows.map((row) => row.state)).toEqual(["accepted", "accepted", "waiting", "waiting"]);
  expect(world.sender.queueTime).toEqual({ milliseconds: 2000, perMinute: 60 });
  await world.clock.advance(2500);
  expect(world.sent.map((one) => one.at)).toEqual([0, 0, 1000, 2000]);
  const patient = await world.page(world.run({ runId: "two" }), "INFO:e INFO:f");
  await world.clock.advance(2000);
  expect(patient.map((row) => row.state)).toEqual(["accepted", "accepted"]);
});

test("all routing keys of a host share its rate, which a restart does not refill", async () => {
  const world = await new World(() => "200", { rateOf: defaultRate }).start();
  const words = Array.from({ length: 15 }, (_one, index) => `CRITICAL:${index}`);
  const other = url.replace(/ops$/, "web");
  const run = world.run({ wait: 0 });
  await run.deliver([
    ...words.map((word) => request(word)),
    ...words.map((word) => request(`${word}w`, other)),
  ]);
  await world.idle();
  expect(world.sent.length).toBe(20);
  await world.restart();
  await world.clock.advance(1000);
  expect(world.sent.length).toBe(22);
  await world.clock.advance(4000);
  expect(world.sent.length).toBe(30);
});

test("a page behind a note of its entity makes the note urgent; one waits for pages of 15 minutes", async () => {
  const rateOf = () => ({ perMinute: 1, burst: 1 });
  const world = await new World(() => "200", { rateOf }).start();
  await world.page(world.run({ runId: "0" }), "INFO:late WARNING:w INFO:a CRITICAL:a");
  for (let minute = 1; minute <= 20; minute++) {
    await world.page(world.run({ runId: String(minute) }), `CRITICAL:c${minute}`);
    await world.clock.advance(60_000);
  }
  const order = world.entities.split(" ");
  expect(order.slice(0, 2)).toEqual(["INFO:a", "CRITICAL:a"]);
  expect([order.indexOf("WARNING:w"), order.indexOf("INFO:late")]).toEqual([10, 18]);
});

test("stopping breaks off what is in flight: it waits, in doubt", async () => {
  const world = await new World(() => "hang").start();
  const run = world.run({ wait: 2000 });
  const [row] = await world.page(run, "CRITICAL:a");
  const finished = run.finish();
  await world.clock.advance(2000);
  const { deliveries } = await finished;
  await world.sender.stop();
  expect([row.state, deliveries[0].state]).toEqual(["waiting", "sending"]);
  const [stored] = await world.store.list({});
  expect(stored).toMatchObject({ state: "waiting", reason: "interrupted", inDoubt: true });
});

test("after a wait that was spent, later events cost one attempt each", async () => {
  const world = await new World(() => "503").start();
  const run = world.run({ wait: 30_000 });
  const [first] = await world.page(run, "CRITICAL:a");
  await world.clock.advance(30_000);
  const [second] = await world.page(run, "CRITICAL:b");
  await world.idle();
  expect([first.state, second.state]).toEqual(["waiting", "waiting"]);
  world.script = () => "200";
  const [third] = await world.page(run, "CRITICAL:c");
  await world.idle();
  expect(third.state).toBe("accepted");
});

/** An outbox with three events that wait, five hours later. */
async function fiveHoursLater(by: "here" | "restarted" | "elsewhere"): Promise<World> {
  const world = await new World(() => "refused").start();
  await world.page(world.run({ runId: "old", wait: 0 }), "CRITICAL:a CRITICAL:b INFO:b");
  await world.clock.advance(1000);
  await world.sender.stop();
  if (by !== "here" && world.store instanceof MemoryOutbox) world.store = world.store.copy(by);
  world.clock.step(5n * 3_600_000_000_000n);
  world.script = () => "200";
  await world.restart();
  return world;
}

test("what a stop breaks off before it had a connection is in no doubt; what was sent is", async () => {
  const http: SenderOptions["http"] = {
    send: ({ body = new Uint8Array(0) }, signal) =>
      new Promise((_resolve, reject) => {
        if (!utf8.decode(body).includes("connecting")) return;
        signal?.addEventListener("abort", () => {
          reject(new HttpError("aborted", "stopped before the answer came", false));
        });
      }),
    stream: () => Promise.reject(new Error("nothing is streamed here")),
  };
  const loop = { due: () => false, turn: () => new Promise<void>((done) => setImmediate(done)) };
  const world = await new World(undefined, { http, loop }).start();
  await world.page(world.run({ wait: 0 }), "CRITICAL:connecting CRITICAL:sent");
  await world.sender.stop();
  const all = await world.store.list({});
  expect(all.map(({ entity, state, inDoubt }) => [entity, state, inDoubt])).toEqual([
    ["connecting", "waiting", false],
    ["sent", "waiting", true],
  ]);
});

test("a restored outbox sends nothing old that a new run has not confirmed", async () => {
  const world = await fiveHoursLater("elsewhere");
  await world.clock.advance(3_600_000);
  expect(await world.states()).toBe("CRITICAL:a=held CRITICAL:b=held INFO:b=held");
  const [one] = await world.store.list({});
  expect(one.reason).toBe("restored");
  expect(one.detail).toContain("last written 5 hours ago");
  await world.page(world.run({ runId: "new" }), "RECOVERY:a");
  await world.clock.advance(1000);
  expect(await world.states()).toBe(
    "CRITICAL:a=superseded CRITICAL:b=held INFO:b=held RECOVERY:a=accepted",
  );
});

test("after a machine was off, what no run has replaced goes out within a quarter of an hour", async () => {
  const world = await fiveHoursLater("restarted");
  await world.page(world.run({ runId: "new" }), "RECOVERY:a");
  for (let minute = 0; minute < 14; minute++) {
    await world.clock.advance(60_000);
    world.sender.look();
  }
  const early = await world.states();
  await world.clock.advance(60_000);
  world.sender.look();
  await world.clock.advance(1000);
  expect([early, await world.states()]).toEqual([
    "CRITICAL:a=superseded CRITICAL:b=held INFO:b=held RECOVERY:a=accepted",
    "CRITICAL:a=superseded CRITICAL:b=accepted INFO:b=accepted RECOVERY:a=accepted",
  ]);
});

test("a machine that was started anew before anything was recorded makes nothing old", async () => {
  const store = new MemoryOutbox().copy("restarted");
  const world = await new World(() => "refused", { store }).start();
  await world.page(world.run({ runId: "first", wait: 0 }), "CRITICAL:a");
  await world.clock.advance(1000);
  await world.sender.stop();
  world.clock.step(5n * 3_600_000_000_000n);
  world.script = () => "200";
  await world.restart();
  await world.clock.advance(1000);
  expect(await world.states()).toBe("CRITICAL:a=accepted");
});

test("after a night in which nobody ran anything, what waits goes out at once", async () => {
  const world = await fiveHoursLater("here");
  await world.clock.advance(1000);
  expect(await world.states()).toBe("CRITICAL:a=accepted CRITICAL:b=accepted INFO:b=accepted");
});

test("a long outage with kills in between: the newest state of each entity goes out, pages first", async () => {
  const world = await new World(() => "refused", { rateOf: defaultRate }).start();
  const types = ["CRITICAL", "WARNING", "RECOVERY"];
  const words = (minute: number): string =>
    Array.from({ length: 60 }, (_one, at) => `${types[at % 3]}:e${at}:${minute}`).join(" ");
  for (let minute = 0; minute < 20; minute++) {
    await world.page(world.run({ runId: `run-${minute}`, wait: 0 }), words(minute));
    await world.clock.advance(60_000);
    if (minute % 5 === 4) await world.restart();
  }
  const before = world.sent.length;
  world.script = () => "200";
  await world.restart();
  await world.clock.advance(31_000);
  const sent = world.sent.slice(before);
  expect(sent.map((one) => JSON.parse(one.body)["state_message"])).toEqual(Array(60).fill("19"));
  expect(sent.findIndex((one) => one.type === "WARNING")).toBe(40);
  const { accepted, superseded } = await world.store.counts();
  expect([accepted, superseded]).toEqual([60, 60 * 19]);
});
