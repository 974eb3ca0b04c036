import { describe, expect, test } from "vitest";
import {
  type Batch,
  batchesOf,
  groupKey,
  pieces,
  type Schema,
  TableBuilder,
} from "@tocsin/data/column";
import type { Raw } from "@tocsin/data/value";
import type { Buckets } from "@tocsin/engine/plan";
import { type Random, seeded } from "@tocsin/platform/host";
import { messages, run, shown } from "../script.ts";

// Where a source cuts its rows, within tables or between them, changes no answer.

const second = 1_000_000_000n;
const start = 1_600_000_000n * second;

const columns: Schema = [
  { label: "_time", kind: "time", key: false },
  { label: "_value", kind: "float", key: false },
  { label: "n", kind: "int", key: false },
  { label: "text", kind: "string", key: false },
];

interface Shape {
  readonly tables: number;
  /** Rows of a table at most. */
  readonly rows: number;
  /** Times of a table ascend; else they are mixed, some twice. */
  readonly sorted: boolean;
}

/** Tables of different lengths, some without the column `text`, with nulls in each column but the time. */
function dataOf(random: Random, { tables, rows, sorted }: Shape): Batch[] {
  const some = (cell: () => Raw): Raw => (random.next() < 0.15 ? null : cell());
  const below = (most: number): number => Math.floor(random.next() * most);
  return batchesOf(
    Array.from({ length: tables }, (_, table) => {
      const key = groupKey([
        { label: "_field", kind: "string", cell: `f${table % 3}` },
        { label: "host", kind: "string", cell: `h${Math.floor(table / 3)}` },
      ]);
      const schema = table % 4 === 3 ? columns.slice(0, 3) : columns;
      const builder = new TableBuilder(key, [
        ...schema,
        { label: "_field", kind: "string", key: true },
        { label: "host", kind: "string", key: true },
      ]);
      const count = below(rows + 1);
      for (let row = 0; row < count; row++) {
        const tick = sorted ? row : below(count);
        builder.add({
          _time: start + BigInt(tick) * 7n * second,
          _value: some(() => (random.next() < 0.05 ? Number.NaN : below(40) / 4)),
          n: some(() => BigInt(below(9) - 4)),
          text: some(() => `t${below(5)}`),
        });
      }
      return builder.finish();
    }),
  );
}

function bucketOf(batches: readonly Batch[], most: number): Buckets {
  return {
    async *read() {
      for (const batch of batches) yield* pieces(batch, most);
    },
    pushes: () => new Set(),
    write: async () => undefined,
    list: async () => [],
  };
}

async function answer(script: string, batches: readonly Batch[], most: number): Promise<string> {
  const ran = await run(script, bucketOf(batches, most));
  const tables = [...ran.tables].flatMap(([name, list]) =>
    list.map((table) => {
      const { key, rows } = shown(table);
      return `${name} ${key}: ${rows.join(" | ")}`;
    }),
  );
  return [...tables, ...messages(ran)].join("\n");
}

const from = `from(bucket: "b") |> range(start: 2020-01-01T00:00:00Z, stop: 2021-01-01T00:00:00Z)`;
const hour = `from(bucket: "b") |> range(start: 2020-09-13T12:00:00Z, stop: 2020-09-13T13:00:00Z)`;

