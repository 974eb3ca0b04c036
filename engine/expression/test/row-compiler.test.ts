import { type Closure, int, loadRegexps, Scope, type Value } from "@tocsin/data/value";
import { type MappedBatch, rowCompiler } from "@tocsin/engine/expression";
import { expect, test } from "vitest";
import { Sources } from "../src/compile/program.ts";
import { compilingRows } from "../src/row-compiler.ts";
import { batchOf, functionOf } from "./scripts.ts";

const batch = batchOf({ n: { kind: "int", cells: [1n, 5n, 9n] } }, [3]);
const nullable = batchOf({ n: { kind: "int", cells: [1n, null, 9n] } }, [3]);
const fail = (row: number, error: Error): never => {
  throw new Error(`row ${row}: ${error.message}`);
};

function kept(rows: ReturnType<typeof rowCompiler>, fn: Closure, of = batch): number[] {
  const into = new Uint32Array(of.rows);
  const count = rows.predicate(fn).select(of, into, fail) as number;
  return [...into.subarray(0, count)];
}

const closure = (source: string, scope?: Scope): Closure => {
  const fn = functionOf(source);
  if (fn.form !== "closure") throw new Error("no closure");
  return scope === undefined ? fn : { ...fn, scope };
};

test("code is made once for each shape of batches", () => {
  const sources = new Sources();
  const rows = compilingRows(sources);
  const fn = closure("(r) => r.n > 4");
  expect(kept(rows, fn)).toEqual([1, 2]);
  expect(kept(rows, fn)).toEqual([1, 2]);
  expect(sources.texts().length).toBe(1);
  expect(kept(rows, fn, nullable)).toEqual([2]);
  expect(sources.texts().length).toBe(2);
});

test("functions that differ in constants only share their code", () => {
  const sources = new Sources();
  const rows = compilingRows(sources);
  expect(kept(rows, closure("(r) => r.n > 4"))).toEqual([1, 2]);
  expect(kept(rows, closure("(r) => r.n > 8"))).toEqual([2]);
  expect(sources.texts().length).toBe(1);
});

test("an option that is set anew is seen by code that was made before", () => {
  const scope = new Scope();
  const cell = scope.define("limit", int(4n), true);
  const rows = rowCompiler();
  const fn = closure("(r) => r.n > limit", scope);
  expect(kept(rows, fn)).toEqual([1, 2]);
  cell.value = int(8n);
  expect(kept(rows, fn)).toEqual([2]);
});

test("a column's name cannot become code", () => {
  const label = '"]; throw 1; //\n*/ \u2028 ${1} `';
  const odd = batchOf({ [label]: { kind: "int", cells: [1n] } }, [1]);
  const fn = closure(`(r) => ({r with x: r[${JSON.stringify(label).replace("${", "\\${")}] + 1})`);
  const { columns } = rowCompiler().mapper(fn).map(odd, fail) as MappedBatch;
  expect(columns.map((one) => one.label)).toEqual([label, "x"]);
});

test("names of JavaScript mean nothing", () => {
  const made = batchOf({ __proto__x: { kind: "int", cells: [1n] } }, [1]);
  const fn = closure(
    "(r) => ({constructor: r.__proto__, toString: r.constructor, x: exists r.hasOwnProperty})",
  );
  const { columns } = rowCompiler().mapper(fn).map(made, fail) as MappedBatch;
  expect(columns.map((one) => one.label)).toEqual(["x"]);
});

test("a function too large for code is walked", () => {
  const sources = new Sources();
  const rows = compilingRows(sources);
  let script = "f0 = (v) => 100 / v + 100 / (v + 1)\n";
  for (let i = 1; i < 9; i++) {
    script += `f${i} = (v) => f${i - 1}(v: v) + f${i - 1}(v: v + 1) + f${i - 1}(v: v + 2)\n`;
  }
  const fn = functionOf(`${script}it = (r) => f8(v: r.n) > 100`);
  expect(kept(rows, fn as Closure)).toEqual(kept(rowCompiler({ compile: false }), fn as Closure));
  expect(sources.texts().join("").length).toBeLessThan(500_000);
});

test("a parameter that is not called r is an error that says so", () => {
  const rows = rowCompiler();
  const fn = closure("(row) => row.n > 4");
  expect(() => kept(rows, fn)).toThrow('missing required keyword argument "row"');
});

test("an error inside of the library is told where the script called it", () => {
  const library = closure("(v) => 100 / v");
  const fn = { ...library, file: { ...library.file, library: true } };
  const lambda = functionOf("(r) => share(v: r.n - 5) > 1", { share: fn as Value });
  for (const compile of [true, false]) {
    const places: string[] = [];
    rowCompiler({ compile })
      .predicate(lambda)
      .select(batch, new Uint32Array(3), (row, error) => {
        const { at } = error;
        places.push(`${row} ${at?.file.text.slice(at.start, at.end)}`);
      });
    expect(places).toEqual(["1 share(v: r.n - 5)"]);
  }
});

test("texts of any characters are parts of one string, also where bytes are no text", async () => {
  await loadRegexps();
  const texts = ["\ufeffa", "é", "", "日本", "\u{1f514}x", "z\ufffd", "\u{1f514}\u{1f514}", "e"];
  const fn = closure("(r) => r.s =~ /^(é|\u{1f514}x|日本|\ufeffa|e|z\ufffd)$/");
  const odd = [0, 1, 3, 4, 5, 7];
  const of = (cells: readonly string[]): ReturnType<typeof batchOf> =>
    batchOf({ s: { kind: "string", cells, form: "plain" } }, [cells.length]);
  expect(kept(rowCompiler(), fn, of(texts))).toEqual(odd);
  expect(kept(rowCompiler(), fn, of(texts.filter((text) => text !== "z\ufffd")))).toEqual([
    0, 1, 3, 4, 6,
  ]);
});
