import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { openSqliteOutbox } from "@tocsin/adapters/outbox";
import {
  catchUp,
  type Delivery,
  type OutboxStore,
  rescue,
  resumed,
  Sender,
  type Step,
  StoreError,
  type Take,
} from "@tocsin/alerting/delivery";
import { scriptedHttp, seeded, SimulatedClock } from "@tocsin/platform/host";
import { settled } from "../../alerting/delivery/src/machine.ts";
import { backoff } from "../../alerting/delivery/src/retry.ts";
import { SqliteOutbox } from "../../adapters/outbox/src/sqlite-outbox.ts";
import { media, type MediumName } from "../medium.ts";
import { defers } from "./deference-probe.ts";

/**
 * What the laws of a world cannot see, or hardly ever do, asked directly. Gives the name of what does
 * not hold; undefined: all does.
 */
export async function probe(kind: MediumName): Promise<string | undefined> {
  const waits = [0, 0.5, 0.999].map((chance) => backoff(4, { next: () => chance }));
  const jitter = waits[0] === 0 && waits[1] === 4000 && waits[2] > 7000 && waits[2] <= 8000;
  if (!jitter) return "retries are spread";
  const verdicts = [
    (late: Delivery) => resumed(late, 3000),
    (late: Delivery) => acceptedAt(late, 3000),
  ];
  for (const one of verdicts)
    if (!(await tooLate(kind, one))) return "a late verdict changes nothing";
  // What comes to no end here is for the seeds to find, too.
  const endless = new Promise<true>((resolve) => setTimeout(resolve, 500, true));
  if (!(await Promise.race([goesOut(), endless]))) return "a full disk silences no page";
  if (!(await notesHeld(kind))) return "what was sent and then held is not sent again";
  if (!(await Promise.race([defers(), endless]))) return "what is over is not replayed";
  // An error that a mistake causes is for the seeds to find.
  for (const recorded of ["before", "after"] as const) {
    const held = await settles(kind, recorded).catch(() => true);
    if (!held) return "newer events wait for a late request";
  }
  if (kind === "memory") return undefined;
  if (!(await syncsFile())) return "SQLite syncs what keeps the file whole";
  if (!(await syncsCommits())) return "what is recorded is synced";
  if (!(await syncsOthers())) return "nothing follows a verdict that is not synced";
  return (await saysFull()) ? undefined : "what a full disk did not take is said";
}

const endpoint = "http://on-call/${raw:KEY}/ops";
const event = {
  runId: "one",
  identity: "one",
  integration: "victorops",
  endpoint,
  orderKey: "on-call db",
  entity: "db",
  messageType: "CRITICAL",
  request: { method: "POST", url: endpoint, headers: {}, body: "{}" },
  recordedAt: 1000,
};
const asked: Take = {
  at: 4000,
  leaseUntil: 20_000,
  room: new Map([[endpoint, 1]]),
  admit: (stored) => stored,
  meterOf: () => undefined,
};

/** Whether a verdict is refused after another process has taken the event over, and has begun it anew. */
async function tooLate(kind: MediumName, step: (late: Delivery) => Step): Promise<boolean> {
  const medium = media[kind]();
  const [slow, other] = [await medium.open(), await medium.open()];
  try {
    await slow.record([event], { supersede: true });
    const begin = async (store: OutboxStore) => (await store.take(asked)).deliveries[0];
    const late = await begin(slow);
    const verdict = { expect: late, step: step(late) };
    await other.resume(2500, [{ id: late.id, attempts: late.attempts }]);
    const whileItWaits = await slow.change([verdict]);
    await begin(other);
    const whileItIsSent = await slow.change([verdict]);
    return !whileItWaits[0] && !whileItIsSent[0];
  } finally {
    await slow.close();
    await other.close();
    await medium.close();
  }
}

/**
 * Whether an event waits that follows one which a dead process had on its way: one that was recorded before it
 * was taken up, or just after it has arrived.
 */
async function settles(kind: MediumName, recorded: "before" | "after"): Promise<boolean> {
  const second = { ...event, identity: "two" };
  const medium = media[kind]();
  const dead = await medium.open();
  await dead.record([event], { supersede: true });
  await dead.take(asked);
  if (recorded === "before") await dead.record([second], { supersede: true });
  await dead.close();
  const store = await medium.open();
  try {
    await store.resume(4000);
    const [again] = (await store.take(asked)).deliveries;
    await store.change([{ expect: again, step: acceptedAt(again, 4100) }]);
    if (recorded === "after") await store.record([second], { supersede: true });
    // As a start does.
    await store.wake(4150);
    const takenAt = async (at: number) => (await store.take({ ...asked, at })).deliveries.length;
    return (await takenAt(4200)) === 0 && (await takenAt(6000)) === 1;
  } finally {
    await store.close();
    await medium.close();
  }
}
function acceptedAt(delivery: Delivery, at: number): Step {
  const verdict = { kind: "accepted", status: "200", detail: "" } as const;
  const outcome = { verdict, at, milliseconds: 12, retryAfter: undefined };
  return settled(delivery, outcome, { next: () => 0 });
}

