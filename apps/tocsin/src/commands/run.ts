import { dirname, resolve } from "node:path";
import { defaultMemory } from "@tocsin/adapters/host-node";
import { Masker } from "@tocsin/alerting/oncall";
import { type Command, flag, type Invocation, list, text, UsageError } from "../command.ts";
import { type Configuration, configuration, nearestConfiguration } from "../configuration.ts";
import { dataFolder } from "../data-folder.ts";
import { located, pairs, placeOf, timeOf } from "../option-values.ts";
import { memorySize, milliseconds } from "../quantity.ts";
import { originOf } from "../redirection.ts";
import { outputFormat } from "../results.ts";
import { runScripts } from "../run-scripts.ts";
import type { RunSettings } from "../run-settings.ts";
import type { WatchSettings } from "../watch.ts";
import { readScripts, type Script } from "../scripts.ts";
import type { Expected } from "../silence.ts";

/** `tocsin run`. */
export const command: Command = {
  summary: "Runs scripts and delivers what they send.",
  usage: "[FILE…] [-e SOURCE]",
  details:
    "Each file is a script of its own; they run in order and the worst exit code counts. A folder stands for its\n" +
    ".flux files, `-` for standard input. Exit codes: 0 all well; 1 a script failed, or a row could not be made\n" +
    "into an event; 2 wrong usage; 3 an event is not delivered (it waits in the outbox, or was refused).\n" +
    "OTEL_EXPORTER_OTLP_ENDPOINT and the other OTEL_* variables hand spans and metrics to a collector.",
  options: {
    execute: {
      type: "string",
      short: "e",
      multiple: true,
      value: "SOURCE",
      help: "a script as text",
    },
    output: {
      type: "string",
      value: "FORMAT",
      help: "table, csv, json, ndjson, none, curl (dry runs); default table on a terminal, else csv",
    },
    now: { type: "string", value: "TIME", help: "what now() gives (RFC 3339)" },
    "dry-run": {
      type: "boolean",
      help: "shows every request and what On-Call would do with it; sends and records nothing",
    },
    "deliver-to": {
      type: "string",
      value: "URL|sandbox",
      help: "sends every request to that origin; `sandbox` starts one",
    },
    bucket: {
      type: "string",
      multiple: true,
      value: "NAME=SOURCE",
      help: "a bucket: a file, a folder, or influxdb2:URL",
    },
    data: { type: "string", value: "DIR", help: "folder of the outbox and the embedded bucket" },
    secrets: {
      type: "string",
      value: "FILE",
      help: "KEY=value lines, or a folder with a file per key",
    },
    define: {
      type: "string",
      multiple: true,
      value: "NAME=FLUX",
      help: "sets an option, or a member of one",
    },
    "run-id": { type: "string", value: "ID", help: "the same id never sends an event twice" },
    wait: {
      type: "string",
      value: "DURATION",
      help: "for deliveries after the last row (default 30s)",
    },
    timeout: { type: "string", value: "DURATION", help: "of the evaluation" },
    expect: {
      type: "string",
      value: "rows|events",
      help: "exits 1, and says why, when the run makes none of them",
    },
    summary: {
      type: "string",
      value: "FILE",
      help: "writes what became of the run as JSON (docs/shapes); - is standard output",
    },
    memory: {
      type: "string",
      value: "SIZE",
      help: "limit of memory, such as 512MB; 128MB or more (default: a quarter of the machine's)",
    },
    profile: {
      type: "boolean",
      help: "shows time, rows, batches and bytes of each step of the plan on standard error",
    },
    trace: {
      type: "string",
      value: "FILE",
      help: "writes when each step was at work, for the profilers of browsers (trace events, JSON)",
    },
    "metrics-file": {
      type: "string",
      value: "FILE",
      help: "writes Prometheus's text for node_exporter's textfile collector",
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
    const scripts = await scriptsOf(invocation);
    const { streams } = invocation;
    const masker = new Masker();
    const groups: { place: string | undefined; scripts: Script[]; settings: RunSettings }[] = [];
    for (const script of scripts) {
      const folder =
        script.path === undefined ? streams.cwd : resolve(streams.cwd, dirname(script.path));
      const place = nearestConfiguration(folder);
      const last = groups.at(-1);
      if (last !== undefined && last.place === place) last.scripts.push(script);
      else {
        const set = await configuration(folder, streams.env);
        const settings = { ...(await settingsOf(invocation, set)), masker };
        groups.push({ place, scripts: [script], settings });
      }
    }
    return runScripts(groups);
  },
};

/** What the command line says, and what it leaves open from the configuration. */
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
  return {
    streams,
    format: outputFormat(text(invocation, "output"), streams, { dryRun }),
    now: await timeOf(text(invocation, "now"), "--now"),
    dryRun,
    deliverTo: redirect === undefined ? undefined : originOf(redirect, "--deliver-to"),
    buckets: new Map([
      ...set.buckets,
      ...located(pairs(list(invocation, "bucket"), "--bucket", "NAME=SOURCE"), streams.cwd),
    ]),
    folder: dataFolder(text(invocation, "data") ?? set.data, streams.env, streams.cwd),
    secrets: placeOf(text(invocation, "secrets") ?? set.secrets, streams.cwd),
    definitions: pairs(list(invocation, "define"), "--define", "NAME=FLUX"),
    runId: runIdOf(text(invocation, "run-id")),
    wait: wait === undefined ? 30_000 : milliseconds(wait, "--wait"),
    timeout: timeout === undefined ? undefined : milliseconds(timeout, "--timeout"),
    memory: memory === undefined ? defaultMemory() : memorySize(memory, "--memory"),
    profile: flag(invocation, "profile"),
    trace: placeOf(text(invocation, "trace"), streams.cwd),
    supersede: set.supersede ?? true,
    watch: await watchOf(invocation, set),
    expect: expected(text(invocation, "expect")),
    summary:
      text(invocation, "summary") === "-" ? "-" : placeOf(text(invocation, "summary"), streams.cwd),
  };
}

/** Undefined when nothing watches: the code for it is not loaded then. */
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

function expected(given: string | undefined): Expected | undefined {
  if (given === undefined || given === "rows" || given === "events") return given;
  throw new UsageError(`--expect is rows or events, not "${given}"`);
}

/** An empty id, as an unset variable gives it, would make all such runs one. */
function runIdOf(given: string | undefined): string | undefined {
  if (given?.trim() === "") throw new UsageError("--run-id needs an id, not an empty one");
  return given;
}
