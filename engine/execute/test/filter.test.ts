import { expect, test } from "vitest";
import type { BadRow } from "../src/operator.ts";
import { filterKind } from "../src/operators/filter.ts";
import { batchOf, functionOf } from "../../expression/test/scripts.ts";
import { run, shown } from "./row-operators.ts";

const host = (...cells: string[]) => ({ kind: "string", cells, form: "key" }) as const;
const n = (...cells: (bigint | null)[]) => ({ kind: "int", cells }) as const;
const open = (batch: ReturnType<typeof batchOf>) => ({ ...batch, open: true });

const keep = (source: string) => ({ fn: functionOf(source), onEmpty: "drop" }) as const;

for (const compile of [true, false]) {
  const how = compile ? "compiled" : "walked";

  test(`${how}: rows that do not hold leave, tables that are empty then as well`, async () => {
    const batch = batchOf({ host: host("a", "b", "c"), n: n(1n, 5n, 2n, null, 7n) }, [2, 4, 5]);
    const out = await run(filterKind, keep("(r) => r.n > 4"), [batch], { compile });
    expect(shown(out)).toEqual(["host=a [n=5]  host=c [n=7]"]);
  });

  test(`${how}: onEmpty "keep" keeps empty tables`, async () => {
    const batch = batchOf({ host: host("a", "b"), n: n(1n, 5n) }, [1, 2]);
    const spec = { fn: functionOf("(r) => r.n > 4"), onEmpty: "keep" } as const;
    expect(shown(await run(filterKind, spec, [batch], { compile }))).toEqual([
      "host=a []  host=b [n=5]",
    ]);
  });

  test(`${how}: a batch of which every row stays is passed on as it is`, async () => {
    const batch = batchOf({ host: host("a"), n: n(1n, 5n) }, [2]);
    const out = await run(filterKind, keep("(r) => exists r.n"), [batch], { compile });
    expect(out[0]).toBe(batch);
  });

  test(`${how}: a bad row leaves when it may, and is told with its key and time`, async () => {
    const time = { kind: "time", cells: [0n, 1_000_000_000n] } as const;
    const batch = batchOf({ host: host("a"), _time: time, n: n(0n, 5n) }, [2]);
    const bad: BadRow[] = [];
    const out = await run(filterKind, keep("(r) => 10 / r.n > 1"), [batch], { compile, bad });
    expect(shown(out)).toEqual(["host=a [_time=1000000000 n=5]"]);
    expect(bad.map((one) => [one.row, one.error.message])).toEqual([
      ["host=a _time=1970-01-01T00:00:00Z", "cannot divide by zero"],
    ]);
  });

  test(`${how}: a bad row that may not leave fails the result`, async () => {
    const batch = batchOf({ host: host("a"), n: n(0n, 5n) }, [2]);
    await expect(
      run(filterKind, keep("(r) => 10 / r.n > 1"), [batch], { compile }),
    ).rejects.toThrow("cannot divide by zero");
  });
}

const pieces = (first: bigint[], second: bigint[]) => [
  open(batchOf({ host: host("a"), n: n(...first) }, [first.length])),
  batchOf({ host: host("a", "b"), n: n(...second, 9n) }, [second.length, second.length + 1]),
];

test("a table in two batches: nothing left of its end", async () => {
  const out = await run(filterKind, keep("(r) => r.n > 4"), pieces([5n, 1n], [2n]));
  expect(shown(out)).toEqual(["host=a [n=5] …", "host=a []  host=b [n=9]"]);
});

test("a table in two batches: nothing left of its beginning", async () => {
  const out = await run(filterKind, keep("(r) => r.n > 4"), pieces([1n], [7n]));
  expect(shown(out)).toEqual(["host=a [n=7]  host=b [n=9]"]);
});

test("a table in two batches: nothing left at all", async () => {
  const out = await run(filterKind, keep("(r) => r.n > 4"), pieces([1n], [2n]));
  expect(shown(out)).toEqual(["host=b [n=9]"]);
});

test("a table in three batches: nothing left of the middle", async () => {
  const piece = (cell: bigint) => batchOf({ host: host("a"), n: n(cell) }, [1]);
  const batches = [open(piece(5n)), open(piece(1n)), piece(6n)];
  const out = await run(filterKind, keep("(r) => r.n > 4"), batches);
  expect(shown(out)).toEqual(["host=a [n=5] …", "host=a [n=6]"]);
});

test("a function that acts is called row after row", async () => {
  const order: string[] = [];
  const acts = {
    kind: "function",
    form: "native",
    name: "ask",
    parameters: [{ name: "v", pipe: false, optional: false }],
    effect: "acts",
    call: async (args: ReadonlyMap<string, { kind: string; value?: unknown }>) => {
      order.push(`asked ${String(args.get("v")?.value)}`);
      await Promise.resolve();
      order.push(`answered ${String(args.get("v")?.value)}`);
      return { kind: "bool", value: args.get("v")?.value !== 2n } as const;
    },
  } as const;
  const fn = functionOf("(r) => ask(v: r.n)", { ask: acts as never });
  const batch = batchOf({ host: host("a", "b"), n: n(1n, 2n, 3n) }, [2, 3]);
  const out = await run(filterKind, { fn, onEmpty: "drop" }, [batch]);
  expect(shown(out)).toEqual(["host=a [n=1]  host=b [n=3]"]);
  expect(order).toEqual([
    "asked 1",
    "answered 1",
    "asked 2",
    "answered 2",
    "asked 3",
    "answered 3",
  ]);
});
