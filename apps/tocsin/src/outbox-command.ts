import { resolve } from "node:path";
import {
  type Change,
  type Delivery,
  type DeliveryState,
  discarded,
  emptyCounts,
  type Endpoint,
  isUnfinished,
  noteAnswers,
  type OutboxStore,
  probeNow,
  retried,
  Sender,
  StoreError,
} from "@tocsin/alerting/delivery";
import { Masker } from "@tocsin/alerting/oncall";
import type { Telemetry } from "@tocsin/adapters/telemetry";
import type { Host, Log, Signal } from "@tocsin/platform/host";
import { nearest, readArguments, UsageError } from "./arguments.ts";
import { filterOf, filterOptions, hasFilter, holdEvents, releaseEvents } from "./outbox-moves.ts";
import { requeue, shapeOf, shapeTable } from "./outbox-moves.ts";
import { milliseconds } from "./quantity.ts";
import { storyJson, storyLines } from "./outbox-story.ts";
import { isJsonLog, logTo, metricsFile, Watch, type WatchSettings } from "./watch.ts";

/** What the outbox's commands need beside the store. */
interface OutboxWorld {
  readonly host: Host;
  out(text: string): void;
  err(text: string): void;
  /** What `send` watches over. */
  readonly watch?: WatchSettings;
  /** Opens the outbox anew, after it failed. */
  reopen?(): Promise<OutboxStore>;
  /** Where paths are meant from. */
  readonly cwd?: string;
  /** Where `send` tells spans and metrics, when somebody wants them. */
  telemetry?(told: { readonly log: Log; readonly masker: Masker }): Promise<Telemetry | undefined>;
  /** Ends `send` early; the queue stays as it is. */
  readonly signal?: Signal;
}

type Run = (store: OutboxStore, args: readonly string[], world: OutboxWorld) => Promise<number>;

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
/** The outbox's commands, in the order of help. */
const outboxCommands: readonly string[] = Object.keys(commands);

/** States of what did not arrive. */
const undelivered = ["recorded", "sending", "waiting", "held", "parked"] as const;

/** How long the answers of what is on its way are waited for when the outbox has failed. Milliseconds. */
const lastAnswers = 2000;

/** How often `send --follow` looks for what other processes recorded. */
const lookMilliseconds = 500;

/** The arguments, when they begin with a command; `status` is meant by none. Throws `UsageError`. */
export function known([name = "status", ...rest]: readonly string[]): [string, ...string[]] {
  if (Object.hasOwn(commands, name)) return [name, ...rest];
  const near = nearest(name, outboxCommands);
  const hint = near === undefined ? "" : `; did you mean ${near}?`;
  throw new UsageError(
    `there is no outbox command "${name}"${hint} (${outboxCommands.join(", ")})`,
  );
}

/**
 * Runs an outbox command. Gives the exit code; throws `UsageError` for
 * arguments that cannot be used.
 */
export async function outboxCommand(
  store: OutboxStore,
  args: readonly string[],
  world: OutboxWorld,
): Promise<number> {
  const [name, ...rest] = known(args);
  // What a dead process left in flight waits; nobody should be told that it is being sent.
  await store.resume(wall(world));
  return commands[name](store, rest, world);
}

/** One line. Exit 3 when an event did not arrive. */
async function status(
  store: OutboxStore,
  args: readonly string[],
  world: OutboxWorld,
): Promise<number> {
  optionsOnly(args, {}, "status");
  const counts = await store.counts();
  const waiting = counts.recorded + counts.waiting + counts.sending;
  const parts = [
    `${waiting} waiting`,
    ...(["held", "parked", "refused"] as const)
      .filter((state) => counts[state] > 0)
      .map((state) => `${counts[state]} ${state}`),
    `${counts.accepted} accepted`,
  ];
  const [oldest] = await store.list({ states: ["recorded", "waiting", "sending"], limit: 1 });
  const since = oldest === undefined ? "" : `; the oldest since ${iso(oldest.recordedAt)}`;
  const blocked = (await store.endpoints()).filter((one) => one.state !== "open");
  const why = blocked.map((one) => `; blocked: ${one.detail}`).join("");
  world.out(line(`${parts.join(", ")}${since}${waiting > 0 ? why : ""}`));
  return waiting + counts.held + counts.parked + counts.refused > 0 ? 3 : 0;
}

