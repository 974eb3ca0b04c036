import { join } from "node:path";
import { longScript, type Shape, writeCsv } from "./data.ts";
import { variedCases } from "./varied-cases.ts";

/** One script that both engines run. */
export interface Case {
  readonly group: string;
  readonly name: string;
  readonly script: string;
  /** How many rows the script reads, for the figure of rows per second. */
  readonly rows: number;
  /** How many times as fast as the peer it should be. */
  readonly bar?: number;
  /** The most megabytes that it may take. */
  readonly memory?: number;
  /** How many times the time per row of an earlier case it may take. */
  readonly before?: { readonly name: string; readonly atMost: number };
  /** The command of Tocsin; default: run. */
  readonly command?: "run" | "check";
  /** Extra arguments for Tocsin. */
  readonly argv?: readonly string[];
  /** Requests are compared instead of tables. */
  readonly posts?: boolean;
  /** Milliseconds that the receiver of requests waits before it answers. */
  readonly latency?: number;
  /** Whether each run uses the outbox of the previous one; default: each creates its own. */
  readonly again?: boolean;
  /** The script for the peer, with fewer rows; its time is scaled up. */
  readonly peer?: { readonly script: string; readonly rows: number };
  /** Whether it is too slow for the peer to be run repeatedly. */
  readonly slowPeer?: boolean;
}

/** The data of the cases, which is made on first use. */
export interface Data {
  /** The path of a file of that shape. */
  file(name: string, shape: Shape): string;
  /** Where requests go. */
  readonly origin: string;
}

export const day = (rows: number): string =>
  `|> range(start: 2026-01-01T00:00:00Z, stop: ${new Date(Date.UTC(2026, 0, 1) + Math.max(rows * 100, 86_400_000)).toISOString()})`;

/** All cases, for about `rows` rows. */
export function cases(data: Data, rows: number): Case[] {
  return [
    ...perRow(data, rows),
    ...manyTables(data, rows),
    ...shapes(data, rows),
    ...joins(data, Math.ceil(rows / 10)),
    ...variedCases(data, rows),
    ...scans(data, rows),
    ...texts(data, rows),
    ...deliveries(data, rows),
    ...starts(data),
    ...memory(data, rows * 10),
    ...frontEnd(rows),
    ...growth(data, rows),
  ];
}

function reader(data: Data, rows: number): { from: string; wide: string } {
  const from = data.file("plain", { rows, tables: 100 });
  const wide = data.file("wide", { rows, tables: 100, wide: true });
  return {
    from: `import "csv"\ncsv.from(file: "${from}")`,
    wide: `import "csv"\ncsv.from(file: "${wide}")`,
  };
}

function perRow(data: Data, rows: number): Case[] {
  const { from, wide } = reader(data, rows);
  const group = "functions per row";
  const nested = `scale = (x) => x * 2.0\nshift = (x) => scale(x: x) + 1.0\nrate = (x) => if x > 50.0 then shift(x: x) else scale(x: x)\n`;
  const call = `${from} |> map(fn: (r) => ({r with _value: rate(x: r._value)})) |> sum()`;
  return [
    {
      group,
      name: "map, user functions three deep",
      script: call.replace("\n", `\n${nested}`),
      bar: 30,
    },
    {
      group,
      name: "reduce",
      script: `${from} |> reduce(identity: {n: 0, total: 0.0, high: 0.0}, fn: (r, accumulator) => ({n: accumulator.n + 1, total: accumulator.total + r._value, high: if r._value > accumulator.high then r._value else accumulator.high}))`,
      bar: 18,
    },
    {
      group,
      name: "map, interpolation, CSV out",
      script: `${from} |> map(fn: (r) => ({r with text: "\${r.host} is \${r._value}"}))`,
      bar: 12,
    },
    {
      group,
      name: "filter, arithmetic",
      script: `${from} |> filter(fn: (r) => r._value * 2.0 + 1.0 > 150.0 and r._value < 99.0) |> count()`,
      bar: 5,
    },
    {
      group,
      name: "filter, string",
      script: `${wide} |> filter(fn: (r) => r.status == "crit" or r.status == "warn") |> count()`,
      bar: 5,
    },
    {
      group,
      name: "filter, regex",
      script: `${wide} |> filter(fn: (r) => r.request =~ /-1.*[05]$/ and r.host !~ /9$/) |> count()`,
      bar: 5,
    },
    {
      group,
      name: "stateDuration",
      script: `${from} |> stateDuration(fn: (r) => r._value > 20.0) |> max(column: "stateDuration")`,
      bar: 7,
    },
    {
      group,
      name: "histogram",
      script: `${from} |> histogram(bins: [10.0, 20.0, 50.0, 80.0, 90.0, 95.0, 99.0, 100.0])`,
      bar: 4,
    },
    {
      group,
      name: "map, conversions and strings",
      script: `import "strings"\n${wide} |> map(fn: (r) => ({r with _value: float(v: r.code), text: strings.toUpper(v: r.status) + "-" + string(v: r.code)})) |> filter(fn: (r) => r.text != "OK-7") |> count()`,
    },
  ].map((one) => ({ ...one, rows }));
}

