import { expect, test } from "vitest";
import { type Batch, batchesOf, columnBuilder, groupKey, tableFrom } from "@tocsin/data/column";
import {
  type BucketRead,
  type Buckets,
  pooledPoints,
  type StorageAggregate,
} from "@tocsin/engine/plan";
import { messages, run, shown } from "../script.ts";

const range = "range(start: 2020-01-01T00:00:00Z, stop: 2020-01-01T00:00:30Z)";
const start = 1_577_836_800_000_000_000n;

/** A bucket that gives two series of raw points, whatever it is asked, and remembers that. */
function rawBucket(pushed: readonly StorageAggregate["function"][]): {
  readonly buckets: Buckets;
  readonly requests: BucketRead[];
} {
  const requests: BucketRead[] = [];
  const buckets: Buckets = {
    async *read(request) {
      requests.push(request);
      yield* series();
    },
    pushes: () => new Set(pushed),
    write: async () => undefined,
    list: async () => [],
  };
  return { buckets, requests };
}

function series(): Batch[] {
  const tables = ["a", "b"].map((host) => {
    const times = columnBuilder("time");
    const values = columnBuilder("float");
    for (let i = 0n; i < 4n; i++) {
      times.append(start + i * 7_000_000_000n);
      values.append(Number(i) + (host === "a" ? 0 : 10));
    }
    const key = groupKey([
      { label: "_start", kind: "time", cell: start },
      { label: "_stop", kind: "time", cell: start + 30_000_000_000n },
      { label: "host", kind: "string", cell: host },
    ]);
    return tableFrom(key, [
      { label: "_time", column: times.finish() },
      { label: "_value", column: values.finish() },
    ]);
  });
  return batchesOf(tables);
}

async function answers(source: string, buckets: Buckets): Promise<string[]> {
  const ran = await run(source, buckets);
  expect(messages(ran)).toEqual([]);
  return [...ran.tables.values()].flat().map((table) => shown(table).rows.join(" | "));
}

test("a bucket that can is asked for the aggregate, with the filter before it", async () => {
  const { buckets, requests } = rawBucket(["max"]);
  const script = `from(bucket: "b") |> ${range} |> filter(fn: (r) => r.host == "a") |> max()`;
  await run(script, buckets);
  expect(requests).toHaveLength(1);
  expect(requests[0]).toMatchObject({ start, aggregate: { function: "max" } });
  expect(requests[0].predicate).toMatchObject({ column: "host" });
});

test("a bucket that cannot is read, and the aggregate is computed here", async () => {
  const { buckets, requests } = rawBucket([]);
  expect(await answers(`from(bucket: "b") |> ${range} |> max()`, buckets)).toEqual([
    "_time=2020-01-01T00:00:21Z _value=3",
    "_time=2020-01-01T00:00:21Z _value=13",
  ]);
  const windowed = `from(bucket: "b") |> ${range} |> aggregateWindow(every: 20s, fn: sum)`;
  expect(await answers(windowed, buckets)).toEqual([
    "_time=2020-01-01T00:00:20Z _value=3 | _time=2020-01-01T00:00:30Z _value=3",
    "_time=2020-01-01T00:00:20Z _value=33 | _time=2020-01-01T00:00:30Z _value=13",
  ]);
  expect(requests.map(({ aggregate }) => aggregate)).toEqual([undefined, undefined]);
});

test.each([
  [
    "aggregateWindow(every: 20s, fn: sum)",
    { every: 20_000_000_000n, offset: 0n, createEmpty: true },
  ],
  [
    "aggregateWindow(every: 1h, offset: -5m, fn: sum, createEmpty: false)",
    { every: 3_600_000_000_000n, offset: -300_000_000_000n, createEmpty: false },
  ],
])("%s is asked of a bucket that can", async (call, window) => {
  const { buckets, requests } = rawBucket(["sum"]);
  await run(`from(bucket: "b") |> ${range} |> ${call}`, buckets);
  expect(requests.map(({ aggregate }) => aggregate)).toEqual([{ function: "sum", window }]);
});

