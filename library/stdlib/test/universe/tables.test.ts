import { expect, test } from "vitest";
import { messages, run, shown } from "../script.ts";

/** Tables of the only result, one a line: key, then rows. */
async function tables(source: string): Promise<string[]> {
  const ran = await run(source);
  if (ran.report.errors.length > 0) throw new Error(messages(ran).join("; "));
  return [...ran.tables.values()].flat().map((table) => {
    const { key, rows } = shown(table);
    return `${key}: ${rows.join(" | ")}`;
  });
}

const hosts = `import "array"
import "internal/debug"
rows = array.from(rows: [
    {_time: 2020-01-01T00:00:00Z, host: "b", _value: 3.0},
    {_time: 2020-01-01T00:00:10Z, host: "a", _value: 1.0},
    {_time: 2020-01-01T00:00:20Z, host: "b", _value: debug.null(type: "float")},
    {_time: 2020-01-01T00:00:40Z, host: "a", _value: 2.0},
])
`;
const ranged = `${hosts}inRange = rows |> range(start: 2020-01-01T00:00:05Z, stop: 2020-01-01T00:01:00Z) |> drop(columns: ["host"])
`;

test("group sorts tables by key and keeps the order of rows", async () => {
  expect(
    await tables(`${hosts}rows |> drop(columns: ["_time"]) |> group(columns: ["host"])`),
  ).toEqual(["host=a: _value=1 | _value=2", "host=b: _value=3 | _value=null"]);
  expect(
    await tables(
      `${hosts}rows |> drop(columns: ["_time"]) |> group(columns: ["_value"], mode: "except")`,
    ),
  ).toEqual(["host=a: _value=1 | _value=2", "host=b: _value=3 | _value=null"]);
});

test("tables that become one keep all columns; two types of one column are an error", async () => {
  const two = (second: string): string => `import "array"
a = array.from(rows: [{k: "x", n: 1}]) |> group(columns: ["k"])
b = array.from(rows: [${second}]) |> group(columns: ["k"])
union(tables: [a, b]) |> group()`;
  expect(await tables(two('{k: "y", m: "s"}'))).toEqual([": k=x m=null n=1 | k=y m=s n=null"]);
  expect(messages(await run(two('{k: "y", n: "s"}')))).toEqual([
    'schema collision detected: column "n" is both of type string and int',
  ]);
});

test("losing a key column merges tables, whatever came before", async () => {
  const mixed = `import "array"
a = array.from(rows: [{k: "x", n: 1}]) |> group(columns: ["k"])
b = array.from(rows: [{k: "x", h: "p", n: 2}, {k: "x", h: "q", n: 3}]) |> group(columns: ["k", "h"])
union(tables: [a, b])`;
  expect(await tables(`${mixed} |> drop(columns: ["h"])`)).toEqual(["k=x: n=1 | n=2 | n=3"]);
  expect(await tables(`${mixed} |> keep(columns: ["k", "n"])`)).toEqual(["k=x: n=1 | n=2 | n=3"]);
  expect(await tables(`${mixed} |> set(key: "h", value: "z")`)).toEqual([
    "k=x: h=z n=1",
    "h=z k=x: n=2 | n=3",
  ]);
});

test("windows are cut to the range, and those between rows are not made", async () => {
  expect(await tables(`${ranged}inRange |> window(every: 30s)`)).toEqual([
    "_start=1577836805000000000 _stop=1577836830000000000: " +
      "_time=2020-01-01T00:00:10Z _value=1 | _time=2020-01-01T00:00:20Z _value=null",
    "_start=1577836830000000000 _stop=1577836860000000000: _time=2020-01-01T00:00:40Z _value=2",
  ]);
});

test("window needs a range", async () => {
  expect(messages(await run(`${hosts}rows |> window(every: 30s)`))).toEqual([
    "nil bounds passed to window; use range to set the window range",
  ]);
});

test("rows keep their order in a window, also when windows do not come in order", async () => {
  const unsorted = `${ranged}inRange |> sort(columns: ["_time"], desc: true) |> window(every: 30s)
    |> keep(columns: ["_start", "_value"])`;
  expect(await tables(unsorted)).toEqual([
    "_start=1577836805000000000: _value=null | _value=1",
    "_start=1577836830000000000: _value=2",
  ]);
});

test("overlapping windows share rows, windows with gaps lose some", async () => {
  const counted = (spec: string): string =>
    `${ranged}inRange |> window(${spec}) |> count() |> keep(columns: ["_start", "_value"])`;
  expect(await tables(counted("every: 20s, period: 40s"))).toEqual([
    "_start=1577836805000000000: _value=1 | _value=2",
    "_start=1577836820000000000: _value=2",
    "_start=1577836840000000000: _value=1",
  ]);
  expect(await tables(counted("every: 30s, period: 15s"))).toEqual([
    "_start=1577836805000000000: _value=1",
    "_start=1577836830000000000: _value=1",
  ]);
});

