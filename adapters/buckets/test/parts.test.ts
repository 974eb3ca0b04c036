import { spawn } from "node:child_process";
import { once as event } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { DuckDBInstance } from "@duckdb/node-api";
import { openBuckets, type WritableBuckets } from "@tocsin/adapters/buckets";
import { nodeHost } from "@tocsin/adapters/host-node";
import type { BucketRead } from "@tocsin/engine/plan";
import { type Host, seeded } from "@tocsin/platform/host";
import fc from "fast-check";
import { expect, test } from "vitest";
import { answer, loggingHost, newFolder, once, places, readOf } from "./places.ts";

// Answers that are read in parts: `partRows` points at a time, never less than a series.

/** Of all that is random here. */
const seed = 11;

const inParts = (folder: string, partRows: number, host: Host = nodeHost()): WritableBuckets =>
  openBuckets({ dataDir: folder, named: {}, host, env: {}, partRows });

async function folderOf(lines: string): Promise<string> {
  const folder = newFolder();
  const report = await inParts(folder, 1).writeLineProtocol(once(lines), { bucket: "b" });
  expect(report.refusedTotal).toBe(0);
  return folder;
}

/** Fields of all types in one measurement, series of 1 to 40 points, times in no order. */
function randomLines(random: { next(): number }): string {
  const lines: string[] = [];
  for (let series = 0; series < 12; series++) {
    const points = 1 + Math.floor(random.next() * 40);
    for (let i = 0; i < points; i++) {
      const n = Math.floor(random.next() * 20) - 10;
      const fields = [`f=${n / 4}`, `i=${n}i`, `u=${n + 10}u`, `s="s${n}"`, `b=${n > 0}`];
      const from = Math.floor(random.next() * 4);
      const some = fields.slice(from, from + 1 + Math.floor(random.next() * 2));
      const tags = series % 3 === 0 ? "" : `,host=h${series}`;
      lines.push(`m${series % 2}${tags} ${some.join(",")} ${Math.floor(random.next() * 200)}`);
    }
  }
  return lines.join("\n");
}

const requests: fc.Arbitrary<Partial<BucketRead>> = fc.record(
  {
    start: fc.bigInt({ min: -20n, max: 150n }),
    stop: fc.bigInt({ min: 151n, max: 300n }),
    predicate: fc.record({
      kind: fc.constant("comparison" as const),
      column: fc.constantFrom("host", "_field", "_value", "_measurement"),
      operator: fc.constantFrom("==" as const, "!=" as const, ">" as const),
      literal: fc.constantFrom(
        { kind: "string" as const, value: "h4" },
        { kind: "string" as const, value: "f" },
        { kind: "float" as const, value: 0.5 },
        { kind: "int" as const, value: 3n },
      ),
    }),
    aggregate: fc.record({ function: fc.constantFrom("count" as const, "last" as const) }),
  },
  { requiredKeys: [] },
);

test("answers in parts of any size are those of memory", async () => {
  const lines = randomLines(seeded(seed));
  const memory = await places.memory(lines);
  const folder = await folderOf(lines);
  await fc.assert(
    fc.asyncProperty(requests, fc.integer({ min: 1, max: 90 }), async (over, partRows) => {
      const request = readOf(over);
      const expected = await answer(memory, request);
      expect(await answer(inParts(folder, partRows), request)).toEqual(expected);
    }),
    { seed, numRuns: 30 },
  );
});

test("a series of more points than a part comes whole, and a range without points gives nothing", async () => {
  const times = Array.from({ length: 50 }, (_, i) => i);
  const folder = await folderOf(
    ["a", "b", "c"].flatMap((host) => times.map((i) => `m,host=${host} v=${i} ${i}`)).join("\n"),
  );
  const buckets = inParts(folder, 20);
  const tables = await answer(buckets, readOf());
  expect(tables.map((table) => table.split(" ").length - 3)).toEqual([50, 50, 50]);
  expect(await answer(buckets, readOf({ start: 100n, stop: 200n }))).toEqual([]);
});

test("a range that holds more points than its share of the time comes whole", async () => {
  const crowd = Array.from({ length: 30 }, (_, i) => `m,host=${i % 3} v=${i} ${500 + i}`);
  const folder = await folderOf(["m,host=0 v=0 0", ...crowd, "m,host=0 v=1 1000000"].join("\n"));
  const range = readOf({ start: 400n, stop: 700n });
  // Expected are none; of ten at a time 20 would be read at once.
  const tables = await answer(inParts(folder, 10), range);
  expect(tables).toEqual(await answer(inParts(folder, 100), range));
  expect(tables.map((table) => table.split(" ").length - 3)).toEqual([10, 10, 10]);
});

