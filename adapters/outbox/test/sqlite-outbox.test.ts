import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, expect, test, vi } from "vitest";
import { type Delivery, discarded, type OutboxStore } from "@tocsin/alerting/delivery";
import {
  backupOutbox,
  lookIntoOutbox,
  openSqliteOutbox,
  outboxPath,
  salvageOutbox,
} from "@tocsin/adapters/outbox";
import { storeError } from "../src/errors.ts";
import { refuseForeign } from "../src/migrate.ts";
import { applicationId, schema } from "../src/schema.ts";
import { describeOutboxStore, event } from "../../../alerting/delivery/test/store-conformance.ts";

const folders: string[] = [];

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), "tocsin-outbox-"));
  folders.push(made);
  return made;
}

afterEach(() => {
  for (const one of folders.splice(0)) rmSync(one, { recursive: true, force: true });
});

describeOutboxStore("SqliteOutbox", {
  make: () => openSqliteOutbox(folder()),
  afterCrash: async (store: OutboxStore) => {
    // Closing gives up what the handle owns, as the end of its process does.
    await store.close();
    return openSqliteOutbox(join(store.place, ".."));
  },
});

test("what was recorded is there after reopening, in a file for its owner only", async () => {
  const data = join(folder(), "new", "data");
  const first = await openSqliteOutbox(data);
  await first.record([event("CRITICAL:a")], { supersede: true });
  const mode = statSync(outboxPath(data)).mode & 0o777;
  await first.close();
  const second = await openSqliteOutbox(data);
  expect((await second.list({})).map((one) => one.entity)).toEqual(["a"]);
  expect(mode).toBe(0o600);
  await second.close();
});

/** The lines of the system's table of locks that are this process's. */
const locks = (): number =>
  readFileSync("/proc/locks", "utf8").split(` ${process.pid} `).length - 1;

test.runIf(existsSync("/proc/locks"))(
  "opening it twice in one process takes no lock from the first handle",
  async () => {
    const data = folder();
    const before = locks();
    const one = await openSqliteOutbox(data);
    const held = locks();
    // A process that closes any descriptor of a file gives up all its locks on it.
    const two = await openSqliteOutbox(data);
    expect([held > before, locks()]).toEqual([true, held]);
    await two.close();
    await one.close();
  },
);

test("two handles share one outbox: what one sends the other does not take over", async () => {
  const data = folder();
  const [one, two] = [await openSqliteOutbox(data), await openSqliteOutbox(data)];
  const { deliveries } = await one.record([event("CRITICAL:a")], { supersede: true });
  const asked = {
    at: 2000,
    leaseUntil: 17_000,
    room: new Map([[deliveries[0].endpoint, 5]]),
    admit: <T>(endpoint: T) => endpoint,
    meterOf: () => undefined,
  };
  const taken = await Promise.all([one.take(asked), two.take(asked)]);
  expect(taken.flatMap((each) => each.deliveries).length).toBe(1);
  expect(await two.resume(3000)).toEqual([]);
  const { id } = deliveries[0];
  expect(await two.resume(17_000, [{ id, attempts: 7 }])).toEqual([]);
  const over = await two.resume(17_000, [{ id, attempts: 1 }]);
  expect(over.map((each) => each.state)).toEqual(["waiting"]);
  await one.close();
  await two.close();
});

test("what another process recorded is on disk before it is sent; one's own is already", async () => {
  const data = folder();
  const [one, two] = [await openSqliteOutbox(data), await openSqliteOutbox(data)];
  const asked = {
    at: 2000,
    leaseUntil: 17_000,
    room: new Map([[event("CRITICAL:a").endpoint, 1]]),
    admit: <T>(endpoint: T) => endpoint,
    meterOf: () => undefined,
  };
  const syncs = { one: 0, two: 0 };
  one.observe?.({ synced: () => void (syncs.one += 1), failed: () => undefined });
  two.observe?.({ synced: () => void (syncs.two += 1), failed: () => undefined });
  await one.record([event("CRITICAL:a"), event("CRITICAL:b")], { supersede: true });
  expect((await one.take(asked)).deliveries.length).toBe(1);
  expect((await two.take(asked)).deliveries.length).toBe(1);
  expect(syncs).toEqual({ one: 1, two: 1 });
  await one.close();
  await two.close();
});