test("aggregateWindow gives windows without rows a row, count gives them 0", async () => {
  const windowed = (rest: string): string =>
    `${ranged}inRange |> aggregateWindow(every: 15s, ${rest}) |> keep(columns: ["_time", "_value"])`;
  expect(await tables(windowed("fn: sum"))).toEqual([
    ": _time=2020-01-01T00:00:15Z _value=1 | _time=2020-01-01T00:00:30Z _value=null | " +
      "_time=2020-01-01T00:00:45Z _value=2 | _time=2020-01-01T00:01:00Z _value=null",
  ]);
  expect(await tables(windowed("fn: count"))).toEqual([
    ": _time=2020-01-01T00:00:15Z _value=1 | _time=2020-01-01T00:00:30Z _value=1 | " +
      "_time=2020-01-01T00:00:45Z _value=1 | _time=2020-01-01T00:01:00Z _value=0",
  ]);
  expect(await tables(windowed('fn: last, createEmpty: false, timeSrc: "_start"'))).toEqual([
    ": _time=2020-01-01T00:00:05Z _value=1 | _time=2020-01-01T00:00:30Z _value=2",
  ]);
});

test("sort puts nulls first both ways and keeps equal rows in order", async () => {
  const sorted = (spec: string): string =>
    `${hosts}rows |> drop(columns: ["_time"]) |> sort(${spec})`;
  expect(await tables(sorted(""))).toEqual([
    ": _value=null host=b | _value=1 host=a | _value=2 host=a | _value=3 host=b",
  ]);
  expect(await tables(sorted("desc: true"))).toEqual([
    ": _value=null host=b | _value=3 host=b | _value=2 host=a | _value=1 host=a",
  ]);
  expect(await tables(sorted('columns: ["host", "nope"], desc: true'))).toEqual([
    ": _value=3 host=b | _value=null host=b | _value=1 host=a | _value=2 host=a",
  ]);
});

test("selectors keep a table of nulls, empty; count counts nulls; sums of nulls are null", async () => {
  const nulls = (call: string): string => `${hosts}rows
    |> drop(columns: ["_time"])
    |> filter(fn: (r) => not exists r._value)
    |> group(columns: ["host"])
    |> ${call}`;
  expect(await tables(nulls("first()"))).toEqual(["host=b: "]);
  expect(await tables(nulls("max()"))).toEqual(["host=b: "]);
  expect(await tables(nulls("count()"))).toEqual(["host=b: _value=1"]);
  expect(await tables(nulls("mean()"))).toEqual(["host=b: _value=null"]);
  expect(await tables(nulls("cumulativeSum()"))).toEqual(["host=b: _value=0"]);
});

test("selectors leave nulls in the other columns alone", async () => {
  const other = `import "array"
import "internal/debug"
array.from(rows: [{_value: 1.0, n: debug.null(type: "int"), t: debug.null(type: "time")}, {_value: 0.5, n: 2, t: 1970-01-01T00:00:00Z}])
    |> max()`;
  expect(await tables(other)).toEqual([": _value=1 n=null t=null"]);
});

test("limit past the end keeps the table", async () => {
  expect(
    await tables(`${hosts}rows |> group(columns: ["host"]) |> limit(n: 1, offset: 5)`),
  ).toEqual(["host=a: ", "host=b: "]);
  expect(
    await tables(`${hosts}rows |> keep(columns: ["_value"]) |> tail(n: 2, offset: 1)`),
  ).toEqual([": _value=1 | _value=null"]);
});

test("pivot tells rows apart by all cells of the row key", async () => {
  const pivoted = `import "array"
array.from(rows: [
    {a: "1", b: "23", f: "x", _value: 1.0},
    {a: "12", b: "3", f: "x", _value: 2.0},
    {a: "1", b: "23", f: "y", _value: 3.0},
    {a: "1", b: "23", f: "x", _value: 4.0},
]) |> pivot(rowKey: ["a", "b"], columnKey: ["f"], valueColumn: "_value")`;
  expect(await tables(pivoted)).toEqual([": a=1 b=23 x=4 y=3 | a=12 b=3 x=2 y=null"]);
});

test("pivot takes fields of different types, and names what stands in its way", async () => {
  const fields = (last: string): string => `import "array"
a = array.from(rows: [{_time: 2020-01-01T00:00:00Z, _field: "n", _value: 1.0}]) |> group(columns: ["_field"])
b = array.from(rows: [{_time: 2020-01-01T00:00:00Z, _field: "${last}", _value: "up"}]) |> group(columns: ["_field"])
union(tables: [a, b]) |> pivot(rowKey: ["_time"], columnKey: ["_field"], valueColumn: "_value")`;
  expect(await tables(fields("s"))).toEqual([": _time=2020-01-01T00:00:00Z n=1 s=up"]);
  const sameName = `import "array"
a = array.from(rows: [{t: 1, f: "a_b", g: "c", _value: 1.0}]) |> group(columns: ["f", "g"])
b = array.from(rows: [{t: 1, f: "a", g: "b_c", _value: "up"}]) |> group(columns: ["f", "g"])
union(tables: [a, b]) |> pivot(rowKey: ["t"], columnKey: ["f", "g"], valueColumn: "_value")`;
  expect(messages(await run(sameName))).toEqual([
    'pivot: column "a_b_c" has values of type float and of type string',
  ]);
  expect(messages(await run(fields("_time")))[0]).toContain(
    'a column named "_time" already exists',
  );
});

