import { expect, test } from "vitest";
import { EventMaker } from "../src/event-maker.ts";
import { request, Watched, World } from "./world.ts";

const key = "a1b2c3d4-KEY/+é";
const onCall = "https://alert.victorops.com/integrations/generic/20131114/alert";

async function withKey(): Promise<World> {
  const world = await new World(() => "200").start();
  world.secrets["VO_KEY"] = key;
  world.masker.add("VO_KEY", key);
  return world;
}

test("a rotated key is used for what was recorded with the old one", async () => {
  const world = await withKey();
  world.script = () => "404";
  const to = `${onCall}/${encodeURIComponent(key)}/ops`;
  const run = world.run({ runId: "one" });
  await run.deliver([request(`CRITICAL:a:${key}`, to)]);
  await world.idle();
  await world.sender.stop();
  world.secrets["VO_KEY"] = "new-key";
  world.script = () => "200";
  await world.restart();
  expect(world.sent.map((one) => one.url)).toEqual([to, `${onCall}/new-key/ops`]);
  expect(JSON.parse(world.sent[1].body)["state_message"]).toBe("new-key");
  expect(await world.states()).toBe("CRITICAL:a=accepted");
});

test("no stored text, error or settlement holds the key in any form", async () => {
  const world = await withKey();
  world.script = () =>
    `400 {"message":"bad key ${encodeURIComponent(key)} ${btoa("x" + "a1b2c3d4-KEY/+")}"}`;
  const to = `${onCall}/${encodeURIComponent(key)}/ops`;
  const [handle] = await world.run().deliver([request(`CRITICAL:${key}:${key}`, to)]);
  const watched = new Watched(handle.settled);
  await world.idle();
  const all = await world.store.list({});
  const text = JSON.stringify([
    ...all.map(({ identity: _identity, ...one }) => one),
    await world.store.journal(all[0].id),
    await world.store.endpoints(),
    watched.settlement?.detail,
  ]);
  expect(all[0].entity).toBe("${VO_KEY}");
  for (const form of [key, encodeURIComponent(key), "a1b2c3d4", "MWIyYzNkNC"]) {
    expect(text).not.toContain(form);
  }
  expect(watched.settlement?.detail).toContain("bad key ***");
});

test("of a run that cannot be repeated, equal events are different ones, and the same requests are the same events", async () => {
  const world = await new World(() => "200").start();
  const maker = new EventMaker({ runId: "run", once: true }, world);
  const asked = [request("INFO:a"), request("INFO:a")];
  await world.run({ maker }).deliver(asked);
  await world.run({ maker }).deliver(asked);
  await world.run({ maker }).deliver([...asked]);
  expect(await world.store.list({})).toHaveLength(4);
});

test("a secret that is gone blocks its endpoint and says which key is missing", async () => {
  const world = await withKey();
  const run = world.run();
  delete world.secrets["VO_KEY"];
  const [handle] = await run.deliver([
    request("CRITICAL:a", `${onCall}/${encodeURIComponent(key)}/ops`),
  ]);
  const watched = new Watched(handle.settled);
  await world.idle();
  expect(watched.settlement).toMatchObject({ state: "waiting", reason: "secret-missing" });
  expect(watched.settlement?.detail).toContain("VO_KEY");
  world.secrets["VO_KEY"] = key;
  await world.clock.advance(60_000);
  expect(await world.states()).toBe("CRITICAL:a=accepted");
});

test("deliverTo sends all to that origin, path and body kept, also after a restart", async () => {
  const world = await withKey();
  const run = world.run({ deliverTo: "http://127.0.0.1:8099/" });
  world.script = () => "503";
  await run.deliver([
    request("CRITICAL:a", `${onCall}/KEY/ops`),
    { method: "GET", url: "https://hooks.example/x?y=1", headers: {} },
  ]);
  await world.idle();
  world.script = () => "200";
  await world.sender.stop();
  await world.restart();
  const path = "/integrations/generic/20131114/alert/KEY/ops";
  expect(world.sent.map((one) => one.url).toSorted()).toEqual([
    `http://127.0.0.1:8099${path}`,
    `http://127.0.0.1:8099${path}`,
    "http://127.0.0.1:8099/x?y=1",
  ]);
});

test("a request that is no event goes out once, directly, and is not recorded", async () => {
  const world = await withKey();
  world.script = () => '503 {"message":"down"}';
  const run = world.run();
  const handles = await run.deliver([
    { method: "POST", url: "https://hooks.example/a", headers: {}, body: "{}" },
  ]);
  expect(handles[0].kind).toBe("direct");
  expect(await handles[0].settled).toMatchObject({
    state: "answered",
    status: "503",
    answer: { status: 503 },
  });
  expect((await run.finish()).direct).toEqual({ answered: 1, failed: 0 });
  expect(await world.store.list({})).toEqual([]);
});

test("a direct request that gets no answer fails with a reason and without a secret", async () => {
  const world = await withKey();
  world.script = () => "hang";
  const run = world.run();
  const [handle] = await run.deliver([
    { method: "GET", url: "https://x/", headers: {}, timeoutMilliseconds: 2000 },
  ]);
  const watched = new Watched(handle.settled);
  await world.clock.advance(1999);
  expect(watched.state).toBe("pending");
  await world.clock.advance(1);
  expect(watched.settlement).toMatchObject({
    state: "failed",
    status: "",
    reason: "timeout",
    detail: "no answer within 2 s",
  });
});

test("direct requests to one host keep their order; other hosts do not wait", async () => {
  const world = await withKey();
  world.script = () => "100ms";
  const run = world.run();
  const get = (url: string) => ({ method: "GET", url, headers: {} });
  await run.deliver([get("https://a/1"), get("https://a/2"), get("https://b/1")]);
  await world.clock.advance(300);
  expect(world.sent.map((one) => [one.url, one.at])).toEqual([
    ["https://a/1", 0],
    ["https://b/1", 0],
    ["https://a/2", 100],
  ]);
});

test("http.post to On-Call is an event; without an entity there is no order", async () => {
  const world = await withKey();
  world.script = () => "100ms";
  const body = '{"message_type":"CRITICAL"}';
  const post = { method: "POST", url: `${onCall}/KEY/ops`, headers: {}, body };
  const handles = await world.run().deliver([post, post]);
  await world.clock.advance(100);
  expect(handles.map((one) => one.kind)).toEqual(["event", "event"]);
  expect(world.sent.map((one) => one.at)).toEqual([0, 0]);
  expect(await world.states()).toBe("CRITICAL:=accepted CRITICAL:=accepted");
});

test("events that cannot be recorded are not sent, and the caller is told", async () => {
  const world = await withKey();
  const run = world.run();
  await world.store.close();
  await expect(run.deliver([request("CRITICAL:a")])).rejects.toMatchObject({ code: "closed" });
  expect(world.sent).toEqual([]);
});

test("when the store breaks, sending stops and no row waits for ever", async () => {
  const world = await new World(() => "100ms").start();
  const run = world.run();
  const [handle] = await run.deliver([request("CRITICAL:a")]);
  const watched = new Watched(handle.settled);
  await world.idle();
  await world.store.close();
  await world.clock.advance(1000);
  expect(watched.state).toBe("waiting");
  await expect(run.finish()).rejects.toMatchObject({ code: "closed" });
});
