import { type ChildProcessByStdio, spawn, spawnSync } from "node:child_process";
import { once as event } from "node:events";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { DuckDBInstance } from "@duckdb/node-api";
import { openBuckets } from "@tocsin/adapters/buckets";
import { nodeHost } from "@tocsin/adapters/host-node";
import type { BucketRead, StorageAggregate, StoragePredicate } from "@tocsin/engine/plan";
import { seeded, SimulatedClock, utf8 } from "@tocsin/platform/host";
import fc from "fast-check";
import { expect, test, vi } from "vitest";
import { Database } from "../src/database.ts";
import { Connection } from "../src/duckdb.ts";
import { answer, loggingHost, newFolder, once, places, readOf } from "./places.ts";

/** Of all that is random here. */
const seed = 7;

const script = (name: string): string => new URL(`processes/${name}.ts`, import.meta.url).pathname;

function start(name: string, argument: string): ChildProcessByStdio<Writable, Readable, null> {
  return spawn(process.execPath, [script(name), argument], { stdio: ["pipe", "pipe", "inherit"] });
}

async function firstLine(from: Readable): Promise<string> {
  for await (const line of createInterface({ input: from })) return line;
  throw new Error("the process ended without a word");
}

/** A folder whose bucket "b" has ints at the nanoseconds 1 … `points`. */
async function folderWith(points: number): Promise<string> {
  const folder = newFolder();
  const buckets = openBuckets({ dataDir: folder, named: {}, host: nodeHost(), env: {} });
  const lines = Array.from({ length: points }, (_, i) => `m v=${i + 1}i ${i + 1}`).join("\n");
  await buckets.writeLineProtocol(once(lines), { bucket: "b" });
  return folder;
}

const storeOf = (folder: string): string => join(folder, "buckets", "b.duckdb");

test("a store that another process holds is waited for, then the holder is named", async () => {
  const folder = await folderWith(1);
  const holder = start("hold", storeOf(folder));
  await firstLine(holder.stdout);
  const clock = new SimulatedClock();
  const host = { ...nodeHost(), clock };
  const buckets = openBuckets({ dataDir: folder, named: {}, host, env: {} });
  const waited = await untilSettled(answer(buckets, readOf()), clock);
  expect(waited.error).toMatchObject({ code: "unavailable" });
  expect(String(waited.error)).toContain(`bucket "b" is in use by process ${holder.pid}`);
  expect(waited.milliseconds).toBeGreaterThanOrEqual(10_000);

  const patient = untilSettled(answer(buckets, readOf()), clock, () => holder.stdin.end());
  expect((await patient).value).toEqual(["m v: 1970-01-01T00:00:00.000000001Z='1i'"]);
});

test("an instance of DuckDB whose first store was held by another process reads it afterwards", async () => {
  const folder = await folderWith(1);
  const holder = start("hold", storeOf(folder));
  await firstLine(holder.stdout);
  // Whatever waits for a store is used for this one.
  const other = await Database.open(":memory:", { access: "write" });
  await expect(Database.open(storeOf(folder), { access: "read" })).rejects.toThrow(/lock/u);
  holder.stdin.end();
  await event(holder, "exit");
  const database = await Database.open(storeOf(folder), { access: "read" });
  const found = await database.connection().run("SELECT count(*) FROM ints");
  expect(found.first()).toBe(1n);
  await database.close();
  other.discard();
});

/** Moves the clock on while the work waits, and tells how far; `between` is called after a while. */
async function untilSettled<T>(
  work: Promise<T>,
  clock: SimulatedClock,
  between?: () => void,
): Promise<{ value?: T; error?: unknown; milliseconds: number }> {
  const from = clock.monotonic();
  let settled: { value?: T; error?: unknown } | undefined;
  work.then(
    (value) => (settled = { value }),
    (error: unknown) => (settled = { error }),
  );
  for (let step = 0; settled === undefined; step++) {
    if (step === 3) between?.();
    // Moves only when the work sleeps: opening the file takes real time.
    if (clock.untilNext() !== undefined) await clock.advance(between === undefined ? 250 : 5);
    await new Promise((resolve) => setImmediate(resolve));
  }
  return { ...settled, milliseconds: clock.monotonic() - from };
}

