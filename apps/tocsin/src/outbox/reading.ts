import {
  type Delivery,
  type DeliveryState,
  type Endpoint,
  isUnfinished,
  type OutboxStore,
} from "@tocsin/alerting/delivery";
import { UsageError } from "../arguments.ts";
import {
  argumentsOf,
  countOf,
  filtered,
  filterOptions,
  named,
  optionsOnly,
  outputOf,
} from "./arguments.ts";
import { storyJson, storyLines } from "./story.ts";
import { iso, line, type OutboxWorld, plain, wall } from "./world.ts";

/** One line. Exit code 3 when an event has not arrived. */
export async function status(
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

/** The events in the outbox, as a table or JSON. */
export async function list(
  store: OutboxStore,
  args: readonly string[],
  world: OutboxWorld,
): Promise<number> {
  const { options, ids } = argumentsOf(args, {
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
  /** How its fallback went: begun, sent, failed. */
  readonly fallback?: string;
}

function itemOf(delivery: Delivery, endpoint: Endpoint | undefined): Item {
  const { id, entity, messageType, attempts, lastStatus } = delivery;
  const held = isUnfinished(delivery) && endpoint !== undefined && endpoint.state !== "open";
  const next = held ? endpoint.probeAt : delivery.nextAttemptAt;
  return {
    id,
    // Whoever waits does not care whether it was tried yet.
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

/** The story of an event, and what comes next. */
export async function show(
  store: OutboxStore,
  args: readonly string[],
  world: OutboxWorld,
): Promise<number> {
  const { options, ids } = argumentsOf(args, { output: { type: "string" } });
  const [delivery, ...more] = await named(store, ids, "show");
  if (more.length > 0) throw new UsageError(`outbox show takes one ID, not also "${ids[1]}"`);
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

/** The event of the same entity that must leave first; undefined: there is none. */
async function ahead(store: OutboxStore, one: Delivery): Promise<string | undefined> {
  if (one.orderKey === "" || !isUnfinished(one)) return undefined;
  const { entity } = one;
  const states = ["recorded", "sending", "waiting"] as const;
  const queue = await store.list({ entity, states, limit: 100 });
  const first = queue.find(({ orderKey }) => orderKey === one.orderKey);
  return first === undefined || first.id === one.id ? undefined : first.id;
}
