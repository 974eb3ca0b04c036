import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, expect, test } from "vitest";
import { nodeHost } from "@tocsin/adapters/host-node";
import { openSqliteOutbox } from "@tocsin/adapters/outbox";
import { Masker } from "@tocsin/alerting/oncall";
import { RunGate } from "../src/gate.ts";
import { deliveryLines } from "../src/run-messages.ts";

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

/** What On-Call gives for a page, as "CRITICAL:db". */
type Answer = (word: string) => { status: number; retryAfter?: number };

class World {
  readonly data = mkdtempSync(join(tmpdir(), "tocsin-unprotected-"));
  readonly paged: string[] = [];
  readonly #server: Server;
  answer: Answer = () => ({ status: 200 });

  constructor() {
    ends.push(() => rmSync(this.data, { recursive: true, force: true }));
    this.#server = createServer((request, response) => {
      let text = "";
      request
        .on("data", (piece) => (text += piece))
        .on("end", () => {
          const { message_type: type, entity_id: entity } = JSON.parse(text);
          this.paged.push(`${type}:${entity}`);
          const { status, retryAfter } = this.answer(`${type}:${entity}`);
          const headers = retryAfter === undefined ? {} : { "Retry-After": String(retryAfter) };
          response.writeHead(status, headers).end(status === 200 ? '{"result":"success"}' : "");
        });
    });
    ends.push(() => this.#server.close().closeAllConnections());
  }
  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    await (await openSqliteOutbox(this.data)).close();
    return this;
  }
  /** The gate of a run that waits for a second, also for another process's transaction. */
  gate(runId: string): RunGate {
    const host = nodeHost({});
    ends.push(() => host.close());
    const settings = { wait: 1000, deliverTo: undefined, supersede: true };
    return new RunGate({ host, masker: new Masker(), folder: this.data, runId, ...settings });
  }
  /** Pages, "CRITICAL:db CRITICAL:web"; resolves when it is known what becomes of that for now. */
  async page(gate: RunGate, words: string): Promise<void> {
    const address = this.#server.address();
    const port = typeof address === "object" ? address?.port : 0;
    const requests = words.split(" ").map((word) => {
      const [message_type, entity_id] = word.split(":");
      return {
        method: "POST",
        url: `http://127.0.0.1:${port}/integrations/generic/20131114/alert/KEY-123456/ops`,
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ message_type, entity_id }),
        integration: "victorops",
      };
    });
    const sent = await gate.deliver(requests);
    await Promise.all(sent.map((one) => one.settled));
  }
  /** Ends a run; gives what it says. */
  async end(gate: RunGate): Promise<string> {
    const summary = await gate.finish("script");
    return summary === undefined ? "" : deliveryLines(summary, this.data).join("\n");
  }
  /** Another process holds the outbox until the result is called. */
  hold(): () => void {
    const holder = new DatabaseSync(join(this.data, "outbox.sqlite"));
    holder.exec("BEGIN IMMEDIATE");
    return () => holder.close();
  }
  rows(): string[] {
    const database = new DatabaseSync(join(this.data, "outbox.sqlite"));
    const rows = database
      .prepare("SELECT entity, message_type, state FROM delivery JOIN event USING (id) ORDER BY id")
      .all();
    database.close();
    return rows.map((row) => `${row["message_type"]}:${row["entity"]} ${row["state"]}`);
  }
}

test("what went out while a recording failed is told to the outbox: nothing older of its entity follows", async () => {
  const world = await new World().start();
  world.answer = (word) =>
    word === "RECOVERY:db" ? { status: 200 } : { status: 429, retryAfter: 2 };
  const gate = world.gate("one");
  await world.page(gate, "CRITICAL:db");
  const release = world.hold();
  await world.page(gate, "RECOVERY:db CRITICAL:web");
  release();
  const said = await world.end(gate);
  expect(said).toContain("NOT PROTECTED: 2 events were sent without being recorded first");
  expect(said).toContain("; 1 did not arrive, and waits in the outbox now");
  expect(world.rows()).toEqual([
    "CRITICAL:db superseded",
    "RECOVERY:db accepted",
    "CRITICAL:web recorded",
  ]);
  world.paged.length = 0;
  world.answer = () => ({ status: 200 });
  const next = world.gate("two");
  await next.takeUp();
  await world.end(next);
  expect(world.paged).toEqual(["CRITICAL:web"]);
});

