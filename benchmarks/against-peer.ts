import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decodeCsvText } from "@tocsin/data/codec";
import { renderTables, ResultCollector } from "../conformance/render.ts";
import { root } from "../tools/tree.ts";
import { writeCsv } from "./data.ts";
import { type Cost, median, runProcess } from "./process.ts";

// Whole processes on the same input, Tocsin and upstream's `flux` in turn, answers checked to be equal.
// TOCSIN_PEER_FLUX names the peer; `--rows N` and `--rounds N` make it smaller.

interface Case {
  readonly name: string;
  readonly script: string;
  /** Extra arguments for Tocsin. */
  readonly argv?: readonly string[];
  /** Requests are compared instead of tables. */
  readonly posts?: boolean;
}

const peer = process.env["TOCSIN_PEER_FLUX"];
const rows = numberOf("--rows", 1_000_000);
const rounds = numberOf("--rounds", 3);
const folder = mkdtempSync(join(tmpdir(), "tocsin-benchmark-"));
const wide = join(folder, "wide.csv");
const many = join(folder, "many.csv");
const events = join(folder, "events.csv");

function numberOf(option: string, preset: number): number {
  const at = process.argv.indexOf(option);
  return at < 0 ? preset : Number(process.argv[at + 1]);
}

function cases(origin: string): Case[] {
  const from = (path: string): string => `import "csv"\ncsv.from(file: "${path}")`;
  const day = `|> range(start: 2026-01-01T00:00:00Z, stop: ${new Date(Date.UTC(2026, 0, 1) + rows * 100).toISOString()})`;
  const url = `${origin}/integrations/generic/20131114/alert/key/ops`;
  return [
    {
      name: "cold start, three lines",
      script: 'import "array"\nrows = [{a: 1, b: "x"}]\narray.from(rows: rows)',
    },
    { name: "count", script: `${from(wide)} |> count()` },
    {
      name: "filter |> aggregateWindow(mean)",
      script: `${from(wide)} ${day} |> filter(fn: (r) => r._value > 20.0) |> aggregateWindow(every: 1m, fn: mean) |> count()`,
    },
    {
      name: "map, arithmetic",
      script: `${from(wide)} |> map(fn: (r) => ({r with _value: r._value * 2.0 + 1.0})) |> sum()`,
    },
    {
      name: "map, interpolation",
      script: `${from(wide)} |> map(fn: (r) => ({r with text: "\${r.host} is \${r._value}"})) |> filter(fn: (r) => r.text != "") |> count()`,
    },
    {
      name: "pivot",
      script: `${from(wide)} |> group(columns: ["host"]) |> pivot(rowKey: ["_time"], columnKey: ["_field"], valueColumn: "_value") |> count(column: "f1")`,
    },
    { name: "100,000 tables: mean", script: `${from(many)} |> mean() |> group() |> count()` },
    {
      name: "20,000 events",
      posts: true,
      argv: ["--wait", "10m"],
      script: `import "contrib/bonitoo-io/victorops"\n${from(events)} |> victorops.endpoint(url: "${url}")(mapFn: (r) => ({messageType: "CRITICAL", entityID: r.host, entityDisplayName: r.host, stateMessage: "\${r.host}: \${r._value}", timestamp: r._time, monitoringTool: "InfluxDB"}))() |> count(column: "_sent")`,
    },
  ];
}

/** Takes events and keeps their bodies. */
async function receiver(): Promise<{ origin: string; take(): string[]; close(): void }> {
  let bodies: string[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => void chunks.push(chunk));
    request.on("end", () => {
      bodies.push(Buffer.concat(chunks).toString("utf8"));
      response
        .writeHead(200, { "Content-Type": "application/json" })
        .end('{"result":"success","entity_id":"x"}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const take = (): string[] => {
    const taken = bodies.sort();
    bodies = [];
    return taken;
  };
  return { origin: `http://127.0.0.1:${port}`, take, close: () => server.close() };
}

async function canonical(csv: string): Promise<string> {
  const collector = new ResultCollector();
  for (const piece of decodeCsvText(Buffer.from(csv)))
    if ("batch" in piece) collector.push("_result", piece.batch);
  return renderTables(collector.tables(), { sorted: true, digits: 12 });
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}

async function measure(one: Case, script: string, take: () => string[]): Promise<string> {
  const tocsin = join(root, "apps/tocsin/bin/tocsin");
  const costs: { ours: Cost[]; theirs: Cost[] } = { ours: [], theirs: [] };
  let equal = true;
  for (let round = 0; round < rounds; round++) {
    const data = join(folder, `data-${round}-${costs.ours.length}-${Math.random()}`);
    const ours = await runProcess(tocsin, [
      "run",
      "--output",
      "csv",
      "--data",
      data,
      ...(one.argv ?? []),
      script,
    ]);
    const sentByUs = take();
    costs.ours.push(ours);
    if (peer === undefined) continue;
    const theirs = await runProcess(peer, ["--format", "csv", script]);
    costs.theirs.push(theirs);
    const sentByThem = take();
    const same = one.posts === true ? sentByUs.join("\n") === sentByThem.join("\n") : true;
    equal &&= same && (await canonical(ours.output)) === (await canonical(theirs.output));
  }
  const wall = (list: readonly Cost[]): number =>
    median(list.map(({ milliseconds }) => milliseconds));
  const memory = (list: readonly Cost[]): string =>
    `${median(list.map(({ megabytes }) => megabytes)).toFixed(0)} MB`;
  const ours = wall(costs.ours);
  if (costs.theirs.length === 0)
    return row([one.name, `${ours.toFixed(0)} ms`, memory(costs.ours), "", "", "", ""]);
  const theirs = wall(costs.theirs);
  return row([
    one.name,
    `${ours.toFixed(0)} ms`,
    memory(costs.ours),
    `${theirs.toFixed(0)} ms`,
    memory(costs.theirs),
    `${(theirs / ours).toFixed(2)}×`,
    equal ? "equal" : "**differ**",
  ]);
}

writeCsv(wide, { rows, tables: 100 });
writeCsv(many, { rows, tables: Math.max(1, rows / 10) });
writeCsv(events, { rows: Math.min(20_000, rows), tables: 2000 });
const { origin, take, close } = await receiver();
console.log(`${rows} rows, median of ${rounds}; speed: how many times as fast as the peer\n`);
console.log(row(["case", "tocsin", "memory", "flux", "memory", "speed", "answers"]));
console.log(row(["---", "---", "---", "---", "---", "---", "---"]));
for (const one of cases(origin)) {
  const script = join(folder, "script.flux");
  writeFileSync(script, one.script);
  console.log(await measure(one, script, take));
}
close();
rmSync(folder, { recursive: true, force: true });
