import { recordingDeliveries } from "@tocsin/alerting/oncall";
import { nodeHost } from "@tocsin/adapters/host-node";
import { openBuckets } from "@tocsin/adapters/buckets";
import type { Buckets } from "@tocsin/engine/plan";
import { compileScript, runProgram } from "@tocsin/library/runtime";
import { standardLibrary } from "@tocsin/library/stdlib";
import { type Random, seeded } from "@tocsin/platform/host";
import { expect, test } from "vitest";
import { renderTables, ResultCollector } from "../../../conformance/render.ts";
import { newFolder, once } from "./places.ts";

// What a store computes, and what the engine makes of the same store's points, must be the same tables in
// the same order. Floats are such that sums are exact in any order. Means of integers whose sum is more
// than 64 bits are left out: the engine's sum wraps, the store's does not.

const seed = Number(process.env["TOCSIN_SEED"] ?? 20_260);
const pipelines = Number(process.env["TOCSIN_PIPELINES"] ?? 60);

const pick = <T>(random: Random, items: readonly T[]): T =>
  items[Math.floor(random.next() * items.length)];

/** The same bucket, which answers every read with points. */
function answeringPoints(below: Buckets): Buckets {
  return {
    read: ({ aggregate: _aggregate, pool: _pool, ...points }, signal) => below.read(points, signal),
    pushes: () => new Set(),
    write: (bucket, points) => below.write(bucket, points),
    list: () => below.list(),
  };
}

const fields: readonly (readonly [
  measurement: string,
  field: string,
  value: (r: Random) => string,
])[] = [
  ["cpu", "usage", (r) => String(Math.floor(r.next() * 400 - 200) / 4)],
  ["cpu", "cores", (r) => `${Math.floor(r.next() * 9 - 4)}i`],
  ["mem", "huge", (r) => pick(r, ["9223372036854775807i", "-9223372036854775808i", "5i", "-1i"])],
  ["mem", "used", (r) => pick(r, ["18446744073709551615u", "0u", "7u", "9223372036854775808u"])],
  ["mem", "usage", (r) => String(Math.floor(r.next() * 8) / 8)],
  ["log", "state", (r) => pick(r, ['"ok"', '"crit"', '""', '"a longer text than fits a cell"'])],
  ["log", "up", (r) => pick(r, ["true", "false"])],
];

/** Points in no order, some of them twice, of series with and without each tag. */
function lines(random: Random, count: number): string {
  return Array.from({ length: count }, () => {
    const [measurement, field, value] = pick(random, fields);
    const host = pick(random, ["", ",host=a", ",host=b", ",host=c\\,d"]);
    const region = pick(random, ["", ",region=eu", ",region=us"]);
    const seconds = Math.floor(random.next() * 12_000) - 500;
    return `${measurement}${host}${region} ${field}=${value(random)} ${seconds}000000000`;
  }).join("\n");
}

/** One field of many points: enough for two threads to share. */
function manyLines(random: Random): string {
  const made: string[] = [];
  for (let i = 0; i < 210_000; i++) {
    const value = Math.floor(random.next() * 800) / 8;
    made.push(`cpu,host=h${i % 7},region=r${i % 2} usage=${value} ${Math.floor(i / 7)}00000000`);
  }
  return made.join("\n");
}

const names = ["count", "sum", "mean", "min", "max", "first", "last"];

function aggregate(random: Random): string {
  const fn = pick(random, names);
  const column = pick(random, ["", "", "", `(column: "_value")`, `(column: "host")`]);
  if (random.next() < 0.4) return column === "" ? `${fn}()` : `${fn}${column}`;
  const every = pick(random, ["7s", "1m", "10m", "1h", "1d", "1mo", "3h17m"]);
  const more = [
    pick(random, ["", "", ", offset: 13s", ", offset: -2m"]),
    pick(random, ["", ", createEmpty: false"]),
    pick(random, ["", "", `, timeSrc: "_start"`, `, timeDst: "at"`]),
    pick(random, ["", "", "", ", period: 90s", `, column: "_value"`]),
    pick(random, ["", "", "", `, location: {zone: "Europe/Berlin", offset: 0h}`]),
  ].join("");
  return `aggregateWindow(every: ${every}, fn: ${fn}${more})`;
}

