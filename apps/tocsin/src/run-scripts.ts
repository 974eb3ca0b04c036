import type { Buckets } from "@tocsin/engine/plan";
import type { Host } from "@tocsin/platform/host";
import { nodeHost, systemClock } from "@tocsin/adapters/host-node";
import type { Telemetry } from "@tocsin/adapters/telemetry";
import { UsageError } from "./command.ts";
import type { DryRun } from "./dry-run.ts";
import { LateBuckets } from "./late-buckets.ts";
import { lateDatabases } from "./late-databases.ts";
import type { Profiles } from "./profile.ts";
import { resultWriter } from "./results.ts";
import { runScript, type World } from "./run-script.ts";
import type { RunSettings } from "./run-settings.ts";
import type { RunSummaries } from "./run-summary.ts";
import type { Script } from "./scripts.ts";
import { telemetryOf } from "./telemetry.ts";
import { warningsTo } from "./warnings.ts";

/** Scripts with the same settings. */
interface RunGroup {
  readonly scripts: readonly Script[];
  readonly settings: RunSettings;
}

/**
 * Runs scripts one after the other. Resolves with the worst exit code: 2 before 1 before 3. Groups differ in the
 * configuration of their folders; the options of the command line are the same for all.
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

/** Whether a signal ended the run, after which the remaining scripts do not run. */
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
      const code = await runScript(script, { ...settings, deliverTo }, world);
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

/** The worse of two exit codes: 2 before 1 before 3 before 0. */
function worse(a: number, b: number): number {
  const order = [0, 3, 1, 2];
  return order.indexOf(a) >= order.indexOf(b) ? a : b;
}

/** Throws `UsageError` when the place of secrets cannot be read, even if the run would need none. */
async function usable(host: Host, { secrets }: RunSettings): Promise<void> {
  if (secrets === undefined) return;
  try {
    await host.secrets.get("");
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

/**
 * Starts the stand-in. Its timeline goes to standard output only beside tables for people, never into data for programs:
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
interface Shared extends Pick<World, "writer" | "dry" | "summaries" | "profiles" | "telemetry"> {
  /** Lines to show when the run does not end well. */
  readonly held: string[];
  sandbox: ReturnType<typeof startSandbox> | undefined;
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

/** Telemetry. No page depends on it, so off a terminal a run that exits with 0 does not mention its failures. */
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

async function newSummaries(): Promise<RunSummaries> {
  const { RunSummaries: Kind } = await import("./run-summary.ts");
  return new Kind();
}

async function dryRun(settings: RunSettings): Promise<DryRun> {
  const { DryRun: Kind } = await import("./dry-run.ts");
  const { deliverTo } = settings;
  return new Kind({ ...settings, deliverTo: deliverTo === "sandbox" ? undefined : deliverTo });
}
