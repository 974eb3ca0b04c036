import { recordingDeliveries } from "@tocsin/alerting/oncall";
import { MemoryBuckets } from "@tocsin/adapters/buckets";
import { compileScript, runProgram } from "@tocsin/library/runtime";
import { standardLibrary } from "@tocsin/library/stdlib";
import { memoryHost } from "@tocsin/platform/host";
import { expect, test } from "vitest";
import { renderTables, ResultCollector } from "../../../conformance/render.ts";

// Columns that nobody reads are not made. Whoever shows all rows of the source as well reads all of
// them: both must give the same.

const rows = Array.from({ length: 40 }, (_, i) => {
  const time = `2026-01-01T00:0${Math.floor(i / 10)}:${String((i % 10) * 6).padStart(2, "0")}Z`;
  const value = i % 7 === 3 ? "" : String((i * 37) % 19);
  return `,,${i < 20 ? 0 : 1},${time},${value},${i % 5},${["ok", "warn", "crit"][i % 3]},${i < 20 ? "a" : "b"}`;
});
const csv = [
  "#datatype,string,long,dateTime:RFC3339,double,long,string,string",
  "#group,false,false,false,false,false,false,true",
  "#default,_result,,,,,,",
  ",result,table,_time,_value,code,status,host",
  ...rows,
].join("\n");

async function run(pipeline: string, withAll: boolean): Promise<string> {
  const range = "range(start: 2026-01-01T00:00:00Z, stop: 2026-01-02T00:00:00Z)";
  const script = `import "csv"
import "join"
source = csv.from(csv: ${JSON.stringify(csv)})
limited = (tables=<-) => tables |> ${range}
source |> ${pipeline} |> yield(name: "one")
${withAll ? 'source |> yield(name: "two")' : ""}`;
  const { program, diagnostics } = compileScript(script, "t.flux");
  if (program === undefined) throw new Error(JSON.stringify(diagnostics));
  const collector = new ResultCollector();
  const world = {
    host: memoryHost(),
    buckets: new MemoryBuckets(),
    deliveries: recordingDeliveries(),
    library: standardLibrary,
  };
  const report = await runProgram(program, world, {
    push: (name, batch) => (name === "one" ? collector.push(name, batch) : undefined),
    finish: () => undefined,
  });
  const errors = report.errors.map(({ error }) => `${error.message} ${error.hint ?? ""}`);
  return renderTables(collector.tables(), { sorted: true, digits: 12 }) + errors.join("\n");
}

const joined = (method: string, as: string): string => `((tables=<-) => join.${method}(
  left: tables,
  right: tables |> filter(fn: (r) => r.code > 1) |> limit(n: 5),
  on: (l, r) => l.status == r.status and l.code == r.code,
  as: (l, r) => ${as})()`;
const old = (on: string): string =>
  `((tables=<-) => join(tables: {a: tables, b: tables |> limit(n: 5)}, on: ["${on}", "host"]))()`;