test("a statement that would take for ever ends when its reader gives up", async () => {
  const database = await Database.open(":memory:", { access: "write" });
  const stop = new AbortController();
  const connection = database.connection(stop.signal);
  const endless = connection.run(
    "SELECT sum(a.range * b.range) FROM range(10000000) a, range(10000000) b",
  );
  setImmediate(() => stop.abort());
  await expect(endless).rejects.toMatchObject({ code: "canceled" });
  await expect(connection.run("SELECT 1")).rejects.toMatchObject({ code: "canceled" });
  database.discard();
});

test("a read that is given up ends as canceled: before it began, and while the store is held", async () => {
  const folder = await folderWith(1);
  const host = { ...nodeHost(), clock: new SimulatedClock() };
  const buckets = openBuckets({ dataDir: folder, named: {}, host, env: {} });
  const all = async (signal: AbortSignal): Promise<void> => {
    for await (const batch of buckets.read(readOf(), signal)) void batch;
  };
  await expect(all(AbortSignal.abort())).rejects.toMatchObject({ code: "canceled" });
  const holder = start("hold", storeOf(folder));
  await firstLine(holder.stdout);
  const stop = new AbortController();
  const waiting = all(stop.signal);
  while (host.clock.untilNext() === undefined) await new Promise((turn) => setImmediate(turn));
  stop.abort();
  await expect(waiting).rejects.toMatchObject({ code: "canceled" });
  holder.stdin.end();
});

test("readers do not wait for each other, and one process may ask twice at once", async () => {
  const folder = await folderWith(3);
  const open = (): ReturnType<typeof openBuckets> =>
    openBuckets({ dataDir: folder, named: {}, host: nodeHost(), env: {} });
  const buckets = open();
  const reads = [answer(buckets, readOf()), answer(buckets, readOf()), answer(open(), readOf())];
  expect(new Set((await Promise.all(reads)).map(String)).size).toBe(1);
  // A read that is not finished does not hold the store: deliveries may take their time.
  const slow = buckets.read(readOf())[Symbol.asyncIterator]();
  await slow.next();
  const holder = start("hold", storeOf(folder));
  expect(await firstLine(holder.stdout)).toBe("held");
  holder.stdin.end();
  await event(holder, "exit");
});

test("what was committed before the process was killed is there", async () => {
  const folder = newFolder();
  const writer = start("write", folder);
  let acknowledged = 0n;
  for await (const line of createInterface({ input: writer.stdout })) {
    acknowledged = BigInt(line);
    if (acknowledged >= 5n) break;
  }
  writer.kill("SIGKILL");
  await event(writer, "exit");
  const buckets = openBuckets({ dataDir: folder, named: {}, host: nodeHost(), env: {} });
  const count: StorageAggregate = { function: "count" };
  const [found] = await answer(buckets, readOf({ aggregate: count }));
  const stored = BigInt(/'(\d+)i'/.exec(found)?.[1] ?? "0");
  // The next commit may be there without having been said.
  expect(stored).toBeGreaterThanOrEqual(acknowledged);
});

/** The points of the bucket "b" below `folder`, and what was logged meanwhile. */
async function counted(folder: string): Promise<{ points: number; messages: string[] }> {
  const { host, messages } = loggingHost();
  const buckets = openBuckets({ dataDir: folder, named: {}, host, env: {} });
  let points = 0;
  for await (const { rows } of buckets.read(readOf())) points += rows;
  return { points, messages };
}

