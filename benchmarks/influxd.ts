import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { pathToFileURL } from "node:url";
import { seeded } from "@tocsin/platform/host";
import { optionsOf } from "../tools/options.ts";
import { type Peer, startPeer } from "../conformance/influxd/peer.ts";
import { root } from "../tools/tree.ts";
import { canonical } from "./answers.ts";
import { influxdCases, type InfluxdCase } from "./influxd-cases.ts";
import { type Cost, median, runProcess } from "./process.ts";
import { runWarm } from "./warm.ts";

// Compares the embedded bucket with an InfluxDB 2 server that has the same points. The warm server is queried over
// HTTP; Tocsin runs as a whole process, and repeatedly in one process. Both alternate, and their answers must be equal. TOCSIN_PEER_INFLUXD names the server; `--points N`, `--rounds N`,
// `--only TEXT`, `--alone` leaves the server out.

/** How to measure. */
interface InfluxdPlan {
  readonly points: number;
  readonly rounds: number;
  readonly only: string;
  /** The server's executable. Undefined: nobody to compare with. */
  readonly influxd: string | undefined;
  readonly folder: string;
  /** Runs the command line of Tocsin. */
  readonly tocsin: (argv: readonly string[]) => Promise<Cost>;
}

/** The outcome of a case: milliseconds of each round. */
export interface InfluxdOutcome {
  readonly one: InfluxdCase;
  /** A whole process. */
  readonly cold: readonly Cost[];
  /** The same script in one process; empty where there is no script. */
  readonly warm: readonly number[];
  readonly theirs: readonly number[];
  /** Undefined when there was nobody to compare with. */
  readonly equal: boolean | undefined;
}

const bucket = "points";
const hosts = 100;
const regions = ["eu", "us", "ap"];
const start = Date.UTC(2026, 0, 1) / 1000;

/** Points per request, and requests under way, with which InfluxDB takes points fastest. */
const request = { lines: 10_000, atOnce: 2 };

/** One measurement of a float in 100 series, and one of three fields whose points are a twentieth. */
function* pointLines(points: number): Generator<string> {
  const random = seeded(11);
  for (let i = 0; i < points; i++) {
    const host = i % hosts;
    const time = start + Math.floor(i / hosts) * 10;
    const region = regions[host % regions.length];
    const value = Math.round(random.next() * 10_000) / 100;
    yield `cpu,host=h${host},region=${region} usage=${value} ${time}000000000`;
    if (i % 20 !== 0) continue;
    const state = value > 90 ? "crit" : "ok";
    yield `disk,host=h${host} free=${value},used=${Math.floor(value * 1e6)}i,state="${state}" ${time}000000000`;
  }
}

/** Writes the points to a file, and returns them as bodies of requests. */
function makePoints(path: string, points: number): string[] {
  const bodies: string[] = [];
  let lines: string[] = [];
  const file = openSync(path, "w");
  const flush = (): void => {
    const body = `${lines.join("\n")}\n`;
    writeSync(file, body);
    bodies.push(body);
    lines = [];
  };
  for (const line of pointLines(points)) if (lines.push(line) === request.lines) flush();
  if (lines.length > 0) flush();
  closeSync(file);
  return bodies;
}

async function writeAll(peer: Peer, bodies: readonly string[]): Promise<void> {
  let next = 0;
  const writer = async (): Promise<void> => {
    while (next < bodies.length) await peer.write(bodies[next++]);
  };
  await Promise.all(Array.from({ length: request.atOnce }, writer));
}

/** Starts a fresh server for each round, so that it writes into an empty bucket, as Tocsin does. */
async function measureIngest(
  plan: InfluxdPlan,
  bodies: readonly string[],
  data: string,
): Promise<{ outcome: Omit<InfluxdOutcome, "equal">; peer: Peer | undefined }> {
  const cold: Cost[] = [];
  const theirs: number[] = [];
  let peer: Peer | undefined;
  for (let round = 0; round < plan.rounds; round++) {
    rmSync(data, { recursive: true, force: true });
    const argv = ["write", "--data", data, "-b", bucket, join(plan.folder, "points.lp")];
    cold.push(await plan.tocsin(argv));
    if (plan.influxd === undefined) continue;
    await peer?.stop();
    peer = await startPeer(plan.influxd, join(plan.folder, `peer-${round}`), bucket);
    const began = performance.now();
    await writeAll(peer, bodies);
    theirs.push(performance.now() - began);
  }
  const one = { name: "ingest of line protocol", flux: "", bars: { cold: 3 } };
  return { outcome: { one, cold, warm: [], theirs }, peer };
}

