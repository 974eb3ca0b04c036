import { resolve } from "node:path";
import { type OutboxStore, StoreError } from "@tocsin/alerting/delivery";
import { nearest, UsageError } from "../arguments.ts";
import { reason } from "../scripts.ts";
import { argumentsOf } from "./arguments.ts";
import { discard, hold, release, retry } from "./moving.ts";
import { list, show, status } from "./reading.ts";
import { send } from "./sending.ts";
import { shape } from "./shape.ts";
import { line, type OutboxWorld, type Run, wall } from "./world.ts";

const commands: Readonly<Record<string, Run>> = {
  status,
  list,
  show,
  shape,
  retry,
  hold,
  release,
  discard,
  backup,
  send,
};
/** The subcommands, in the order of the help. */
const outboxCommands: readonly string[] = Object.keys(commands);

/** The arguments with a subcommand first, by default `status`. Throws `UsageError` for an unknown one. */
export function known([name = "status", ...rest]: readonly string[]): [string, ...string[]] {
  if (Object.hasOwn(commands, name)) return [name, ...rest];
  const near = nearest(name, outboxCommands);
  const hint = near === undefined ? "" : `; did you mean ${near}?`;
  throw new UsageError(
    `there is no outbox command "${name}"${hint} (${outboxCommands.join(", ")})`,
  );
}

/**
 * Runs a subcommand of `outbox`. Resolves with the exit code; rejects with `UsageError` for arguments that cannot be used.
 */
export async function outboxCommand(
  store: OutboxStore,
  args: readonly string[],
  world: OutboxWorld,
): Promise<number> {
  const [name, ...rest] = known(args);
  // Nobody should be told that an event is being sent when its process is dead.
  await store.resume(wall(world));
  return commands[name](store, rest, world);
}

/** Copies the outbox to a file, even while others use it. */
async function backup(
  store: OutboxStore,
  args: readonly string[],
  world: OutboxWorld,
): Promise<number> {
  const { ids } = argumentsOf(args, {});
  if (ids.length !== 1) throw new UsageError("outbox backup needs one FILE");
  const { backupOutbox } = await import("@tocsin/adapters/outbox");
  try {
    await backupOutbox(store, resolve(world.cwd ?? "", ids[0]));
  } catch (error) {
    if (error instanceof StoreError) throw error;
    throw new UsageError(`cannot write ${ids[0]}: ${error instanceof Error ? reason(error) : ""}`);
  }
  world.out(line(`the outbox is copied to ${ids[0]}`));
  return 0;
}
