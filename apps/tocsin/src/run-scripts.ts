import { basename } from "node:path";
import {
  type Masker,
  recordingDeliveries,
  type RecordingDeliveries,
} from "@tocsin/alerting/oncall";
import { FluxError } from "@tocsin/data/value";
import type { Buckets } from "@tocsin/engine/plan";
import {
  compileScript,
  type Profiler,
  refusals,
  type RunReport,
  runProgram,
} from "@tocsin/library/runtime";
import { standardLibrary } from "@tocsin/library/stdlib";
import type { Host } from "@tocsin/platform/host";
import { nodeHost, systemClock } from "@tocsin/adapters/host-node";
import type { Telemetry } from "@tocsin/adapters/telemetry";
import type { Work } from "@tocsin/alerting/delivery";
import { type Streams, UsageError } from "./command.ts";
import { definitionsOf } from "./definitions.ts";
import type { DryRun } from "./dry-run.ts";
import { type FinishedRun, RunGate } from "./gate.ts";
import { interruptible, letGo } from "./interruptible.ts";
import { type Interruption, interruption } from "./interruption.ts";
import { LateBuckets } from "./late-buckets.ts";
import { lateDatabases } from "./late-databases.ts";
import { type OutputFormat, type ResultWriter, resultWriter } from "./results.ts";
import { deliveryLines, reportLines, sendCommand } from "./run-messages.ts";
import type { Profiles } from "./profile.ts";
import type { RunSummaries } from "./run-summary.ts";
import type { WatchSettings } from "./watch.ts";
import type { Script } from "./scripts.ts";
import type { Expected, Explained } from "./silence.ts";
import { errorOf, telemetryOf } from "./telemetry.ts";
import { warningsTo } from "./warnings.ts";
import { withoutKeys } from "./without-keys.ts";

/** How `tocsin run` was called. Durations in milliseconds. */
export interface RunSettings {
  readonly streams: Streams;
  readonly format: OutputFormat;
  readonly now: bigint | undefined;
  readonly dryRun: boolean;
  readonly deliverTo: string | undefined;
  readonly buckets: ReadonlyMap<string, string>;
  readonly folder: string;
  readonly secrets: string | undefined;
  readonly definitions: ReadonlyMap<string, string>;
  readonly runId: string | undefined;
  readonly wait: number;
  readonly timeout: number | undefined;
  /** Bytes that the process may take. */
  readonly memory: number;
  /** Whether to tell what each step of the plan took. */
  readonly profile: boolean;
  /** File for that as a trace that browsers open. */
  readonly trace: string | undefined;
  readonly supersede: boolean;
  /** What watches over the deliveries; undefined: nothing. */
  readonly watch: WatchSettings | undefined;
  readonly masker: Masker;
  /** What the run must make, or it has failed. */
  readonly expect: Expected | undefined;
  /** File for the summary of the runs as JSON. */
  readonly summary: string | undefined;
}

/** Scripts that are run with the same settings. */
interface RunGroup {
  readonly scripts: readonly Script[];
  readonly settings: RunSettings;
}

/**
 * Runs scripts one after the other; gives the worst exit code: 2 before 1 before 3. Groups differ in what
 * the configuration of their folders says; what the command line says is the same in all.
 */
export async function runScripts(groups: readonly RunGroup[]): Promise<number> {
  const [{ settings }] = groups;
  const shared = await newShared(settings);
  const { writer, dry, summaries } = shared;
  let worst = 0;
  try {
    for (const group of groups) {
      const code = await runGroup(group, shared);
      worst = stopped(code) ? code : worse(worst, code);
      if (stopped(code)) break;
    }
    await writer.end();
    if (stopped(worst)) return worst;
    dry?.end();
    await shared.profiles?.write(settings.trace);
    if (settings.summary !== undefined) await summaries?.write(settings.summary, settings);
  } finally {
    await (await shared.sandbox)?.close();
    await shared.telemetry?.close();
    if (worst !== 0) for (const line of shared.held) settings.streams.err.write(line);
  }
  return worst;
}

