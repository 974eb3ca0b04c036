import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { optionsOf } from "../tools/options.ts";
import { root } from "../tools/tree.ts";
import { DataFolder } from "./cases.ts";
import { type Cost, median, runProcess } from "./process.ts";

// How long the event loop is held at a time, during which timeouts, leases and Ctrl-C wait. Each pipeline runs in a
// process of its own, in which loop-probe.mjs watches.
// `sh tools/node.sh benchmarks/loop-hold.ts [--rows N] [--rounds N] [--only TEXT] [--folder DIR]`

/** One hold of the loop, in milliseconds. */
interface Hold {
  readonly wall: number;
  /** The processor time of the thread in it, which is less where other processes had the core. */
  readonly cpu: number;
}

/** A pipeline, and how it held the loop, the longest first. */
export interface Held {
  readonly name: string;
  readonly holds: readonly Hold[];
  readonly cost: Cost;
}

/** The longest that the loop may be held, in milliseconds of processor time of its thread. */
const bar = 50;

type Pipeline = readonly [name: string, script: string, output?: string];

/** Pipelines by name, and how their rows are written (default: CSV). `one` is a single table, `plain` has 100, `many` has one for ten rows. */
function pipelines(data: DataFolder, rows: number): Pipeline[] {
  const from = (name: string, shape: Parameters<DataFolder["file"]>[1]): string =>
    `csv.from(file: "${data.file(name, shape)}")`;
  const one = from("one", { rows, tables: 1, shuffled: true });
  const sorted = from("sorted", { rows, tables: 1 });
  const plain = from("plain", { rows, tables: 100 });
  const wide = from("wide", { rows, tables: 100, wide: true });
  const many = from("many", { rows, tables: Math.max(1, rows / 10) });
  const some = from("some", { rows: Math.ceil(rows / 10), tables: 10 });
  const days = (count: number): string => {
    const stop = new Date(Date.UTC(2026, 0, 2) + count * 10_000).toISOString();
    return `|> range(start: 2026-01-01T00:00:00Z, stop: ${stop})`;
  };
  const range = days(rows / 100);
  const windows = `${range} |> aggregateWindow(every: 1m, fn: `;
  const byTable = (steps: string): [string, string][] => [
    [`one table: ${steps}`, `${sorted} |> ${steps} |> count()`],
    [`100 tables: ${steps}`, `${plain} |> ${steps} |> count()`],
  ];
  return [
    ["CSV to CSV", plain],
    ["CSV to tables for people", plain, "table"],
    ["CSV to JSON", plain, "json"],
    ["CSV to lines of JSON", plain, "ndjson"],
    ["CSV to CSV, many tables", many],
    [
      "map, interpolation",
      `${plain} |> map(fn: (r) => ({r with text: "\${r.host} \${r._value}"}))`,
    ],
    ["group |> sort", `${one} |> group() |> sort(columns: ["_value"])`],
    ["group |> sort by time", `${one} |> group() |> sort(columns: ["_time"]) |> limit(n: 9)`],
    ["sort by text", `${wide} |> group() |> sort(columns: ["request"], desc: true) |> limit(n: 9)`],
    ["group by a text", `${wide} |> group(columns: ["status", "host"]) |> count()`],
    ["group by a number", `${wide} |> group(columns: ["code"]) |> count()`],
    ["group by time", `${plain} |> group(columns: ["_time"]) |> count()`],
    [
      "group by a unique text",
      `${wide} |> group(columns: ["request"]) |> count() |> group() |> sum()`,
    ],
    [
      "group |> map",
      `${plain} |> group() |> map(fn: (r) => ({r with text: "\${r.host} \${r._value}"}))`,
    ],
    [
      "group |> reduce",
      `${plain} |> group() |> reduce(identity: {n: 0}, fn: (r, accumulator) => ({n: accumulator.n + 1}))`,
    ],
    ["pivot", `${plain} |> pivot(rowKey: ["_time"], columnKey: ["_field"], valueColumn: "_value")`],
    [
      "group |> pivot",
      `${plain} |> group(columns: ["host"]) |> pivot(rowKey: ["_time"], columnKey: ["_field"], valueColumn: "_value")`,
    ],
    [
      "group |> pivot in one table",
      `${plain} |> group() |> pivot(rowKey: ["_time", "host"], columnKey: ["_field"], valueColumn: "_value")`,
    ],
    ["union", `union(tables: [${plain}, ${plain} |> filter(fn: (r) => r._value > 50.0)])`],
    [
      "join.inner",
      `join.inner(left: ${plain}, right: ${plain}, on: (l, r) => l._time == r._time, as: (l, r) => ({l with other: r._value})) |> count()`,
    ],
    [
      "universe.join",
      `universe.join(tables: {l: ${some}, r: ${some}}, on: ["_time", "host", "_field"]) |> count(column: "_value_l")`,
    ],
    [
      "universe.join, one table",
      `universe.join(tables: {l: ${some} |> group(), r: ${some} |> group()}, on: ["_time", "host", "_field"]) |> count(column: "_value_l")`,
    ],
    ["window", `${plain} ${range} |> window(every: 1h) |> count()`],
    ["window, one table", `${one} ${days(rows)} |> window(every: 1h) |> count()`],
    ["window, overlapping", `${plain} ${range} |> window(every: 10m, period: 20m) |> count()`],
    ...["mean", "last", "count", "quantile(q: 0.9, column: column)", "median"].flatMap(
      (fn): [string, string][] => {
        const made = fn.includes("(") ? `(column, tables=<-) => tables |> ${fn}` : fn;
        return [
          [`aggregateWindow(${fn.replace(/\(.*/u, "")})`, `${plain} ${windows}${made})`],
          [
            `aggregateWindow(${fn.replace(/\(.*/u, "")}), one table`,
            `${one} ${days(rows)} |> aggregateWindow(every: 1m, fn: ${made})`,
          ],
        ];
      },
    ),
    ["aggregateWindow(mean), no empty ones", `${plain} ${windows}mean, createEmpty: false)`],
    ...byTable("top(n: 5)"),
    ...byTable("tail(n: 5)"),
    ...byTable("derivative(unit: 1s)"),
    ...byTable("difference()"),
    ...byTable("cumulativeSum()"),
    ...byTable("movingAverage(n: 10)"),
    ...byTable("exponentialMovingAverage(n: 10)"),
    ...byTable("elapsed()"),
    ...byTable("increase()"),
    ...byTable("fill(usePrevious: true)"),
    ...byTable('unique(column: "_value")'),
    ...byTable("stateCount(fn: (r) => r._value > 50.0)"),
    ...byTable("stateDuration(fn: (r) => r._value > 50.0)"),
    ...byTable("sample(n: 10)"),
    ...byTable('rename(columns: {host: "server"})'),
    ...byTable('drop(columns: ["host"])'),
    ...byTable('keep(columns: ["_time", "_value"])'),
    ...byTable("hourSelection(start: 9, stop: 17)"),
    ...byTable("truncateTimeColumn(unit: 1h)"),
    ...byTable('map(fn: (r) => ({r with host: r.host + "x"}))'),
    ...[
      "quantile(q: 0.99)",
      'quantile(q: 0.9, method: "exact_mean")',
      'quantile(q: 0.9, method: "exact_selector")',
      "histogram(bins: [50.0, 100.0])",
      "distinct()",
      "mode()",
      "skew()",
      "stddev()",
      "spread()",
    ].flatMap((steps): [string, string][] => [
      [`one table: ${steps}`, `${sorted} |> ${steps}`],
      [`100 tables: ${steps}`, `${plain} |> ${steps}`],
    ]),
    ["count of many tables", `${many} |> count() |> group() |> sum()`],
    [
      "many tables: map, sort",
      `${many} |> map(fn: (r) => ({r with _value: r._value * 2.0})) |> sort() |> first()`,
    ],
    [
      "many tables: pivot",
      `${many} |> pivot(rowKey: ["_time"], columnKey: ["_field"], valueColumn: "_value")`,
    ],
    [
      "many tables: window",
      `${many} ${range} |> window(every: 1m) |> count() |> group() |> count()`,
    ],
  ].map(([name, steps, output]): Pipeline => [
    name,
    `import "csv"\nimport "join"\nimport "universe"\n${steps}`,
    output,
  ]);
}