function manyTables(data: Data, rows: number): Case[] {
  const many = data.file("many", { rows, tables: Math.max(1, rows / 10) });
  const from = `import "csv"\ncsv.from(file: "${many}")`;
  const group = "many tables";
  return [
    {
      group,
      name: "100,000 tables: mean",
      script: `${from} |> mean() |> group() |> count()`,
      bar: 12,
    },
    {
      group,
      name: "100,000 tables: map, count",
      script: `${from} |> map(fn: (r) => ({r with _value: r._value + 1.0})) |> count() |> group() |> sum()`,
      bar: 12,
    },
    {
      group,
      name: "group by _time to 10,000 tables",
      script: `${reader(data, rows).from} |> group(columns: ["_time"]) |> count() |> group() |> sum()`,
      bar: 12,
      slowPeer: true,
    },
  ].map((one) => ({ ...one, rows }));
}

function shapes(data: Data, rows: number): Case[] {
  const { from, wide } = reader(data, rows);
  const path = data.file("plain", { rows, tables: 100 });
  const one = data.file("one", { rows, tables: 1, shuffled: true });
  const mixed = data.file("mixed", { rows, tables: 100, shuffled: true });
  const ranged = `${from} ${day(rows)}`;
  const two = `import "csv"\na = csv.from(file: "${path}")\nb = csv.from(file: "${mixed}")\nunion(tables: [a, b])`;
  const window = (fn: string): string =>
    `${ranged} |> aggregateWindow(every: 1m, fn: ${fn}) |> count()`;
  const group = "shape";
  return [
    { group, name: "aggregateWindow(mean)", script: window("mean"), bar: 8 },
    { group, name: "aggregateWindow(last)", script: window("last"), bar: 8 },
    { group, name: "aggregateWindow(count)", script: window("count"), bar: 8 },
    {
      group,
      name: "aggregateWindow(quantile)",
      script: window("(column, tables=<-) => tables |> quantile(q: 0.9, column: column)"),
      bar: 8,
    },
    {
      group,
      name: "months in a time zone",
      script: `import "timezone"\n${ranged.replace("\n", '\noption location = timezone.location(name: "Europe/Berlin")\n')} |> aggregateWindow(every: 1mo, fn: sum)`,
    },
    {
      group,
      name: "filter, aggregateWindow",
      script: `${ranged} |> filter(fn: (r) => r._value > 20.0) |> aggregateWindow(every: 1m, fn: mean) |> count()`,
      bar: 8,
    },
    { group, name: "union", script: `${two} |> count()`, bar: 8 },
    {
      group,
      name: "group by a value column",
      script: `${wide} |> group(columns: ["status"]) |> count()`,
      bar: 8,
    },
    {
      group,
      name: "pivot",
      script: `${from} |> group(columns: ["host"]) |> pivot(rowKey: ["_time"], columnKey: ["_field"], valueColumn: "_value") |> count(column: "f1")`,
      bar: 4,
    },
    {
      group,
      name: "sort",
      script: `${from} |> sort(columns: ["_value", "_time"]) |> limit(n: 10)`,
      bar: 3,
    },
    {
      group,
      name: "sort in one table",
      script: `import "csv"\ncsv.from(file: "${one}") |> group() |> sort(columns: ["_time", "_value"]) |> limit(n: 100)`,
      bar: 6,
    },
    {
      group,
      name: "sort in one table, by values",
      script: `import "csv"\ncsv.from(file: "${one}") |> sort(columns: ["_value"]) |> count()`,
      bar: 6,
    },
  ].map((made) => ({ ...made, rows }));
}