test("a damaged file is named, left as it is, and never taken for an empty outbox", async () => {
  const data = folder();
  writeFileSync(outboxPath(data), "this was a database once ".repeat(100));
  const before = readFileSync(outboxPath(data));
  await expect(openSqliteOutbox(data)).rejects.toMatchObject({ code: "corrupt" });
  await expect(openSqliteOutbox(data)).rejects.toThrow(outboxPath(data));
  expect(readFileSync(outboxPath(data)).equals(before)).toBe(true);
});

test("a file of a newer version, or of another program, is refused with advice", async () => {
  const data = folder();
  await (await openSqliteOutbox(data)).close();
  let database = new DatabaseSync(outboxPath(data));
  database.exec("PRAGMA user_version = 99");
  database.close();
  await expect(openSqliteOutbox(data)).rejects.toMatchObject({ code: "newer-version" });
  const other = folder();
  database = new DatabaseSync(outboxPath(other));
  database.exec("CREATE TABLE cats (name); PRAGMA user_version = 2");
  database.close();
  const before = readFileSync(outboxPath(other));
  await expect(openSqliteOutbox(other)).rejects.toMatchObject({ code: "foreign" });
  await expect(openSqliteOutbox(other)).rejects.toThrow(/another program's database/);
  expect(readFileSync(outboxPath(other)).equals(before)).toBe(true);
  expect(readdirSync(other)).toEqual(["outbox.sqlite"]);
});

test("an outbox that another process makes between two looks is no other program's", () => {
  for (const looks of [1, 2]) {
    const place = outboxPath(folder());
    const [database, other] = [new DatabaseSync(place), new DatabaseSync(place)];
    let looked = 0;
    const prepare = (sql: string) => {
      const found = database.prepare(sql).get();
      if (++looked === looks)
        other.exec(`BEGIN; ${schema}; PRAGMA application_id = ${applicationId}; COMMIT`);
      return { get: () => found };
    };
    refuseForeign({ database: { prepare } as unknown as DatabaseSync, place });
    refuseForeign({ database, place });
    database.close();
    other.close();
  }
});

test("a file that another process holds is waited for, then named", async () => {
  const data = folder();
  const store = await openSqliteOutbox(data, { busyMilliseconds: 0 });
  const holder = new DatabaseSync(outboxPath(data));
  holder.exec("BEGIN IMMEDIATE");
  await expect(store.openRun("r", 1n)).rejects.toMatchObject({ code: "locked" });
  const patient = await openSqliteOutbox(data, { busyMilliseconds: 50 }).catch(
    (error: unknown) => error,
  );
  expect(patient).toMatchObject({ code: "locked" });
  holder.exec("ROLLBACK");
  expect(await store.openRun("r", 1n)).toBe(1n);
  holder.close();
  await store.close();
});

test("what waits for another process is written before what was asked for later", async () => {
  const data = folder();
  const store = await openSqliteOutbox(data);
  const holder = new DatabaseSync(outboxPath(data));
  holder.exec("BEGIN IMMEDIATE");
  const early = [store.openRun("r", 1n), store.openRun("r", 2n)];
  holder.exec("ROLLBACK");
  expect(await Promise.all([...early, store.openRun("r", 3n)])).toEqual([1n, 1n, 1n]);
  holder.close();
  await store.close();
});

test("a full disk loses nothing that was recorded, and records no part of a batch", async () => {
  const data = folder();
  const store = await openSqliteOutbox(data);
  await store.record([event("INFO:a")], { supersede: true });
  await store.close();
  const small = await openSqliteOutbox(data, { mostPages: 20 });
  const words = Array.from({ length: 1000 }, (_one, index) => `INFO:b${index}`);
  const many = words.map((word) => event(word));
  await expect(small.record(many, { supersede: true })).rejects.toMatchObject({ code: "full" });
  expect((await small.list({})).map((one) => one.entity)).toEqual(["a"]);
  await small.close();
});

test("what waits goes on after a batch that was taken back in the middle", async () => {
  const data = folder();
  const store = await openSqliteOutbox(data);
  const three = [1, 2, 3].map((nth) => event("WARNING:a", { identity: `${nth}` }));
  const { deliveries } = await store.record(three, { supersede: true });
  await store.close();
  // Room for the events of the batch, and not for all of their states.
  const small = await openSqliteOutbox(data, { mostPages: 88 });
  const page = event("CRITICAL:a", { runId: "two" });
  const notes = Array.from({ length: 1000 }, (_one, index) => event(`INFO:b${index}`));
  const record = small.record([page, ...notes], { supersede: false });
  await expect(record).rejects.toMatchObject({ code: "full" });
  const [first] = deliveries;
  const { state, attempts } = first;
  await small.change([{ expect: { state, attempts }, step: discarded(first, "", 2000) }]);
  const taken = await small.take({
    at: 2000,
    leaseUntil: 18_000,
    room: new Map([[first.endpoint, 9]]),
    admit: (endpoint) => endpoint,
    meterOf: () => undefined,
  });
  expect(taken.deliveries.map(({ id }) => id)).toEqual(["2"]);
  await small.close();
});

test("what the system refuses is told apart and named", () => {
  const denied = Object.assign(new Error("EACCES: permission denied"), { code: "EACCES" });
  const full = Object.assign(new Error("ENOSPC: no space left"), { code: "ENOSPC" });
  const failedSync = Object.assign(new Error("disk I/O error"), { errcode: 1034 });
  const errors = [denied, full, failedSync].map((error) => storeError("/var/x.sqlite", error));
  expect(errors.map((error) => error.code)).toEqual(["permission", "full", "io"]);
  for (const error of errors) expect(error.message).toContain("/var/x.sqlite");
});

test("a torn outbox is set aside, and every unsettled event that can be read goes on", async () => {
  const data = folder();
  const store = await openSqliteOutbox(data);
  const words = Array.from({ length: 400 }, (_one, index) => `CRITICAL:e${index}`);
  await store.record(
    words.map((word) => event(word)),
    { supersede: true },
  );
  await store.close();
  const bytes = readFileSync(outboxPath(data));
  // A page of the table is overwritten, as a torn write leaves it.
  const at = Math.floor(bytes.indexOf('"body":"CRITICAL:e200"') / 4096) * 4096;
  bytes.fill(0xff, at, at + 4096);
  writeFileSync(outboxPath(data), bytes);
  const {
    aside = "",
    saved = 0,
    gaps,
  } = (await salvageOutbox(data, { at: 1_700_000_000_000 })) ?? {};
  expect(aside).toBe(`${outboxPath(data)}.damaged-20231114T221320Z`);
  expect(readFileSync(aside).equals(bytes)).toBe(true);
  expect([gaps, saved > 300, saved < 400]).toEqual([true, true, true]);
  const after = await openSqliteOutbox(data);
  const listed = await after.list({});
  expect(listed.length).toBe(saved);
  expect((await after.journal(listed[0].id)).map((one) => one.state)).toEqual(["recorded"]);
  const next = await after.record([event("INFO:new")], { supersede: true });
  expect(next.deliveries[0].id).toBe("401");
  await after.close();
});

test("a history that a row says the end of is saved whole", async () => {
  const data = folder();
  const store = await openSqliteOutbox(data);
  const { deliveries } = await store.record([event("CRITICAL:a")], { supersede: true });
  const room = new Map([[deliveries[0].endpoint, 1]]);
  const asked = { at: 2000, leaseUntil: 17_000, room, admit: <T>(one: T) => one };
  await store.take({ ...asked, meterOf: () => undefined });
  await store.close();
  expect(await salvageOutbox(data, { at: 0 })).toMatchObject({ saved: 1, gaps: false });
  const after = await openSqliteOutbox(data);
  expect((await after.journal("1")).map((one) => one.state)).toEqual(["recorded", "sending"]);
  await after.close();
});

test("a file that was never an outbox is set aside; nothing is claimed to be saved", async () => {
  const data = folder();
  writeFileSync(outboxPath(data), "this was a database once ".repeat(100));
  expect(await salvageOutbox(data, { at: 0 })).toMatchObject({ saved: 0, gaps: true });
  const after = await openSqliteOutbox(data);
  expect(await after.list({})).toEqual([]);
  await after.close();
});

/** Rows that say nothing of the end of their histories: before format 7, lines did. */
const withoutEnds = `INSERT INTO journal SELECT NULL, id, begun_at, attempts, 'sending', 'in-flight', '', '', NULL, NULL
    FROM delivery WHERE begun_at IS NOT NULL;
  ALTER TABLE delivery DROP COLUMN begun_at; ALTER TABLE delivery DROP COLUMN accepted_at;
  ALTER TABLE delivery DROP COLUMN milliseconds; ALTER TABLE delivery DROP COLUMN room;`;

test("an outbox of the format before this one is copied, and its histories go on", async () => {
  const data = folder();
  const store = await openSqliteOutbox(data);
  const { deliveries } = await store.record([event("INFO:a"), event("INFO:b")], {
    supersede: true,
  });
  const [{ id, endpoint }] = deliveries;
  const room = new Map([[endpoint, 1]]);
  const asked = { at: 2000, leaseUntil: 17_000, room, admit: <T>(one: T) => one };
  await store.take({ ...asked, meterOf: () => undefined });
  await store.close();
  const old = new DatabaseSync(outboxPath(data));
  const request = JSON.stringify({ ...deliveries[1].request, headers: { "X-Old": "1" } });
  old.prepare("UPDATE event SET request = ? WHERE id = 2").run(request);
  old.exec(`${withoutEnds} PRAGMA user_version = 6`);
  old.close();
  const now = await openSqliteOutbox(data);
  expect((await now.get("2"))?.request.headers).toEqual({ "X-Old": "1" });
  const states = async () => (await now.journal(id)).map(({ at, state }) => [at, state]);
  const begun = [
    [1000, "recorded"],
    [2000, "sending"],
  ];
  expect(await states()).toEqual(begun);
  await now.resume(3000);
  expect(await states()).toEqual([...begun, [3000, "waiting"]]);
  await now.close();
  expect(existsSync(`${outboxPath(data)}.format-6`)).toBe(true);
});

test("an outbox without chains is copied, and goes on where it was", async () => {
  const data = folder();
  const store = await openSqliteOutbox(data);
  const { deliveries } = await store.record([event("INFO:a"), event("INFO:b")], {
    supersede: true,
  });
  await store.record([event("CRITICAL:a")], { supersede: true });
  const room = new Map([[deliveries[0].endpoint, 1]]);
  const asked = { at: 2000, leaseUntil: 17_000, room, admit: <T>(one: T) => one };
  await store.take({ ...asked, meterOf: () => undefined });
  await store.close();
  const old = new DatabaseSync(outboxPath(data));
  old.exec(`DROP INDEX delivery_state; DROP INDEX delivery_queue; DROP INDEX delivery_open;
    DROP INDEX delivery_ready;
    ALTER TABLE delivery DROP COLUMN next; ALTER TABLE delivery DROP COLUMN behind;
    ${withoutEnds}
    CREATE INDEX delivery_state ON delivery (state, id);
    CREATE INDEX delivery_queue ON delivery (order_hash, id, urgency)
      WHERE queued = 1 AND order_hash IS NOT NULL;
    CREATE INDEX delivery_backlog ON delivery (lane) WHERE queued = 1;
    CREATE INDEX delivery_ready ON delivery (lane, urgency, id) WHERE turn = 1;
    CREATE INDEX delivery_pages ON delivery (recorded_at, fallback, fallback_at)
      WHERE queued = 1 AND urgency <= recorded_at;
    INSERT INTO journal SELECT -id, id, recorded_at, 0, 'recorded', 'new', '', '', NULL, NULL
      FROM delivery;
    PRAGMA user_version = 5`);
  old.close();
  const now = await openSqliteOutbox(data);
  const found = (await now.list({})).map((one) => `${one.request.body} ${one.state}`);
  expect(found).toEqual(["INFO:a sending", "INFO:b recorded", "CRITICAL:a recorded"]);
  const history = (await now.journal(deliveries[0].id)).map((each) => each.state);
  expect(history).toEqual(["recorded", "sending"]);
  expect(await now.counts()).toMatchObject({ recorded: 2, sending: 1, accepted: 0 });
  await now.resume(3000);
  await now.wake(3000);
  const taken = await now.take({ ...asked, at: 6000, meterOf: () => undefined });
  expect(taken.deliveries.map((one) => one.request.body)).toEqual(["INFO:a"]);
  await now.close();
  expect(existsSync(`${outboxPath(data)}.format-5`)).toBe(true);
});

test("an outbox of the first format is copied, then brought forward with its events", async () => {
  const data = folder();
  const store = await openSqliteOutbox(data);
  await store.record([event("CRITICAL:a")], { supersede: true });
  await store.close();
  const old = new DatabaseSync(outboxPath(data));
  // As the first version made it.
  old.exec(`DROP TABLE meta; DROP TABLE settling; DROP INDEX delivery_state;
    ALTER TABLE delivery RENAME TO short; ALTER TABLE journal RENAME TO line;
    CREATE TABLE journal (delivery_id INTEGER NOT NULL, number INTEGER NOT NULL,
      at INTEGER NOT NULL, attempt INTEGER NOT NULL, state TEXT NOT NULL, reason TEXT NOT NULL,
      status TEXT NOT NULL, detail TEXT NOT NULL, milliseconds INTEGER,
      PRIMARY KEY (delivery_id, number)) WITHOUT ROWID;
    INSERT INTO journal SELECT delivery_id, number, at, attempt, state, reason, status, detail,
      milliseconds FROM line; DROP TABLE line;
    CREATE TABLE delivery (id INTEGER PRIMARY KEY AUTOINCREMENT, run_id TEXT NOT NULL,
      identity BLOB NOT NULL UNIQUE, integration TEXT NOT NULL, endpoint TEXT NOT NULL,
      order_key TEXT NOT NULL, entity TEXT NOT NULL, message_type TEXT NOT NULL,
      request TEXT NOT NULL, recorded_at INTEGER NOT NULL, state TEXT NOT NULL,
      attempts INTEGER NOT NULL, failures INTEGER NOT NULL, since INTEGER NOT NULL,
      in_doubt INTEGER NOT NULL, last_status TEXT NOT NULL, reason TEXT NOT NULL,
      detail TEXT NOT NULL, next_attempt_at INTEGER, superseded_by INTEGER, owner TEXT,
      lease_until INTEGER);
    INSERT INTO delivery SELECT id, run_id, identity, integration, endpoint, order_key, entity,
      message_type, request, recorded_at, state, attempts, failures, since, in_doubt, last_status,
      reason, detail, next_attempt_at, superseded_by, owner, lease_until
      FROM short JOIN event USING (id);
    DROP TABLE short; DROP TABLE event; UPDATE sqlite_sequence SET seq = 7;
    CREATE INDEX delivery_state ON delivery (state, id);
    CREATE INDEX delivery_unfinished ON delivery (order_key, id)
      WHERE state IN ('recorded', 'sending', 'waiting');
    CREATE INDEX delivery_sending ON delivery (order_key) WHERE state = 'sending';
    PRAGMA user_version = 1`);
  old.close();
  const [one, two] = await Promise.all([openSqliteOutbox(data), openSqliteOutbox(data)]);
  expect((await one.list({})).map((each) => each.entity)).toEqual(["a"]);
  expect((await two.lastWriter()).at).toBeUndefined();
  const [{ endpoint }] = await one.list({});
  const taken = await two.take({
    at: 2000,
    leaseUntil: 17_000,
    room: new Map([[endpoint, 5]]),
    admit: (each) => each,
    meterOf: () => undefined,
  });
  expect(taken.deliveries.map((each) => each.entity)).toEqual(["a"]);
  // Known again, and no new event gets the number of one that was forgotten.
  const events = [event("CRITICAL:a"), event("CRITICAL:b")];
  const { deliveries, known } = await one.record(events, { supersede: true });
  expect([deliveries[0].id, [...known]]).toEqual(["1", ["1"]]);
  expect(Number(deliveries[1].id)).toBeGreaterThan(7);
  const history = (await one.journal("1")).map((each) => each.state);
  expect(history).toEqual(["recorded", "sending"]);
  await one.close();
  await two.close();
  const copy = new DatabaseSync(`${outboxPath(data)}.format-1`);
  expect(copy.prepare("SELECT count(*) AS n FROM delivery").get()).toEqual({ n: 1 });
  expect(copy.prepare("PRAGMA user_version").get()).toEqual({ user_version: 1 });
  copy.close();
});

test("a backup is a whole outbox, made while others work with it; it replaces nothing", async () => {
  const data = folder();
  const store = await openSqliteOutbox(data);
  await store.record([event("CRITICAL:a")], { supersede: true });
  const other = folder();
  await backupOutbox(store, outboxPath(other));
  expect(statSync(outboxPath(other)).mode & 0o777).toBe(0o600);
  const copy = await openSqliteOutbox(other);
  expect((await copy.list({})).map((one) => one.entity)).toEqual(["a"]);
  await copy.close();
  await expect(backupOutbox(store, outboxPath(other))).rejects.toThrow(/EEXIST/);
  expect(await store.counts()).toMatchObject({ recorded: 1 });
  await store.close();
});

test("a copied file was written elsewhere; one whose machine was started anew, before that", async () => {
  const data = folder();
  const store = await openSqliteOutbox(data);
  await store.record([event("CRITICAL:a")], { supersede: true });
  expect(await store.lastWriter()).toEqual({ at: 1000, by: "here" });
  const other = folder();
  await backupOutbox(store, outboxPath(other));
  const copy = await openSqliteOutbox(other);
  expect(await copy.lastWriter()).toEqual({ at: 1000, by: "elsewhere" });
  await copy.adopt();
  expect(await copy.lastWriter()).toEqual({ at: 1000, by: "here" });
  await copy.close();
  await store.close();
  const database = new DatabaseSync(outboxPath(data));
  const started = "UPDATE meta SET value = replace(value, substr(value, -8), 'another1')";
  database.exec(`${started} WHERE key = 'last_writer'`);
  database.close();
  const again = await openSqliteOutbox(data);
  expect(await again.lastWriter()).toEqual({ at: 1000, by: "restarted" });
  await again.close();
});

test("what a clock recorded that was years ahead keeps nothing behind it from being forgotten", async () => {
  const store = await openSqliteOutbox(folder());
  const at = (count: number, recordedAt: number, word: string) =>
    store.record(
      Array.from({ length: count }, (_one, index) => event(`INFO:${word}${index}`, { recordedAt })),
      { supersede: true },
    );
  const settle = (all: readonly Delivery[]) =>
    store.change(all.map((one) => ({ expect: one, step: discarded(one, "", one.recordedAt) })));
  await settle((await at(10, 1000, "first")).deliveries);
  await settle((await at(2300, 4e12, "ahead")).deliveries);
  await settle((await at(1700, 2000, "behind")).deliveries);
  await settle((await at(10, 9000, "young")).deliveries);
  expect(await store.prune(5000)).toBe(1710);
  expect(await store.prune(5000)).toBe(0);
  expect((await store.list({})).length).toBe(2310);
  await store.close();
});

test("an outbox that cannot be written is looked at as it is at one moment, while others write", async () => {
  const data = folder();
  const store = await openSqliteOutbox(data);
  await store.record([event("CRITICAL:a")], { supersede: true });
  const path = outboxPath(data);
  // What a folder that may only be read, or a full disk, makes of it.
  const opened = vi.spyOn(process, "getBuiltinModule").mockImplementationOnce(() => {
    throw Object.assign(new Error("EROFS"), { code: "EROFS" });
  });
  const { store: copy, trouble, close } = await lookIntoOutbox(data);
  opened.mockRestore();
  expect(trouble?.code).toBe("permission");
  await store.record([event("CRITICAL:b")], { supersede: true });
  expect((await copy.list({})).map((one) => one.entity)).toEqual(["a"]);
  const { place } = copy;
  await close();
  expect([existsSync(place), place === path]).toEqual([false, false]);
  await store.close();
});

test("tells how long syncs took, and what failed", async () => {
  const store = await openSqliteOutbox(folder(), { busyMilliseconds: 1 });
  const told: string[] = [];
  store.observe?.({
    synced: (milliseconds) => told.push(milliseconds >= 0 ? "synced" : "never"),
    failed: (operation) => told.push(`${operation} failed`),
  });
  await store.record([event("CRITICAL:a")], { supersede: true });
  const holder = new DatabaseSync(store.place);
  holder.exec("BEGIN IMMEDIATE");
  await expect(store.touch()).rejects.toMatchObject({ code: "locked" });
  holder.close();
  await store.close();
  expect(told).toEqual(["synced", "transaction failed"]);
});
