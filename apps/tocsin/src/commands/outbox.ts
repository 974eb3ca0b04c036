import { existsSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { nodeHost } from "@tocsin/adapters/host-node";
import { hasOutbox, lookIntoOutbox, openSqliteOutbox } from "@tocsin/adapters/outbox";
import { MemoryOutbox } from "@tocsin/alerting/delivery";
import type { Command } from "../command.ts";
import { configuration } from "../configuration.ts";
import { UsageError } from "../command.ts";
import { dataFolder } from "../data-folder.ts";
import { known, outboxCommand } from "../outbox/command.ts";
import { interruption } from "../interruption.ts";
import { telemetryOf } from "../telemetry.ts";

/** `tocsin outbox`. */
export const command: Command = {
  summary: "Shows and moves what is on its way to On-Call.",
  usage:
    "status | list | show | shape | retry | hold | release | discard | backup | send [ARGUMENTS]",
  details:
    "status   one line; exit 3 when an event did not arrive\n" +
    "list     the events; --output json, --limit N\n" +
    "show     ID: the story of one event: attempts, answers, what comes next\n" +
    "shape    how old what did not arrive is, by endpoint; --by entity|run\n" +
    "retry    ID…: sends waiting, parked or refused events now; --wait D\n" +
    "hold     ID…: keeps waiting events back until they are released\n" +
    "release  ID…: lets held events go, also those of a restored snapshot\n" +
    "backup   FILE: copies the outbox into a file\n" +
    "discard  ID… --reason TEXT: gives events up\n" +
    "send     sends what waits; --wait D; --follow goes on for ever, with [watchdog] and [delivery.fallback] of\n" +
    "         tocsin.toml; --metrics-file FILE for Prometheus; --log-format text|json (a line for each attempt)\n" +
    "         OTEL_EXPORTER_OTLP_ENDPOINT and the other OTEL_* variables hand spans and metrics to a collector\n" +
    "list, retry, hold and release take --state, --entity, --endpoint, --run, --since, --until; the last three also\n" +
    "--all and --dry-run",
  options: {
    data: { type: "string", value: "DIR", help: "folder of the outbox" },
    secrets: {
      type: "string",
      value: "FILE",
      help: "KEY=value lines, or a folder with a file per key",
    },
  },
  examples: [
    "tocsin outbox status",
    "tocsin outbox list --output json",
    "tocsin outbox send --wait 1m",
  ],
  parsesItself: true,
  run: async ({ operands, streams }) => {
    const { args, values } = taken(operands, ["data", "secrets"]);
    known(args);
    const set = await configuration(streams.cwd, streams.env);
    const folder = dataFolder(values.get("data") ?? set.data, streams.env, streams.cwd);
    const secrets = values.get("secrets") ?? set.secrets;
    const host = nodeHost({
      environment: streams.env,
      ...(secrets === undefined ? {} : { secrets: resolve(streams.cwd, secrets) }),
    });
    if (args.length < 2 && (args[0] ?? "status") === "status" && !hasOutbox(folder)) {
      streams.out.write(`0 waiting, 0 accepted: there is no outbox in ${folder} yet\n`);
      return 0;
    }
    const none = args[0] === "list" && !hasOutbox(folder);
    const { store, trouble, close } = await storeIn(folder, args);
    if (trouble !== undefined) streams.err.write(`${trouble.message}\n`);
    const opened = fileAt(store.place);
    const stop = interruption(undefined);
    try {
      const out = (line: string): void => void streams.out.write(line);
      const err = (line: string): void => void streams.err.write(line);
      const { watchdog, fallback } = set;
      const watch = {
        ...(watchdog === undefined ? {} : { watchdog }),
        ...(fallback === undefined ? {} : { fallback }),
      };
      const code = await outboxCommand(store, args, {
        host,
        out,
        err,
        signal: stop.signal,
        watch,
        cwd: streams.cwd,
        reopen: () => openSqliteOutbox(folder),
        moved: () => fileAt(store.place) !== opened,
        telemetry: (told) => telemetryOf(streams.env, told),
      });
      if (none) streams.err.write(`there is no outbox in ${folder} yet\n`);
      return stop.exitCode() ?? (trouble === undefined ? code : 1);
    } finally {
      stop.end();
      await close();
      await host.close();
    }
  },
};

/** Which file is at `path`; undefined: none. */
function fileAt(path: string): string | undefined {
  const found = statSync(path, { throwIfNoEntry: false });
  return found === undefined ? undefined : `${found.dev} ${found.ino}`;
}

/** Commands that change nothing. */
const looking = ["status", "list", "show", "shape", "backup"];

/** The outbox. Where there is none yet, looking does not make one. */
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
