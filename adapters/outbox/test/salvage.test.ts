import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { StoreError } from "@tocsin/alerting/delivery";
import { hasOutbox, openSqliteOutbox, outboxPath, salvageOutbox } from "@tocsin/adapters/outbox";
import { event } from "../../../alerting/delivery/test/store-conformance.ts";

const folders: string[] = [];
afterEach(() => {
  for (const one of folders.splice(0)) rmSync(one, { recursive: true, force: true });
});

/** An outbox with 400 events of which a page is torn. */
async function torn(): Promise<string> {
  const data = mkdtempSync(join(tmpdir(), "tocsin-salvage-"));
  folders.push(data);
  const store = await openSqliteOutbox(data);
  const words = Array.from({ length: 400 }, (_one, index) => `CRITICAL:e${index}`);
  await store.record(
    words.map((word) => event(word)),
    { supersede: true },
  );
  await store.close();
  const bytes = readFileSync(outboxPath(data));
  const at = Math.floor(bytes.indexOf('"body":"CRITICAL:e200"') / 4096) * 4096;
  bytes.fill(0xff, at, at + 4096);
  writeFileSync(outboxPath(data), bytes);
  return data;
}
/** How a process hears of the damage. */
async function damage(data: string): Promise<StoreError> {
  const store = await openSqliteOutbox(data);
  try {
    return await store.list({}).then(
      () => expect.unreachable(),
      (error: unknown) => error as StoreError,
    );
  } finally {
    await store.close();
  }
}
const damaged = (data: string): string[] =>
  readdirSync(data).filter((name) => /damaged-[^-]*(-\d+)?$/u.test(name));
const entities = async (data: string): Promise<string[]> => {
  const store = await openSqliteOutbox(data);
  const listed = await store.list({});
  await store.close();
  return listed.map(({ entity }) => entity);
};

test("of two processes that find an outbox damaged one makes it anew, and the other goes on with that", async () => {
  const data = await torn();
  const [one, other] = [await damage(data), await damage(data)];
  expect([one.code, one.file]).toEqual(["corrupt", other.file]);
  const made = await Promise.all(
    [one, other].map(({ file }) => salvageOutbox(data, { at: 0, file })),
  );
  const saved = made.find((each) => each !== undefined)?.saved ?? 0;
  expect([made.filter((each) => each === undefined).length, saved > 300]).toEqual([1, true]);
  const store = await openSqliteOutbox(data);
  await store.record([event("CRITICAL:new")], { supersede: true });
  await store.close();
  // A third one hears late of what it has read.
  expect(await salvageOutbox(data, { at: 0, file: one.file })).toBeUndefined();
  expect([damaged(data).length, (await entities(data)).length]).toEqual([1, saved + 1]);
  expect(readdirSync(data)).not.toContain("outbox.salvage");
});

test("who opens an outbox while it is made anew waits for that: no number is taken from what is saved", async () => {
  const data = await torn();
  const { file } = await damage(data);
  const making = salvageOutbox(data, { at: 0, file });
  const store = await openSqliteOutbox(data);
  const { deliveries } = await store.record([event("INFO:new")], { supersede: true });
  const saved = (await making)?.saved ?? 0;
  expect(deliveries[0].id).toBe("401");
  expect((await store.list({})).length).toBe(saved + 1);
  await store.close();
});

test("a process that died between setting an outbox aside and putting the new one in its place lost nothing", async () => {
  const data = await torn();
  const { file } = await damage(data);
  const saved = (await salvageOutbox(data, { at: 0, file }))?.saved;
  mkdirSync(join(data, "outbox.salvage"));
  renameSync(outboxPath(data), join(data, "outbox.salvage", "whole.sqlite"));
  expect(hasOutbox(data)).toBe(true);
  expect((await entities(data)).length).toBe(saved);
  // One that died while it made the new one has changed nothing.
  mkdirSync(join(data, "outbox.salvage"));
  writeFileSync(join(data, "outbox.salvage", "outbox.sqlite"), "half of it");
  expect((await entities(data)).length).toBe(saved);
  expect(readdirSync(data)).not.toContain("outbox.salvage");
});
