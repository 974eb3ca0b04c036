import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { systemClock } from "@tocsin/adapters/host-node";
import { type Random, seeded } from "@tocsin/platform/host";
import { type Sandbox, startSandbox } from "../../apps/tocsin/src/sandbox.ts";
import { compare, type Comparison, type Line, lineOf } from "./ledger.ts";

/** What is killed, and how often. */
export interface KillOptions {
  /** Program and arguments; `{origin}`, `{data}` and `{run}` are filled in. */
  readonly command: readonly string[];
  /** Run after the last one, as a person would to empty the queue. */
  readonly after?: readonly string[];
  /** Run after each kill, before the command is repeated; every other time it is killed, too. */
  readonly between?: readonly string[];
  /** Prints the outbox as JSON (`outbox list --output json`), to tell why events arrived twice. */
  readonly listing?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
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
  /** How often the command was killed before it ended, and how often what came between. */
  readonly killed: number;
  readonly killedBetween: number;
  /** The exit code of the run that was left alone, and of what is run after it. */
  readonly exitCode: number;
  /** Attempts after an event's first, as the outbox counts them: a kill took the answer away. */
  readonly repeats?: number;
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
    const places = { origin: sandbox.origin, data, run: "peace" };
    const { code } = await run(options.command, places, options);
    const took = performance.now() - started;
    const [first] = sandbox.requests();
    const sends = first === undefined ? 0 : Date.parse(first.at) - performance.timeOrigin - started;
    return { code, took, sends, lines: linesOf(sandbox) };
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
      let killedBetween = 0;
      for (let kill = 0; kill < (options.kills ?? 3); kill++) {
        const { code } = await run(options.command, places, {
          ...options,
          killAfter: momentOf(random, peace),
        });
        if (code !== undefined) break;
        killed += 1;
        if (options.between === undefined) continue;
        const alone = random.next() < 0.5;
        const killAfter = alone ? undefined : random.next() * peace.sends * 1.5;
        const ended = await run(options.between, places, {
          ...options,
          ...(killAfter === undefined ? {} : { killAfter }),
        });
        if (ended.code === undefined) killedBetween += 1;
      }
      const ends = [(await run(options.command, places, options)).code];
      if (options.after !== undefined) ends.push((await run(options.after, places, options)).code);
      const exitCode = ends.find((code) => code !== 0) ?? 0;
      const repeats = await repeatsOf(options, places);
      const compared = compare(peace.lines, linesOf(sandbox));
      const round = { ...compared, emitted: peace.lines.length, killed, killedBetween, exitCode };
      return repeats === undefined ? round : { ...round, repeats };
    });
    say(roundLine(index, round));
    rounds.push(round);
  }
  return rounds;
}

/** A moment to kill at, in milliseconds: three times of four while it sends, else while it starts. */
function momentOf(
  random: Random,
  peace: { readonly sends: number; readonly took: number },
): number {
  if (random.next() < 0.25) return random.next() * peace.sends;
  return peace.sends + random.next() * (peace.took - peace.sends);
}

async function repeatsOf(
  options: KillOptions,
  places: Readonly<Record<string, string>>,
): Promise<number | undefined> {
  if (options.listing === undefined) return undefined;
  const { out } = await run(options.listing, places, options);
  const items: readonly { readonly attempts: number }[] = JSON.parse(out);
  return items.reduce((sum, { attempts }) => sum + attempts - 1, 0);
}

/** Whether nothing was lost, invented or put out of order. */
export function holds(round: Round): boolean {
  const { lost, unexpected, disordered, exitCode, repeated, repeats } = round;
  const explained = repeats === undefined || repeated <= repeats;
  return lost.length + unexpected.length + disordered.length === 0 && exitCode === 0 && explained;
}

function roundLine(index: number, round: Round): string {
  const { lost, unexpected, repeated, disordered, killed, exitCode, repeats } = round;
  return (
    `round ${index}: killed ${killed} times (${round.killedBetween} times between), exit ${exitCode}; lost ${lost.length}, unexpected ` +
    `${unexpected.length}, out of order ${disordered.length}, repeated ${repeated}` +
    (repeats === undefined ? "" : ` of ${repeats} attempts whose answer a kill took away`)
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

/** Exit code and output; no code when it was killed after `killAfter` milliseconds. */
function run(
  command: readonly string[],
  places: Readonly<Record<string, string>>,
  how: { readonly killAfter?: number; readonly environment?: Readonly<Record<string, string>> },
): Promise<{ readonly code?: number; readonly out: string }> {
  const { killAfter } = how;
  const [program, ...args] = command.map((word) =>
    word.replace(/\{(\w+)\}/g, (whole, name: string) => places[name] ?? whole),
  );
  return new Promise((resolve, reject) => {
    // A group of its own, so that a program behind a shell or npx is killed with it.
    const child = spawn(program, args, {
      detached: true,
      stdio: ["ignore", "pipe", "inherit"],
      env: { ...process.env, ...how.environment },
    });
    let out = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (out += text));
    const kill = () => {
      if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
    };
    const timer = killAfter === undefined ? undefined : setTimeout(kill, killAfter);
    child.on("error", reject);
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      resolve(signal === "SIGKILL" ? { out } : { code: code ?? -1, out });
    });
  });
}

/** The command line, its queue's daemon and its listing, to be killed with the script beside this file. */
export function tocsin(
  program: readonly string[],
): Pick<KillOptions, "command" | "between" | "after" | "listing" | "environment"> {
  const script = fileURLToPath(new URL("pages.flux", import.meta.url));
  const data = ["--data", "{data}"];
  const run = ["run", "--run-id", "{run}", "--deliver-to", "{origin}", "--output", "none"];
  return {
    command: [...program, ...run, ...data, script],
    between: [...program, "outbox", "send", ...data],
    after: [...program, "outbox", "send", ...data],
    listing: [...program, "outbox", "list", "--output", "json", ...data],
    environment: { VICTOROPS_API_KEY: "simulation" },
  };
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      rounds: { type: "string", default: "20" },
      kills: { type: "string", default: "1" },
      seed: { type: "string", default: String(Date.now() % 1_000_000) },
      fault: { type: "string", multiple: true, default: [] },
    },
  });
  const say = (line: string) => console.log(line);
  if (positionals.length === 0) {
    say("Kills a command line at random moments while it sends 500 events; compares what arrived.");
    say(
      "usage: node simulation/real/kill.ts [--rounds N] [--kills N] [--seed N] [--fault F]… -- PROGRAM",
    );
    say("PROGRAM: apps/tocsin/bin/tocsin, or node apps/tocsin/src/tocsin.ts");
    process.exitCode = 2;
    return;
  }
  say(`seed ${values.seed}`);
  const rounds = await killRounds({
    ...tocsin(positionals),
    rounds: Number(values.rounds),
    kills: Number(values.kills),
    seed: Number(values.seed),
    faults: values.fault,
    say,
  });
  const broken = rounds.filter((round) => !holds(round)).length;
  const sum = (of: (round: Round) => number): number =>
    rounds.reduce((total, round) => total + of(round), 0);
  say(
    `${sum((one) => one.killed)} kills (${sum((one) => one.killedBetween)} of what ran between); of ${sum((one) => one.emitted)} events ` +
      `${sum((one) => one.lost.length)} lost, ${sum((one) => one.repeated)} arrived twice ` +
      `(${sum((one) => one.repeats ?? 0)} attempts lost their answer to a kill)`,
  );
  say(broken === 0 ? "every round holds" : `${broken} of ${rounds.length} rounds are broken`);
  process.exitCode = broken === 0 ? 0 : 1;
}

if (import.meta.main) await main();
