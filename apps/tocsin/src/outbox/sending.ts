import { noteAnswers, type OutboxStore, Sender, StoreError } from "@tocsin/alerting/delivery";
import { Masker } from "@tocsin/alerting/oncall";
import type { Signal } from "@tocsin/platform/host";
import { milliseconds } from "../quantity.ts";
import { isJsonLog, logTo, metricsFile, Watch } from "../watch.ts";
import { optionsOnly } from "./arguments.ts";
import { line, type OutboxWorld } from "./world.ts";

/** How long to wait for answers to requests on their way when the outbox has failed or sending ends. Milliseconds. */
const lastAnswers = 2000;

/** How often `send --follow` looks for events of other processes. */
const lookMilliseconds = 500;

/** Sends waiting events, and with `--follow` those that come. */
export async function send(
  store: OutboxStore,
  args: readonly string[],
  world: OutboxWorld,
): Promise<number> {
  const options = optionsOnly(args, forms, "send");
  const logJson = isJsonLog(options["log-format"]);
  const metrics = metricsFile(options["metrics-file"], world.cwd ?? ".");
  const given = options["wait"];
  const wait = milliseconds(typeof given === "string" ? given : "30s", "--wait");
  const before = await store.counts();
  const masker = new Masker();
  const { clock, random, http, secrets, loop } = world.host;
  const log = logTo(logJson ? "json" : "text", { ...world, masker });
  const sender = new Sender({ store, clock, random, http, secrets, log, loop, masker });
  const watched = { ...world.watch, logJson, metricsFile: metrics };
  const watch = new Watch(sender, watched, { ...world, masker });
  const following = options["follow"] === true;
  const telemetry = await world.telemetry?.({ log, masker });
  const work = telemetry?.begin(following ? undefined : "outbox send", {});
  if (work !== undefined) sender.observe(work);
  await sender.start();
  try {
    watch.begin();
    if (following) await follow(sender, watch, world);
    else await Promise.race([sender.drain(clock.monotonic() + wait), stopped(world.signal)]);
    await watch.end();
  } catch (error) {
    const { reopen } = world;
    const until = clock.monotonic() + lastAnswers;
    if (sender.failure !== undefined && reopen !== undefined)
      await noteAnswers(sender, { open: reopen, until });
    throw error;
  } finally {
    // A request that is broken off is in doubt, and would be sent again.
    await sender.rest(clock.monotonic() + lastAnswers);
    work?.end(sender.failure === undefined ? undefined : "failed");
    await telemetry?.close();
  }
  await watch.writeMetrics();
  return concluded(before, await store.counts(), world);
}

const forms = {
  wait: { type: "string" },
  follow: { type: "boolean" },
  "metrics-file": { type: "string" },
  "log-format": { type: "string" },
} as const;

type Counts = Awaited<ReturnType<OutboxStore["counts"]>>;

/** Reports what became of the queue. Exit code 3 when an event waits, is held, or failed. */
function concluded(before: Counts, after: Counts, world: OutboxWorld): number {
  const left = after.recorded + after.sending + after.waiting;
  const held = after.held > 0 ? `, ${after.held} held (see outbox list --state held)` : "";
  world.out(line(`${after.accepted - before.accepted} accepted, ${left} waiting${held}`));
  const failed = after.refused - before.refused + after.parked - before.parked + after.held;
  return left > 0 || failed > 0 ? 3 : 0;
}

async function follow(
  sender: Sender,
  watch: Watch,
  { host, signal, moved }: OutboxWorld,
): Promise<void> {
  while (!(signal?.aborted ?? false) && sender.failure === undefined) {
    if (moved?.() === true) {
      const what = `the outbox ${sender.store.place} is no longer the file that was opened`;
      throw new StoreError("io", `${what}: it was moved, restored or removed. Start again`);
    }
    await watch.tick();
    await host.clock.sleep(lookMilliseconds, signal);
    sender.look();
  }
  if (sender.failure !== undefined) throw sender.failure;
}

function stopped(signal: Signal | undefined): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted ?? false) resolve();
    signal?.addEventListener("abort", resolve);
  });
}
