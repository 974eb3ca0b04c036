import { MemoryBuckets } from "@tocsin/adapters/buckets";
import { FluxError } from "@tocsin/data/value";
import type { Point } from "@tocsin/engine/plan";
import { expect, test } from "vitest";
import { messages, run, shown } from "./script.ts";

/** Buckets in memory that keep what each commit had. */
class KeepingBuckets extends MemoryBuckets {
  readonly commits: (readonly Point[])[] = [];
  override async write(bucket: string, points: readonly Point[]): Promise<void> {
    this.commits.push(points);
    return super.write(bucket, points);
  }
}

const plain = ({ measurement, tags, fields, time }: Point): string =>
  `${measurement} ${tags.map((tag) => tag.join("=")).join(",")} ` +
  `${fields.map(([key, kind, value]) => `${key}:${kind}=${String(value)}`).join(",")} ${time}`;

async function written(script: string): Promise<{ points: string[]; errors: string[] }> {
  const buckets = new KeepingBuckets();
  const ran = await run(`import "array"\nimport "internal/debug"\n${script}`, buckets);
  return { points: buckets.commits.flat().map(plain), errors: messages(ran) };
}

test("rows become points: tags in order of their names, values as they are", async () => {
  const { points, errors } = await written(`array.from(rows: [
    {_time: time(v: 7), _measurement: "m", _field: "f", zone: "z", dc: "", host: "h", n: 1, _value: 1.5},
    {_time: time(v: 8), _measurement: "m", _field: "g", zone: "z", dc: "d", host: "h", n: 2, _value: 1.0 / 0.0},
    {_time: time(v: 9), _measurement: "m", _field: "f", zone: "z", dc: "d", host: "h", n: 2, _value: 2.5},
])
    |> to(bucket: "b")`);
  expect(errors).toEqual([]);
  expect(points).toEqual(["m host=h,zone=z f:float=1.5 7", "m dc=d,host=h,zone=z f:float=2.5 9"]);
});

test("what fieldFn reads is no tag; what it gives is a field, but for null", async () => {
  const { points, errors } = await written(`array.from(rows: [
    {_time: time(v: 7), _measurement: "m", host: "h", text: "x", at: 2026-01-01T00:00:00Z},
    {_time: time(v: 8), _measurement: "m", host: "h", text: "y", at: debug.null(type: "time")},
])
    |> to(bucket: "b", fieldFn: (r) => ({text: r.text, at: r.at}))`);
  expect(errors).toEqual([]);
  expect(points).toEqual([
    "m host=h at:int=1767225600000000000,text:string=x 7",
    "m host=h text:string=y 8",
  ]);
});

test("a wide row is one point: its key has the tags, its other columns are fields", async () => {
  const { points, errors } = await written(`import "experimental"
array.from(rows: [{_time: time(v: 7), _measurement: "m", host: "h", a: 1, b: true, c: uint(v: 3), d: "t"}])
    |> group(columns: ["_measurement", "host"])
    |> experimental.to(bucket: "b")`);
  expect(errors).toEqual([]);
  expect(points).toEqual(["m host=h a:int=1,b:bool=true,c:uint=3,d:string=t 7"]);
});

test("many rows go in commits of a bounded size, and are passed on", async () => {
  const buckets = new KeepingBuckets();
  const ran = await run(
    `import "generate"
generate.from(count: 150000, fn: (n) => n, start: 2026-01-01T00:00:00Z, stop: 2026-01-02T00:00:00Z)
    |> set(key: "_measurement", value: "m")
    |> set(key: "_field", value: "f")
    |> to(bucket: "b")
    |> count()`,
    buckets,
  );
  expect(messages(ran)).toEqual([]);
  expect(buckets.commits.flat().length).toBe(150_000);
  expect(Math.max(...buckets.commits.map((points) => points.length))).toBeLessThanOrEqual(65_536);
  const [table] = (ran.tables.get("_result") ?? []).map(shown);
  expect(table.rows).toEqual([expect.stringContaining("_value=150000")]);
});

test("small tables share a commit", async () => {
  const buckets = new KeepingBuckets();
  const rows = Array.from(
    { length: 50 },
    (_, i) => `{_time: time(v: ${i}), _measurement: "m", _field: "f", host: "h${i}", _value: ${i}}`,
  );
  await run(
    `import "array"\narray.from(rows: [${rows.join(", ")}]) |> group(columns: ["host"]) |> to(bucket: "b")`,
    buckets,
  );
  expect(buckets.commits.map((points) => points.length)).toEqual([50]);
});

test("rows that could not be written are not passed on", async () => {
  class Broken extends MemoryBuckets {
    override async write(): Promise<void> {
      throw new FluxError("unavailable", `bucket "b" is in use`);
    }
  }
  const ran = await run(
    `import "array"
array.from(rows: [{_time: time(v: 1), _measurement: "m", _field: "f", _value: 1}]) |> to(bucket: "b") |> yield()
array.from(rows: [{fine: true}]) |> yield(name: "other")`,
    new Broken(),
  );
  expect(messages(ran)).toEqual([`bucket "b" is in use`]);
  expect([...ran.tables.keys()]).toEqual(["other"]);
});

test("a write happens although nothing reads its rows", async () => {
  const { points } = await written(
    `x = array.from(rows: [{_time: time(v: 1), _measurement: "m", _field: "f", _value: 1}]) |> to(bucket: "b")`,
  );
  expect(points.length).toBe(1);
});

test.each([
  [`to(bucket: "b", host: "http://localhost:8086")`, "cannot write to another server"],
  [`to(bucket: "b", bucketID: "c")`, "cannot provide both `bucket` and `bucketID`"],
  ["to()", "missing the name of a bucket"],
  [`to(bucket: "b", tagColumns: ["_value"])`, "invalid type for tag column"],
  [`drop(columns: ["_field"]) |> to(bucket: "b")`, "table has no _field column"],
])("%s is refused", async (call, message) => {
  const { errors } = await written(
    `array.from(rows: [{_time: time(v: 1), _measurement: "m", _field: "f", _value: 1}]) |> ${call}`,
  );
  expect(errors).toEqual([expect.stringContaining(message)]);
});
