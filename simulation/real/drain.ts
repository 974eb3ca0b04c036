import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "@tocsin/adapters/host-node";
import { openSqliteOutbox } from "@tocsin/adapters/outbox";
import type { NewDelivery } from "@tocsin/alerting/delivery";
import { optionsOf } from "../../tools/options.ts";
import { startSandbox } from "../../apps/tocsin/src/sandbox.ts";
import { compare, type Comparison, lineOf } from "./ledger.ts";
import { key, tocsin } from "./subjects.ts";

/** What draining a queue came to. */
interface Drained extends Comparison {
  readonly milliseconds: number;
  readonly exitCodes: readonly (number | null)[];
}

/** So many processes send one queue, side by side. */
export async function drain(options: {
  readonly events: number;
  readonly entities: number;
  readonly processes: number;
}): Promise<Drained> {
  const { events, entities, processes } = options;
  const data = mkdtempSync(join(tmpdir(), "tocsin-drain-"));
  const sandbox = await startSandbox({ clock: systemClock });
  try {
    const numbers = Array.from({ length: events }, (_one, index) => index);
    const store = await openSqliteOutbox(data);
    for (let from = 0; from < events; from += 1000) {
      const some = numbers.slice(from, from + 1000);
      const made = some.map((number) => eventOf(number, number % entities, sandbox.origin));
      await store.record(made, { supersede: false });
    }
    await store.close();
    const [program, ...args] = tocsin().send?.({ data }) ?? [];
    const started = performance.now();
    const exitCodes = await Promise.all(
      Array.from({ length: processes }, () => ended(program, [...args, "--wait", "5m"])),
    );
    const milliseconds = performance.now() - started;
    const emitted = numbers.map((number) => {
      return { entity: `e${number % entities}`, said: `number ${number} of a` };
    });
    const received = sandbox.requests().map((one) => lineOf(one.body));
    return { ...compare(emitted, received), milliseconds, exitCodes };
  } finally {
    await sandbox.close();
    rmSync(data, { recursive: true, force: true });
  }
}

function ended(program: string, args: readonly string[]): Promise<number | null> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: "ignore" });
    child.on("error", reject);
    child.on("close", resolve);
  });
}

function eventOf(number: number, entity: number, origin: string): NewDelivery {
  const url = `${origin}/integrations/generic/20131114/alert/${key}/ops`;
  const body = {
    message_type: "CRITICAL",
    entity_id: `e${entity}`,
    state_message: `number ${number} of a`,
    state_start_time: 1_700_000_000,
  };
  return {
    runId: "queued",
    identity: `queued ${number}`,
    integration: "victorops",
    endpoint: url,
    orderKey: `${origin} e${entity}`,
    entity: `e${entity}`,
    messageType: "CRITICAL",
    request: {
      method: "POST",
      url,
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    },
    recordedAt: Date.now(),
  };
}

async function main(): Promise<void> {
  const options = optionsOf({ events: 10_000, entities: 1000, processes: 4 });
  const drained = await drain(options);
  const { events, processes } = options;
  const { lost, unexpected, repeated, disordered, milliseconds } = drained;
  console.log(
    `${events} events by ${processes} processes in ${(milliseconds / 1000).toFixed(1)} s: ${lost.length} lost, ` +
      `${unexpected.length} unexpected, ${repeated} repeated, ${disordered.length} entities out of order`,
  );
  process.exitCode = lost.length + unexpected.length + repeated + disordered.length === 0 ? 0 : 1;
}

if (import.meta.main) await main();