/** Whether an event goes out that was recorded, and that the disk does not let mark as being sent. */
async function goesOut(): Promise<boolean> {
  const clock = new SimulatedClock();
  const asked: string[] = [];
  const http = scriptedHttp(async ({ url }) => {
    asked.push(url);
    return { status: 200, headers: {}, body: new Uint8Array(0) };
  });
  const full = media.memory();
  const open = async (): Promise<OutboxStore> => {
    const store = await full.open();
    return Object.assign(store, {
      take: () => Promise.reject(new StoreError("full", "no room")),
    });
  };
  const begin = async (store: OutboxStore): Promise<Sender> => {
    const secrets = { get: async () => "key" };
    const sender = new Sender({ store, clock, random: seeded(1), http, secrets });
    await sender.start();
    return sender;
  };
  const sender = await begin(await open());
  const recorded = await sender.store.record([event], { supersede: true });
  sender.add(recorded);
  await sender.drain(1000).catch(() => undefined);
  const broken = { sender, own: recorded.deliveries, sent: [] };
  await rescue(broken, { open, begin, supersede: true, until: 1000 });
  return asked.length === 1;
}

/** Whether an acceptance counts of what another process held before the store heard of it. */
async function notesHeld(kind: MediumName): Promise<boolean> {
  const medium = media[kind]();
  const store = await medium.open();
  try {
    const [one] = (await store.record([event], { supersede: true })).deliveries;
    const hold = { reason: "unconfirmed", detail: "", at: 3000, until: 9000 } as const;
    await store.adopt(hold);
    const settle = (sending: Delivery) => ({ expect: sending, step: acceptedAt(sending, 4100) });
    const unwritten = [{ delivery: { ...one, attempts: 1 }, answered: true, settle }];
    await catchUp(store, { sent: [], unwritten, supersede: true, at: 4100 });
    return (await store.get(one.id))?.state === "accepted";
  } finally {
    await store.close();
    await medium.close();
  }
}

/** Gives `use` a folder for a while. */
async function inFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = fs.mkdtempSync(join(tmpdir(), "tocsin-probe-"));
  try {
    return await use(folder);
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

/** Whether SQLite syncs as often as a log needs it (NORMAL or more), in a new file and when it is there again. */
function syncsFile(): Promise<boolean> {
  return inFolder(async (folder) => {
    const path = join(folder, "outbox.sqlite");
    for (let time = 0; time < 2; time++) {
      fs.closeSync(fs.openSync(path, "a"));
      const database = new DatabaseSync(path);
      const store = new SqliteOutbox(database, path, {});
      await store.prepare();
      const level = Number(database.prepare("PRAGMA synchronous").get()?.["synchronous"]);
      await store.close();
      if (level < 1) return false;
    }
    return true;
  });
}

/** Whether a record, and a verdict, wait for the disk. */
function syncsCommits(): Promise<boolean> {
  return inFolder(async (folder) => {
    const store = await openSqliteOutbox(folder);
    try {
      return await countingSyncs(async (count) => {
        await store.record([event], { supersede: true });
        const recorded = count();
        const [sent] = (await store.take(asked)).deliveries;
        await store.change([{ expect: sent, step: resumed(sent, 5000) }]);
        return recorded > 0 && count() > recorded;
      });
    } finally {
      await store.close();
    }
  });
}

/** Whether a claim waits for the disk when another process has settled what came before the event. */
function syncsOthers(): Promise<boolean> {
  return inFolder(async (folder) => {
    const [store, other] = [await openSqliteOutbox(folder), await openSqliteOutbox(folder)];
    try {
      return await countingSyncs(async (count) => {
        await store.record([event, { ...event, identity: "two" }], { supersede: true });
        await store.take({ ...asked, room: new Map() });
        const [first] = (await other.take(asked)).deliveries;
        await other.change([{ expect: first, step: acceptedAt(first, 4100) }]);
        const settled = count();
        const second = (await store.take(asked)).deliveries.length;
        return second === 1 && count() > settled;
      });
    } finally {
      await store.close();
      await other.close();
    }
  });
}

async function countingSyncs(work: (count: () => number) => Promise<boolean>): Promise<boolean> {
  const { fdatasync } = fs;
  let synced = 0;
  const counting = (handle: number, done: fs.NoParamCallback): void =>
    fdatasync(handle, (error) => {
      synced += 1;
      done(error);
    });
  fs.fdatasync = Object.assign(counting, { __promisify__: fdatasync.__promisify__ });
  syncBuiltinESMExports();
  try {
    return await work(() => synced);
  } finally {
    fs.fdatasync = fdatasync;
    syncBuiltinESMExports();
  }
}

/** Whether a store that cannot grow says so, and keeps what it has. */
function saysFull(): Promise<boolean> {
  return inFolder(async (folder) => {
    const whole = await openSqliteOutbox(folder);
    await whole.record([event], { supersede: true });
    await whole.close();
    const small = await openSqliteOutbox(dirname(whole.place), { mostPages: 20 });
    const many = Array.from({ length: 1000 }, (_one, index) => {
      return { ...event, identity: String(index), orderKey: "", entity: "" };
    });
    const said = await small.record(many, { supersede: true }).then(
      () => "recorded",
      () => "refused",
    );
    const kept = (await small.list({})).length;
    await small.close();
    return said === "refused" && kept === 1;
  });
}
