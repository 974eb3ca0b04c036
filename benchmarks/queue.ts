import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { openSqliteOutbox } from "@tocsin/adapters/outbox";
import { type NewDelivery, wallMilliseconds } from "@tocsin/alerting/delivery";
import { systemClock } from "@tocsin/adapters/host-node";
import { optionsOf } from "../tools/options.ts";
import { root } from "../tools/tree.ts";
import { type Cost, runProcess } from "./process.ts";
import { startReceiver } from "./receiver.ts";

// `outbox send` on a long queue: the time until the first request, the events per second, the memory. `--events N` fills it, `--senders N` drain it together, `--wait D` ends that.

/** The outcome of draining. */
interface Drained {
  readonly filledMilliseconds: number;
  /** From the start of the processes to the first request. */
  readonly firstMilliseconds: number;
  readonly milliseconds: number;
  readonly received: number;
  /** Requests that came a second time. */
  readonly repeated: number;
  readonly costs: readonly Cost[];
}

/** How to fill and drain. */
interface Queue {
  readonly events: number;
  readonly entities: number;
  readonly senders: number;
  readonly wait: string;
  readonly tocsin: (argv: readonly string[]) => Promise<Cost>;
}

/** Fills an outbox and lets processes drain it. */
async function drain(queue: Queue): Promise<Drained> {
  const folder = mkdtempSync(join(tmpdir(), "tocsin-queue-"));
  const receiver = await startReceiver();
  try {
    const filling = performance.now();
    await fill(folder, receiver.origin, queue);
    const began = performance.now();
    const argv = ["outbox", "send", "--data", folder, "--wait", queue.wait];
    const costs = await Promise.all(
      Array.from({ length: queue.senders }, () => queue.tocsin(argv)),
    );
    const ended = performance.now();
    const first = receiver.firstAt;
    const bodies = receiver.take();
    return {
      filledMilliseconds: began - filling,
      firstMilliseconds: first === undefined ? Number.NaN : first - began,
      milliseconds: ended - began,
      received: bodies.length,
      repeated: bodies.length - new Set(bodies).size,
      costs,
    };
  } finally {
    receiver.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function fill(folder: string, origin: string, { events, entities }: Queue): Promise<void> {
  const store = await openSqliteOutbox(folder);
  const now = wallMilliseconds(systemClock);
  const batch = 5000;
  for (let from = 0; from < events; from += batch) {
    const count = Math.min(batch, events - from);
    const some = Array.from({ length: count }, (_one, index) =>
      eventOf(from + index, { origin, entities, now }),
    );
    await store.record(some, { supersede: false });
  }
  await store.close();
}

function eventOf(
  number: number,
  { origin, entities, now }: { origin: string; entities: number; now: number },
): NewDelivery {
  const entity = `host-${number % entities}`;
  const url = `${origin}/integrations/generic/20131114/alert/0000-key/ops`;
  const messageType = number % 5 === 0 ? "CRITICAL" : "INFO";
  const body = JSON.stringify({
    entity_id: entity,
    message_type: messageType,
    state_message: `event ${number}`,
  });
  return {
    runId: "queue",
    identity: String(number),
    integration: "victorops",
    endpoint: url,
    orderKey: `${origin} ${entity}`,
    entity,
    messageType,
    request: { method: "POST", url, headers: { "Content-Type": "application/json" }, body },
    recordedAt: now,
  };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const drained = await drain({
    ...optionsOf({ events: 10_000, entities: 2000, senders: 1, wait: "10m" }),
    tocsin: (argv) => runProcess(join(root, "apps/tocsin/bin/tocsin"), argv),
  });
  const { costs, ...rest } = drained;
  console.log(rest);
  for (const { milliseconds, cpuMilliseconds, megabytes, output, complaint, code } of costs) {
    console.log({ milliseconds, cpuMilliseconds, megabytes, code, output, complaint });
  }
}