async function list(
  store: OutboxStore,
  args: readonly string[],
  world: OutboxWorld,
): Promise<number> {
  const { options, ids } = parse(args, {
    ...filterOptions,
    output: { type: "string" },
    limit: { type: "string" },
  });
  if (ids.length > 0)
    throw new UsageError(`outbox list takes no ID; see \`outbox show ${ids[0]}\``);
  const output = outputOf(options["output"]);
  const found = await filtered(store, options, world);
  const endpoints = new Map((await store.endpoints()).map((one) => [one.key, one]));
  const most = countOf(options["limit"]) ?? found.length;
  const items = found
    .slice(Math.max(0, found.length - most))
    .map((one) => itemOf(one, endpoints.get(one.endpoint)));
  if (output === "json") world.out(`${JSON.stringify(items, undefined, 2)}\n`);
  else if (items.length > 0) world.out(table(items));
  return 0;
}

/** An element of `outbox list --output json`. Others rely on this shape. */
interface Item {
  readonly id: string;
  readonly state: DeliveryState;
  readonly endpoint: string;
  readonly entity: string;
  readonly messageType: string;
  readonly recordedAt: string;
  readonly attempts: number;
  readonly lastStatus: string;
  readonly reason: string;
  readonly nextAttemptAt: string | null;
  /** Whether it went out by the fallback, too: begun, sent, failed. */
  readonly fallback?: string;
}

function itemOf(delivery: Delivery, endpoint: Endpoint | undefined): Item {
  const { id, entity, messageType, attempts, lastStatus } = delivery;
  const held = isUnfinished(delivery) && endpoint !== undefined && endpoint.state !== "open";
  const next = held ? endpoint.probeAt : delivery.nextAttemptAt;
  return {
    id,
    // For the one who waits it is the same whether it was tried yet.
    state: delivery.state === "recorded" ? "waiting" : delivery.state,
    endpoint: delivery.integration,
    entity,
    messageType,
    recordedAt: iso(delivery.recordedAt),
    attempts,
    lastStatus,
    reason: held && delivery.reason === "new" ? endpoint.reason : delivery.reason,
    nextAttemptAt: next === undefined ? null : iso(next),
    ...(delivery.fallback === undefined ? {} : { fallback: delivery.fallback.state }),
  };
}

function table(items: readonly Item[]): string {
  const head = ["ID", "STATE", "TYPE", "ENTITY", "RECORDED", "TRIES", "STATUS", "REASON"];
  const rows = items.map((one) => [
    one.id,
    one.state,
    one.messageType,
    one.entity,
    one.recordedAt,
    String(one.attempts),
    one.lastStatus,
    one.fallback === undefined ? one.reason : `${one.reason}, fallback ${one.fallback}`,
  ]);
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => plain(row[column]).length)),
  );
  return [head, ...rows]
    .map((row) =>
      line(
        row
          .map((cell, at) => plain(cell).padEnd(widths[at]))
          .join("  ")
          .trimEnd(),
      ),
    )
    .join("");
}

async function show(
  store: OutboxStore,
  args: readonly string[],
  world: OutboxWorld,
): Promise<number> {
  const { options, ids } = parse(args, { output: { type: "string" } });
  const [delivery] = await named(store, ids, "show");
  const json = outputOf(options["output"]) === "json";
  const endpoint = (await store.endpoints()).find((one) => one.key === delivery.endpoint);
  const story = { delivery, endpoint, journal: await store.journal(delivery.id) };
  if (json) {
    const whole = { ...itemOf(delivery, endpoint), ...storyJson(story) };
    world.out(`${JSON.stringify(whole, undefined, 2)}\n`);
    return 0;
  }
  const before = await ahead(store, delivery);
  for (const text of storyLines({ ...story, ahead: before }, wall(world))) world.out(line(text));
  return 0;
}

