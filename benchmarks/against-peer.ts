import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { optionsOf } from "../tools/options.ts";
import { root } from "../tools/tree.ts";
import { canonical } from "./answers.ts";
import { type Case, cases, DataFolder } from "./cases.ts";
import { type Cost, median, runProcess } from "./process.ts";
import { type Receiver, startReceiver } from "./receiver.ts";

// Compares Tocsin with upstream's `flux`, in alternating whole processes on the same input, whose answers must be equal.
// TOCSIN_PEER_FLUX names the peer; `--rows N` and `--rounds N` set the size, `--only TEXT` selects the cases whose group or
// name contains the text, `--alone` leaves the peer out, `--folder DIR` keeps the data, `--json FILE` writes the figures.

/** How to measure. */
interface Plan {
  readonly rows: number;
  readonly rounds: number;
  readonly only: string;
  /** Undefined: nobody to compare with. */
  readonly peer: string | undefined;
  readonly folder: string;
  /** Runs the command line of Tocsin. */
  readonly tocsin: (argv: readonly string[]) => Promise<Cost>;
}

/** The outcome of one case. */
export interface Outcome {
  readonly one: Case;
  readonly ours: readonly Cost[];
  readonly theirs: readonly Cost[];
  /** Undefined when there was nobody to compare with. */
  readonly equal: boolean | undefined;
}

/** A run of the peer that takes longer is not repeated as often as ours. Milliseconds. */
const peerPatience = 20_000;

interface Bench {
  readonly plan: Plan;
  readonly data: DataFolder;
  readonly receiver: Receiver;
}

async function runOurs({ plan, data, receiver }: Bench, one: Case, round: number): Promise<Cost> {
  data.prepare(one.script);
  receiver.latency = one.latency ?? 0;
  const script = join(plan.folder, "script.flux");
  writeFileSync(script, one.script);
  const outbox = join(plan.folder, one.again === true ? "outbox" : `outbox-${round}`);
  const argv =
    one.command === "check"
      ? ["check", script]
      : ["run", "--output", "csv", "--data", outbox, ...(one.argv ?? []), script];
  const cost = await plan.tocsin(argv);
  if (one.again !== true) rmSync(outbox, { recursive: true, force: true });
  return cost;
}

async function runPeer({ plan, data }: Bench, one: Case, peer: string): Promise<Cost> {
  const text = one.peer?.script ?? one.script;
  data.prepare(text);
  const script = join(plan.folder, "peer.flux");
  writeFileSync(script, text);
  const cost = await runProcess(peer, ["--format", "csv", script]);
  const factor = one.peer === undefined ? 1 : one.rows / one.peer.rows;
  return { ...cost, milliseconds: cost.milliseconds * factor };
}

/** Measures one case, both sides alternating. */
async function measure(bench: Bench, one: Case): Promise<Outcome> {
  const { rounds, peer } = bench.plan;
  const ours: Cost[] = [];
  const theirs: Cost[] = [];
  let equal: boolean | undefined;
  for (let round = 0; round < rounds; round++) {
    const cost = await runOurs(bench, one, round);
    const sent = bench.receiver.take();
    ours.push({ ...cost, output: "" });
    if (peer === undefined) continue;
    if (round > 0 && (one.slowPeer === true || theirs[0].milliseconds > peerPatience)) continue;
    const other = await runPeer(bench, one, peer);
    const sentByPeer = bench.receiver.take();
    theirs.push({ ...other, output: "" });
    equal = (equal ?? true) && agree(one, [cost, sent], [other, sentByPeer]);
  }
  return { one, ours, theirs, equal };
}

function agree(one: Case, ours: [Cost, string[]], theirs: [Cost, string[]]): boolean {
  if (one.command === "check") return ours[0].code === 0;
  if (ours[0].code !== 0) return false;
  if (one.peer !== undefined) return true;
  if (one.posts === true && ours[1].join("\n") !== theirs[1].join("\n")) return false;
  return canonical(ours[0].output) === canonical(theirs[0].output);
}

/** Runs all cases of the plan; `tell` gets each outcome. */
export async function compare(plan: Plan, tell: (outcome: Outcome) => void): Promise<void> {
  mkdirSync(plan.folder, { recursive: true });
  const receiver = await startReceiver();
  const data = new DataFolder(plan.folder, receiver.origin);
  try {
    for (const one of cases(data, plan.rows))
      if (`${one.group}: ${one.name}`.includes(plan.only))
        tell(await measure({ plan, data, receiver }, one));
  } finally {
    receiver.close();
  }
}

const columns = [
  "class",
  "case",
  "tocsin",
  "spread",
  "CPU",
  "memory",
  "rows/s",
  "flux",
  "CPU",
  "memory",
  "speed",
  "bar",
  "answers",
];

