import {
  type Change,
  type Delivery,
  discarded,
  type Endpoint,
  held,
  type OutboxStore,
  overtakes,
  probeNow,
  released,
  retried,
} from "@tocsin/alerting/delivery";
import { argumentsOf, meant, named } from "./arguments.ts";
import { send } from "./sending.ts";
import { line, type OutboxWorld, wall } from "./world.ts";

/** How long `retry` waits for what it sends. */
const retryWait = "10s";

/** Holds waiting events. */
export async function hold(
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

/** Releases held events. */
export async function release(
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

/** Makes waiting, parked or refused events due now, and sends them. */
export async function retry(
  store: OutboxStore,
  args: readonly string[],
  world: OutboxWorld,
): Promise<number> {
  const { chosen, all, dry, force, options } = await meant(store, args, {
    world,
    command: "retry",
    states: ["parked", "waiting", "recorded"],
    more: { wait: { type: "string" } },
  });
  if (dry) return counted(world, chosen, "would be tried again");
  const due = await dueNow(store, chosen, { force, world });
  world.out(line(`${due} due now`));
  const wait = typeof options["wait"] === "string" ? options["wait"] : retryWait;
  const sent = due === 0 ? 0 : await send(store, ["--wait", wait], world);
  return all || due === chosen.length ? sent : 1;
}

/** Makes events due now as far as they may leave. Resolves with their number, and reports why others may not. */
async function dueNow(
  store: OutboxStore,
  chosen: readonly Delivery[],
  { force, world }: { force: boolean; world: OutboxWorld },
): Promise<number> {
  const now = wall(world);
  const changes: Change[] = [];
  for (const one of chosen) {
    if (one.state === "recorded") {
      // It was never tried, so it is due anyway; only its endpoint may be blocked.
      await store.changeEndpoint(one.endpoint, (stored) => probeNow(stored, now));
    } else if (one.state === "waiting" || one.state === "parked" || one.state === "refused") {
      const endpoint = (stored: Endpoint) => probeNow(stored, now);
      // A waiting event has kept its place: no later one can have left.
      const unlessOvertaken = !force && one.state !== "waiting";
      changes.push({ expect: one, step: retried(one, now), endpoint, unlessOvertaken });
    } else {
      world.err(line(`event ${one.id} is ${one.state}: there is nothing to try again`));
    }
  }
  const { done, late } = await requeue(store, changes, "tried again");
  for (const why of late) world.err(line(why));
  return done + chosen.filter((one) => one.state === "recorded").length;
}

/** Gives events up. */
export async function discard(
  store: OutboxStore,
  args: readonly string[],
  world: OutboxWorld,
): Promise<number> {
  const { options, ids } = argumentsOf(args, { reason: { type: "string" } });
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

function counted(world: OutboxWorld, chosen: readonly Delivery[], what: string): number {
  world.out(line(`${chosen.length} ${what}`));
  return 0;
}

/** Holds events that may be held. Resolves with their number, and why others are not. */
async function holdEvents(
  store: OutboxStore,
  chosen: readonly Delivery[],
  now: number,
): Promise<{ done: number; refused: string[] }> {
  const why = { reason: "hold-asked", detail: "held by a person" } as const;
  const may = chosen.filter((one) => one.state === "recorded" || one.state === "waiting");
  const changes = may.map((one): Change => ({ expect: one, step: held(one, why, now) }));
  return { done: await changed(store, changes), refused: notIn(chosen, may, "held") };
}

/** Releases held events. One that a newer state of its entity has overtaken stays, unless forced. */
async function releaseEvents(
  store: OutboxStore,
  chosen: readonly Delivery[],
  options: { now: number; force: boolean },
): Promise<{ done: number; refused: string[] }> {
  const { now, force } = options;
  const may = chosen.filter((one) => one.state === "held");
  const changes = may.map((one): Change => ({
    expect: one,
    step: released(one, now),
    endpoint: (stored) => probeNow(stored, now),
    unlessOvertaken: !force,
  }));
  const { done, late } = await requeue(store, changes, "released");
  return { done, refused: [...notIn(chosen, may, "released"), ...late] };
}

/** Brings events back into the queue. Resolves with their number, and why others stay. */
async function requeue(
  store: OutboxStore,
  changes: readonly Change[],
  word: string,
): Promise<{ done: number; late: string[] }> {
  const late: string[] = [];
  if (changes.length === 0) return { done: 0, late };
  const made = await store.change(changes);
  for (const [index, { step }] of changes.entries()) {
    if (made[index]) continue;
    late.push(`event ${step.next.id} is not ${word}: ${await overtaker(store, step.next)}`);
  }
  return { done: changes.length - late.length, late };
}

async function overtaker(store: OutboxStore, one: Delivery): Promise<string> {
  const later = await store.list({ entity: one.entity, after: one.id });
  const newer = later.find((other) => other.orderKey === one.orderKey && overtakes(other));
  if (newer === undefined) return "another command changed it at the same time";
  const { state } = newer;
  const what =
    state === "accepted"
      ? "was accepted"
      : state === "sending"
        ? "is on its way"
        : "may have arrived";
  return `${newer.id}, a later event of the same entity, ${what}. --force sends it anyway`;
}

async function changed(store: OutboxStore, changes: readonly Change[]): Promise<number> {
  return changes.length === 0 ? 0 : (await store.change(changes)).filter((ok) => ok).length;
}

function notIn(chosen: readonly Delivery[], may: readonly Delivery[], word: string): string[] {
  return chosen
    .filter((one) => !may.includes(one))
    .map((one) => `event ${one.id} is ${one.state}: it cannot be ${word}`);
}