const anyOrder = [
  `${from} |> group()`,
  `${from} |> group(columns: ["text"])`,
  `${from} |> group(columns: ["text", "n"]) |> count(column: "_value")`,
  `${from} |> group(columns: ["_time", "host"], mode: "by") |> sum()`,
  `${from} |> group(columns: ["_value", "n"], mode: "except")`,
  `${from} |> sort(columns: ["_value", "n"])`,
  `${from} |> group() |> sort(columns: ["text", "_time"], desc: true)`,
  `${from} |> sort(columns: ["n"]) |> limit(n: 3)`,
  `${from} |> top(n: 2) |> tail(n: 1)`,
  `${from} |> group() |> sort(columns: ["n", "_time"]) |> last()`,
  `${from} |> sort(columns: ["n"], desc: true) |> tail(n: 2, offset: 1)`,
  `${from} |> covariance(columns: ["_value", "_value"])`,
  `${from} |> limit(n: 4, offset: 2)`,
  `${from} |> group() |> sort(columns: ["text", "n"]) |> limit(n: 5)`,
  `${from} |> group(columns: ["host"]) |> top(n: 3, columns: ["n", "_value"])`,
  `${from} |> group(columns: ["n"]) |> sort(columns: ["_time", "_field"]) |> limit(n: 2)`,
  `${from} |> pivot(rowKey: ["_time"], columnKey: ["_field"], valueColumn: "_value")`,
  `${from} |> group(columns: ["host"]) |> pivot(rowKey: ["_time"], columnKey: ["_field", "n"], valueColumn: "_value")`,
  `a = ${from}
b = a |> filter(fn: (r) => r._value > 4.0)
union(tables: [b, a |> drop(columns: ["n"])])`,
  `a = ${from}
join(tables: {a: a, b: a |> filter(fn: (r) => r.n > 0)}, on: ["_time", "host"])`,
  `import j "join"
a = ${from} |> group(columns: ["host"])
j.left(left: a, right: a |> filter(fn: (r) => r.n > 1), on: (l, r) => l._time == r._time, as: (l, r) => ({l with m: r.n}))`,
  `${hour} |> window(every: 1m)`,
  `${hour} |> window(every: 1m, period: 2m, createEmpty: true) |> count()`,
  `${hour} |> aggregateWindow(every: 1m, fn: mean)`,
  `${hour} |> aggregateWindow(every: 30s, fn: last, createEmpty: false)`,
  `${hour} |> aggregateWindow(every: 2m, fn: median)`,
  `${hour} |> aggregateWindow(every: 5m, fn: max, column: "n", timeSrc: "_start")`,
  `${from} |> distinct(column: "text")`,
  `${from} |> unique(column: "n")`,
  `${from} |> mode(column: "n")`,
  `${from} |> fill(usePrevious: true) |> fill(column: "text", value: "none")`,
  `${from} |> fill(column: "n", usePrevious: true) |> fill(column: "text", usePrevious: true)`,
  `${from} |> histogram(bins: [2.0, 5.0, 11.0, float(v: "+Inf")])`,
  `${from} |> quantile(q: 0.3)`,
  `${from} |> quantile(q: 0.3, method: "exact_mean")`,
  `${from} |> quantile(q: 0.7, method: "exact_selector")`,
  `${from} |> reduce(identity: {n: 0, last: ""}, fn: (r, accumulator) => ({n: accumulator.n + 1, last: r.host}))`,
  `${from} |> map(fn: (r) => ({r with host: r.host + string(v: r.n), text: r._field}))`,
  `${from} |> drop(columns: ["host"]) |> sum(column: "n")`,
  `${from} |> set(key: "host", value: "all") |> min()`,
  `${from} |> cumulativeSum(columns: ["_value", "n"])`,
  `${from} |> difference(columns: ["_value", "n"], keepFirst: true)`,
  `${from} |> movingAverage(n: 3)`,
  `${from} |> movingAverage(n: 11)`,
  `${from} |> movingAverage(n: 30)`,
  `${from} |> filter(fn: (r) => r._value > 4.0) |> movingAverage(n: 5)`,
  `${from} |> exponentialMovingAverage(n: 12)`,
  `${from} |> kaufmansAMA(n: 4)`,
  `${from} |> kaufmansAMA(n: 20)`,
  `${from} |> chandeMomentumOscillator(n: 4, columns: ["_value", "n"])`,
  `${from} |> relativeStrengthIndex(n: 4)`,
  `${from} |> relativeStrengthIndex(n: 25)`,
  `${from} |> tripleExponentialDerivative(n: 3)`,
  `${from} |> tripleExponentialDerivative(n: 6)`,
  `${from} |> tripleExponentialDerivative(n: 9)`,
  `${from} |> sample(n: 4, pos: 3)`,
  `${from} |> elapsed(unit: 1ms)`,
  `${from} |> stddev() |> group() |> mean()`,
  `${from} |> spread(column: "n")`,
];

const ascending = [
  `${from} |> derivative(unit: 1s, nonNegative: true)`,
  `${from} |> truncateTimeColumn(unit: 30s) |> derivative(columns: ["_value", "n"], initialZero: true)`,
  // Tables of which a batch has rows, but none is left.
  `${from} |> filter(fn: (r) => r._time < 2020-09-13T12:27:20Z) |> derivative(unit: 1s)`,
  `${from} |> filter(fn: (r) => r._time > 2020-09-13T12:27:20Z, onEmpty: "keep") |> derivative(unit: 1s)`,
  `${from} |> filter(fn: (r) => r._time > 2020-09-13T12:27:20Z) |> elapsed()`,
  `${from} |> difference(nonNegative: true)`,
  `${from} |> elapsed()`,
  `${from} |> stateDuration(fn: (r) => r._value > 3.0)`,
  `${from} |> stateCount(fn: (r) => r.n > 0)`,
  `${from} |> exponentialMovingAverage(n: 3)`,
  `${from} |> group() |> sort(columns: ["_time"]) |> difference(columns: ["n"])`,
  `${hour} |> integral(unit: 1s)`,
  `${hour} |> integral(unit: 1m, column: "n", interpolate: "linear")`,
];