/** Series that alternate in their shape, so that each is a batch of its own. */
const manyBatches = (): string =>
  Array.from({ length: 40 }, (_, i) =>
    [1, 2, 3].map((time) => `m${10 + i}${i % 2 === 0 ? "" : ",host=a"} v=${i}i ${time}`).join("\n"),
  ).join("\n");

/** Whether another process gets the store for writing. */
async function isFree(folder: string): Promise<boolean> {
  const hold = new URL("processes/hold.ts", import.meta.url).pathname;
  const store = join(folder, "buckets", "b.duckdb");
  const holder = spawn(process.execPath, [hold, store], { stdio: ["pipe", "pipe", "ignore"] });
  let said = "";
  for await (const line of createInterface({ input: holder.stdout })) {
    said = line;
    break;
  }
  holder.stdin.end();
  if (holder.exitCode === null) await event(holder, "exit");
  return said === "held";
}

test("whoever leaves an answer early, by choice or by an error, leaves the store to others", async () => {
  const folder = await folderOf(manyBatches());
  const buckets = inParts(folder, 5);
  for await (const batch of buckets.read(readOf())) {
    expect(batch.rows).toBeGreaterThan(0);
    break;
  }
  expect(await isFree(folder)).toBe(true);
  const fail = async (): Promise<void> => {
    for await (const batch of buckets.read(readOf())) throw new Error(`of ${batch.rows} rows`);
  };
  await expect(fail()).rejects.toThrow("of 3 rows");
  expect(await isFree(folder)).toBe(true);
});

test("a reader that writes into its bucket meanwhile sees what was there when it began", async () => {
  const folder = await folderOf(manyBatches());
  const buckets = inParts(folder, 5);
  let rows = 0;
  for await (const batch of buckets.read(readOf())) {
    rows += batch.rows;
    if (rows % 30 !== 0) continue;
    const fields = [["v", "int", 1n]] as const;
    await buckets.write("b", [{ measurement: "m99", tags: [], fields, time: BigInt(rows) }]);
  }
  expect(rows).toBe(120);
  const written = await answer(
    buckets,
    readOf({
      predicate: {
        kind: "comparison",
        column: "_measurement",
        operator: "==",
        literal: { kind: "string", value: "m99" },
      },
    }),
  );
  expect(written).toHaveLength(1);
  expect(written[0].match(/'1i'/g)).toHaveLength(4);
});

test("a paused reader does not keep another process from the store, and gets all its rows", async () => {
  const folder = await folderOf(manyBatches());
  const paused = inParts(folder, 5).read(readOf())[Symbol.asyncIterator]();
  let rows = (await paused.next()).value?.rows ?? 0;
  // It is given up after a moment.
  while (!(await isFree(folder)));
  for (let next = await paused.next(); next.done !== true; next = await paused.next())
    rows += next.value.rows;
  expect(rows).toBe(120);
});

/** Spoils the values of the last rows of the floats in the bucket "b". */
async function spoilEnd(folder: string): Promise<void> {
  const path = join(folder, "buckets", "b.duckdb");
  const instance = await DuckDBInstance.create(path, { access_mode: "READ_ONLY" });
  const connection = await instance.connect();
  const found = await connection.run(
    `SELECT block_id, block_offset FROM pragma_storage_info('floats')
       WHERE column_name = 'value' AND block_id >= 0 AND segment_type <> 'VALIDITY'
       ORDER BY row_group_id DESC LIMIT 1`,
  );
  const [[block, offset]] = await found.getRows();
  connection.closeSync();
  instance.closeSync();
  const bytes = readFileSync(path);
  // Three headers of 4 KiB come before blocks of 256 KiB.
  bytes[3 * 4096 + Number(block) * 262_144 + Number(offset) + 100] ^= 0xff;
  writeFileSync(path, bytes);
}

/** Series that are batches of their own; two fill the first run of rows of the store. */
function threeSeries(): string {
  const random = seeded(seed);
  const of = (series: string, points: number): string[] =>
    Array.from({ length: points }, (_, i) => `${series} v=${random.next()} ${i}`);
  return [...of("a", 122_870), ...of("b,host=x", 10), ...of("c", 45_000)].join("\n");
}

test("damage that shows after rows were given is one error that names the bucket", async () => {
  const folder = await folderOf(threeSeries());
  await spoilEnd(folder);
  const { host, messages } = loggingHost();
  const read = async (partRows: number): Promise<number> => {
    let rows = 0;
    for await (const batch of inParts(folder, partRows, host).read(readOf())) rows += batch.rows;
    return rows;
  };
  await expect(read(1000)).rejects.toMatchObject({
    code: "data loss",
    message: 'bucket "b": the store was damaged, which showed in the middle of the answer',
  });
  expect(messages).toHaveLength(1);
  // Once more, as the error says: what was salvaged is there, without another word.
  const rows = await read(1000);
  expect(rows).toBeGreaterThan(100_000);
  expect(rows).toBeLessThan(170_000);
  expect(messages).toHaveLength(1);
});
