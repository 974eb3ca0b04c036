import { expect, test } from "vitest";
import { bucketOf, opensStore } from "../src/early-store.ts";
import { Desk } from "./terminal.ts";

const script = 'from(bucket: "b") |> range(start: -1h)';

test("the bucket of a script is the one that it names plainly", () => {
  expect(bucketOf(script)).toBe("b");
  expect(bucketOf('from( bucket:"my bucket" )')).toBe("my bucket");
  expect(bucketOf('from(bucket: "${name}")')).toBeUndefined();
  expect(bucketOf("from(bucket: name)")).toBeUndefined();
  expect(bucketOf('array.from(rows: [{a: "from"}])')).toBeUndefined();
});

test("a command line opens a store when the store that its script names is there", () => {
  const desk = new Desk();
  desk.file("data/buckets/b.duckdb", "");
  const data = desk.path("data");
  const read = desk.path(desk.file("read.flux", script));
  const other = desk.path(desk.file("other.flux", 'import "array"\narray.from(rows: [{a: 1}])'));
  const opens = (env: Record<string, string>, ...argv: string[]): boolean => opensStore(argv, env);
  expect(opens({}, "run", "--data", data, read)).toBe(true);
  expect(opens({}, "run", `--data=${data}`, "-e", script)).toBe(true);
  expect(opens({ TOCSIN_DATA: data }, "run", other, read)).toBe(true);
  expect(opens({ HOME: desk.path("home") }, "run", read)).toBe(false);
  desk.file("home/.local/share/tocsin/buckets/b.duckdb", "");
  expect(opens({ HOME: desk.path("home") }, "run", read)).toBe(true);
  expect(opens({}, "run", "--data", data, other)).toBe(false);
  expect(opens({}, "run", "--data", data, "--bucket", "b=points.lp", read)).toBe(false);
  expect(opens({}, "run", "--data", data, "-e", 'from(bucket: "c")')).toBe(false);
  expect(opens({}, "run", "--data", data, desk.path("missing.flux"))).toBe(false);
  expect(opens({}, "check", "--data", data, read)).toBe(false);
  expect(opens({}, "write", "-b", "new", "points.lp")).toBe(true);
  expect(opens({}, "write", "--help")).toBe(false);
});