function joins(data: Data, rows: number): Case[] {
  const tables = 10;
  const left = data.file("left", { rows, tables });
  const right = data.file("right", { rows, tables, digits: 5 });
  const sides = `l = csv.from(file: "${left}")\nr = csv.from(file: "${right}")\n`;
  return [
    {
      group: "shape",
      name: "join.inner",
      script: `import "csv"\nimport "join"\n${sides}join.inner(left: l, right: r, on: (l, r) => l._time == r._time, as: (l, r) => ({l with other: r._value, difference: l._value - r._value})) |> count()`,
      rows,
      bar: 50,
      slowPeer: true,
    },
    {
      group: "shape",
      name: "universe.join",
      script: `import "csv"\n${sides}join(tables: {l: l, r: r}, on: ["_time", "host", "_field"]) |> count(column: "_value_l")`,
      rows,
      bar: 100,
      slowPeer: true,
    },
  ];
}

function scans(data: Data, rows: number): Case[] {
  const { from } = reader(data, rows);
  const long = `import "csv"\ncsv.from(file: "${data.file("long", { rows, tables: 100, digits: 17 })}")`;
  const group = "scan";
  const end = '|> count(column: "_value")';
  return [
    { group, name: "count", script: `${from} |> count()`, bar: 2 },
    {
      group,
      name: "group, sum",
      script: `${from} |> group(columns: ["host"]) |> sum()`,
      bar: 2,
    },
    { group, name: "top", script: `${from} |> top(n: 5, columns: ["_value", "_time"])`, bar: 2 },
    { group, name: "derivative", script: `${from} |> derivative(unit: 1s) ${end}`, bar: 2 },
    { group, name: "difference", script: `${from} |> difference() ${end}`, bar: 2 },
    { group, name: "fill", script: `${from} |> fill(value: 0.0) ${end}`, bar: 2 },
    { group, name: "distinct", script: `${from} |> distinct() ${end}`, bar: 2 },
    // Upstream's estimate of equal values depends on how Go sorts them, so all values are different here.
    { group, name: "quantile", script: `${long} |> quantile(q: 0.99)`, bar: 2 },
    {
      group,
      name: "map, arithmetic",
      script: `${from} |> map(fn: (r) => ({r with _value: r._value * 2.0 + 1.0})) |> sum()`,
      bar: 2,
    },
  ].map((one) => ({ ...one, rows }));
}

function texts(data: Data, rows: number): Case[] {
  const long = data.file("long", { rows, tables: 100, digits: 17 });
  const group = "text out";
  return [
    { group, name: "CSV to CSV, short decimals", script: reader(data, rows).from, rows, bar: 2 },
    {
      group,
      name: "CSV to CSV, 17 digits",
      script: `import "csv"\ncsv.from(file: "${long}")`,
      rows,
      bar: 1.2,
    },
  ];
}

function alertOn(path: string, origin: string, condition = ""): string {
  return (
    `import "csv"\nimport "contrib/bonitoo-io/victorops"\ncsv.from(file: "${path}") ${condition}` +
    `|> victorops.endpoint(url: "${origin}/integrations/generic/20131114/alert/key/ops")(mapFn: (r) => ({messageType: "CRITICAL", ` +
    'entityID: r.host, entityDisplayName: r.host, stateMessage: "${r.host}: ${r._value}", timestamp: r._time, ' +
    'monitoringTool: "InfluxDB"}))() |> count(column: "_sent")'
  );
}

function deliveries(data: Data, rows: number): Case[] {
  const count = Math.min(20_000, rows);
  const few = Math.max(1, Math.floor(count / 100));
  const events = data.file("events", { rows: count, tables: Math.ceil(count / 10) });
  const some = data.file("some", { rows: few, tables: Math.ceil(few / 10) });
  const common = {
    group: "delivery",
    rows: count,
    posts: true,
    argv: ["--wait", "10m"],
    script: alertOn(events, data.origin),
  };
  return [
    { ...common, name: "20,000 events, outbox on", bar: 4 },
    {
      ...common,
      name: "20,000 events, 20 ms latency",
      bar: 50,
      latency: 20,
      peer: { script: alertOn(some, data.origin), rows: few },
    },
  ];
}

function starts(data: Data): Case[] {
  const small = data.file("small", { rows: 100, tables: 10 });
  const group = "start";
  const alert = {
    script: alertOn(small, data.origin, "|> filter(fn: (r) => r._value > 90.0) "),
    rows: 100,
    bar: 1 / 1.2,
    posts: true,
  };
  return [
    {
      group,
      name: "three lines",
      script: 'import "array"\nrows = [{a: 1, b: "x"}]\narray.from(rows: rows)',
      rows: 1,
      bar: 1 / 1.2,
    },
    {
      group,
      name: "alert script, 100 rows, new outbox",
      ...alert,
    },
    {
      group,
      name: "alert script, 100 rows, again",
      ...alert,
      again: true,
    },
  ];
}

