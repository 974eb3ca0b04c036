import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, expect, test, vi } from "vitest";
import { systemClock } from "@tocsin/adapters/host-node";
import { nodeHost } from "@tocsin/adapters/host-node";
import { Masker } from "@tocsin/alerting/oncall";
import { RunGate } from "../src/gate.ts";
import { deliveryLines } from "../src/run-messages.ts";
import { type Sandbox, startSandbox } from "../src/sandbox.ts";

/** How many syncs of the log go well before one fails; undefined: all of them do. */
let goodSyncs: number | undefined;
vi.mock("node:fs", async (original) => {
  const fs = await original<typeof import("node:fs")>();
  const fdatasync = (handle: number, done: (error: NodeJS.ErrnoException | null) => void) => {
    if (goodSyncs !== undefined && goodSyncs-- === 0) {
      done(Object.assign(new Error("EIO: i/o error, fdatasync"), { code: "EIO", errno: -5 }));
    } else fs.fdatasync(handle, done);
  };
  return { ...fs, fdatasync };
});

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), "tocsin-trouble-"));
  ends.push(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

/** Pages twice through an outbox in `data`, and calls `opened` before; gives what the run says, and who was paged. */
async function run(
  data: string,
  wait = 3000,
  opened: () => void = () => undefined,
  service?: Sandbox,
): Promise<{ said: string; paged: string[] }> {
  const sandbox = service ?? (await startSandbox({ clock: systemClock, port: 0 }));
  const host = nodeHost({});
  const gate = new RunGate({
    host,
    masker: new Masker(),
    folder: data,
    runId: undefined,
    wait,
    deliverTo: undefined,
    supersede: true,
  });
  const request = (entity: string) => ({
    method: "POST",
    url: `${sandbox.origin}/integrations/generic/20131114/alert/KEY-123456/ops`,
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ message_type: "CRITICAL", entity_id: entity }),
    integration: "victorops",
  });
  try {
    await gate.takeUp();
    await gate.open();
    opened();
    const sent = await gate.deliver([request("db"), request("web")]);
    await Promise.all(sent.map((one) => one.settled));
    const summary = await gate.finish();
    const said = summary === undefined ? "" : deliveryLines(summary, data).join("\n");
    const paged = sandbox.requests().map((one) => String(Object(one.body)["entity_id"]));
    return { said: said.replaceAll(data, "DATA"), paged };
  } finally {
    await sandbox.close();
    await host.close();
  }
}

function rowsOf(data: string): string[] {
  const database = new DatabaseSync(join(data, "outbox.sqlite"));
  const rows = database.prepare("SELECT state, attempts FROM delivery ORDER BY id").all();
  database.close();
  return rows.map(({ state, attempts }) => `${state} ${attempts}`);
}

test("in peace nothing is said of the outbox", async () => {
  expect(await run(folder())).toEqual({ said: "2 accepted", paged: ["db", "web"] });
});

test("an outbox of a newer version: the pages go out, and the run says that they were not protected", async () => {
  const data = folder();
  const database = new DatabaseSync(join(data, "outbox.sqlite"));
  database.exec("PRAGMA user_version = 99");
  database.close();
  const { said, paged } = await run(data);
  expect(paged).toEqual(["db", "web"]);
  expect(said).toContain("was written by a newer Tocsin");
  expect(said).toContain("NOT PROTECTED: 2 events were sent without being recorded first");
});

test("a folder where the file should be, and one that may not be written", async () => {
  const data = folder();
  mkdirSync(join(data, "outbox.sqlite"));
  const { said, paged } = await run(data);
  expect(paged).toEqual(["db", "web"]);
  expect(said).toContain("NOT PROTECTED: 2 events");
  chmodSync(data, 0o700);
});

test("a file where the folder of the outbox should be", async () => {
  const data = join(folder(), "data");
  writeFileSync(data, "no folder");
  const { said, paged } = await run(data);
  expect(paged).toEqual(["db", "web"]);
  expect(said).toContain("a file is in the place of its folder. Use another --data");
  expect(said).toContain("NOT PROTECTED: 2 events were sent without being recorded first");
});

test("another program's database is no damaged outbox: it stays as it is, and the pages go out", async () => {
  const data = folder();
  const database = new DatabaseSync(join(data, "outbox.sqlite"));
  database.exec("CREATE TABLE cats (name); INSERT INTO cats VALUES ('Tom')");
  database.close();
  const before = readFileSync(join(data, "outbox.sqlite"));
  const { said, paged } = await run(data);
  expect(paged).toEqual(["db", "web"]);
  expect(said).toContain("is another program's database. Nothing was changed. Use another --data");
  expect(said).toContain("NOT PROTECTED: 2 events were sent without being recorded first");
  expect(readdirSync(data)).toEqual(["outbox.sqlite"]);
  expect(readFileSync(join(data, "outbox.sqlite")).equals(before)).toBe(true);
});