/** After a signal the scripts that are left do not run. */
const stopped = (code: number): boolean => code === 130 || code === 143;

async function runGroup({ scripts, settings }: RunGroup, shared: Shared): Promise<number> {
  const host = nodeHost({
    environment: settings.streams.env,
    memory: settings.memory,
    log: warningsTo(settings.streams.err),
    ...(settings.secrets === undefined ? {} : { secrets: settings.secrets }),
  });
  await usable(host, settings);
  if (settings.deliverTo === "sandbox" && !settings.dryRun)
    shared.sandbox ??= startSandbox(settings, shared.held);
  const deliverTo =
    settings.deliverTo === "sandbox" ? (await shared.sandbox)?.origin : settings.deliverTo;
  const buckets = new LateBuckets(() => bucketsOf(settings, host));
  const databases = lateDatabases({ readOnly: settings.dryRun });
  let worst = 0;
  try {
    for (const script of scripts) {
      const world = { ...shared, host: { ...host, databases }, buckets };
      const code = await runFollowed(script, { ...settings, deliverTo }, world);
      if (stopped(code)) return code;
      worst = worse(worst, code);
    }
  } finally {
    await host.close();
  }
  return worst;
}

async function bucketsOf(settings: RunSettings, host: Host): Promise<Buckets> {
  const { openBuckets, OverlayBuckets } = await import("@tocsin/adapters/buckets");
  const real = openBuckets({
    dataDir: settings.folder,
    named: Object.fromEntries(settings.buckets),
    host,
    env: settings.streams.env,
    memory: settings.memory,
  });
  // What a dry run writes is seen by its own reads, and by nobody else.
  return settings.dryRun ? new OverlayBuckets(real) : real;
}

/** 2 before 1 before 3; 0 is best. */
function worse(a: number, b: number): number {
  const order = [0, 3, 1, 2];
  return order.indexOf(a) >= order.indexOf(b) ? a : b;
}

