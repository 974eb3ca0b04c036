import { writeFile } from "node:fs/promises";
import { openBuckets } from "@tocsin/adapters/buckets";
import { nodeHost } from "@tocsin/adapters/host-node";
import { Masker } from "@tocsin/alerting/oncall";
import type { Definitions, Program } from "@tocsin/engine/interpret";
import { renderText } from "@tocsin/language/syntax";
import type { Buckets } from "@tocsin/engine/plan";
import { type Backtest, compareBacktests } from "@tocsin/library/backtest";
import { compileScript, explainSilence, refusals, type Silence } from "@tocsin/library/runtime";
import { momentOf, scheduled } from "../backtest/moments.ts";
import { Replay, type Stage } from "../backtest/replay.ts";
import { backtestText } from "../backtest/text.ts";
import { type BacktestReport, reportOf } from "../backtest/report.ts";
import { choice, type Command, type Invocation, text, UsageError } from "../command.ts";
import { configuration } from "../configuration.ts";
import { dataFolder } from "../data-folder.ts";
import { interruptible } from "../interruptible.ts";
import { type Interruption, interruption } from "../interruption.ts";
import { lateDatabases } from "../late-databases.ts";
import { placeOf, timeOf } from "../option-values.ts";
import { folderOf, readScripts, reason, type Script } from "../scripts.ts";
import {
  bucketOption,
  bucketsOf,
  defineOption,
  definitionsGiven,
  secretsOption,
  secretsPlace,
} from "../shared-options.ts";
import { warningsTo } from "../warnings.ts";
import { withoutKeys } from "../without-keys.ts";

/** `tocsin backtest`. */
export const command: Command = {
  summary: "Shows the pages that a script would have caused over stored history. Sends nothing.",
  usage: "FILE [--from TIME] [--to TIME] [--every DURATION]",
  details:
    "Runs the script at each moment of its `option task` (every or cron, and offset), or of --every; the first moment is\n" +
    "not before --from, the last one before --to. Only later runs see what it writes. Its events go to a model of\n" +
    "On-Call, at On-Call's rate, newer states replacing those that wait: who would have been paged, when, and how long.\n" +
    "Exit codes: 0 all well; 1 the script has errors, or a run of it failed; 2 wrong usage or configuration.",
  options: {
    from: { type: "string", value: "TIME", help: "start: a time, or -30d (default: -7d)" },
    to: { type: "string", value: "TIME", help: "end: a time, or -1d (default: now)" },
    every: {
      type: "string",
      value: "DURATION",
      help: "time between runs; overrides option task",
    },
    against: {
      type: "string",
      value: "FILE",
      help: "compares with another version of the script: pages gained, lost, moved",
    },
    output: { type: "string", value: "FORMAT", help: "text or json (default: text)" },
    html: { type: "string", value: "FILE", help: "writes a page with charts and tables" },
    now: {
      type: "string",
      value: "TIME",
      help: "the time from which -7d counts back (default: the clock's)",
    },
    bucket: bucketOption,
    data: { type: "string", value: "DIR", help: "folder of the embedded buckets" },
    secrets: { ...secretsOption, help: "as for run; placeholders replace missing secrets" },
    define: defineOption,
  },
  examples: [
    "tocsin backtest alert.flux --from -30d --every 1m",
    "tocsin backtest alert.flux --bucket example-bucket=data.lp --from 2026-01-01T00:00:00Z --to 2026-02-01T00:00:00Z",
    "tocsin backtest new.flux --against old.flux --html changes.html",
  ],
  run: async (invocation) => {
    const format = choice(invocation, "output", ["text", "json"]);
    const script = await scriptOf(invocation);
    const rival = await rivalOf(invocation);
    const definitions = await definitionsGiven(invocation);
    const program = await programOf(script, definitions.keys(), invocation);
    const other =
      rival === undefined ? undefined : await programOf(rival, definitions.keys(), invocation);
    if (program === undefined || (rival !== undefined && other === undefined)) return 1;
    const masker = new Masker();
    const stop = interruption(undefined);
    const { stage, close } = await stageOf(script, invocation, { definitions, masker, stop });
    try {
      const bounds = await boundsOf(invocation, stage.host.clock.now());
      const every = text(invocation, "every");
      const replay = new Replay(stage, bounds.from, bounds.to);
      const moments = await scheduled(program, bounds, every);
      const others = other === undefined ? undefined : await scheduled(other, bounds, every);
      const result = await replay.run(program, moments);
      const before =
        other === undefined || others === undefined ? undefined : await replay.run(other, others);
      const stopped = stop.exitCode();
      if (stopped !== undefined) {
        invocation.streams.err.write("stopped\n");
        return stopped;
      }
      const against =
        before === undefined
          ? undefined
          : { script: rival?.name ?? "", comparison: compareBacktests(before, result) };
      const silence = await silenceOf(result, stage.buckets);
      const { words: schedule } = moments;
      const report = reportOf(result, { script: script.name, schedule, silence, against });
      await show(report, invocation, { format, masker });
      return report.failed.runs + report.badRows.runs > 0 ? 1 : 0;
    } finally {
      stop.end();
      await close();
    }
  },
};

