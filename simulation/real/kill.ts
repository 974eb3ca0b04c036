import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { systemClock } from "@tocsin/adapters/host-node";
import { seeded } from "@tocsin/platform/host";
import { type Sandbox, startSandbox } from "../../apps/tocsin/src/sandbox.ts";
import { compare, type Comparison, type Line, lineOf } from "./ledger.ts";

/** What is killed, and how often. */
export interface KillOptions {
  /** Program and arguments; `{origin}`, `{data}` and `{run}` are filled in. */
  readonly command: readonly string[];
  readonly rounds: number;
  readonly seed: number;
  /** Kills in one round before the command may end by itself. Default 3. */
  readonly kills?: number;
  /** Of the stand-in, as `parseFault` reads them. */
  readonly faults?: readonly string[];
  readonly say?: (line: string) => void;
}

/** What a round came to. */
export interface Round extends Comparison {
  readonly emitted: number;
  /** How often the command was killed before it ended. */
  readonly killed: number;
  /** The exit code of the run that was left alone. */
  readonly exitCode: number;
}

/**
 * Runs the command once in peace to learn what it emits, then, for each round, kills it with
 * SIGKILL
 * at random moments, lets it end, and compares what arrived with what should have.
 */
export async function killRounds(options: KillOptions): Promise<Round[]> {
  const say = options.say ?? (() => undefined);
  const peace = await withSandbox([], 1, async (sandbox, data) => {
    const started = performance.now();
    const code = await run(options.command, { origin: sandbox.origin, data, run: "peace" });
    return { code, took: performance.now() - started, lines: linesOf(sandbox) };
  });
  if (peace.code !== 0 || peace.lines.length === 0) {
    throw new Error(`in peace it ends with ${peace.code} and sends ${peace.lines.length} events`);
  }
  say(`in peace: ${peace.lines.length} events in ${Math.round(peace.took)} ms`);
  const random = seeded(options.seed);
  const rounds: Round[] = [];
  for (let index = 0; index < options.rounds; index++) {
    const faultSeed = options.seed + index;
    const round = await withSandbox(options.faults ?? [], faultSeed, async (sandbox, data) => {
      const places = { origin: sandbox.origin, data, run: `round-${index}` };
      let killed = 0;
      for (let kill = 0; kill < (options.kills ?? 3); kill++) {
        const code = await run(options.command, places, random.next() * peace.took);
        if (code !== undefined) break;
        killed += 1;
      }
      const exitCode = (await run(options.command, places)) ?? -1;
      const compared = compare(peace.lines, linesOf(sandbox));
      return { ...compared, emitted: peace.lines.length, killed, exitCode };
    });
    say(roundLine(index, round));
    rounds.push(round);
  }
  return rounds;
}

/** Whether nothing was lost, invented or put out of order. */
export function holds(round: Round): boolean {
  const { lost, unexpected, disordered, exitCode } = round;
  return lost.length + unexpected.length + disordered.length === 0 && exitCode === 0;
}

function roundLine(index: number, round: Round): string {
  const { lost, unexpected, repeated, disordered, killed, exitCode } = round;
  return (
    `round ${index}: killed ${killed} times, exit ${exitCode}; lost ${lost.length}, unexpected ` +
    `${unexpected.length}, out of order ${disordered.length}, repeated ${repeated}`
  );
}

async function withSandbox<T>(
  faults: readonly string[],
  seed: number,
  body: (sandbox: Sandbox, data: string) => Promise<T>,
): Promise<T> {
  const data = mkdtempSync(join(tmpdir(), "tocsin-kill-"));
  const sandbox = await startSandbox({ clock: systemClock, faults, seed });
  try {
    return await body(sandbox, data);
  } finally {
    await sandbox.close();
    rmSync(data, { recursive: true, force: true });
  }
}

/** What On-Call processed, in its order: a fault that answers before processing does not count. */
function linesOf(sandbox: Sandbox): Line[] {
  return sandbox
    .requests()
    .filter((one) => !one.effect.startsWith("fault"))
    .map((one) => lineOf(one.body));
}

/** The exit code; undefined when it was killed after `killAfter` milliseconds. */
function run(
  command: readonly string[],
  places: Readonly<Record<string, string>>,
  killAfter?: number,
): Promise<number | undefined> {
  const [program, ...args] = command.map((word) =>
    word.replace(/\{(\w+)\}/g, (whole, name: string) => places[name] ?? whole),
  );
  return new Promise((resolve, reject) => {
    // A group of its own, so that a program behind a shell or npx is killed with it.
    const child = spawn(program, args, { detached: true, stdio: ["ignore", "ignore", "inherit"] });
    const kill = () => {
      if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
    };
    const timer = killAfter === undefined ? undefined : setTimeout(kill, killAfter);
    child.on("error", reject);
    child.on("exit", (code, signal) => {
      clearTimeout(timer);
      resolve(signal === "SIGKILL" ? undefined : (code ?? -1));
    });
  });
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      rounds: { type: "string", default: "20" },
      kills: { type: "string", default: "3" },
      seed: { type: "string", default: String(Date.now() % 1_000_000) },
      fault: { type: "string", multiple: true, default: [] },
    },
  });
  const say = (line: string) => console.log(line);
  if (positionals.length === 0) {
    say(
      "usage: node simulation/real/kill.ts [--rounds N] [--kills N] [--seed N] [--fault F]… -- \\",
    );
    say("  tocsin run --data {data} --deliver-to {origin} --run-id {run} alert.flux");
    process.exitCode = 2;
    return;
  }
  say(`seed ${values.seed}`);
  const rounds = await killRounds({
    command: positionals,
    rounds: Number(values.rounds),
    kills: Number(values.kills),
    seed: Number(values.seed),
    faults: values.fault,
    say,
  });
  const broken = rounds.filter((round) => !holds(round)).length;
  say(broken === 0 ? "every round holds" : `${broken} of ${rounds.length} rounds are broken`);
  process.exitCode = broken === 0 ? 0 : 1;
}

if (import.meta.main) await main();