/** A place of secrets that cannot be read is said at once, also when this run would need none. */
async function usable(host: Host, { secrets }: RunSettings): Promise<void> {
  if (secrets === undefined) return;
  try {
    await host.secrets.get("");
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

/**
 * The timeline belongs to what people read (tables, or nothing else), never into data for machines:
 * there it goes to a terminal, or into `held`, which is shown when the run does not end well.
 */
async function startSandbox(
  settings: RunSettings,
  held: string[],
): Promise<{ origin: string; close(): Promise<void> }> {
  const { startSandbox: start } = await import("./sandbox.ts");
  const { streams, format, masker } = settings;
  const forPeople = format === "table" || format === "none";
  const show = (line: string): void => {
    if (forPeople) streams.out.write(line);
    else if (streams.err.isTTY === true) streams.err.write(line);
    else held.push(line);
  };
  return start({
    port: 0,
    clock: systemClock,
    onTimeline: (line) => show(`${masker.mask(line)}\n`),
  });
}

/** What the scripts of a command share. */
interface Shared {
  readonly writer: ResultWriter;
  readonly dry: DryRun | undefined;
  readonly summaries: RunSummaries | undefined;
  readonly profiles: Profiles | undefined;
  /** Where spans and metrics go; undefined: nobody wants any. */
  readonly telemetry: Telemetry | undefined;
  /** Lines that are shown when the run does not end well. */
  readonly held: string[];
  sandbox: ReturnType<typeof startSandbox> | undefined;
}

/** What a script runs in. */
interface World extends Shared {
  readonly host: Host;
  readonly buckets: LateBuckets;
  /** The run as a system of traces sees it. */
  readonly work?: Work | undefined;
}

async function newShared(settings: RunSettings): Promise<Shared> {
  const held: string[] = [];
  return {
    writer: await resultWriter(settings.dryRun ? "none" : settings.format, settings.streams),
    dry: settings.dryRun ? await dryRun(settings) : undefined,
    profiles:
      settings.profile || settings.trace !== undefined ? await newProfiles(settings) : undefined,
    summaries: settings.summary === undefined ? undefined : await newSummaries(),
    telemetry: settings.dryRun ? undefined : await newTelemetry(settings, held),
    held,
    sandbox: undefined,
  };
}

/** No page hangs on a collector: off a terminal a run that ends with 0 does not tell of it. */
async function newTelemetry(
  { streams, masker }: RunSettings,
  held: string[],
): Promise<Telemetry | undefined> {
  const err =
    streams.err.isTTY === true ? streams.err : { write: (line: string) => held.push(line) };
  return telemetryOf(streams.env, { log: warningsTo(err), masker });
}

async function newProfiles(settings: RunSettings): Promise<Profiles> {
  const { Profiles: Kind } = await import("./profile.ts");
  return new Kind(settings.profile ? settings.streams.err : undefined);
}

async function profilerOf(
  { profile, trace }: RunSettings,
  { clock }: Host,
): Promise<Profiler | undefined> {
  if (!profile && trace === undefined) return undefined;
  const { Profiler: Kind } = await import("@tocsin/library/runtime");
  return new Kind(clock);
}

async function newSummaries(): Promise<RunSummaries> {
  const { RunSummaries: Kind } = await import("./run-summary.ts");
  return new Kind();
}

async function dryRun(settings: RunSettings): Promise<DryRun> {
  const { DryRun: Kind } = await import("./dry-run.ts");
  const { deliverTo } = settings;
  return new Kind({ ...settings, deliverTo: deliverTo === "sandbox" ? undefined : deliverTo });
}

/** Runs a script inside a span of its own. */
async function runFollowed(script: Script, settings: RunSettings, shared: World): Promise<number> {
  const name = basename(script.name);
  const work = shared.telemetry?.begin(`run ${name}`, { "tocsin.script.name": name });
  let code = 1;
  try {
    return (code = await runScript(script, settings, { ...shared, work }));
  } finally {
    work?.note({ "process.exit.code": code });
    work?.end(errorOf(code));
  }
}

async function runScript(script: Script, settings: RunSettings, shared: World): Promise<number> {
  const { host, buckets, dry, writer } = shared;
  const { streams, masker } = settings;
  if (script.broken !== undefined) {
    streams.err.write(`error: ${script.broken}\n`);
    shared.summaries?.refused(script, [script.broken]);
    return 1;
  }
  const definitions = await definitionsOf(settings.definitions);
  await buckets.prepare(script.text);
  const { tree, diagnostics, program } = compileScript(script.text, script.name);
  const refused = await refusals(tree, diagnostics, definitions.keys());
  if (program === undefined || refused.length > 0) {
    const { renderText } = await import("@tocsin/language/syntax");
    const page = renderText({ source: tree.source, diagnostics: refused }, { mask: withoutKeys });
    streams.err.write(masker.mask(page));
    shared.summaries?.refused(
      script,
      refused.map(({ message }) => message),
    );
    return 1;
  }
  const recording = recordingDeliveries();
  const err = (line: string): void => void streams.err.write(line);
  const gate =
    dry === undefined ? new RunGate({ ...settings, host, err, tracing: shared.work }) : undefined;
  const stop = interruption(settings.timeout, host.memory, settings.wait);
  try {
    const measured = settings.watch?.metricsFile !== undefined;
    await (measured ? gate?.open() : gate?.takeUp());
    const now = settings.now ?? host.clock.now();
    const world = dry === undefined ? host : { ...host, secrets: dry.secrets(host.secrets) };
    const environment = {
      host: interruptible(world, stop.signal),
      buckets,
      deliveries: letGo(gate ?? recording, stop),
      library: standardLibrary,
      now: gate === undefined ? now : await gate.remembered(now),
      onSecret: (key: string, value: string): void => masker.add(key, value),
      signal: stop.signal,
      profiler: await profilerOf(settings, host),
    };
    const report = await runProgram(program, environment, writer, { definitions });
    await writer.endScript();
    if (environment.profiler !== undefined) shared.profiles?.add(script.name, environment.profiler);
    if (stop.exitCode() !== undefined)
      return await interrupted(stop.exitCode() ?? 1, gate, settings);
    return await conclude(script, settings, {
      report: late(report, stop, settings),
      gate,
      shared,
      recording,
    });
  } finally {
    stop.end();
  }
}

interface Ended {
  readonly report: RunReport;
  readonly gate: RunGate | undefined;
  readonly recording: RecordingDeliveries;
  readonly shared: World;
}

async function conclude(
  script: Script,
  settings: RunSettings,
  { report, gate, recording, shared }: Ended,
): Promise<number> {
  const { streams, masker } = settings;
  const unmet =
    settings.expect !== undefined &&
    (settings.expect === "rows" ? report.rows : report.handed.events) === 0;
  const failed = report.errors.length > 0 || report.badRows.length > 0 || unmet;
  const finished = await gate?.finish(failed ? undefined : basename(script.name));
  const code = failed ? 1 : undelivered(finished) ? 3 : 0;
  const { dry, summaries, buckets, work } = shared;
  work?.note({ "tocsin.rows": report.rows, "tocsin.events": report.handed.events });
  // Buckets are asked again for it, so only when somebody reads it.
  const seen = streams.err.isTTY === true || dry !== undefined || summaries !== undefined || unmet;
  const silence = seen ? await whySilent(report, buckets, settings.expect) : undefined;
  const why = silence?.lines ?? [];
  dry?.show(recording.requests, report.now, why);
  summaries?.add(script, { report, finished, code, silence: silence?.silences ?? [] });
  if (code === 0 && streams.err.isTTY !== true) return code;
  const lines = reportLines(report, script, (text) => masker.mask(text));
  if (dry?.speaks !== true) lines.push(...why);
  if (unmet) lines.push(`expected ${settings.expect}, and none came (--expect ${settings.expect})`);
  if (finished !== undefined)
    lines.push(...deliveryLines(finished, settings.folder, report.badRows.length));
  for (const line of lines) streams.err.write(`${masker.mask(line)}\n`);
  return code;
}

async function whySilent(
  ...asked: Parameters<(typeof import("./silence.ts"))["explained"]>
): Promise<Explained> {
  const { explained } = await import("./silence.ts");
  return explained(...asked);
}

/** Whether an event of this run did not arrive, or an earlier one waits. */
function undelivered(finished: FinishedRun | undefined): boolean {
  if (finished === undefined) return false;
  const arrived = finished.deliveries.every(
    ({ state }) => state === "accepted" || state === "superseded",
  );
  return !arrived || stands(finished);
}

/** Whether something did not arrive yet, or the outbox is in trouble. */
function stands(summary: FinishedRun): boolean {
  return summary.waiting + summary.held > 0 || summary.trouble.length > 0;
}

/** After a signal nothing more is waited for: what was recorded is safe and leaves with the next run. */
async function interrupted(
  code: number,
  gate: RunGate | undefined,
  settings: RunSettings,
): Promise<number> {
  const waiting = (await gate?.abort()) ?? 0;
  const what =
    waiting === 0 ? "nothing waits" : `${waiting} ${waiting === 1 ? "event waits" : "events wait"}`;
  settings.streams.err.write(`stopped; nothing is lost: ${what} in ${settings.folder}\n`);
  if (waiting > 0) settings.streams.err.write(`${sendCommand(settings.folder)}\n`);
  return code;
}

/** Says which limit was passed where the run only knows that it was stopped. */
function late(report: RunReport, stop: Interruption, settings: RunSettings): RunReport {
  if (!stop.timedOut() && !stop.outOfMemory()) return report;
  const error = stop.timedOut()
    ? new FluxError(
        "deadline exceeded",
        `the evaluation took longer than ${settings.timeout ?? 0} ms (--timeout)`,
      )
    : new FluxError(
        "resource exhausted",
        `the evaluation needs more memory than its limit of ${Math.round(settings.memory / 1024 ** 2)} MB`,
        {
          hint: "read a shorter range, filter or aggregate earlier, or give it more with --memory",
        },
      );
  return { ...report, errors: [{ result: undefined, error }] };
}
