import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { decodeCsvText } from "@tocsin/data/codec";
import { cellOf, indexOf, tableStart } from "@tocsin/data/column";
import { seeded } from "@tocsin/platform/host";
import { optionsOf } from "../tools/options.ts";
import { root } from "../tools/tree.ts";
import { type Cost, median, runProcess } from "./process.ts";

// Compares the embedded bucket with DuckDB itself, in alternating whole processes whose answers must be equal: writing
// line protocol with `read_csv` of the same points, and scans with the same query in SQL over that table. `--points N`, `--rounds N`, `--only TEXT`.

/** How to measure. */
interface BucketPlan {
  readonly points: number;
  readonly rounds: number;
  readonly only: string;
  readonly folder: string;
  /** Runs the command line of Tocsin. */
  readonly tocsin: (argv: readonly string[]) => Promise<Cost>;
}

export interface BucketOutcome {
  readonly name: string;
  readonly ours: readonly Cost[];
  readonly theirs: readonly Cost[];
  readonly equal: boolean;
}

const hosts = 100;
const start = 1_767_225_600;
const range = "range(start: 2026-01-01T00:00:00Z, stop: 2027-01-01T00:00:00Z)";

interface Question {
  readonly name: string;
  /** What follows the range. */
  readonly flux: string;
  readonly sql: readonly string[];
}

const by = (value: string, where = "TRUE"): readonly string[] => [
  `SELECT host, (${value})::DOUBLE FROM points WHERE ${where} GROUP BY host`,
];
/** The rows of all windows, in the way that Tocsin reads them from its store. */
const windows = (aggregate: string, seconds: number): readonly string[] => [
  "--count",
  `SELECT substr(host, 2)::INTEGER, w, v FROM (SELECT host, time // ${seconds}000000000 AS w, ${aggregate}(value) AS v
     FROM points GROUP BY host, w)`,
];

const questions: readonly Question[] = [
  { name: "count", flux: "count()", sql: by("count(*)") },
  { name: "mean", flux: "mean()", sql: by("avg(value)") },
  { name: "last", flux: "last()", sql: by("arg_max(value, time)") },
  { name: "first", flux: "first()", sql: by("arg_min(value, time)") },
  {
    name: "filter by value, count",
    flux: "filter(fn: (r) => r._value > 90.0) |> count()",
    sql: by("count(*)", "value > 90.0"),
  },
  {
    name: "filter by tag, sum",
    flux: 'filter(fn: (r) => r.host == "h7") |> sum()',
    sql: by("sum(value)", "host = 'h7'"),
  },
  {
    name: "aggregateWindow(1h, mean), pushed down",
    flux: "aggregateWindow(every: 1h, fn: mean, createEmpty: false) |> count()",
    sql: windows("avg", 3600),
  },
  {
    name: "aggregateWindow(1m, max), pushed down",
    flux: "aggregateWindow(every: 1m, fn: max, createEmpty: false) |> count()",
    sql: windows("max", 60),
  },
  {
    name: "all rows, map, sum",
    flux: "map(fn: (r) => ({r with _value: r._value * 1.0})) |> sum()",
    sql: ["--sum", "SELECT substr(host, 2)::INTEGER, time, value FROM points"],
  },
];

/** Queries whose answers differ when a point, a value or a time is wrong. */
const written: readonly (readonly [flux: string, sql: readonly string[]])[] = [
  ["count()", by("count(*)")],
  ["sum()", by("sum(value)")],
  [
    "map(fn: (r) => ({r with _value: r._value * float(v: int(v: r._time) / 1000000000 % 1000)})) |> sum()",
    by("sum(value * (time // 1000000000 % 1000))"),
  ],
];

/** How many points are written to the files at a time. */
const linesAtOnce = 50_000;

function makePoints(plan: BucketPlan): void {
  const random = seeded(7);
  const lines = openSync(join(plan.folder, "points.lp"), "w");
  const rows = openSync(join(plan.folder, "points.csv"), "w");
  writeSync(rows, "time,host,value\n");
  for (let from = 0; from < plan.points; from += linesAtOnce) {
    let [protocol, csv] = ["", ""];
    for (let i = from; i < Math.min(from + linesAtOnce, plan.points); i++) {
      const host = `h${i % hosts}`;
      const time = `${start + Math.floor(i / hosts) * 10}000000000`;
      const value = Math.round(random.next() * 10_000) / 100;
      protocol += `cpu,host=${host} usage=${value} ${time}\n`;
      csv += `${time},${host},${value}\n`;
    }
    writeSync(lines, protocol);
    writeSync(rows, csv);
  }
  closeSync(lines);
  closeSync(rows);
}

/** The value of each host. */
function answers(cost: Cost, ours: boolean): ReadonlyMap<string, number> {
  const lines = ours ? linesOf(cost.output) : cost.output.trim().split("\n");
  return new Map(
    lines.map((line) => {
      const [host, value] = line.split(" ");
      return [host, Number(value)];
    }),
  );
}

/** Whether both answers are equal except for the last digits: they add in different orders. */
function sameAnswers(ours: Cost, theirs: Cost): boolean {
  const [mine, other] = [answers(ours, true), answers(theirs, false)];
  return (
    mine.size === other.size &&
    [...mine].every(
      ([host, value]) => Math.abs(value - (other.get(host) ?? NaN)) <= 1e-9 * Math.abs(value),
    )
  );
}

