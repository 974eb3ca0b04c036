import type { RecordValue } from "@tocsin/data/value";
import { expect, test } from "vitest";
import { reduceKind } from "../src/operators/reduce.ts";
import { batchOf, functionOf, valueOf } from "../../expression/test/scripts.ts";
import { run, shown } from "./row-operators.ts";

const key = (...cells: string[]) => ({ kind: "string", cells, form: "key" }) as const;
const n = (...cells: (bigint | null)[]) => ({ kind: "int", cells }) as const;
const reduce = (source: string, identity: string) => ({
  fn: functionOf(source),
  identity: valueOf(identity) as RecordValue,
});

const two = batchOf({ host: key("a", "b"), n: n(1n, 2n, 3n) }, [2, 3]);
const sum = reduce(
  "(r, accumulator) => ({sum: accumulator.sum + r.n, all: true})",
  "{sum: 0, all: false}",
);

for (const compile of [true, false]) {
  const how = compile ? "compiled" : "walked";

  test(`${how}: one row a table, the key first, then the fields by name`, async () => {
    const out = await run(reduceKind, sum, [two], { compile });
    expect(out[0].schema.map((spec) => spec.label)).toEqual(["host", "all", "sum"]);
    expect(shown(out)).toEqual(["host=a [all=true sum=3]  host=b [all=true sum=3]"]);
  });

  test(`${how}: an empty table gives the identity`, async () => {
    const batch = batchOf({ host: key("a"), n: n() }, [0]);
    expect(shown(await run(reduceKind, sum, [batch], { compile }))).toEqual([
      "host=a [all=false sum=0]",
    ]);
  });

  test(`${how}: a table in several batches is one`, async () => {
    const piece = (cell: bigint) => ({
      ...batchOf({ host: key("a"), n: n(cell) }, [1]),
      open: true,
    });
    const out = await run(reduceKind, sum, [piece(5n), piece(6n), two], { compile });
    expect(shown(out)).toEqual(["host=a [all=true sum=14]  host=b [all=true sum=3]"]);
  });

  test(`${how}: fields may change places`, async () => {
    const swap = reduce(
      "(r, accumulator) => ({a: accumulator.b, b: accumulator.a})",
      '{a: "x", b: "y"}',
    );
    const out = await run(reduceKind, swap, [two], { compile });
    expect(shown(out)).toEqual(["host=a [a=x b=y]  host=b [a=y b=x]"]);
  });

  test(`${how}: a field takes the place of a key column`, async () => {
    const named = reduce(
      '(r, accumulator) => ({host: r.host + "!", n: accumulator.n + 1})',
      '{host: "", n: 0}',
    );
    const out = await run(reduceKind, named, [two], { compile });
    expect(shown(out)).toEqual(["host=a! [n=2]  host=b! [n=1]"]);
  });

  test(`${how}: two tables cannot become one`, async () => {
    const same = reduce('(r, accumulator) => ({host: "x"})', '{host: ""}');
    await expect(run(reduceKind, same, [two], { compile })).rejects.toThrow(
      "two reducers writing result to the same table",
    );
  });

  test(`${how}: a null in the accumulator is an error that names the field`, async () => {
    const batch = batchOf({ host: key("a"), n: n(1n, null) }, [2]);
    await expect(run(reduceKind, sum, [batch], { compile })).rejects.toThrow(
      'null values are not supported for "sum" in the reduce() function',
    );
  });
}