/** The event of the same entity that must go out first; undefined: there is none. */
async function ahead(store: OutboxStore, one: Delivery): Promise<string | undefined> {
  if (one.orderKey === "" || !isUnfinished(one)) return undefined;
  const { entity } = one;
  const states = ["recorded", "sending", "waiting"] as const;
  const queue = await store.list({ entity, states, limit: 100 });
  const first = queue.find(({ orderKey }) => orderKey === one.orderKey);
  return first === undefined || first.id === one.id ? undefined : first.id;
}

/** How old what did not arrive is, by endpoint. */
async function shape(
  store: OutboxStore,
  args: readonly string[],
  world: OutboxWorld,
): Promise<number> {
  const accepted = { by: { type: "string" }, output: { type: "string" } } as const;
  const options = optionsOnly(args, accepted, "shape");
  const by = ["endpoint", "entity", "run"].find((one) => one === (options["by"] ?? "endpoint"));
  if (by === undefined) throw new UsageError("--by is endpoint, entity or run");
  const waiting = await store.list({ states: [...undelivered] });
  const rows = shapeOf(waiting, by as "endpoint" | "entity" | "run", wall(world));
  if (outputOf(options["output"]) === "json") {
    world.out(`${JSON.stringify(rows, undefined, 2)}\n`);
  } else for (const text of shapeTable(rows)) world.out(line(text));
  return 0;
}

async function hold(
  store: OutboxStore,
  args: readonly string[],
  world: OutboxWorld,
): Promise<number> {
  const { chosen, dry } = await meant(store, args, {
    world,
    command: "hold",
    states: ["recorded", "waiting"],
  });
  if (dry) return counted(world, chosen, "would be held");
  const { done, refused } = await holdEvents(store, chosen, wall(world));
  for (const why of refused) world.err(line(why));
  world.out(line(`${done} held`));
  return refused.length === 0 ? 0 : 1;
}

async function release(
  store: OutboxStore,
  args: readonly string[],
  world: OutboxWorld,
): Promise<number> {
  const { chosen, dry, force } = await meant(store, args, {
    world,
    command: "release",
    states: ["held"],
  });
  if (dry) return counted(world, chosen, "would be released");
  const { done, refused } = await releaseEvents(store, chosen, { now: wall(world), force });
  for (const why of refused) world.err(line(why));
  world.out(line(`${done} due now; \`tocsin outbox send\` sends`));
  return refused.length === 0 ? 0 : 1;
}

/** Copies the outbox into a file, while others work with it. */
async function backup(
  store: OutboxStore,
  args: readonly string[],
  world: OutboxWorld,
): Promise<number> {
  const { ids } = parse(args, {});
  if (ids.length !== 1) throw new UsageError("outbox backup needs one FILE");
  const { backupOutbox } = await import("@tocsin/adapters/outbox");
  try {
    await backupOutbox(store, resolve(world.cwd ?? "", ids[0]));
  } catch (error) {
    if (error instanceof StoreError) throw error;
    throw new UsageError(`cannot write ${ids[0]}: ${error instanceof Error ? error.message : ""}`);
  }
  world.out(line(`the outbox is copied to ${ids[0]}`));
  return 0;
}

function counted(world: OutboxWorld, chosen: readonly Delivery[], what: string): number {
  world.out(line(`${chosen.length} ${what}`));
  return 0;
}

/** The events that IDs, `--all` or filters name. */
async function meant(
  store: OutboxStore,
  args: readonly string[],
  how: { world: OutboxWorld; command: string; states: readonly DeliveryState[] },
): Promise<{ chosen: readonly Delivery[]; all: boolean; dry: boolean; force: boolean }> {
  const flags = { type: "boolean" } as const;
  const { options, ids } = parse(args, {
    ...filterOptions,
    all: flags,
    force: flags,
    "dry-run": flags,
  });
  const all = options["all"] === true || hasFilter(options);
  if (all && ids.length > 0) throw new UsageError("give IDs, or --all and filters, not both");
  const chosen = all
    ? (await filtered(store, options, how.world)).filter((one) => how.states.includes(one.state))
    : await named(store, ids, how.command);
  return { chosen, all, dry: options["dry-run"] === true, force: options["force"] === true };
}