test("a damaged log of commits is used as far as it is whole, the damaged store kept, and said", async () => {
  const folder = await folderWith(10);
  spawnSync(process.execPath, [script("leave-log"), storeOf(folder)]);
  const log = `${storeOf(folder)}.wal`;
  const bytes = readFileSync(log);
  bytes[bytes.length >> 1] ^= 0xff;
  writeFileSync(log, bytes);
  const { points, messages } = await counted(folder);
  expect(points).toBeGreaterThan(40);
  expect(points).toBeLessThan(110);
  expect(messages).toHaveLength(1);
  expect(messages[0]).toContain(
    `bucket "b" was damaged and would not open: ${points} points were salvaged`,
  );
  const aside = /kept as (.*)$/.exec(messages[0])?.[1] ?? "";
  expect(existsSync(aside) && existsSync(`${aside}.wal`)).toBe(true);
  expect(await counted(folder)).toEqual({ points, messages: [] });
  const buckets = openBuckets({ dataDir: folder, named: {}, host: nodeHost(), env: {} });
  expect((await buckets.list()).map(({ name }) => name)).toEqual(["b"]);
});

test("a store of which nothing can be read is an error once, and then empty", async () => {
  const folder = await folderWith(10);
  writeFileSync(storeOf(folder), "this is no store");
  await expect(counted(folder)).rejects.toMatchObject({
    code: "data loss",
    message: expect.stringMatching(/^bucket "b" was damaged.*: 0 points were salvaged/) as unknown,
  });
  expect(await counted(folder)).toEqual({ points: 0, messages: [] });
  expect(readdirSync(join(folder, "buckets"))).toHaveLength(2);
});

/** Where in the file the values of the second run of rows of a table begin. */
async function secondBlock(path: string, table: string): Promise<number> {
  const instance = await DuckDBInstance.create(path, { access_mode: "READ_ONLY" });
  const connection = await instance.connect();
  const found = await connection.run(
    `SELECT block_id, block_offset FROM pragma_storage_info('${table}')
       WHERE column_name = 'value' AND row_group_id = 1 AND block_id >= 0 AND segment_type <> 'VALIDITY'`,
  );
  const [[block, offset]] = await found.getRows();
  connection.closeSync();
  instance.closeSync();
  // Three headers of 4 KiB come before blocks of 256 KiB.
  return 3 * 4096 + Number(block) * 262_144 + Number(offset);
}

test("a damaged block costs its points, not the others", async () => {
  const folder = newFolder();
  const buckets = openBuckets({ dataDir: folder, named: {}, host: nodeHost(), env: {} });
  const random = seeded(seed);
  const lines = Array.from({ length: 260_000 }, (_, i) => `m v=${random.next()} ${i + 1}`);
  await buckets.writeLineProtocol(once(lines.join("\n")), { bucket: "b" });
  const bytes = readFileSync(storeOf(folder));
  bytes[(await secondBlock(storeOf(folder), "floats")) + 100] ^= 0xff;
  writeFileSync(storeOf(folder), bytes);
  const { points, messages } = await counted(folder);
  expect(points).toBeGreaterThan(100_000);
  expect(points).toBeLessThan(260_000);
  expect(messages[0]).toContain(
    `${points} points were salvaged, with gaps where it was unreadable`,
  );
});

test("damage that shows when points are committed costs none of them: they are written once more", async () => {
  const folder = await folderWith(10);
  const { host, messages } = loggingHost();
  const buckets = openBuckets({ dataDir: folder, named: {}, host, env: {} });
  let commits = 0;
  const run = Connection.prototype.run;
  const damaged = vi.spyOn(Connection.prototype, "run").mockImplementation(function (
    this: Connection,
    sql: string,
  ) {
    if (sql !== "COMMIT" || ++commits !== 1) return run.call(this, sql);
    return Promise.reject(new Error("FATAL Error: Corrupt database file: computed checksum 1"));
  });
  // More than one commit's, so that the next ones are read while the first is stored.
  const lines = Array.from({ length: 1_100_000 }, (_, i) => `m v=${i + 1}i ${i + 11}\n`);
  const report = await buckets
    .writeLineProtocol(chunks(lines.join("")), { bucket: "b" })
    .finally(() => damaged.mockRestore());
  expect(report).toEqual({ written: 1_100_000, refused: [], refusedTotal: 0 });
  expect(messages).toEqual([expect.stringContaining("10 points were salvaged")]);
  expect((await counted(folder)).points).toBe(1_100_010);
});