test("a run that can record again does so after what it sent meanwhile, and knows equal events apart", async () => {
  const world = await new World().start();
  world.answer = (word) => ({ status: word.startsWith("INFO") ? 503 : 200 });
  const gate = world.gate("one");
  await world.page(gate, "INFO:db");
  const release = world.hold();
  await world.page(gate, "CRITICAL:web INFO:db");
  release();
  world.answer = () => ({ status: 200 });
  await world.page(gate, "INFO:db CRITICAL:web RECOVERY:web");
  const said = await world.end(gate);
  expect(said).toContain("NOT PROTECTED: 2 events were sent without being recorded first");
  expect(world.rows()).toEqual([
    "INFO:db accepted",
    "CRITICAL:web accepted",
    "INFO:db accepted",
    "INFO:db accepted",
    "CRITICAL:web accepted",
    "RECOVERY:web accepted",
  ]);
  expect(world.paged.filter((one) => one.endsWith("web"))).toEqual([
    "CRITICAL:web",
    "CRITICAL:web",
    "RECOVERY:web",
  ]);
});

test("an outbox that could not be opened is told at the end of the run", async () => {
  const world = await new World().start();
  world.answer = (word) => ({ status: word === "CRITICAL:db" ? 503 : 200 });
  const before = world.gate("one");
  await world.page(before, "CRITICAL:db");
  await world.end(before);
  const release = world.hold();
  const gate = world.gate("two");
  await world.page(gate, "RECOVERY:db");
  release();
  const said = await world.end(gate);
  expect(said).toContain("is held by another process");
  expect(said).toContain("NOT PROTECTED: 1 event was sent without being recorded first");
  expect(world.rows()).toEqual(["CRITICAL:db superseded", "RECOVERY:db accepted"]);
});

test("a run that is begun again while the outbox takes no writes sends nothing that the outbox has", async () => {
  const world = await new World().start();
  const first = world.gate("one");
  await world.page(first, "CRITICAL:db");
  await world.end(first);
  world.paged.length = 0;
  const gate = world.gate("one");
  await gate.open();
  const release = world.hold();
  await world.page(gate, "CRITICAL:db CRITICAL:web");
  release();
  const said = await world.end(gate);
  expect(world.paged).toEqual(["CRITICAL:web"]);
  expect(said).toContain("NOT PROTECTED: 1 event was sent without being recorded first");
  expect(said).toContain("2 accepted");
  expect(world.rows()).toEqual(["db", "web"].map((one) => `CRITICAL:${one} accepted`));
});

test("a run that is broken off tells the outbox what it sent without it", async () => {
  const world = await new World().start();
  world.answer = (word) => ({ status: word === "CRITICAL:db" ? 200 : 503 });
  const gate = world.gate("one");
  await gate.open();
  const release = world.hold();
  await world.page(gate, "CRITICAL:db CRITICAL:web");
  release();
  expect(await gate.abort()).toBe(1);
  expect(world.rows()).toEqual(["CRITICAL:db accepted", "CRITICAL:web recorded"]);
});

test("batches that come at the same time are each told once", async () => {
  const world = await new World().start();
  const gate = world.gate("one");
  await gate.open();
  const release = world.hold();
  await Promise.all([world.page(gate, "CRITICAL:a"), world.page(gate, "CRITICAL:b")]);
  release();
  await Promise.all([world.page(gate, "CRITICAL:c"), world.page(gate, "CRITICAL:d")]);
  const said = await world.end(gate);
  expect(said).toContain("NOT PROTECTED: 2 events were sent without being recorded first");
  expect(said).toContain("4 accepted");
  expect(world.paged.toSorted()).toEqual(["a", "b", "c", "d"].map((one) => `CRITICAL:${one}`));
  expect(world.rows().map((row) => row.split(" ")[1])).toEqual(Array(4).fill("accepted"));
});

test("a run that is broken off after its outbox failed has it note what was answered", async () => {
  const world = await new World().start();
  const gate = world.gate("one");
  await gate.open();
  const database = new DatabaseSync(join(world.data, "outbox.sqlite"));
  database.exec(`CREATE TRIGGER full BEFORE UPDATE ON delivery WHEN NEW.state = 'accepted'
    BEGIN SELECT RAISE(ABORT, 'no room'); END`);
  await world.page(gate, "CRITICAL:db");
  database.exec("DROP TRIGGER full");
  database.close();
  expect(await gate.abort()).toBe(0);
  expect(world.rows()).toEqual(["CRITICAL:db accepted"]);
});