function pipeline(random: Random): string {
  const start = pick(random, [
    "1970-01-01T00:00:00Z",
    "1969-12-31T23:50:00Z",
    "1970-01-01T00:59:58.5Z",
  ]);
  const stop = pick(random, [
    "1970-01-01T03:00:00Z",
    "1970-01-01T01:00:01Z",
    "1970-01-02T00:00:00Z",
  ]);
  const filter = pick(random, [
    "",
    `|> filter(fn: (r) => r._field == "usage")`,
    `|> filter(fn: (r) => r._field == "usage" and r._measurement == "cpu")`,
    `|> filter(fn: (r) => r._field =~ /^(cores|huge)$/)`,
    `|> filter(fn: (r) => r._measurement == "mem" and r._value > 0)`,
    `|> filter(fn: (r) => r._measurement == "log")`,
    `|> filter(fn: (r) => r.region != "eu" and r._measurement == "cpu")`,
    `|> filter(fn: (r) => r._value > 3.5 or r.host == "a")`,
  ]);
  const group = pick(random, [
    "",
    "|> group()",
    `|> group(columns: ["region"])`,
    `|> group(columns: ["host"])`,
    `|> group(columns: ["_field", "_measurement"])`,
    `|> group(columns: ["_field", "region", "nope"])`,
    `|> group(columns: ["host", "region", "_measurement", "_field"])`,
    `|> group(columns: ["_value"])`,
    `|> group(columns: ["region"], mode: "except")`,
  ]);
  return `from(bucket: "b") |> range(start: ${start}, stop: ${stop}) ${filter} ${group} |> ${aggregate(random)}`;
}

async function answer(script: string, buckets: Buckets): Promise<string> {
  const { program, diagnostics } = compileScript(script, "t.flux");
  if (program === undefined) throw new Error(JSON.stringify(diagnostics));
  const collector = new ResultCollector();
  const host = nodeHost();
  const world = { host, buckets, deliveries: recordingDeliveries(), library: standardLibrary };
  const report = await runProgram(program, world, {
    push: (name, batch) => collector.push(name, batch),
    finish: () => undefined,
  });
  // Storage has words of its own for types that an aggregate does not take.
  if (report.errors.length > 0) return "an error";
  return renderTables(collector.tables());
}

async function filled(commits: readonly string[]): Promise<Buckets> {
  const buckets = openBuckets({ dataDir: newFolder(), named: {}, host: nodeHost(), env: {} });
  for (const text of commits) await buckets.writeLineProtocol(once(text), { bucket: "b" });
  return buckets;
}

test(
  `a store computes what the engine computes (TOCSIN_SEED=${seed})`,
  async () => {
    const random = seeded(seed);
    const buckets = await filled([lines(random, 900), lines(random, 300), lines(random, 40)]);
    const wrong: string[] = [];
    let answered = 0;
    for (let i = 0; i < pipelines; i++) {
      const script = pipeline(random);
      if (/mean/.test(script) && /mem|huge|_field", "/.test(script)) continue;
      const [pushed, points] = [
        await answer(script, buckets),
        await answer(script, answeringPoints(buckets)),
      ];
      if (points !== "an error" && points !== "") answered++;
      if (pushed !== points) wrong.push(`${script}\n--- pushed\n${pushed}\n--- points\n${points}`);
    }
    expect(wrong.slice(0, 2)).toEqual([]);
    expect(answered).toBeGreaterThan(pipelines / 3);
  },
  60_000 + pipelines * 1000,
);

test.each([
  "sum()",
  "group() |> mean()",
  `group(columns: ["region"]) |> sum()`,
  `group(columns: ["region"]) |> aggregateWindow(every: 1m, fn: mean)`,
  "aggregateWindow(every: 10m, fn: sum)",
  "group() |> aggregateWindow(every: 90s, fn: max, createEmpty: false)",
])("two threads compute what one does: %s", async (steps) => {
  const buckets = await many;
  const script = `from(bucket: "b") |> range(start: 1970-01-01T00:00:00Z, stop: 1970-01-01T02:00:00Z) |> ${steps}`;
  expect(await answer(script, buckets)).toBe(await answer(script, answeringPoints(buckets)));
});

const many = filled([manyLines(seeded(seed))]);