test("a damaged outbox is set aside, said, and the pages are recorded in a new one", async () => {
  const data = folder();
  writeFileSync(join(data, "outbox.sqlite"), "this was a database once ".repeat(100));
  const { said, paged } = await run(data);
  expect(paged).toEqual(["db", "web"]);
  expect(said).toMatch(
    /^the outbox was damaged and is now DATA\/outbox\.sqlite\.damaged-\S+; 0 unsettled/,
  );
  expect(said).toContain("parts of it could not be read");
  expect(said).not.toContain("NOT PROTECTED");
  expect(readdirSync(data).some((name) => name.includes("damaged"))).toBe(true);
});

/** Spoils rows of an outbox as bits that turn do: SQLite reads them all the same. */
function spoil(data: string, sql: string): void {
  const database = new DatabaseSync(join(data, "outbox.sqlite"));
  database.exec(sql);
  database.close();
}

test("rows that no longer say what they said silence no page: the outbox is set aside, what can be read goes on", async () => {
  for (const sql of [
    `UPDATE endpoint SET data = replace(data, '"', '%')`,
    `UPDATE event SET request = replace(request, ',', ';') WHERE id = 1`,
    `UPDATE event SET request = '"a text"' WHERE id = 1`,
    `UPDATE delivery SET state = 'recorfed' WHERE id = 1`,
  ]) {
    const data = folder();
    const broken = await startSandbox({ clock: systemClock, faults: ["status=500"] });
    await run(data, 200, () => undefined, broken);
    spoil(data, sql);
    const { said, paged } = await run(data);
    expect([sql, paged.slice(-2)]).toEqual([sql, ["db", "web"]]);
    expect(said).toMatch(/the outbox was damaged and is now DATA\/outbox\.sqlite\.damaged-\S+/);
    // The second time all is well, but for those of the first run, whose service is gone.
    const after = await run(data, 200);
    expect([sql, after.said]).toEqual([sql, expect.stringMatching(/^2 accepted\b/)]);
  }
});

test("an outbox that another process holds is waited for; then the pages go out all the same", async () => {
  const data = folder();
  await run(data);
  const holder = new DatabaseSync(join(data, "outbox.sqlite"));
  holder.exec("BEGIN IMMEDIATE");
  ends.push(() => holder.close());
  const { said, paged } = await run(data);
  expect(paged).toEqual(["db", "web"]);
  expect(said).toContain("is held by another process");
  expect(said).toContain("NOT PROTECTED");
}, 60_000);

test("what was answered when its verdict could not be synced is not sent again", async () => {
  const data = folder();
  await run(data);
  ends.push(() => (goodSyncs = undefined));
  // The recording is synced, the verdicts are not.
  const { said, paged } = await run(data, 3000, () => (goodSyncs = 1));
  expect(paged).toEqual(["db", "web"]);
  expect(said).toContain("the disk reports an error");
  expect(said).not.toContain("NOT PROTECTED");
  expect(said).toContain("2 accepted");
  expect(rowsOf(data)).toEqual(Array.from({ length: 4 }, () => "accepted 1"));
});

test("what is recorded, and cannot be marked as being sent, goes out once, and that is noted when it can be", async () => {
  const data = folder();
  await run(data);
  const database = new DatabaseSync(join(data, "outbox.sqlite"));
  ends.push(() => database.close());
  // As on a full disk that takes a record, and then nothing more.
  database.exec(`CREATE TRIGGER full BEFORE UPDATE ON delivery WHEN NEW.state = 'sending'
    BEGIN SELECT RAISE(ABORT, 'no room'); END`);
  const stuck = await run(data, 1000);
  expect(stuck.paged).toEqual(["db", "web"]);
  expect(stuck.said).toContain(
    "NOT PROTECTED: 2 recorded events were sent before the outbox could note it, and may be sent a second time",
  );
  expect(stuck.said).toContain("2 accepted");
  expect(rowsOf(data).slice(2)).toEqual(["recorded 0", "recorded 0"]);
});

test("what went out while its recording could not be synced does not leave the reopened outbox again", async () => {
  const data = folder();
  await run(data);
  ends.push(() => (goodSyncs = undefined));
  const { said, paged } = await run(data, 3000, () => (goodSyncs = 0));
  expect(paged).toEqual(["db", "web"]);
  expect(said).toContain("NOT PROTECTED: 2 events were sent without being recorded first");
  expect(rowsOf(data)).toEqual(Array.from({ length: 4 }, () => "accepted 1"));
});