const cuts = [1, 3, 8];

describe.each([
  ["tables in any order of time", anyOrder, false],
  ["tables sorted by time", ascending, true],
] as const)("%s", (_, scripts, sorted) => {
  test.each(scripts)("%s", async (script) => {
    for (const seed of [1, 2]) {
      const batches = dataOf(seeded(seed), { tables: 9, rows: 20, sorted });
      const whole = await answer(script, batches, 1000);
      expect(whole).not.toBe("");
      for (const most of cuts) expect(await answer(script, batches, most)).toBe(whole);
    }
  });
});

test("many rows give in steps what few give at once", async () => {
  // More than a station does at once: each answer is told by its counts and sums, table by table.
  const batches = dataOf(seeded(3), { tables: 6, rows: 9000, sorted: false });
  const scripts = [
    `${from} |> group(columns: ["text"]) |> sort(columns: ["_time", "n"]) |> difference(columns: ["n"])`,
    `${from} |> group() |> sort(columns: ["_value"], desc: true)`,
    `${from} |> pivot(rowKey: ["_time"], columnKey: ["_field"], valueColumn: "n")`,
    `${from} |> aggregateWindow(every: 1m, fn: sum, column: "n", createEmpty: false)`,
    `union(tables: [${from}, ${from} |> drop(columns: ["text"])])`,
  ];
  for (const script of scripts) {
    const whole = await answer(script, batches, 1_000_000);
    expect(await answer(script, batches, 500)).toBe(whole);
    expect(whole.length).toBeGreaterThan(10_000);
  }
});

test("rows sorted by time give the same however many of them are gone through at a time", async () => {
  const batches = dataOf(seeded(7), { tables: 3, rows: 2600, sorted: true });
  for (const script of ascending.filter((one) => /derivative/.test(one) && !/filter/.test(one))) {
    const whole = await answer(script, batches, 1_000_000);
    expect(await answer(script, batches, 700)).toBe(whole);
    expect(whole.length).toBeGreaterThan(10_000);
  }
});

test("the first rows of groups are the same where nobody knows that only they are kept", async () => {
  const pass = `import "internal/debug"\n`;
  for (const seed of [4, 5, 6]) {
    const batches = dataOf(seeded(seed), { tables: 9, rows: 20, sorted: false });
    for (const group of ["group()", `group(columns: ["host"])`, `group(columns: ["n", "text"])`]) {
      for (const end of [
        `sort(columns: ["text", "_value"]) |> limit(n: 3)`,
        `top(n: 2, columns: ["n"])`,
        `sort(columns: ["_time"], desc: true) |> limit(n: 50)`,
      ]) {
        const known = await answer(`${from} |> ${group} |> ${end}`, batches, 7);
        const unknown = `${pass}${from} |> ${group} |> debug.pass() |> ${end}`;
        expect(known).toBe(await answer(unknown, batches, 7));
      }
    }
  }
});

const seed = 20261128;

test(`an end of a sort is what is left of all of its rows (seed ${seed})`, async () => {
  const random = seeded(seed);
  for (const rows of [3, 40, 700]) {
    const data = dataOf(random, { tables: 7, rows, sorted: false });
    const sorts = ["n", "_value", "text", "_time", 'text", "n', 'n", "_time'].flatMap((columns) =>
      ["", " |> group()"].flatMap((group) =>
        [true, false].map(
          (desc) => `${from}${group} |> sort(columns: ["${columns}"], desc: ${desc})`,
        ),
      ),
    );
    for (const sorted of sorts) {
      const end = [
        "first()",
        "last()",
        'first(column: "n")',
        'last(column: "n")',
        'last(column: "_field")',
        "tail(n: 3)",
        "tail(n: 2, offset: 2)",
        "tail(n: 0)",
      ][Math.floor(random.next() * 8)];
      const piece = [5, 100, 1e6][Math.floor(random.next() * 3)];
      const all = await answer(`${sorted} |> limit(n: 1000000) |> ${end}`, data, piece);
      expect(await answer(`${sorted} |> ${end}`, data, piece), `${sorted} |> ${end}`).toBe(all);
    }
  }
});
