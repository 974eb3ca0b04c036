import { defaultMemory } from "@tocsin/adapters/host-node";
import { Masker } from "@tocsin/alerting/oncall";
import { type Command, flag, type Invocation, list, oneOf, text, UsageError } from "../command.ts";
import { type Configuration, configuration, nearestConfiguration } from "../configuration.ts";
import { dataFolder } from "../data-folder.ts";
import { placeOf, timeOf } from "../option-values.ts";
import { memorySize, milliseconds } from "../quantity.ts";
import { originOf } from "../redirection.ts";
import { outputFormat } from "../results.ts";
import { runScripts } from "../run-scripts.ts";
import type { RunSettings } from "../run-settings.ts";
import type { WatchSettings } from "../watch.ts";
import { folderOf, readScripts, type Script } from "../scripts.ts";
import {
  bucketOption,
  bucketsOf,
  defineOption,
  definesOf,
  secretsOption,
  secretsPlace,
} from "../shared-options.ts";

/** `tocsin run`. */
export const command: Command = {
  summary: "Runs scripts and delivers what they send.",
  usage: "[FILE…] [-e SOURCE]",
  details:
    "Each file is a script of its own. They run in order, and the worst exit code counts. A folder stands for its\n" +
    ".flux files, `-` for standard input. Exit codes: 0 all well; 1 a script failed, or a row could not be made\n" +
    "into an event; 2 wrong usage or configuration; 3 an event is not delivered (it waits in the outbox, or was\n" +
    "refused). OTEL_EXPORTER_OTLP_ENDPOINT and the other OTEL_* variables export spans and metrics to a collector.",
  options: {
    execute: {
      type: "string",
      short: "e",
      multiple: true,
      value: "SOURCE",
      help: "runs this text as a script",
    },
    output: {
      type: "string",
      value: "FORMAT",
      help: "table, csv, json, ndjson, none, curl (dry runs); default: table on a terminal, else csv",
    },
    now: { type: "string", value: "TIME", help: "the value of now(), in RFC 3339" },
    "dry-run": {
      type: "boolean",
      help: "shows every request and what On-Call would do with it; sends and records nothing",
    },
    "deliver-to": {
      type: "string",
      value: "URL|sandbox",
      help: "sends every request to this origin instead; `sandbox` starts a local one",
    },
    bucket: bucketOption,
    data: { type: "string", value: "DIR", help: "folder of the outbox and the embedded buckets" },
    secrets: secretsOption,
    define: defineOption,
    "run-id": {
      type: "string",
      value: "ID",
      help: "runs with the same id never send an event twice",
    },
    wait: {
      type: "string",
      value: "DURATION",
      help: "how long to wait for deliveries after the last row (default: 30s)",
    },
    timeout: { type: "string", value: "DURATION", help: "limit of the evaluation" },
    expect: {
      type: "string",
      value: "rows|events",
      help: "exits 1 and says why when the run makes none of these",
    },
    summary: {
      type: "string",
      value: "FILE",
      help: "writes what became of the run as JSON (docs/shapes); - is standard output",
    },
    memory: {
      type: "string",
      value: "SIZE",
      help: "memory limit, such as 512MB; at least 128MB (default: a quarter of the machine's)",
    },
    profile: {
      type: "boolean",
      help: "shows the time, rows, batches and bytes of each step of the plan on standard error",
    },
    trace: {
      type: "string",
      value: "FILE",
      help: "writes when each step worked, as trace events (JSON) that browsers' profilers open",
    },
    "metrics-file": {
      type: "string",
      value: "FILE",
      help: "writes metrics for the textfile collector of Prometheus's node_exporter",
    },
    "log-format": {
      type: "string",
      value: "text|json",
      help: "json: a line for each attempt on standard error",
    },
  },
  examples: [
    "tocsin run alert.flux",
    "tocsin run --dry-run --bucket example-bucket=data.lp alert.flux",
    "tocsin run --dry-run --output curl alert.flux",
    "tocsin run --deliver-to sandbox alert.flux",
    `tocsin run -e 'import "array" array.from(rows: [{a: 1}])'`,
  ],
  run: async (invocation) => {
    return runScripts(await groupsOf(await scriptsOf(invocation), invocation));
  },
};

