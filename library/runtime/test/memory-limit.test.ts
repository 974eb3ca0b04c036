import { recordingDeliveries } from "@tocsin/alerting/oncall";
import { MemoryBuckets } from "@tocsin/adapters/buckets";
import { compileScript, runProgram } from "@tocsin/library/runtime";
import { standardLibrary } from "@tocsin/library/stdlib";
import { memoryHost } from "@tocsin/platform/host";
import { expect, test } from "vitest";

const limit = 200_000;

/** Runs a script over 2,000 points of two series, in a process that takes `used` bytes of `limit`. */
async function run(
  script: string,
  used: () => number,
): Promise<{ rows: number; errors: string[] }> {
  const buckets = new MemoryBuckets();
  const points = Array.from({ length: 2000 }, (_one, i) => ({
    measurement: "m",
    tags: [["host", `h${i % 2}`]] as const,
    fields: [["v", "float", (i * 37) % 100]] as const,
    time: BigInt(i),
  }));
  await buckets.write("b", points);
  const source =
    'rows = from(bucket: "b") |> range(start: 1970-01-01T00:00:00Z, stop: 1970-01-02T00:00:00Z)';
  const [imports, ...rest] = script.startsWith("import") ? script.split("\n") : ["", script];
  const { program, diagnostics } = compileScript([imports, source, ...rest].join("\n"), "t.flux");
  if (program === undefined) throw new Error(JSON.stringify(diagnostics));
  const world = {
    host: memoryHost({ memory: { limit, used } }),
    buckets,
    deliveries: recordingDeliveries(),
    library: standardLibrary,
  };
  const sink = { push: () => undefined, finish: () => undefined };
  const { rows, errors } = await runProgram(program, world, sink);
  return {
    rows,
    errors: errors.map(({ error }) => `${error.code}: ${error.message}; ${error.hint}`),
  };
}

const holding: readonly (readonly [name: string, script: string])[] = [
  ["group", 'rows |> group(columns: ["_field"])'],
  ["pivot", 'rows |> pivot(rowKey: ["_time"], columnKey: ["host"], valueColumn: "_value")'],
  ["join", 'join(tables: {a: rows, b: rows}, on: ["_time", "host"])'],
  ["union", "union(tables: [rows, rows |> limit(n: 5)])"],
];

test.each(holding)("%s with more rows than may be held says so and fails", async (name, script) => {
  const { rows, errors } = await run(script, () => 160_000);
  expect(rows).toBe(0);
  expect(errors).toHaveLength(1);
  expect(errors[0]).toMatch(new RegExp(`^resource exhausted: ${name} holds \\d+ MB of rows`));
  expect(errors[0]).toContain(`before ${name}; or give it more with --memory`);
});

test("the same steps run where there is room for their rows", async () => {
  for (const [, script] of holding) {
    const { rows, errors } = await run(script, () => 5000);
    expect(errors).toEqual([]);
    expect(rows).toBeGreaterThan(0);
  }
});

test("sort is named when memory ends while it works, and asks nothing for what is small", async () => {
  const large =
    'import "generate"\n' +
    "generate.from(start: 2020-01-01T00:00:00Z, stop: 2021-01-01T00:00:00Z, count: 200000, fn: (n) => (n * 7919) % 200003)\n" +
    '    |> sort(columns: ["_value"])';
  let looks = 0;
  const { rows, errors } = await run(large, () => (looks++ < 1 ? 0 : 190_000));
  expect(rows).toBe(0);
  expect(errors).toHaveLength(1);
  expect(errors[0]).toMatch(/^resource exhausted: sort holds \d+ MB of rows/);
  expect(errors[0]).toContain("before sort; or give it more with --memory");
  const small = await run('rows |> sort(columns: ["_value"])', () => 160_000);
  expect([small.rows, small.errors]).toEqual([2000, []]);
});

test("steps that hold no rows run with the little that is left", async () => {
  const script =
    'rows |> filter(fn: (r) => r._value > 50.0) |> map(fn: (r) => ({r with x: 1})) |> sum(column: "x")';
  expect((await run(script, () => 170_000)).errors).toEqual([]);
});

test("when memory ends on the way, who holds most of it fails, and other results go on", async () => {
  let looks = 0;
  const script =
    'import "generate"\n' +
    "many = generate.from(start: 2020-01-01T00:00:00Z, stop: 2021-01-01T00:00:00Z, count: 200000, fn: (n) => n)\n" +
    'many |> group(columns: ["_value"]) |> yield(name: "held")\nmany |> count() |> yield(name: "counted")';
  const { rows, errors } = await run(script, () => (looks++ === 1 || looks === 3 ? 190_000 : 0));
  expect(rows).toBe(1);
  expect(errors).toHaveLength(1);
  expect(errors[0]).toContain("group holds");
});

test("rows that are read into the script count", async () => {
  let looks = 0;
  const script =
    'import "generate"\n' +
    "many = generate.from(start: 2020-01-01T00:00:00Z, stop: 2021-01-01T00:00:00Z, count: 200000, fn: (n) => n)\n" +
    "t = many |> tableFind(fn: (key) => true)";
  const { errors } = await run(script, () => (looks++ < 1 ? 0 : 190_000));
  expect(errors[0]).toContain("read into the script (tableFind, findRecord) holds");
});
