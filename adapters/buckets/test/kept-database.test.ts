import { spawn } from "node:child_process";
import { copyFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { openBuckets, type WritableBuckets } from "@tocsin/adapters/buckets";
import { nodeHost } from "@tocsin/adapters/host-node";
import { expect, test } from "vitest";
import { answer, newFolder, once, readOf } from "./places.ts";

// A store stays open for a moment after a read. Nobody may see anything of that but time.

const bucketsIn = (dataDir: string): WritableBuckets =>
  openBuckets({ dataDir, named: {}, host: nodeHost(), env: {} });

async function filled(lines: string): Promise<{ folder: string; buckets: WritableBuckets }> {
  const folder = newFolder();
  const buckets = bucketsIn(folder);
  await buckets.writeLineProtocol(once(lines), { bucket: "b" });
  return { folder, buckets };
}

const storeOf = (folder: string): string => join(folder, "buckets", "b.duckdb");

test("what is written after a read is read", async () => {
  const { folder, buckets } = await filled("m v=1i 1000000000");
  expect(await answer(buckets, readOf())).toEqual(["m v: 1='1i'"]);
  await bucketsIn(folder).writeLineProtocol(once("m v=2i 2000000000"), { bucket: "b" });
  expect(await answer(buckets, readOf())).toEqual(["m v: 1='1i' 2='2i'"]);
});

test("a file that took the place of the one that was read is read", async () => {
  const { folder, buckets } = await filled("m v=1i 1000000000");
  const other = await filled("m v=2i 1000000000\nm v=3i 2000000000");
  await answer(other.buckets, readOf());
  await answer(buckets, readOf());
  rmSync(storeOf(folder));
  copyFileSync(storeOf(other.folder), storeOf(folder));
  expect(await answer(buckets, readOf())).toEqual(["m v: 1='2i' 2='3i'"]);
  rmSync(storeOf(folder));
  await expect(answer(buckets, readOf())).rejects.toThrow(/bucket "b"/u);
});

test("another process writes soon after a read", async () => {
  const { folder, buckets } = await filled("m v=1i 1000000000");
  await answer(buckets, readOf());
  const path = new URL("processes/write.ts", import.meta.url).pathname;
  const writer = spawn(process.execPath, [path, folder], { stdio: ["ignore", "pipe", "inherit"] });
  try {
    const lines = createInterface({ input: writer.stdout })[Symbol.asyncIterator]();
    expect(await lines.next()).toMatchObject({ value: "1" });
  } finally {
    writer.kill("SIGKILL");
  }
});

test("a store that is opened ahead answers as any other; what is wrong is said by the read", async () => {
  const { folder, buckets } = await filled("m v=1i 1000000000");
  await buckets.prepare("b");
  expect(await answer(buckets, readOf())).toEqual(["m v: 1='1i'"]);
  await buckets.prepare("b");
  await buckets.writeLineProtocol(once("m v=2i 2000000000"), { bucket: "b" });
  expect(await answer(buckets, readOf())).toEqual(["m v: 1='1i' 2='2i'"]);
  await buckets.prepare("nope");
  await expect(answer(buckets, readOf({ bucket: "nope" }))).rejects.toThrow(/nope/u);
  writeFileSync(storeOf(folder), "no database at all");
  await buckets.prepare("b");
  await expect(answer(buckets, readOf())).rejects.toThrow(/bucket "b"/u);
});