function memory(data: Data, rows: number): Case[] {
  const path = data.file("plain10", { rows, tables: 100 });
  const from = `import "csv"\ncsv.from(file: "${path}")`;
  const group = "memory";
  const streams = { group, rows, memory: 200, slowPeer: true };
  return [
    { ...streams, name: "count", script: `${from} |> count()` },
    {
      ...streams,
      name: "map, filter, sum",
      script: `${from} |> map(fn: (r) => ({r with _value: r._value * 2.0})) |> filter(fn: (r) => r._value > 50.0) |> sum()`,
    },
    {
      ...streams,
      name: "difference, reduce",
      script: `${from} |> difference() |> reduce(identity: {n: 0}, fn: (r, accumulator) => ({n: accumulator.n + 1}))`,
    },
    {
      group,
      rows,
      name: "sort (holds its rows)",
      script: `${from} |> sort(columns: ["_value", "_time"]) |> limit(n: 10)`,
      slowPeer: true,
    },
    {
      group,
      rows,
      name: "group by host (holds its rows)",
      script: `${from} |> group(columns: ["host"]) |> sum()`,
      slowPeer: true,
    },
  ];
}

function frontEnd(rows: number): Case[] {
  return [Math.min(5000, rows), Math.min(20_000, rows * 4)].map((lines) => ({
    group: "front end",
    name: `check, ${lines} lines`,
    script: longScript(lines),
    rows: lines,
    command: "check",
    bar: 1 / 1.5,
  }));
}

/** How much faster than the number of rows the time may grow. */
const growthMost = 1.1;

/** The same script with a tenth of the rows, all rows, and ten times as many, in few tables and in many. */
function growth(data: Data, rows: number): Case[] {
  const group = "growth";
  const source = (name: string, shape: Shape): string =>
    `import "csv"\ncsv.from(file: "${data.file(name, shape)}")`;
  const sizes = [rows / 10, rows, rows * 10].map((size) => Math.ceil(size));
  const files = ["plain", "plain", "plain10"];
  const pipelines: readonly (readonly [string, string])[] = [
    ["count", "|> count()"],
    [
      "filter, map",
      "|> filter(fn: (r) => r._value > 50.0) |> map(fn: (r) => ({r with _value: r._value * 2.0})) |> sum()",
    ],
    [
      "aggregateWindow(mean)",
      `${day(rows * 10)} |> aggregateWindow(every: 1m, fn: mean) |> count()`,
    ],
    ["sort", '|> sort(columns: ["_value", "_time"]) |> limit(n: 10)'],
    ["group", '|> group(columns: ["host"]) |> sum()'],
  ];
  const grown = pipelines.flatMap(([name, pipeline]) =>
    sizes.map((size, i): Case => {
      const script = `${source(files[i], { rows: size, tables: 100 })} ${pipeline}`;
      const before =
        i === 2 ? { name: `${name}, ${sizes[1]} rows`, atMost: growthMost } : undefined;
      return {
        group,
        name: `${name}, ${size} rows`,
        script,
        rows: size,
        slowPeer: true,
        ...(before === undefined ? {} : { before }),
      };
    }),
  );
  const tables = [10, 1000, 100_000].map((count): Case => ({
    group,
    name: `mean, ${count} tables`,
    script: `${source(`tables${count}`, { rows, tables: Math.min(count, rows) })} |> mean() |> group() |> count()`,
    rows,
    slowPeer: true,
  }));
  return [...grown, ...tables];
}

/** Data of cases in the files of a folder, which are written before a script that names them runs. */
export class DataFolder implements Data {
  readonly origin: string;
  readonly #folder: string;
  readonly #shapes = new Map<string, Shape>();

  constructor(folder: string, origin: string) {
    this.#folder = folder;
    this.origin = origin;
  }
  file(name: string, shape: Shape): string {
    const path = join(this.#folder, `${name}-${shape.rows}.csv`);
    this.#shapes.set(path, shape);
    return path;
  }
  /** Makes the files that a script reads. */
  prepare(script: string): void {
    for (const [path, shape] of this.#shapes) if (script.includes(path)) writeCsv(path, shape);
  }
}
