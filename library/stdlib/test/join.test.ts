import { expect, test } from "vitest";
import { messages, run, shown } from "./script.ts";

interface Row {
  readonly g: string;
  readonly k: number | null;
  readonly s: string | null;
  readonly id: number;
}

/** Numbers below `limit`, the same for the same seed. */
function randomNumbers(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 8) % limit;
  };
}

function randomRows(next: (limit: number) => number): Row[] {
  const rows = Array.from({ length: next(40) }, (_, id) => ({
    g: ["x", "y", "z"][next(3)],
    k: next(6) === 0 ? null : next(7) - 2,
    s: next(8) === 0 ? null : ["a", "b", "é", "z", "😀", "￿"][next(6)],
    id,
  }));
  return rows.sort((a, b) => (a.g < b.g ? -1 : a.g > b.g ? 1 : 0));
}

function csv(rows: readonly Row[]): string {
  const head =
    "#datatype,string,long,string,long,string,long\n#group,false,false,true,false,false,false\n";
  const tables = [...new Set(rows.map(({ g }) => g))];
  const body = rows.map(
    (row) => `,,${tables.indexOf(row.g)},${row.g},${row.k ?? ""},${row.s ?? ""},${row.id}\n`,
  );
  return `${head}#default,_result,,,,,\n,result,table,g,k,s,id\n${body.join("")}`;
}

/** Every pair of rows, one after the other: slow, and obviously right. */
function expected(left: readonly Row[], right: readonly Row[], method: string): string[] {
  const matches = (l: Row, r: Row): boolean =>
    l.g === r.g && l.k !== null && l.k === r.k && l.s !== null && l.s === r.s;
  const out = left.flatMap((l) =>
    right.filter((r) => matches(l, r)).map((r) => `g=${l.g}: lid=${l.id} rid=${r.id}`),
  );
  if (method === "left" || method === "full")
    for (const l of left)
      if (!right.some((r) => matches(l, r))) out.push(`g=${l.g}: lid=${l.id} rid=null`);
  if (method === "right" || method === "full")
    for (const r of right)
      if (!left.some((l) => matches(l, r))) out.push(`g=${r.g}: lid=null rid=${r.id}`);
  return out.sort();
}

const script = (left: string, right: string, method: string): string => `import "csv"
import "join"
left = csv.from(csv: "${left}")
right = csv.from(csv: "${right}")
join.tables(
    left: left,
    right: right,
    method: "${method}",
    on: (l, r) => l.k == r.k and r.s == l.s,
    as: (l, r) => ({g: ${method === "right" ? "r" : "l"}.g, lid: l.id, rid: r.id}),
)`;

test("pairs what comparing each row with each pairs, whatever the method", async () => {
  for (let seed = 1; seed <= 60; seed++) {
    const next = randomNumbers(seed);
    const left = randomRows(next);
    const right = randomRows(next);
    if (left.length === 0 || right.length === 0) continue;
    for (const method of ["inner", "left", "right", "full"]) {
      const ran = await run(script(csv(left), csv(right), method));
      expect(messages(ran), `seed ${seed}, ${method}`).toEqual([]);
      const tables = (ran.tables.get("_result") ?? []).map(shown);
      expect(new Set(tables.map(({ key }) => key)).size).toBe(tables.length);
      const got = tables.flatMap(({ key, rows }) => rows.map((row) => `${key}: ${row}`)).sort();
      expect(got, `seed ${seed}, ${method}`).toEqual(expected(left, right, method));
    }
  }
});

const clocks = `import "generate"
import "join"
left = generate.from(count: 100000, fn: (n) => n, start: 2026-01-01T00:00:00Z, stop: 2026-01-02T00:00:00Z)
right = left |> filter(fn: (r) => r._value % 2 == 0) |> set(key: "host", value: "b")
`;

test("a table longer than a batch stays one table, in order", async () => {
  const ran = await run(`${clocks}
join.left(left: left, right: right, on: (l, r) => l._value == r._value, as: (l, r) => ({l with host: r.host}))
    |> group()
    |> yield(name: "grouped")
join.left(left: left, right: right, on: (l, r) => l._value == r._value, as: (l, r) => ({l with host: r.host}))`);
  expect(messages(ran)).toEqual([]);
  const [table] = ran.tables.get("_result") ?? [];
  expect(ran.tables.get("_result")?.length).toBe(1);
  expect(ran.batches).toBeGreaterThan(2);
  const { rows } = shown(table);
  expect(rows.length).toBe(100_000);
  expect(rows.slice(0, 3).map((row) => row.split(" ").slice(-2).join(" "))).toEqual([
    "_value=0 host=b",
    "_value=1 host=null",
    "_value=2 host=b",
  ]);
  expect(rows[99_999]).toContain("_value=99999 host=null");
});