interface Given {
  readonly definitions: Definitions;
  readonly masker: Masker;
  readonly stop: Interruption;
}

/** What a script runs on, by its configuration and the options. */
async function stageOf(
  script: Script,
  invocation: Invocation,
  { definitions, masker, stop }: Given,
): Promise<{ readonly stage: Stage; readonly close: () => Promise<void> }> {
  const { streams } = invocation;
  const { cwd, env } = streams;
  const set = await configuration(folderOf(script, cwd), env);
  const secrets = secretsPlace(invocation, set);
  const host = nodeHost({
    environment: env,
    log: warningsTo(streams.err),
    ...(secrets === undefined ? {} : { secrets }),
  });
  const buckets = openBuckets({
    dataDir: dataFolder(text(invocation, "data") ?? set.data, env, cwd),
    named: Object.fromEntries(bucketsOf(invocation, set)),
    host,
    env,
  });
  const { signal } = stop;
  const stage = {
    host: interruptible({ ...host, databases: lateDatabases({ readOnly: true }) }, signal),
    supersede: set.supersede ?? true,
    buckets,
    masker,
    definitions,
    streams,
    signal,
  };
  return { stage, close: () => host.close() };
}

/** Why the last run sent nothing, when no run did: perhaps the script was meant to. */
async function silenceOf(result: Backtest, buckets: Buckets): Promise<readonly Silence[]> {
  const { events, direct, last } = result;
  if (events + direct > 0 || last === undefined || last.errors.length > 0) return [];
  return explainSilence(last, buckets);
}

async function show(
  report: BacktestReport,
  invocation: Invocation,
  { format, masker }: { readonly format: "text" | "json"; readonly masker: Masker },
): Promise<void> {
  const { streams } = invocation;
  const shown =
    format === "json" ? `${JSON.stringify(report, undefined, 2)}\n` : backtestText(report);
  streams.out.write(masker.mask(shown));
  const file = placeOf(text(invocation, "html"), streams.cwd);
  if (file === undefined) return;
  const { backtestPage } = await import("../backtest/page.ts");
  // Masked before it is put into the page, whose own script must stay as it is.
  const masked: BacktestReport = JSON.parse(masker.mask(JSON.stringify(report)));
  await writeFile(file, backtestPage(masked)).catch((error: NodeJS.ErrnoException) => {
    throw new UsageError(`cannot write ${file}: ${reason(error)}`);
  });
}

async function scriptOf({ operands, streams }: Invocation): Promise<Script> {
  const scripts = await readScripts(operands, streams.cwd);
  if (scripts.length === 1) return scripts[0];
  throw new UsageError(
    scripts.length === 0
      ? "say which script: a file or -"
      : "a backtest is of one script; compare two with --against",
  );
}

async function rivalOf(invocation: Invocation): Promise<Script | undefined> {
  const file = text(invocation, "against");
  if (file === undefined) return undefined;
  const [rival, ...more] = await readScripts([file], invocation.streams.cwd);
  if (more.length > 0) throw new UsageError("--against takes one script");
  return rival;
}

async function programOf(
  script: Script,
  defined: Iterable<string>,
  { streams }: Invocation,
): Promise<Program | undefined> {
  const { tree, diagnostics, program } = compileScript(script.text, script.name);
  const refused = await refusals(tree, diagnostics, defined);
  if (program !== undefined && refused.length === 0) return program;
  const page = renderText({ source: tree.source, diagnostics: refused }, { mask: withoutKeys });
  streams.err.write(new Masker().mask(page));
  return undefined;
}

async function boundsOf(
  invocation: Invocation,
  clock: bigint,
): Promise<{ from: bigint; to: bigint }> {
  const now = (await timeOf(text(invocation, "now"), "--now")) ?? clock;
  const from = await momentOf(text(invocation, "from") ?? "-7d", "--from", now);
  const to = await momentOf(text(invocation, "to") ?? "now", "--to", now);
  if (from >= to) throw new UsageError("--from should be before --to");
  return { from, to };
}