function linesOf(csv: string): string[] {
  const lines: string[] = [];
  for (const piece of decodeCsvText(Buffer.from(csv))) {
    if (!("batch" in piece)) continue;
    const { batch } = piece;
    const [host, value] = ["host", "_value"].map((label) => indexOf(batch.schema, label));
    batch.tableEnds.forEach((end, table) => {
      for (let row = tableStart(batch, table); row < end; row++)
        lines.push(
          [host, value].map((at) => String(cellOf(batch.columns[at], row, table))).join(" "),
        );
    });
  }
  return lines;
}

/** Measures all cases of the plan; `tell` gets each outcome. */
export async function compareBuckets(
  plan: BucketPlan,
  tell: (outcome: BucketOutcome) => void,
): Promise<void> {
  mkdirSync(plan.folder, { recursive: true });
  makePoints(plan);
  const data = join(plan.folder, "data");
  const table = join(plan.folder, "points.duckdb");
  const duckdb = (...argv: readonly string[]): Promise<Cost> =>
    runProcess(process.execPath, [join(root, "benchmarks/duckdb.ts"), table, ...argv]);
  const csv = join(plan.folder, "points.csv");
  const asked = (flux: string): Promise<Cost> => {
    const script = `from(bucket: "b") |> ${range} |> ${flux}`;
    return plan.tocsin(["run", "--output", "csv", "--data", data, "-e", script]);
  };
  await measure(plan, tell, {
    name: "write line protocol (read_csv)",
    ours: () => {
      rmSync(data, { recursive: true, force: true });
      return plan.tocsin(["write", "--data", data, "-b", "b", join(plan.folder, "points.lp")]);
    },
    theirs: () => {
      rmSync(table, { force: true });
      return duckdb(`CREATE TABLE points AS SELECT * FROM read_csv('${csv}')`);
    },
    // Every point is read back, with its value and time.
    equal: async (ours, theirs) => {
      if (ours.code !== 0 || theirs.code !== 0) return false;
      for (const [flux, sql] of written)
        if (!sameAnswers(await asked(flux), await duckdb(...sql))) return false;
      return true;
    },
  });
  for (const { name, flux, sql } of questions) {
    if (!name.includes(plan.only)) continue;
    await measure(plan, tell, {
      name,
      ours: () => asked(flux),
      theirs: () => duckdb(...sql),
      equal: sameAnswers,
    });
  }
}

interface Measured {
  readonly name: string;
  readonly ours: () => Promise<Cost>;
  readonly theirs: () => Promise<Cost>;
  readonly equal: (ours: Cost, theirs: Cost) => boolean | Promise<boolean>;
}

async function measure(
  { rounds }: BucketPlan,
  tell: (outcome: BucketOutcome) => void,
  one: Measured,
): Promise<void> {
  const ours: Cost[] = [];
  const theirs: Cost[] = [];
  let equal = true;
  for (let round = 0; round < rounds; round++) {
    const [mine, other] = [await one.ours(), await one.theirs()];
    equal = (await one.equal(mine, other)) && equal;
    ours.push({ ...mine, output: "" });
    theirs.push({ ...other, output: "" });
  }
  tell({ name: one.name, ours, theirs, equal });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const options = optionsOf({ points: 1_000_000, rounds: 5, only: "" });
  const folder = mkdtempSync(join(tmpdir(), "tocsin-buckets-"));
  const plan: BucketPlan = {
    ...options,
    folder,
    tocsin: (argv) => runProcess(join(root, "apps/tocsin/bin/tocsin"), argv),
  };
  console.log(
    `${plan.points} points, median of ${plan.rounds}; ratio: time of Tocsin to DuckDB's\n`,
  );
  console.log(
    "| case | tocsin | CPU | memory | points/s | DuckDB | CPU | ratio | bar | CPU | answers |",
  );
  console.log("|---|---|---|---|---|---|---|---|---|---|---|");
  await compareBuckets(plan, ({ name, ours, theirs, equal }) => {
    const wall = (costs: readonly Cost[]): number => median(costs.map((one) => one.milliseconds));
    const cpu = (costs: readonly Cost[]): number =>
      median(costs.map((one) => one.cpuMilliseconds ?? 0));
    const mine = wall(ours);
    const space = median(ours.map(({ megabytes }) => megabytes)).toFixed(0);
    const cells = [name, `${mine.toFixed(0)} ms`, `${cpu(ours)} ms`, `${space} MB`];
    cells.push(`${(plan.points / mine / 1000).toFixed(1)}M`, `${wall(theirs).toFixed(0)} ms`);
    const ratio = mine / wall(theirs);
    const bar = name.startsWith("write") ? 2 : 1.5;
    cells.push(`${cpu(theirs)} ms`, ratio.toFixed(2));
    cells.push(`${bar} ${ratio <= bar ? "held" : "**missed**"}`);
    cells.push((cpu(ours) / cpu(theirs)).toFixed(2), equal ? "equal" : "**differ**");
    console.log(`| ${cells.join(" | ")} |`);
  });
  rmSync(folder, { recursive: true, force: true });
}