async function filtered(
  store: OutboxStore,
  options: Readonly<Record<string, string | boolean | undefined>>,
  world: OutboxWorld,
): Promise<Delivery[]> {
  const states = statesOf(options["state"]);
  const entity = options["entity"];
  const found = await store.list({
    ...(states === undefined ? {} : { states }),
    ...(typeof entity === "string" ? { entity } : {}),
  });
  return found.filter(filterOf(options, wall(world)));
}

async function retry(
  store: OutboxStore,
  args: readonly string[],
  world: OutboxWorld,
): Promise<number> {
  const { chosen, all, dry, force } = await meant(store, args, {
    world,
    command: "retry",
    states: ["parked", "waiting", "recorded"],
  });
  if (dry) return counted(world, chosen, "would be tried again");
  const now = wall(world);
  const changes: Change[] = [];
  for (const one of chosen) {
    if (one.state === "recorded") {
      // Never tried, so it is due anyway; only its endpoint may be in the way.
      await store.changeEndpoint(one.endpoint, (stored) => probeNow(stored, now));
    } else if (one.state === "waiting" || one.state === "parked" || one.state === "refused") {
      const endpoint = (stored: Endpoint) => probeNow(stored, now);
      // What waits has kept its place: nothing later can have gone out.
      const unlessOvertaken = !force && one.state !== "waiting";
      changes.push({ expect: one, step: retried(one, now), endpoint, unlessOvertaken });
    } else {
      world.err(line(`event ${one.id} is ${one.state}: there is nothing to try again`));
    }
  }
  const { done, late } = await requeue(store, changes, "tried again");
  for (const why of late) world.err(line(why));
  const untouched = chosen.filter((one) => one.state === "recorded").length;
  world.out(line(`${done + untouched} due now; \`tocsin outbox send\` sends`));
  return all || done + untouched === chosen.length ? 0 : 1;
}

async function discard(
  store: OutboxStore,
  args: readonly string[],
  world: OutboxWorld,
): Promise<number> {
  const { options, ids } = parse(args, { reason: { type: "string" } });
  const chosen = await named(store, ids, "discard");
  const now = wall(world);
  const why = options["reason"];
  const detail = typeof why === "string" ? why : "given up by a person";
  const may = chosen.filter((one) =>
    ["recorded", "waiting", "held", "parked", "refused"].includes(one.state),
  );
  for (const one of chosen) {
    if (may.includes(one)) continue;
    world.err(line(`event ${one.id} is ${one.state}: it cannot be discarded`));
  }
  const changes = may.map((one) => ({ expect: one, step: discarded(one, detail, now) }));
  const done = (await store.change(changes)).filter((ok) => ok).length;
  world.out(line(`${done} discarded`));
  return done === chosen.length ? 0 : 1;
}

