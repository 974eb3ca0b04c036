import { type Case, type Data, day } from "./cases.ts";

/**
 * Table functions on less orderly data than in the other cases: times out of order, integers and texts, missing values,
 * many groups, tables of several schemas.
 */
export function variedCases(data: Data, rows: number): Case[] {
  const csv = (name: string, shape: Parameters<Data["file"]>[1]): string =>
    `csv.from(file: "${data.file(name, shape)}")`;
  const mixed = csv("varied", { rows, tables: 20, wide: true, shuffled: true, gaps: 9 });
  const wide = csv("wide", { rows, tables: 100, wide: true });
  const plain = csv("plain", { rows, tables: 100 });
  const few = Math.ceil(rows / 10);
  const some = csv("some-varied", { rows: few, tables: 10, wide: true, shuffled: true, gaps: 9 });
  const scripts: readonly (readonly [name: string, script: string, bar?: number])[] = [
    ["group by a text and an integer", `${wide} |> group(columns: ["status", "code"]) |> sum()`, 8],
    [
      "group by a unique text",
      `${csv("wide", { rows: few, tables: 100, wide: true })} |> group(columns: ["request"]) |> count() |> group() |> sum()`,
    ],
    [
      "group, sort by time",
      `${plain} |> group(columns: ["host"]) |> sort(columns: ["_time", "_field"]) |> last()`,
    ],
    [
      "group except, count of texts",
      `${mixed} |> group(columns: ["status"]) |> count(column: "request")`,
    ],
    [
      "sort by a text, many equal",
      `${wide} |> sort(columns: ["status", "code", "request"]) |> limit(n: 10)`,
      3,
    ],
    [
      "sort in one table by a text",
      `${wide} |> group() |> sort(columns: ["request"], desc: true) |> limit(n: 100)`,
      6,
    ],
    ["top by an integer", `${mixed} |> top(n: 5, columns: ["code"])`, 2],
    [
      "aggregateWindow(sum) of mixed times",
      `${mixed} ${day(rows * 5)} |> aggregateWindow(every: 10m, fn: sum, column: "code") |> count(column: "code")`,
      8,
    ],
    [
      "aggregateWindow(last) with gaps, no empty ones",
      `${mixed} ${day(rows * 5)} |> aggregateWindow(every: 1h, fn: last, createEmpty: false) |> count()`,
      8,
    ],
    [
      "aggregateWindow(stddev)",
      `${plain} ${day(rows)} |> aggregateWindow(every: 5m, fn: stddev) |> count()`,
      8,
    ],
    ["window, max", `${plain} ${day(rows)} |> window(every: 1h) |> max() |> group() |> count()`],
    [
      "pivot of mixed times",
      `${mixed} |> group(columns: ["host"]) |> pivot(rowKey: ["_time"], columnKey: ["_field"], valueColumn: "code") |> count(column: "f1")`,
      4,
    ],
    [
      "union of two schemas",
      `union(tables: [${wide} |> drop(columns: ["request"]), ${plain}]) |> count()`,
      8,
    ],
    ["CSV to CSV, with texts that differ", wide, 2],
    [
      "map, texts joined",
      `${wide} |> map(fn: (r) => ({r with text: r.status + ": " + r.request})) |> count(column: "text")`,
      2,
    ],
    ["distinct texts", `${wide} |> distinct(column: "status") |> count()`, 2],
    ["unique integers", `${wide} |> unique(column: "code") |> count()`, 2],
    ["fill with the previous value", `${mixed} |> fill(usePrevious: true) |> sum()`, 2],
    ["cumulativeSum, last", `${plain} |> cumulativeSum() |> last()`, 2],
    ["movingAverage", `${plain} |> movingAverage(n: 2) |> max()`, 2],
    ["quantile, exact", `${plain} |> quantile(q: 0.9, method: "exact_selector")`, 2],
    ["stddev of one table", `${mixed} |> group() |> stddev()`],
    [
      "reduce of integers and texts",
      `${mixed} |> reduce(identity: {n: 0, last: ""}, fn: (r, accumulator) => ({n: accumulator.n + r.code, last: r.status}))`,
      18,
    ],
    [
      "join.left on mixed times",
      `l = ${some} |> group(columns: ["host"])
r = ${some} |> group(columns: ["host"]) |> filter(fn: (r) => r.code < 500)
join.left(left: l, right: r, on: (l, r) => l._time == r._time and l._field == r._field, as: (l, r) => ({l with other: r._value})) |> count(column: "code")`,
      50,
    ],
  ];
  return scripts.map(([name, script, bar]) => {
    const one = { group: "varied", name, rows: script.includes(some) ? few : rows };
    const whole = `import "csv"\nimport "join"\n${script}`;
    return { ...one, script: whole, ...(bar === undefined ? {} : { bar }), slowPeer: bar === 50 };
  });
}