async function measure(
  plan: InfluxdPlan,
  one: InfluxdCase,
  data: string,
  peer: Peer | undefined,
): Promise<InfluxdOutcome> {
  const cold: Cost[] = [];
  const warm: number[] = [];
  const theirs: number[] = [];
  let equal: boolean | undefined;
  // The server and the program in one process have seen each script before.
  await runWarm(one.flux, data);
  await peer?.query(one.flux);
  for (let round = 0; round < plan.rounds; round++) {
    const cost = await plan.tocsin(["run", "--output", "csv", "--data", data, "-e", one.flux]);
    cold.push({ ...cost, output: "" });
    warm.push(await runWarm(one.flux, data));
    if (peer === undefined) continue;
    const began = performance.now();
    const answer = await peer.query(one.flux);
    theirs.push(performance.now() - began);
    const same = canonical(cost.output) === canonical(Buffer.from(answer).toString("utf8"));
    equal = (equal ?? true) && same;
  }
  return { one, cold, warm, theirs, equal };
}

/** Measures all cases of the plan; `tell` gets each outcome. */
export async function compareWithInfluxd(
  plan: InfluxdPlan,
  tell: (outcome: InfluxdOutcome) => void,
): Promise<void> {
  mkdirSync(plan.folder, { recursive: true });
  const data = join(plan.folder, "data");
  const bodies = makePoints(join(plan.folder, "points.lp"), plan.points);
  const { outcome, peer } = await measureIngest(plan, bodies, data);
  try {
    const cases = influxdCases(bucket, start, plan.points / hosts);
    // All other cases read what this one wrote.
    const count = await measure({ ...plan, rounds: 1 }, cases[0], data, peer);
    tell({ ...outcome, equal: count.equal });
    for (const one of cases)
      if (one.name.includes(plan.only)) tell(await measure(plan, one, data, peer));
  } finally {
    await peer?.stop();
  }
}

function verdictOf(ratio: number, bar: number | undefined): string {
  if (bar === undefined) return "";
  return `${Number(bar.toFixed(2))}× ${ratio >= bar ? "held" : "**missed**"}`;
}

function cellsOf({ one, cold, warm, theirs, equal }: InfluxdOutcome): string[] {
  const mine = median(cold.map(({ milliseconds }) => milliseconds));
  const cpu = median(cold.map(({ cpuMilliseconds }) => cpuMilliseconds ?? 0));
  const space = median(cold.map(({ megabytes }) => megabytes));
  const again = warm.length === 0 ? undefined : median(warm);
  const cells = [one.name, `${mine.toFixed(0)} ms`, `${cpu} ms`, `${space.toFixed(0)} MB`];
  cells.push(again === undefined ? "" : `${again.toFixed(0)} ms`);
  if (theirs.length === 0) return [...cells, "", "", "", "", "", ""];
  const other = median(theirs);
  cells.push(`${other.toFixed(0)} ms`, `${(other / mine).toFixed(2)}×`);
  cells.push(verdictOf(other / mine, one.bars.cold));
  cells.push(again === undefined ? "" : `${(other / again).toFixed(2)}×`);
  cells.push(again === undefined ? "" : verdictOf(other / again, one.bars.warm));
  return [...cells, equal === true ? "equal" : "**differ**"];
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const influxd = process.env["TOCSIN_PEER_INFLUXD"];
  const { alone, ...size } = optionsOf({ points: 1_000_000, rounds: 5, only: "", alone: false });
  if (influxd === undefined && !alone) {
    console.log("skipped: TOCSIN_PEER_INFLUXD does not name an influxd");
    process.exit(0);
  }
  const folder = mkdtempSync(join(tmpdir(), "tocsin-influxd-"));
  const plan: InfluxdPlan = {
    ...size,
    influxd: alone ? undefined : influxd,
    folder,
    tocsin: (argv) => runProcess(join(root, "apps/tocsin/bin/tocsin"), argv),
  };
  console.log(`${plan.points} points, median of ${plan.rounds}; speed: how many times as fast\n`);
  console.log(
    "| case | process | CPU | memory | again | influxd | speed | bar | speed again | bar | answers |",
  );
  console.log("|---|---|---|---|---|---|---|---|---|---|---|");
  await compareWithInfluxd(plan, (outcome) => console.log(`| ${cellsOf(outcome).join(" | ")} |`));
  rmSync(folder, { recursive: true, force: true });
}
