import { expect, test } from "vitest";
import type { BadRow } from "../src/operator.ts";
import { mapKind } from "../src/operators/map.ts";
import { batchOf, functionOf } from "../../expression/test/scripts.ts";
import { run, shown } from "./row-operators.ts";

const key = (...cells: (string | null)[]) => ({ kind: "string", cells, form: "key" }) as const;
const n = (...cells: (bigint | null)[]) => ({ kind: "int", cells }) as const;
const text = (...cells: (string | null)[]) => ({ kind: "string", cells }) as const;
const map = (source: string) => ({ fn: functionOf(source) });

const two = batchOf({ host: key("a", "b"), n: n(1n, 2n, 3n), s: text("x", "y", "x") }, [2, 3]);

for (const compile of [true, false]) {
  const how = compile ? "compiled" : "walked";

  test(`${how}: columns come out by name, the key stays per table`, async () => {
    const out = await run(mapKind, map("(r) => ({r with d: r.n * 2, a: r.host})"), [two], {
      compile,
    });
    expect(out[0].schema.map((spec) => [spec.label, spec.kind, spec.key])).toEqual([
      ["a", "string", false],
      ["d", "int", false],
      ["host", "string", true],
      ["n", "int", false],
      ["s", "string", false],
    ]);
    expect(shown(out)).toEqual([
      "host=a [a=a d=2 n=1 s=x | a=a d=4 n=2 s=y]  host=b [a=b d=6 n=3 s=x]",
    ]);
  });

  test(`${how}: columns that are left out are gone, and so are empty tables`, async () => {
    const batch = batchOf({ host: key("a", "b"), n: n(1n) }, [1, 1]);
    const out = await run(mapKind, map("(r) => ({host: r.host, m: r.n + 1})"), [batch], {
      compile,
    });
    expect(shown(out)).toEqual(["host=a [m=2]"]);
  });

  test(`${how}: a key column that changes groups the rows anew, by key`, async () => {
    const out = await run(mapKind, map("(r) => ({r with host: r.s})"), [two], { compile });
    expect(shown(out)).toEqual(["host=x [n=1 s=x | n=3 s=x]  host=y [n=2 s=y]"]);
  });

  test(`${how}: a key column that is left out merges the tables`, async () => {
    const out = await run(mapKind, map("(r) => ({n: r.n})"), [two], { compile });
    expect(shown(out)).toEqual([" [n=1 | n=2 | n=3]"]);
  });

  test(`${how}: tables that get equal keys in different batches are one`, async () => {
    const other = batchOf({ host: key("c"), n: n(4n), s: text("x") }, [1]);
    const out = await run(mapKind, map("(r) => ({host: r.s, n: r.n})"), [two, other], { compile });
    expect(shown(out)).toEqual(["host=x [n=1 | n=3 | n=4]  host=y [n=2]"]);
  });

  test(`${how}: a key column may become a text of key columns, one that joins tables too`, async () => {
    const cells = { host: key("a", "b", "c", "d"), rack: key("1", "1", "2", "3") };
    const batch = batchOf({ ...cells, n: n(1n, 2n, 3n) }, [2, 2, 2, 3]);
    const shorter =
      '(r) => ({host: "rack " + r.rack, rack: r.host, n: r.n, all: "${r.host}/${r.rack}"})';
    const out = await run(mapKind, map(shorter), [batch, batch], { compile });
    expect(shown(out)).toEqual([
      "host=rack 1 rack=a [all=a/1 n=1 | all=a/1 n=2 | all=a/1 n=1 | all=a/1 n=2]  " +
        "host=rack 3 rack=d [all=d/3 n=3 | all=d/3 n=3]",
    ]);
    const joined = '(r) => ({host: "rack ${r.rack}", n: r.n})';
    const other = batchOf({ host: key("e"), rack: key("3"), n: n(4n) }, [1]);
    expect(shown(await run(mapKind, map(joined), [batch, other], { compile }))).toEqual([
      "host=rack 1 [n=1 | n=2]  host=rack 3 [n=3 | n=4]",
    ]);
  });

  test(`${how}: a key column of text changes where a bad row leaves`, async () => {
    const bad: BadRow[] = [];
    const text = '"${if r.n == 2 then r.s else r.missing}"';
    const source = `(r) => ({host: "to " + r.host, n: r.n, text: ${text}})`;
    const out = await run(mapKind, map(source), [two], { compile, bad });
    expect(shown(out)).toEqual(["host=to a [n=2 text=y]"]);
    expect(bad.length).toBe(2);
  });

  test(`${how}: a key column may change its type`, async () => {
    const out = await run(mapKind, map("(r) => ({r with host: r.n})"), [two], { compile });
    expect(out[0].schema[0]).toEqual({ label: "host", kind: "int", key: true });
    expect(shown(out)).toEqual(["host=1 [n=1 s=x]  host=2 [n=2 s=y]  host=3 [n=3 s=x]"]);
  });

  test(`${how}: a function that calls a function keeps the key too`, async () => {
    const fn = functionOf("add = (r) => ({r with m: 1})\nfn = (r) => add(r: r)");
    const out = await run(mapKind, { fn }, [two], { compile });
    expect(shown(out)).toEqual(["host=a [m=1 n=1 s=x | m=1 n=2 s=y]  host=b [m=1 n=3 s=x]"]);
  });

  test(`${how}: a column of which nothing is known is left out, a null of a known type is not`, async () => {
    const source = "(r) => ({host: r.host, a: r.missing, b: r.missing + 1})";
    const out = await run(mapKind, map(source), [two], { compile });
    expect(shown(out)).toEqual(["host=a [b= | b=]  host=b [b=]"]);
  });

  test(`${how}: a bad row leaves when it may`, async () => {
    const bad: BadRow[] = [];
    const source = '(r) => ({r with text: "${if r.n != 2 then r.s else r.missing}"})';
    const out = await run(mapKind, map(source), [two], { compile, bad });
    expect(shown(out)).toEqual(["host=a [n=1 s=x text=x]  host=b [n=3 s=x text=x]"]);
    expect(bad.map((one) => one.error.message)).toEqual([
      "interpolated expression produced a null value",
    ]);
  });

  test(`${how}: what no column can hold is an error that names the column`, async () => {
    const going = run(mapKind, map("(r) => ({r with list: [r.n]})"), [two], { compile });
    await expect(going).rejects.toThrow(
      'map object property "list" is array type which is not supported in a flux table',
    );
  });

  test(`${how}: a table in two batches keeps the columns of its first`, async () => {
    const piece = (cells: (bigint | null)[], open: boolean) => ({
      ...batchOf({ host: key("a"), n: n(...cells) }, [cells.length]),
      open,
    });
    const fn = functionOf(
      "same = (v) => v\nfn = (r) => ({host: r.host, m: if r.n == 1 then same(v: r.n) else same(v: r.missing)})",
    );
    const out = await run(mapKind, { fn }, [piece([1n], true), piece([2n], false)], { compile });
    expect(shown(out)).toEqual(["host=a [m=1] …", "host=a [m=]"]);
  });
}

test("and, or know three values in a map of columns, as upstream's vectorized map", async () => {
  const b = { kind: "bool", cells: [true, false, null] } as const;
  const c = { kind: "bool", cells: [null, null, null] } as const;
  const batch = batchOf({ b, c }, [3]);
  const three = await run(mapKind, map("(r) => ({x: r.c and r.b, y: r.c or r.b})"), [batch]);
  expect(shown(three)).toEqual([" [x= y=true | x=false y= | x= y=]"]);
  // A call makes it a row function, in which a null on the left counts as false.
  const rows = await run(mapKind, map('(r) => ({x: r.c and r.b, y: r.c or r.b, z: "${1}"})'), [
    batch,
  ]);
  expect(shown(rows)).toEqual([" [x=false y=true z=1 | x=false y=false z=1 | x=false y= z=1]"]);
});

test("a guard protects what would not fit", async () => {
  const batch = batchOf({ f: text("u", "v"), _value: text("a", "b") }, [2]);
  const fn = '(r) => ({ok: if r.f == "none" then r._value > 5.0 else true})';
  expect(shown(await run(mapKind, map(fn), [batch]))).toEqual([" [ok=true | ok=true]"]);
});