interface Plan {
  readonly rows: number;
  readonly rounds: number;
  readonly only: string;
  readonly folder: string;
  /** Runs the command line of Tocsin; its holds are written to the file `holds`. */
  readonly tocsin: (argv: readonly string[], holds: string) => Promise<Cost>;
}

/** Runs all pipelines of the plan; `tell` gets each outcome. */
export async function measureHolds(plan: Plan, tell: (held: Held) => void): Promise<void> {
  mkdirSync(plan.folder, { recursive: true });
  const data = new DataFolder(plan.folder, "http://127.0.0.1:1");
  const holds = join(plan.folder, "holds.json");
  for (const [name, script, output = "csv"] of pipelines(data, plan.rows)) {
    if (!name.includes(plan.only)) continue;
    data.prepare(script);
    const path = join(plan.folder, "script.flux");
    writeFileSync(path, script);
    const rounds: { holds: Hold[]; cost: Cost }[] = [];
    for (let round = 0; round < plan.rounds; round++) {
      const cost = await plan.tocsin(
        ["run", "--output", output, "--data", plan.folder, path],
        holds,
      );
      rounds.push({ holds: JSON.parse(readFileSync(holds, "utf8")), cost });
    }
    const middle = median(rounds.map(({ holds: [longest] }) => longest.cpu));
    const { holds: longest, cost } = rounds.find((one) => one.holds[0].cpu === middle) ?? rounds[0];
    tell({ name, holds: longest, cost: { ...cost, output: "" } });
  }
}