const pipelines = [
  "count()",
  'count(column: "status")',
  'count(column: "none")',
  "filter(fn: (r) => r._value > 5.0) |> sum()",
  'filter(fn: (r) => r.status == "crit" and exists r._value) |> count()',
  "filter(fn: (r) => exists r.none) |> count()",
  "filter(fn: (r) => ({r with a: r.code}).a > 2) |> count()",
  "filter(fn: (r) => [r.code, 1][0] > 2) |> count()",
  "filter(fn: (r) => ((row) => row.code > 2)(row: r)) |> count()",
  'filter(fn: (r) => r["code"] > 2, onEmpty: "keep") |> max()',
  "map(fn: (r) => ({r with _value: r._value * 2.0 + float(v: r.code)})) |> sum()",
  'map(fn: (r) => ({host: r.host, x: r.code, text: "${r.status}"})) |> sum(column: "x")',
  'map(fn: (r) => if r.code > 2 then {r with level: "high"} else {r with level: r.status}) |> count(column: "level")',
  'map(fn: (r) => ({r with code: 1})) |> sum(column: "code")',
  'map(fn: (r) => { x = r.code\n return {r with x: x} }) |> sum(column: "x")',
  "reduce(identity: {n: 0}, fn: (r, accumulator) => ({n: accumulator.n + r.code}))",
  'reduce(identity: {n: 0, s: ""}, fn: (r, accumulator) => ({accumulator with n: accumulator.n + 1, s: r.status}))',
  'group(columns: ["status"]) |> sum()',
  'group(columns: ["status"]) |> count(column: "code")',
  'group(columns: ["host"], mode: "except") |> count()',
  'sort(columns: ["code"]) |> first()',
  'sort(columns: ["code"]) |> last() |> count(column: "_time")',
  "top(n: 3) |> sum()",
  'keep(columns: ["code", "host"]) |> sum(column: "code")',
  'drop(columns: ["status"]) |> sum(column: "code")',
  'drop(columns: ["code"]) |> sum(column: "code")',
  'rename(columns: {code: "_value2"}) |> sum(column: "_value2")',
  "limited() |> aggregateWindow(every: 1m, fn: mean) |> sum()",
  'limited() |> aggregateWindow(every: 1m, fn: last) |> count(column: "status")',
  'limited() |> aggregateWindow(every: 1m, fn: max, column: "code") |> sum(column: "code")',
  "limited() |> window(every: 1m) |> mean()",
  "limited() |> count()",
  'limit(n: 3) |> sum(column: "code")',
  'tail(n: 3) |> sum(column: "code")',
  "fill(value: 0.0) |> sum()",
  'fill(column: "made", value: 1) |> sum(column: "made")',
  'distinct(column: "status") |> count()',
  'unique(column: "status") |> count()',
  "cumulativeSum() |> last()",
  'cumulativeSum(columns: ["code"]) |> sum(column: "code")',
  'movingAverage(n: 2, columns: ["code"]) |> sum(column: "code")',
  "exponentialMovingAverage(n: 2) |> count()",
  "hourSelection(start: 0, stop: 1) |> count()",
  'mode(column: "status")',
  'group(columns: ["status"]) |> count(column: "none")',
  'group() |> pivot(rowKey: ["_time"], columnKey: ["host"], valueColumn: "code") |> sum(column: "a")',
  "limited() |> aggregateWindow(every: 1m, fn: median) |> sum()",
  "derivative(unit: 1s) |> sum()",
  'difference(columns: ["code"]) |> sum(column: "code")',
  "quantile(q: 0.5)",
  'quantile(q: 0.5, method: "exact_selector") |> count(column: "code")',
  'histogram(bins: [0.0, 5.0, 20.0]) |> sum(column: "_value")',
  'stateDuration(fn: (r) => r.status == "ok") |> sum(column: "stateDuration")',
  'pivot(rowKey: ["_time"], columnKey: ["status"], valueColumn: "_value") |> count(column: "ok")',
  'duplicate(column: "code", as: "twin") |> sum(column: "twin")',
  'set(key: "status", value: "x") |> count(column: "status")',
  'elapsed() |> sum(column: "elapsed")',
  'sort(columns: ["code"]) |> limit(n: 7) |> count(column: "status")',
  'group(columns: ["status"]) |> sort(columns: ["_time"], desc: true) |> tail(n: 5) |> count()',
  'group(columns: ["status"]) |> count(column: "_time")',
  'limited() |> aggregateWindow(every: 1m, fn: count, column: "code") |> sum(column: "code")',
  'limited() |> window(every: 1m) |> count(column: "status")',
  'map(fn: (r) => ({r with code: r.code + 1})) |> count(column: "code")',
  'filter(fn: (r) => r.code > 2) |> duplicate(column: "status", as: "twin") |> count(column: "twin")',
  "columns()",
  'rename(columns: {code: "_value", _value: "code"}) |> sum(column: "code")',
  'rename(columns: {code: "status"}) |> sum()',
  'rename(columns: {none: "x"}) |> sum()',
  'rename(columns: {_value: "x"}) |> rename(columns: {code: "_value"}) |> filter(fn: (r) => r._value > 2) |> max()',
  'rename(columns: {_value: "x"}) |> sum()',
  'rename(columns: {host: "status2"}) |> group(columns: ["status2"]) |> count()',
  'rename(fn: (column) => column + "1") |> sum(column: "code1")',
  'duplicate(column: "status", as: "code") |> count(column: "code")',
  'duplicate(column: "none", as: "code") |> count()',
  'duplicate(column: "status", as: "host") |> count()',
  'duplicate(column: "code", as: "_value") |> duplicate(column: "_value", as: "x") |> sum(column: "x")',
  'set(key: "host", value: "x") |> sum()',
  'set(key: "more", value: "x") |> group(columns: ["more", "status"]) |> sum()',
  'rename(columns: {code: "c"}) |> set(key: "status", value: "x") |> sum(column: "none")',
  'group(columns: ["status"]) |> rename(columns: {code: "c"}) |> sum(column: "c")',
  joined("inner", "({l with code: r.code}))") + ' |> sum(column: "code")',
  joined("left", "({l with code: r.code}))") + " |> sum()",
  joined("full", "({host: l.host, x: l._value, y: r.status}))") + ' |> count(column: "y")',
  joined("right", "({r with x: l._value}))") + " |> sum()",
  joined("inner", "({r with x: l.none}))") + " |> sum()",
  joined("inner", "if l.code > 2 then l else {r with code: 1})") + ' |> sum(column: "code")',
  joined("inner", "({l with x: string(v: [r][0].code)}))") + ' |> count(column: "x")',
  old("_time") + ' |> sum(column: "code_a")',
  old("status") + ' |> count(column: "_value_b")',
  old("_time") + ' |> count(column: "status")',
  old("_time") + ' |> count(column: "none_a")',
  'first() |> keep(columns: ["_value"])',
];

test.each(pipelines)("with all columns or those that are read: %s", async (pipeline) => {
  expect(await run(pipeline, false)).toBe(await run(pipeline, true));
});