async function* chunks(text: string): AsyncGenerator<Uint8Array> {
  const bytes = utf8.encode(text);
  for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536);
}

test("DuckDB is loaded when an embedded store is used, not before", () => {
  const folder = newFolder();
  writeFileSync(join(folder, "b.lp"), "m v=1 1\n");
  const said = spawnSync(process.execPath, [script("loaded"), folder]).stdout.toString();
  expect(said.trim().split("\n")).toEqual([
    "a file was read, an unknown bucket was asked: false",
    "a point was written: true",
  ]);
});

function randomLines(): string {
  const random = seeded(seed);
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random.next() * from.length)];
  return Array.from({ length: 400 }, () => {
    const tags = `${pick(["", ",host=a", ",host=b", ",host=c"])}${pick(["", ",zone=x", ",zone=y"])}`;
    const float = Math.round(random.next() * 40 - 20) / 4;
    const fields = [
      `f=${float}`,
      `i=${Math.floor(random.next() * 9) - 4}i`,
      `s="${pick(["", "p", "q"])}"`,
    ];
    const more = [`b=${random.next() < 0.5}`, `u=${Math.floor(random.next() * 9)}u`];
    return `${pick(["m", "n"])}${tags} ${pick([fields, more, [...fields, ...more]]).join(",")} ${Math.floor(random.next() * 300) - 100}`;
  }).join("\n");
}

const literal = fc.oneof(
  fc.constantFrom("", "a", "x", "p", "zz").map((value) => ({ kind: "string" as const, value })),
  fc.integer({ min: -5, max: 5 }).map((value) => ({ kind: "int" as const, value: BigInt(value) })),
  fc.integer({ min: -20, max: 20 }).map((value) => ({ kind: "float" as const, value: value / 4 })),
  fc.boolean().map((value) => ({ kind: "bool" as const, value })),
);
const comparison = fc.record({
  kind: fc.constant("comparison" as const),
  column: fc.constantFrom("host", "zone", "_value", "_value", "_field", "_measurement"),
  operator: fc.constantFrom(
    "==" as const,
    "!=" as const,
    "<" as const,
    "<=" as const,
    ">" as const,
    ">=" as const,
  ),
  literal,
});
const predicates = fc.letrec<{ predicate: StoragePredicate }>((tie) => ({
  predicate: fc.oneof(
    { maxDepth: 3 },
    comparison,
    fc.record({
      kind: fc.constantFrom("and" as const, "or" as const),
      left: tie("predicate"),
      right: tie("predicate"),
    }),
    fc.record({
      kind: fc.constant("exists" as const),
      column: fc.constantFrom("host", "zone", "_value"),
    }),
  ),
})).predicate;
const window = fc.record({
  every: fc.bigInt({ min: 7n, max: 90n }),
  offset: fc.bigInt({ min: 0n, max: 20n }),
  createEmpty: fc.boolean(),
});
const aggregates = fc.record(
  {
    function: fc.constantFrom(
      ...(["first", "last", "min", "max", "sum", "count", "mean"] as const),
    ),
    window,
  },
  { requiredKeys: ["function"] },
);
const requests: fc.Arbitrary<BucketRead> = fc.record(
  {
    bucket: fc.constant("b"),
    start: fc.bigInt({ min: -120n, max: 60n }),
    stop: fc.bigInt({ min: 61n, max: 220n }),
    predicate: predicates,
    aggregate: aggregates,
  },
  { requiredKeys: ["bucket", "start", "stop"] },
);