async function send(
  store: OutboxStore,
  args: readonly string[],
  world: OutboxWorld,
): Promise<number> {
  const accepted = {
    wait: { type: "string" },
    follow: { type: "boolean" },
    "metrics-file": { type: "string" },
    "log-format": { type: "string" },
  } as const;
  const options = optionsOnly(args, accepted, "send");
  const logJson = isJsonLog(options["log-format"]);
  const metrics = metricsFile(options["metrics-file"], world.cwd ?? ".");
  const given = options["wait"];
  const wait = milliseconds(typeof given === "string" ? given : "30s", "--wait");
  const before = await store.counts();
  const masker = new Masker();
  const { clock, random, http, secrets, loop } = world.host;
  const log = logTo(logJson ? "json" : "text", { ...world, masker });
  const sender = new Sender({ store, clock, random, http, secrets, log, loop, masker });
  const watch = new Watch(
    sender,
    { ...world.watch, logJson, metricsFile: metrics },
    { ...world, masker },
  );
  const following = options["follow"] === true;
  const telemetry = await world.telemetry?.({ log, masker });
  const work = telemetry?.begin(following ? undefined : "outbox send", {});
  if (work !== undefined) sender.observe(work);
  await sender.start();
  try {
    await watch.late();
    if (following) await follow(sender, watch, world);
    else await Promise.race([sender.drain(clock.monotonic() + wait), stopped(world.signal)]);
    await watch.late();
  } catch (error) {
    const { reopen } = world;
    const until = clock.monotonic() + lastAnswers;
    if (sender.failure !== undefined && reopen !== undefined)
      await noteAnswers(sender, { open: reopen, until });
    throw error;
  } finally {
    // What is broken off is in doubt, and leaves a second time.
    await sender.rest(clock.monotonic() + lastAnswers);
    work?.end(sender.failure === undefined ? undefined : "failed");
    await telemetry?.close();
  }
  await watch.writeMetrics();
  const after = await store.counts();
  const sum = (counts: typeof after) => counts.recorded + counts.sending + counts.waiting;
  const left = sum(after);
  const held = after.held > 0 ? `, ${after.held} held (see outbox list --state held)` : "";
  world.out(line(`${after.accepted - before.accepted} accepted, ${left} waiting${held}`));
  const failed = after.refused - before.refused + after.parked - before.parked + after.held;
  return left > 0 || failed > 0 ? 3 : 0;
}

async function follow(sender: Sender, watch: Watch, { host, signal }: OutboxWorld): Promise<void> {
  while (!(signal?.aborted ?? false) && sender.failure === undefined) {
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

type Options = Readonly<Record<string, { readonly type: "string" | "boolean" }>>;

/** The options of a command that takes nothing else. */
function optionsOnly(args: readonly string[], known: Options, command: string) {
  const { options, ids } = parse(args, known);
  if (ids.length > 0) throw new UsageError(`outbox ${command} takes no "${ids[0]}"`);
  return options;
}

function parse(args: readonly string[], forms: Options) {
  const { options, operands } = readArguments(args, forms);
  return {
    options: options as Readonly<Record<string, string | boolean | undefined>>,
    ids: operands,
  };
}

async function named(
  store: OutboxStore,
  ids: readonly string[],
  command: string,
): Promise<Delivery[]> {
  if (ids.length === 0) {
    throw new UsageError(`outbox ${command} needs an ID; \`tocsin outbox list\` shows them`);
  }
  const found: Delivery[] = [];
  for (const id of ids) {
    const one = await store.get(id);
    if (one === undefined) throw new UsageError(`there is no event "${id}" in ${store.place}`);
    found.push(one);
  }
  return found;
}

function outputOf(value: unknown): "table" | "json" {
  if (value === undefined || value === "table") return "table";
  if (value === "json") return "json";
  throw new UsageError(`--output is table or json, not "${String(value)}"`);
}

function statesOf(value: unknown): DeliveryState[] | undefined {
  if (typeof value !== "string") return undefined;
  const known = Object.keys(emptyCounts()) as DeliveryState[];
  return value.split(",").flatMap((word) => {
    const state = known.find((one) => one === word);
    if (state === undefined) {
      throw new UsageError(`--state takes ${known.join(", ")}, not "${word}"`);
    }
    return state === "waiting" ? (["recorded", "waiting"] as const) : [state];
  });
}

function countOf(value: unknown): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value === "string" && /^\d{1,9}$/.test(value)) return Number(value);
  throw new UsageError(`--limit takes a number, not "${String(value)}"`);
}

function wall({ host }: OutboxWorld): number {
  return Number(host.clock.now() / 1_000_000n);
}

function iso(time: number): string {
  return new Date(time).toISOString();
}

/** Control characters of an event must not reach a terminal. */
function plain(text: string): string {
  return text.replace(/\p{Cc}/gu, " ");
}

function line(text: string): string {
  return `${plain(text)}\n`;
}