const wall = (costs: readonly Cost[]): number =>
  median(costs.map(({ milliseconds }) => milliseconds));
const cpu = (costs: readonly Cost[]): string =>
  `${median(costs.map(({ cpuMilliseconds }) => cpuMilliseconds ?? 0)).toFixed(0)} ms`;
const space = (costs: readonly Cost[]): number => median(costs.map(({ megabytes }) => megabytes));

/** The time per row, as a multiple of that in the case to which a case refers. */
function growthOf({ one, ours }: Outcome, earlier: readonly Outcome[]): number | undefined {
  const before = earlier.find((outcome) => outcome.one.name === one.before?.name);
  if (before === undefined) return undefined;
  return wall(ours) / one.rows / (wall(before.ours) / before.one.rows);
}

function cellsOf(outcome: Outcome, earlier: readonly Outcome[]): string[] {
  const { one, ours, theirs, equal } = outcome;
  const times = ours.map(({ milliseconds }) => milliseconds);
  const mine = wall(ours);
  const spread = `${Math.min(...times).toFixed(0)}–${Math.max(...times).toFixed(0)}`;
  const cells = [one.group, one.name, `${mine.toFixed(0)} ms`, spread, cpu(ours)];
  cells.push(`${space(ours).toFixed(0)} MB`, `${(one.rows / mine / 1000).toFixed(2)}M`);
  const growth = growthOf(outcome, earlier);
  const growthBar = growth === undefined ? "" : `${growth.toFixed(2)} ≤ ${one.before?.atMost}`;
  const memoryBar = one.memory === undefined ? "" : `≤ ${one.memory} MB`;
  const speedBar = one.bar === undefined ? "" : `${Number(one.bar.toFixed(2))}×`;
  const bar = `${speedBar}${memoryBar}${growthBar}`;
  const limits =
    (one.memory === undefined || space(ours) <= one.memory) &&
    (growth === undefined || growth <= (one.before?.atMost ?? Infinity));
  if (theirs.length === 0) {
    const failed = ours.some(({ code }) => code !== 0) ? "**failed**" : "";
    return [...cells, "", "", "", "", `${bar}${limits ? "" : " **missed**"}`, failed];
  }
  const their = wall(theirs);
  const met = limits && (one.bar === undefined || their / mine >= one.bar);
  cells.push(`${their.toFixed(0)} ms`, cpu(theirs), `${space(theirs).toFixed(0)} MB`);
  cells.push(
    `${(their / mine).toFixed(2)}×`,
    `${bar}${met ? (bar === "" ? "" : " held") : " **missed**"}`,
  );
  return [...cells, equal === true ? "equal" : "**differ**"];
}

const row = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;

function figuresOf({ one, ours, theirs, equal }: Outcome): object {
  const brief = ({ milliseconds, cpuMilliseconds, megabytes, code }: Cost): object => ({
    milliseconds,
    cpuMilliseconds,
    megabytes,
    code,
  });
  const { group, name, rows, bar } = one;
  return { group, name, rows, bar, ours: ours.map(brief), theirs: theirs.map(brief), equal };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const defaults = { rows: 1_000_000, rounds: 5, only: "", folder: "", json: "", alone: false };
  const { folder: kept, json, alone, ...size } = optionsOf(defaults);
  const plan: Plan = {
    ...size,
    peer: alone ? undefined : process.env["TOCSIN_PEER_FLUX"],
    folder: kept === "" ? mkdtempSync(join(tmpdir(), "tocsin-benchmark-")) : kept,
    tocsin: (argv) => runProcess(join(root, "apps/tocsin/bin/tocsin"), argv),
  };
  const [{ model }] = cpus();
  console.log(`${plan.rows} rows, median of ${plan.rounds}, ${cpus().length} × ${model}`);
  console.log("speed: how many times as fast as the peer, whole processes");
  const bare: number[] = [];
  for (let round = 0; round < plan.rounds; round++)
    bare.push((await runProcess(process.execPath, ["-e", "0"])).milliseconds);
  console.log(`Node alone, started and ended: ${median(bare).toFixed(0)} ms\n`);
  console.log(row(columns));
  console.log(row(columns.map(() => "---")));
  const outcomes: Outcome[] = [];
  await compare(plan, (outcome) => {
    console.log(row(cellsOf(outcome, outcomes)));
    for (const { complaint, code } of outcome.ours.slice(0, 1))
      if (code !== 0) console.error(complaint);
    outcomes.push(outcome);
  });
  if (json !== "") writeFileSync(json, JSON.stringify(outcomes.map(figuresOf), null, 2));
  if (kept === "") rmSync(plan.folder, { recursive: true, force: true });
}