interface Group {
  /** The nearest `tocsin.toml`. */
  readonly place: string | undefined;
  readonly scripts: Script[];
  readonly settings: RunSettings;
}

/** Scripts in their order; neighbours with the same configuration share its settings. */
async function groupsOf(scripts: readonly Script[], invocation: Invocation): Promise<Group[]> {
  const { cwd, env } = invocation.streams;
  const masker = new Masker();
  const groups: Group[] = [];
  for (const script of scripts) {
    const folder = folderOf(script, cwd);
    const place = nearestConfiguration(folder);
    const last = groups.at(-1);
    if (last !== undefined && last.place === place) last.scripts.push(script);
    else {
      const set = await configuration(folder, env);
      const settings = { ...(await settingsOf(invocation, set)), masker };
      groups.push({ place, scripts: [script], settings });
    }
  }
  return groups;
}

/** The settings of the command line; what it leaves open comes from the configuration. */
async function settingsOf(
  invocation: Invocation,
  set: Configuration,
): Promise<Omit<RunSettings, "masker">> {
  const { streams } = invocation;
  const timeout = text(invocation, "timeout") ?? set.timeout;
  const wait = text(invocation, "wait") ?? set.wait;
  const memory = text(invocation, "memory") ?? set.memory;
  const dryRun = flag(invocation, "dry-run");
  const redirect = text(invocation, "deliver-to") ?? set.deliverTo;
  const [expect, summary] = [text(invocation, "expect"), text(invocation, "summary")];
  return {
    streams,
    format: outputFormat(text(invocation, "output"), streams, { dryRun }),
    now: await timeOf(text(invocation, "now"), "--now"),
    dryRun,
    deliverTo: redirect === undefined ? undefined : originOf(redirect, "--deliver-to"),
    buckets: bucketsOf(invocation, set),
    folder: dataFolder(text(invocation, "data") ?? set.data, streams.env, streams.cwd),
    secrets: secretsPlace(invocation, set),
    definitions: definesOf(invocation),
    runId: runIdOf(text(invocation, "run-id")),
    wait: wait === undefined ? 30_000 : milliseconds(wait, "--wait"),
    timeout: timeout === undefined ? undefined : milliseconds(timeout, "--timeout"),
    memory: memory === undefined ? defaultMemory() : memorySize(memory, "--memory"),
    profile: flag(invocation, "profile"),
    trace: placeOf(text(invocation, "trace"), streams.cwd),
    supersede: set.supersede ?? true,
    watch: await watchOf(invocation, set),
    expect: expect === undefined ? undefined : oneOf(["rows", "events"], expect, "--expect"),
    summary: summary === "-" ? "-" : placeOf(summary, streams.cwd),
  };
}

/** What watches over the run. Undefined: nothing does, and its code is not loaded. */
async function watchOf(
  invocation: Invocation,
  { fallback }: Configuration,
): Promise<WatchSettings | undefined> {
  const [file, format] = [text(invocation, "metrics-file"), text(invocation, "log-format")];
  if (fallback === undefined && file === undefined && format === undefined) return undefined;
  const { isJsonLog, metricsFile } = await import("../watch.ts");
  return {
    metricsFile: metricsFile(file, invocation.streams.cwd),
    logJson: isJsonLog(format),
    ...(fallback === undefined ? {} : { fallback }),
  };
}

async function scriptsOf(invocation: Invocation): Promise<Script[]> {
  const given = list(invocation, "execute").map((source) => ({
    name: "<-e>",
    text: source,
    path: undefined,
  }));
  const { operands, streams } = invocation;
  const scripts = [...given, ...(await readScripts(operands, streams.cwd, true))];
  if (scripts.length === 0)
    throw new UsageError("say which script to run: a file, a folder, - or -e SOURCE");
  return scripts;
}

/** The id of the run. An empty one, as an unset variable gives it, would make one run of all such runs. */
function runIdOf(given: string | undefined): string | undefined {
  if (given?.trim() === "") throw new UsageError("--run-id needs an id, not an empty one");
  return given;
}