test.each([
  "aggregateWindow(every: 1mo, fn: sum)",
  "aggregateWindow(every: 10s, period: 20s, fn: sum)",
  'aggregateWindow(every: 10s, fn: sum, timeSrc: "_start")',
  'aggregateWindow(every: 1d, fn: sum, location: {zone: "Europe/Berlin", offset: 0h})',
  "map(fn: (r) => ({r with _value: r._value * 2.0})) |> sum()",
  'sum(column: "other")',
  "limit(n: 2) |> sum()",
])("%s is not asked of a bucket", async (call) => {
  const { buckets, requests } = rawBucket(["sum"]);
  await run(`from(bucket: "b") |> ${range} |> ${call}`, buckets);
  expect(requests.map(({ aggregate }) => aggregate)).toEqual([undefined]);
});

test("groups of a read keep the bounds of the range, as InfluxDB's storage gives them", async () => {
  const { buckets } = rawBucket([]);
  const keys = async (steps: string): Promise<string[]> => {
    const ran = await run(`from(bucket: "b") |> ${range} |> ${steps}`, buckets);
    expect(messages(ran)).toEqual([]);
    return [...ran.tables.values()].flat().map((table) => shown(table).key);
  };
  const bounds = `_start=${start} _stop=${start + 30_000_000_000n}`;
  expect(await keys("group() |> sum()")).toEqual([bounds]);
  expect(await keys('group(columns: ["host"]) |> last()')).toEqual([
    `${bounds} host=a`,
    `${bounds} host=b`,
  ]);
  expect(
    await keys("filter(fn: (r) => r._time > 2020-01-01T00:00:00Z) |> group() |> sum()"),
  ).toEqual([""]);
});

test.each([
  ["group() |> max()", { columns: ["_start", "_stop"], function: "max" }],
  [
    'group(columns: ["host"]) |> aggregateWindow(every: 20s, fn: mean)',
    {
      columns: ["host", "_start", "_stop"],
      function: "mean",
      window: { every: 20_000_000_000n, offset: 0n },
    },
  ],
])("a bucket is told what becomes of its rows: %s", async (steps, pool) => {
  const { buckets, requests } = rawBucket([]);
  await run(`from(bucket: "b") |> ${range} |> ${steps}`, buckets);
  expect(requests.map(({ pool: told, aggregate }) => [told, aggregate])).toEqual([
    [pool, undefined],
  ]);
});

test.each([
  'group(columns: ["host"]) |> aggregateWindow(every: 1mo, fn: sum)',
  'group(columns: ["_value"]) |> sum()',
  'group(columns: ["host"], mode: "except") |> sum()',
  "group() |> stddev()",
  'group() |> count(column: "host")',
  "group() |> limit(n: 2) |> sum()",
])("a bucket is not told of %s", async (steps) => {
  const { buckets, requests } = rawBucket([]);
  await run(`from(bucket: "b") |> ${range} |> ${steps}`, buckets);
  expect(requests.map(({ pool }) => pool)).toEqual([undefined]);
});

test("rows may stand for several points, beside others that stand for one", async () => {
  const pooled = (points: bigint | null, value: number, time: bigint): Batch[] => {
    const [times, values] = [columnBuilder("time"), columnBuilder("float")];
    times.append(start + time);
    values.append(value);
    const counts = columnBuilder("int");
    counts.append(points);
    const key = groupKey([
      { label: "_start", kind: "time", cell: start },
      { label: "_stop", kind: "time", cell: start + 30_000_000_000n },
    ]);
    const columns = [
      { label: "_time", column: times.finish() },
      { label: "_value", column: values.finish() },
      ...(points === null ? [] : [{ label: pooledPoints, column: counts.finish() }]),
    ];
    return batchesOf([tableFrom(key, columns)]);
  };
  const buckets: Buckets = {
    ...rawBucket([]).buckets,
    async *read() {
      yield* pooled(3n, 30, 1n);
      yield* pooled(null, 2, 2n);
      yield* pooled(4n, 8, 25_000_000_000n);
    },
  };
  const source = `from(bucket: "b") |> ${range} |> group()`;
  expect(await answers(`${source} |> count()`, buckets)).toEqual(["_value=8"]);
  expect(await answers(`${source} |> mean()`, buckets)).toEqual(["_value=5"]);
  expect(await answers(`${source} |> sum()`, buckets)).toEqual(["_value=40"]);
  const windowed = `${source} |> aggregateWindow(every: 20s, fn: mean)`;
  expect(await answers(windowed, buckets)).toEqual([
    "_time=2020-01-01T00:00:20Z _value=8 | _time=2020-01-01T00:00:30Z _value=2",
  ]);
});
