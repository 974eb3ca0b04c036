import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { nodeHost } from "@tocsin/adapters/host-node";
import { openSqliteOutbox } from "@tocsin/adapters/outbox";
import { type OutboxStore, runDeliveries, Sender } from "@tocsin/alerting/delivery";
import { Masker } from "@tocsin/alerting/oncall";
import { outboxCommand } from "../src/outbox/command.ts";
import { type Sandbox, startSandbox } from "../src/sandbox.ts";

const key = "0f9d7c1e-KEY/+é-secret";
let folder = "";
let closers: (() => Promise<void>)[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tocsin-delivery-"));
});
afterEach(async () => {
  for (const close of closers.toReversed()) await close();
  closers = [];
  rmSync(folder, { recursive: true, force: true });
});

async function sandbox(...faults: string[]): Promise<Sandbox> {
  const started = await startSandbox({ clock: nodeHost().clock, faults });
  closers.push(() => started.close());
  return started;
}

/** Records and sends one event for each word ("CRITICAL:db") as a run does. */
async function page(
  words: string,
  origin: string,
  options: { wait?: number; runId?: string } = {},
) {
  const host = nodeHost({ environment: { VO_KEY: key } });
  const store = await openSqliteOutbox(folder);
  const masker = new Masker();
  masker.add("VO_KEY", key);
  const sender = new Sender({ ...host, store, masker });
  await sender.start();
  const { wait = 10_000, runId = "one" } = options;
  const run = runDeliveries(sender, { runId, http: host.http, wait });
  const path = `/integrations/generic/20131114/alert/${encodeURIComponent(key)}/ops`;
  const handles = await run.deliver(
    words.split(" ").map((word) => {
      const [type, entity] = word.split(":");
      const text = `key ${key} ${encodeURIComponent(key)} ${Buffer.from(key).toString("base64")}`;
      const fields = { entity_id: entity, message_type: type, state_message: text };
      const headers = { "Content-Type": "application/json" };
      return { method: "POST", url: origin + path, headers, body: JSON.stringify(fields) };
    }),
  );
  const settled = await Promise.all(handles.map((one) => one.settled));
  const summary = await run.finish();
  await sender.stop();
  await store.close();
  await host.close();
  return { settled, summary };
}

/** Runs an outbox command; gives exit code and output. */
async function outbox(...args: string[]): Promise<[number, string]> {
  const host = nodeHost({ environment: { VO_KEY: key } });
  const store: OutboxStore = await openSqliteOutbox(folder);
  let text = "";
  const write = (line: string) => void (text += line);
  try {
    const code = await outboxCommand(store, args, { host, out: write, err: write });
    return [code, text];
  } finally {
    await store.close();
    await host.close();
  }
}

test("two hundred events arrive in order through faults of every kind", async () => {
  const service = await sandbox("status=429:0.1", "reset:0.05", "delay=2ms:0.2");
  const words = Array.from(
    { length: 200 },
    (_one, index) => `${index % 3 === 0 ? "CRITICAL" : "RECOVERY"}:e${index % 40}`,
  );
  const { settled } = await page(words.join(" "), service.origin, { wait: 60_000 });
  expect(settled.map((one) => one.state)).toEqual(Array(200).fill("accepted"));
  const perEntity = new Map<string, string[]>();
  for (const { body, status, effect } of service.requests()) {
    if (status !== 200 || effect.startsWith("fault")) continue;
    const { entity_id: entity, message_type: type } = Object(body);
    const types = perEntity.get(entity) ?? [];
    types.push(type);
    perEntity.set(entity, types);
  }
  for (const [entity, types] of perEntity) {
    const wanted = words
      .filter((word) => word.endsWith(`:${entity}`))
      .map((word) => word.split(":")[0]);
    // An event whose answer was lost is sent again: it may stand twice in a row, never out of
    // place.
    let at = 0;
    for (const type of types) {
      if (type === wanted[at]) at += 1;
      else expect(type).toBe(wanted[at - 1]);
    }
    expect(at).toBe(wanted.length);
  }
});