function lineOf({ name, holds, cost }: Held): string {
  if (cost.code !== 0) return `failed  ${name}: ${cost.complaint.split("\n")[0]}`;
  const [longest, ...others] = holds.map(({ cpu }) => cpu.toFixed(0).padStart(4));
  const wall = Math.max(...holds.map((hold) => hold.wall))
    .toFixed(0)
    .padStart(4);
  const whole = `${cost.milliseconds.toFixed(0)} ms, ${cost.megabytes.toFixed(0)} MB`;
  const mark = holds[0].cpu > bar ? "!" : " ";
  return `${longest} ms ${mark} ${wall} ms (${others.join("")}; ${whole})  ${name}`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const { folder: kept, ...size } = optionsOf({ rows: 1_000_000, rounds: 3, only: "", folder: "" });
  const folder = kept === "" ? mkdtempSync(join(tmpdir(), "tocsin-holds-")) : kept;
  const probe = pathToFileURL(join(root, "benchmarks/loop-probe.mjs")).href;
  const command = join(root, "apps/tocsin/bin/tocsin");
  const plan: Plan = {
    ...size,
    folder,
    tocsin: (argv, holds) => {
      const env = { ...process.env, NODE_OPTIONS: `--import=${probe}`, TOCSIN_HOLDS: holds };
      return runProcess(command, argv, env);
    },
  };
  console.log(
    `${plan.rows} rows: longest hold of the event loop (work, wall), median of ${plan.rounds}`,
  );
  let over = 0;
  await measureHolds(plan, (held) => {
    if (held.holds[0].cpu > bar) over += 1;
    console.log(lineOf(held));
  });
  console.log(`${over} above ${bar} ms`);
  if (kept === "") rmSync(folder, { recursive: true, force: true });
}