test("difference, derivative and elapsed drop the first row and look past nulls", async () => {
  const changes = (call: string): string =>
    `${hosts}rows |> drop(columns: ["host"]) |> ${call} |> drop(columns: ["_time"])`;
  expect(await tables(changes("difference()"))).toEqual([": _value=-2 | _value=null | _value=1"]);
  expect(await tables(changes("difference(nonNegative: true)"))).toEqual([
    ": _value=null | _value=null | _value=1",
  ]);
  expect(await tables(changes("derivative(unit: 10s)"))).toEqual([
    ": _value=-2 | _value=null | _value=0.3333333333333333",
  ]);
  expect(await tables(changes("elapsed(unit: 10s)"))).toEqual([
    ": _value=1 elapsed=1 | _value=null elapsed=1 | _value=2 elapsed=2",
  ]);
});

test("increase counts on over restarts of a counter", async () => {
  const counter = `import "array"
array.from(rows: [{_value: 5}, {_value: 8}, {_value: 2}, {_value: 3}]) |> increase()`;
  expect(await tables(counter)).toEqual([": _value=0 | _value=3 | _value=5 | _value=6"]);
});

test("distinct and unique count null as a value, table by table", async () => {
  expect(await tables(`${hosts}rows |> distinct(column: "host")`)).toEqual([
    ": _value=b | _value=a",
  ]);
  expect(await tables(`${hosts}rows |> drop(columns: ["_time", "host"]) |> unique()`)).toEqual([
    ": _value=3 | _value=1 | _value=null | _value=2",
  ]);
  expect(await tables(`${hosts}rows |> distinct(column: "nope")`)).toEqual([": _value=null"]);
});

test("a join on part of the keys, and of a stream with itself", async () => {
  const joined = (call: string): string => `import "array"
a = array.from(rows: [{t: 1, h: "x", k: "p", v: 1.0}, {t: 2, h: "y", k: "p", v: 2.0}]) |> group(columns: ["h", "k"])
b = array.from(rows: [{t: 1, h: "x", v: 10.0}, {t: 2, h: "y", v: 20.0}]) |> group(columns: ["h"])
${call}`;
  expect(await tables(joined('join(tables: {a: a, b: b}, on: ["h"])'))).toEqual([
    "h=x k=p: t_a=1 t_b=1 v_a=1 v_b=10",
    "h=y k=p: t_a=2 t_b=2 v_a=2 v_b=20",
  ]);
  expect(await tables(joined('join(tables: {l: b, r: b}, on: ["t", "h"])'))).toEqual([
    "h=x: t=1 v_l=10 v_r=10",
    "h=y: t=2 v_l=20 v_r=20",
  ]);
  expect(await tables(joined('join(tables: {a: a, b: b}, on: ["nope"])'))).toEqual([]);
});

test("names of zones and months reach windows", async () => {
  const days = `import "array"
import "timezone"
option location = timezone.location(name: "Europe/Berlin")
array.from(rows: [{_time: 2020-03-28T22:30:00Z, _value: 1}, {_time: 2020-03-28T23:30:00Z, _value: 2}])
    |> range(start: 2020-03-27T23:00:00Z, stop: 2020-03-29T22:00:00Z)
    |> window(every: 1d)
    |> drop(columns: ["_stop"])`;
  expect(await tables(days)).toEqual([
    "_start=1585350000000000000: _time=2020-03-28T22:30:00Z _value=1",
    "_start=1585436400000000000: _time=2020-03-28T23:30:00Z _value=2",
  ]);
});

test.each([
  'group(columns: ["_value"])',
  'pivot(rowKey: ["_time"], columnKey: ["host"], valueColumn: "_value")',
  'drop(columns: ["host"])',
  "range(start: 2020-01-01T00:00:00Z, stop: 2020-01-01T00:01:00Z) |> window(every: 10s)",
  "sort() |> limit(n: 1)",
])("%s takes a stream without tables, and tables without rows", async (call) => {
  const none = "rows |> filter(fn: (r) => false)";
  expect(await tables(`${hosts}${none} |> ${call}`)).toEqual([]);
  const ran = await run(`${hosts}rows
    |> group(columns: ["host"])
    |> filter(fn: (r) => false, onEmpty: "keep")
    |> ${call}`);
  expect(messages(ran)).toEqual([]);
  expect([...ran.tables.values()].flat().every((table) => table.rows === 0)).toBe(true);
});