test("the outbox's files hold no secret in any form", async () => {
  const service = await sandbox("status=400");
  const { settled } = await page("CRITICAL:a", service.origin);
  expect(settled[0]).toMatchObject({ state: "refused", status: "400" });
  const sent = String(Object(service.requests()[0].body)["state_message"]);
  const base64 = Buffer.from(key).toString("base64");
  expect(sent).toBe(`key ${key} ${encodeURIComponent(key)} ${base64}`);
  for (const name of readdirSync(folder)) {
    const bytes = readFileSync(join(folder, name)).toString("latin1");
    for (const form of [key, encodeURIComponent(key), base64, "0f9d7c1e-KEY", "MGY5ZDdjMWU"]) {
      expect([name, bytes.includes(Buffer.from(form).toString("latin1"))]).toEqual([name, false]);
    }
  }
});

test("what waits is listed, shown without the key, and sent by `outbox send`", async () => {
  const broken = await sandbox("status=404");
  const port = Number(broken.origin.split(":")[2]);
  const { settled } = await page("CRITICAL:db INFO:web", broken.origin);
  expect(settled.map((one) => one.state)).toEqual(["waiting", "waiting"]);
  await broken.close();
  const [code, line] = await outbox("status");
  expect([code, line.split("\n").length]).toEqual([3, 2]);
  expect(line).toMatch(/^2 waiting, 0 accepted; the oldest since .*; blocked: .*404/);
  const items = JSON.parse((await outbox("list", "--output", "json"))[1]);
  expect(Object.keys(items[0])).toEqual([
    "id",
    "state",
    "endpoint",
    "entity",
    "messageType",
    "recordedAt",
    "attempts",
    "lastStatus",
    "reason",
    "nextAttemptAt",
  ]);
  expect(items).toMatchObject([
    { id: "1", state: "waiting", endpoint: "victorops", entity: "db", lastStatus: "404" },
    { id: "2", state: "waiting", messageType: "INFO", entity: "web", reason: "not-found" },
  ]);
  const shown = (await outbox("show", "1"))[1] + (await outbox("show", "1", "--output", "json"))[1];
  expect(shown).toContain("attempt 1, HTTP 404");
  expect(shown).not.toContain("0f9d7c1e");
  const mended = await startSandbox({ clock: nodeHost().clock, port });
  closers.push(() => mended.close());
  expect(await outbox("send")).toEqual([0, "2 accepted, 0 waiting\n"]);
  expect(await outbox("status")).toEqual([0, "0 waiting, 2 accepted\n"]);
  expect(mended.incidents()).toMatchObject([{ entityId: "db", state: "triggered" }]);
});

test("a refused event can be tried again, unless that would overtake a newer one", async () => {
  const picky = await sandbox("failure-body");
  const port = Number(picky.origin.split(":")[2]);
  await page("CRITICAL:db CRITICAL:web", picky.origin);
  await picky.close();
  expect((await outbox("status"))[0]).toBe(3);
  const mended = await startSandbox({ clock: nodeHost().clock, port });
  closers.push(() => mended.close());
  await page("RECOVERY:db", mended.origin, { runId: "two" });
  const [code, said] = await outbox("retry", "1", "2");
  expect(code).toBe(1);
  expect(said).toContain("event 1 is not tried again: 3, a later event of the same entity");
  expect(said).toContain("1 due now\n1 accepted, 0 waiting\n");
  expect(await outbox("discard", "1", "--reason", "resolved by hand")).toEqual([
    0,
    "1 discarded\n",
  ]);
  expect((await outbox("discard", "2"))[0]).toBe(1);
  expect(await outbox("status")).toEqual([0, "0 waiting, 2 accepted\n"]);
});

test("wrong arguments are said in words of the command", async () => {
  await expect(outbox("lst")).rejects.toThrow(
    'there is no outbox command "lst"; did you mean list?',
  );
  await expect(outbox("show")).rejects.toThrow("outbox show needs an ID");
  await expect(outbox("show", "99")).rejects.toThrow('there is no event "99"');
  await expect(outbox("list", "--state", "lost")).rejects.toThrow(
    "--state takes recorded, sending",
  );
  await expect(outbox("list", "--output", "xml")).rejects.toThrow("--output is table or json");
});

test("a hung endpoint costs a run its wait, no more, and the event stays", async () => {
  const silent = await sandbox("hang");
  const { settled, summary } = await page("CRITICAL:a", silent.origin, { wait: 300 });
  expect(settled[0]).toMatchObject({ state: "waiting", status: "" });
  expect(summary.deliveries.length).toBe(1);
  const [item] = JSON.parse((await outbox("list", "--output", "json"))[1]);
  expect(item).toMatchObject({ state: "waiting", reason: "interrupted", attempts: 1 });
});
