import { basename } from "node:path";
import { recordingDeliveries, type RecordingDeliveries } from "@tocsin/alerting/oncall";
import type { Work } from "@tocsin/alerting/delivery";
import { FluxError } from "@tocsin/data/value";
import {
  compileScript,
  type Profiler,
  refusals,
  type RunReport,
  runProgram,
} from "@tocsin/library/runtime";
import { standardLibrary } from "@tocsin/library/stdlib";
import type { Host } from "@tocsin/platform/host";
import type { Telemetry } from "@tocsin/adapters/telemetry";
import { definitionsOf } from "./definitions.ts";
import type { DryRun } from "./dry-run.ts";
import { type FinishedRun, RunGate } from "./gate.ts";
import { interruptible, letGo } from "./interruptible.ts";
import { type Interruption, interruption } from "./interruption.ts";
import type { LateBuckets } from "./late-buckets.ts";
import type { ResultWriter } from "./results.ts";
import { deliveryLines, reportLines, howToSend } from "./run-messages.ts";
import type { Profiles } from "./profile.ts";
import type { RunSettings } from "./run-settings.ts";
import type { RunSummaries } from "./run-summary.ts";
import type { Script } from "./scripts.ts";
import type { Explained } from "./silence.ts";
import { errorOf } from "./telemetry.ts";
import { withoutKeys } from "./without-keys.ts";

/** What a script runs in, and what receives the outcome of its run. */
export interface World {
  readonly writer: ResultWriter;
  readonly dry: DryRun | undefined;
  readonly summaries: RunSummaries | undefined;
  readonly profiles: Profiles | undefined;
  /** Where spans and metrics go; undefined: nobody asked for them. */
  readonly telemetry: Telemetry | undefined;
  readonly host: Host;
  readonly buckets: LateBuckets;
  /** The run in the traces. */
  readonly work?: Work | undefined;
}

/** Runs a script inside a span of its own. Resolves with its exit code. */
export async function runScript(
  script: Script,
  settings: RunSettings,
  shared: World,
): Promise<number> {
  const name = basename(script.name);
  const work = shared.telemetry?.begin(`run ${name}`, { "tocsin.script.name": name });
  let code = 1;
  try {
    return (code = await runUnder(script, settings, { ...shared, work }));
  } finally {
    work?.note({ "process.exit.code": code });
    work?.end(errorOf(code));
  }
}

async function runUnder(script: Script, settings: RunSettings, shared: World): Promise<number> {
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
  // It queries buckets again, so only when somebody reads it.
  const seen = streams.err.isTTY === true || dry !== undefined || summaries !== undefined || unmet;
  const silence = seen ? await whySilent(report, buckets, settings.expect) : undefined;
  const why = silence?.lines ?? [];
  dry?.show(recording.requests, report.now, why);
  summaries?.add(script, { report, finished, code, silence: silence?.silences ?? [] });
  if (code === 0 && streams.err.isTTY !== true) return code;
  const lines = reportLines(report, (text) => masker.mask(text));
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

/** Whether an event of this run has not arrived, or an earlier one waits. */
function undelivered(finished: FinishedRun | undefined): boolean {
  if (finished === undefined) return false;
  const arrived = finished.deliveries.every(
    ({ state }) => state === "accepted" || state === "superseded",
  );
  return !arrived || stands(finished);
}

/** Whether events wait, or the outbox is in trouble. */
function stands(summary: FinishedRun): boolean {
  return summary.waiting + summary.held > 0 || summary.trouble.length > 0;
}

/** After a signal nothing more is waited for: recorded events are safe and leave with the next run. */
async function interrupted(
  code: number,
  gate: RunGate | undefined,
  settings: RunSettings,
): Promise<number> {
  const waiting = (await gate?.abort()) ?? 0;
  const what =
    waiting === 0 ? "nothing waits" : `${waiting} ${waiting === 1 ? "event waits" : "events wait"}`;
  settings.streams.err.write(`stopped; nothing is lost: ${what} in ${settings.folder}\n`);
  if (waiting > 0) settings.streams.err.write(`${howToSend(settings.folder)}\n`);
  return code;
}

/** The report with the limit that was exceeded, where the run only knows that it was stopped. */
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

async function profilerOf(
  { profile, trace }: RunSettings,
  { clock }: Host,
): Promise<Profiler | undefined> {
  if (!profile && trace === undefined) return undefined;
  const { Profiler: Kind } = await import("@tocsin/library/runtime");
  return new Kind(clock);
}
