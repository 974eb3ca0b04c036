import { existsSync, statSync } from "node:fs";
import { nodeHost } from "@tocsin/adapters/host-node";
import { hasOutbox, lookIntoOutbox, openSqliteOutbox } from "@tocsin/adapters/outbox";
import { MemoryOutbox } from "@tocsin/alerting/delivery";
import { type Command, type Streams, UsageError } from "../command.ts";
import { type Configuration, configuration } from "../configuration.ts";
import { dataFolder } from "../data-folder.ts";
import { known, outboxCommand } from "../outbox/command.ts";
import { interruption } from "../interruption.ts";
import { placeOf } from "../option-values.ts";
import { secretsOption } from "../shared-options.ts";
import { telemetryOf } from "../telemetry.ts";

/** `tocsin outbox`. */
export const command: Command = {
  summary: "Shows and manages the events on their way to On-Call.",
  usage:
    "status | list | show | shape | retry | hold | release | discard | backup | send [ARGUMENTS]",
  details:
    "status               one line; exits 3 when an event has not arrived\n" +
    "list                 the events; --output json, --limit N (the newest N)\n" +
    "show ID              the story of one event: attempts, answers, what comes next; --output json\n" +
    "shape                how long the events that have not arrived have waited, by endpoint; --by entity|run,\n" +
    "                     --output json\n" +
    "retry ID…            sends waiting, parked or refused events now; --wait D\n" +
    "hold ID…             keeps waiting events back until they are released\n" +
    "release ID…          lets held events leave, including those of a restored snapshot\n" +
    "discard ID…          gives events up; --reason TEXT\n" +
    "backup FILE          copies the outbox to a file\n" +
    "send                 sends what waits; --wait D; --metrics-file FILE for Prometheus; --log-format text|json (a\n" +
    "                     line for each attempt); --follow keeps sending, with [watchdog] and [delivery.fallback] of\n" +
    "                     tocsin.toml; OTEL_EXPORTER_OTLP_ENDPOINT and the other OTEL_* variables export spans and\n" +
    "                     metrics to a collector\n" +
    "list, retry, hold and release take --state, --entity, --endpoint, --run, --since and --until. retry, hold and\n" +
    "release also take --all, --dry-run, and (retry and release) --force, which sends an event although a newer one\n" +
    "of its entity has gone out.",
  options: {
    data: { type: "string", value: "DIR", help: "folder of the outbox" },
    secrets: secretsOption,
  },
  examples: [
    "tocsin outbox status",
    "tocsin outbox list --output json",
    "tocsin outbox send --wait 1m",
  ],
  parsesItself: true,
  run: async ({ operands, streams }) => {
    const { args, values } = taken(operands, ["data", "secrets"]);
    const [name] = known(args);
    const set = await configuration(streams.cwd, streams.env);
    const folder = dataFolder(values.get("data") ?? set.data, streams.env, streams.cwd);
    if (!hasOutbox(folder) && name === "status" && args.length < 2) {
      streams.out.write(`0 waiting, 0 accepted: there is no outbox in ${folder} yet\n`);
      return 0;
    }
    const none = name === "list" && !hasOutbox(folder);
    const secrets = placeOf(values.get("secrets") ?? set.secrets, streams.cwd);
    const code = await runIn(folder, args, { set, secrets, streams });
    if (none) streams.err.write(`there is no outbox in ${folder} yet\n`);
    return code;
  },
};

interface Given {
  readonly set: Configuration;
  readonly secrets: string | undefined;
  readonly streams: Streams;
}

/** Runs a subcommand on the outbox of a data folder. Resolves with the exit code. */
async function runIn(
  folder: string,
  args: readonly string[],
  { set, secrets, streams }: Given,
): Promise<number> {
  const { cwd, env } = streams;
  const host = nodeHost({ environment: env, ...(secrets === undefined ? {} : { secrets }) });
  const { store, trouble, close } = await storeIn(folder, args);
  if (trouble !== undefined) streams.err.write(`${trouble.message}\n`);
  const opened = fileAt(store.place);
  const stop = interruption(undefined);
  const { watchdog, fallback } = set;
  try {
    const code = await outboxCommand(store, args, {
      host,
      out: (text) => void streams.out.write(text),
      err: (text) => void streams.err.write(text),
      signal: stop.signal,
      watch: {
        ...(watchdog === undefined ? {} : { watchdog }),
        ...(fallback === undefined ? {} : { fallback }),
      },
      cwd,
      reopen: () => openSqliteOutbox(folder),
      moved: () => fileAt(store.place) !== opened,
      telemetry: (told) => telemetryOf(env, told),
    });
    return stop.exitCode() ?? (trouble === undefined ? code : 1);
  } finally {
    stop.end();
    await close();
    await host.close();
  }
}

/** Which file is at `path`; undefined: none. */
function fileAt(path: string): string | undefined {
  const found = statSync(path, { throwIfNoEntry: false });
  return found === undefined ? undefined : `${found.dev} ${found.ino}`;
}

/** Subcommands that change nothing. */
const looking = ["status", "list", "show", "shape", "backup"];

/** The outbox of a data folder. Where there is none yet, only `send` creates one. */
async function storeIn(
  folder: string,
  [name = "status"]: readonly string[],
): ReturnType<typeof lookIntoOutbox> {
  const unusable = existsSync(folder) && !statSync(folder).isDirectory();
  const there = unusable || hasOutbox(folder);
  if (there && looking.includes(name)) return lookIntoOutbox(folder);
  if (!there && name !== "send" && name !== "list" && name !== "shape")
    throw new UsageError(`there is no outbox in ${folder} yet`);
  const store = there || name === "send" ? await openSqliteOutbox(folder) : new MemoryOutbox();
  return { store, trouble: undefined, close: () => store.close() };
}

/** Takes `--name value` and `--name=value` of the given names out of the arguments. */
function taken(
  argv: readonly string[],
  names: readonly string[],
): { args: string[]; values: Map<string, string> } {
  const args: string[] = [];
  const values = new Map<string, string>();
  for (let i = 0; i < argv.length; i++) {
    const match = /^--([a-z-]+)(?:=(.*))?$/su.exec(argv[i]);
    if (match === null || !names.includes(match[1])) args.push(argv[i]);
    else {
      const value = match[2] ?? argv[++i];
      if (value === undefined || value === "")
        throw new UsageError(
          `--${match[1]} needs a value${value === "" ? ", not an empty one" : ""}`,
        );
      values.set(match[1], value);
    }
  }
  return { args, values };
}