test("rows of the right side alone may be more than a batch too", async () => {
  const ran = await run(`${clocks}
few = left |> limit(n: 3)
join.full(left: few, right: left, on: (l, r) => l._value == r._value, as: (l, r) => ({r with other: l._value}))`);
  expect(messages(ran)).toEqual([]);
  expect(ran.tables.get("_result")?.length).toBe(1);
  const [table] = (ran.tables.get("_result") ?? []).map(shown);
  expect(table.rows.length).toBe(100_000);
  expect(table.rows[2]).toContain("_value=2 other=2");
  expect(table.rows[99_999]).toContain("_value=99999 other=null");
});

test("a cross product that does not fit into a batch", async () => {
  const ran = await run(`${clocks}
few = left |> limit(n: 400) |> set(key: "on", value: "x")
join.inner(left: few, right: few, on: (l, r) => l.on == r.on, as: (l, r) => ({l with other: r._value}))
    |> group()
    |> count()`);
  expect((ran.tables.get("_result") ?? []).map(shown)).toEqual([
    { key: "", rows: ["_value=160000"] },
  ]);
});

const two = `import "array"
import "join"
l = array.from(rows: [{k: 2, a: "x"}, {k: 1, a: "y"}])
r = array.from(rows: [{k: 3, b: 1.5}, {k: 1, b: 2.5}])
`;

test("an empty side is no error: there is just nothing to match", async () => {
  const ran = await run(`${two}
none = r |> filter(fn: (r) => r.b > 100.0)
join.left(left: l, right: none, on: (l, r) => l.k == r.k, as: (l, r) => ({l with b: r.b}))`);
  expect(messages(ran)).toEqual([]);
  expect((ran.tables.get("_result") ?? []).map(shown)).toEqual([
    { key: "", rows: ["a=y k=1", "a=x k=2"] },
  ]);
});

test.each([
  ["l.k != r.k", /unsupported operator in join predicate: !=$/u],
  ["l.k == r.k or l.a == r.b", /unsupported operator in join predicate: or$/u],
  ["true", /illegal expression type in join predicate: BooleanLiteral$/u],
  ["l.k == 1", /right side of comparison is not a member expression$/u],
  ["l.k == l.a", /may not reference the same object$/u],
  ["l.k == r.kk", /right table stream: table is missing column 'kk'$/u],
  ["l.a == r.k", /l\.a is string but r\.k is int, so no rows can match$/u],
])("on: %s", async (on, message) => {
  const source = `${two}join.inner(left: l, right: r, on: (l, r) => ${on}, as: (l, r) => ({a: l.a, b: r.b}))`;
  expect(messages(await run(source))).toEqual([expect.stringMatching(message)]);
});

test.each([
  ["{k: l.k, a: l.aa}", "left side of join: table is missing label aa"],
  ["{a: l.a, b: r.b}", "output record has a missing or invalid value for column 'k:int'"],
  ["{l with k: 7}", "output record has a missing or invalid value for column 'k:int'"],
  ["{l with b: l}", `object property "b" is object type`],
])("as: %s", async (as, message) => {
  const source = `${two}
keyed = (tables=<-) => tables |> group(columns: ["k"])
join.inner(left: keyed(tables: l), right: keyed(tables: r), on: (l, r) => l.k == r.k, as: (l, r) => (${as}))`;
  expect(messages(await run(source))).toEqual([expect.stringContaining(message)]);
});

test("rows may go through a function of the script", async () => {
  const ran = await run(`${two}
both = (one, other) => ({one with b: other.b, text: "\${one.a}\${string(v: other.b)}"})
join.inner(left: l, right: r, on: (l, r) => l.k == r.k, as: (l, r) => both(one: l, other: r))`);
  expect(messages(ran)).toEqual([]);
  expect((ran.tables.get("_result") ?? []).map(shown)).toEqual([
    { key: "", rows: ["a=y b=2.5 k=1 text=y2.5"] },
  ]);
});