test("the embedded store answers every request as memory does", async () => {
  const lines = randomLines();
  const [memory, embedded] = await Promise.all([places.memory(lines), places.embedded(lines)]);
  const said = (error: unknown): string[] => [String(error).replace('bucket "b": ', "")];
  await fc.assert(
    fc.asyncProperty(requests, async (request) => {
      const expected = await answer(memory, request).catch(said);
      expect(await answer(embedded, request).catch(said)).toEqual(expected);
    }),
    { seed, numRuns: 60 },
  );
});

/** Lines of some hosts: numbers, texts, values of another type, lines that are none, and times again. */
function manyLines(random: () => number): string {
  const lines: string[] = [];
  for (let i = 0; i < 6000; i++) {
    const time = Math.floor(i / 8 - random() * 3) * 100_000_000;
    const state = random() < 0.01 ? "on" : `${random() < 0.5}`;
    const text = random() < 0.02 ? 'ü \\"' : `t${i % 7}`;
    const used = random() < 0.01 ? "1.5" : `${i}i`;
    lines.push(
      `cpu,host=h${i % 9} load=${(random() * 100).toFixed(3)},used=${used},up=${state},note="${text}" ${time}`,
    );
    if (random() < 0.01) lines.push("bad");
  }
  return lines.join("\n");
}

test(`lines taken by the block are stored as in memory, and refused with their numbers (seed ${seed})`, async () => {
  const random = seeded(seed);
  const lines = manyLines(() => random.next());
  const write = async (dataDir: string | undefined) => {
    const buckets = openBuckets({ dataDir, named: {}, host: nodeHost(), env: {} });
    const report = await buckets.writeLineProtocol(once(lines), { bucket: "b" });
    return { report, rows: await answer(buckets, readOf()) };
  };
  const stored = await write(newFolder());
  expect(stored).toEqual(await write(undefined));
  expect(stored.report.refusedTotal).toBeGreaterThan(100);
});

test(`commits that overlap in some series and times leave what came last (seed ${seed})`, async () => {
  const random = seeded(seed);
  const whole = (below: number): number => Math.floor(random.next() * below);
  const parts = Array.from({ length: 8 }, (_, part) => {
    const [from, hosts] = [part * 40 - whole(60), 1 + whole(6)];
    return Array.from({ length: 200 }, (_unused, i) => {
      const time = (from + whole(60)) * 1_000_000_000;
      return `m,host=h${whole(hosts)} v=${part * 1000 + i},n=${i}i ${time}`;
    }).join("\n");
  });
  const [memory, embedded] = [undefined, newFolder()].map((dataDir) =>
    openBuckets({ dataDir, named: {}, host: nodeHost(), env: {} }),
  );
  for (const part of parts)
    for (const buckets of [memory, embedded])
      await buckets.writeLineProtocol(once(part), { bucket: "b" });
  expect(await answer(embedded, readOf())).toEqual(await answer(memory, readOf()));
});

test(`texts of any length, new and repeated, are those of memory (seed ${seed})`, async () => {
  const random = seeded(seed);
  const below = (most: number): number => Math.floor(random.next() * most);
  const letters = ["a", "ü", " ", ",", '\\"', "\\\\", "€"];
  const text = (): string => Array.from({ length: below(40) }, () => letters[below(7)]).join("");
  const known = Array.from({ length: 9 }, text);
  const lines = Array.from({ length: 9000 }, (_, i) => {
    const value = below(3) > 0 ? text() : known[below(9)];
    return `m,host=${below(3)} s="${value}" ${i}`;
  }).join("\n");
  const folder = newFolder();
  const buckets = openBuckets({ dataDir: folder, named: {}, host: nodeHost(), env: {} });
  expect((await buckets.writeLineProtocol(once(lines), { bucket: "b" })).refusedTotal).toBe(0);
  expect(await answer(buckets, readOf())).toEqual(
    await answer(await places.memory(lines), readOf()),
  );
});
