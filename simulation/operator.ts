import { type OutboxStore, StoreError, unfinished } from "@tocsin/alerting/delivery";
import { memoryHost } from "@tocsin/platform/host";
import { outboxCommand } from "../apps/tocsin/src/outbox/command.ts";
import type { Disk } from "./disk.ts";
import type { Ledgers } from "./ledgers.ts";
import type { Process } from "./time.ts";

/**
 * A person at the queue: one `outbox` command, in a process of its own. `{id}` becomes one of the
 * events that did not arrive, which one `chance` (0 to 1) says. Resolves to whether the outbox could be used.
 */
export async function operate(
  command: string,
  world: { process: Process; disk: Disk; ledgers: Ledgers; chance: number },
): Promise<boolean> {
  const { process, disk, ledgers, chance } = world;
  const store = disk.open(process);
  const say = (text: string): void => void ledgers.shown.push(text);
  try {
    const args = await filled(command, store, chance);
    if (args === undefined) return true;
    const host = memoryHost({ clock: process.clock });
    await outboxCommand(store, args, { host, out: say, err: say });
    return true;
  } catch (error) {
    if (!(error instanceof StoreError)) ledgers.violate("the command works", String(error));
    return false;
  } finally {
    process.kill();
  }
}

async function filled(
  command: string,
  store: OutboxStore,
  chance: number,
): Promise<string[] | undefined> {
  const words = command.split(" ");
  if (!words.includes("{id}")) return words;
  const there = await store.list({ states: [...unfinished, "held", "parked"] });
  const chosen = there[Math.floor(chance * there.length)];
  return chosen === undefined
    ? undefined
    : words.map((word) => (word === "{id}" ? chosen.id : word));
}
