import {
  type Change,
  type Delivery,
  held,
  hostOfEndpoint,
  type OutboxStore,
  overtakes,
  probeNow,
  released,
} from "@tocsin/alerting/delivery";
import { UsageError } from "./command.ts";
import { milliseconds } from "./quantity.ts";

/** Which events a command means. `--since` and `--until`: a time, or how long ago. */
export const filterOptions = {
  state: { type: "string" },
  entity: { type: "string" },
  endpoint: { type: "string" },
  run: { type: "string" },
  since: { type: "string" },
  until: { type: "string" },
} as const;

type Given = Readonly<Record<string, string | boolean | undefined>>;

/** Whether any filter was given. */
export function hasFilter(options: Given): boolean {
  return Object.keys(filterOptions).some((name) => options[name] !== undefined);
}

/** The test that the filters other than `--state` and `--entity` ask for. `now`: milliseconds since 1970. */
export function filterOf(options: Given, now: number): (one: Delivery) => boolean {
  const [since, until] = (["since", "until"] as const).map((name) =>
    timeOf(options[name], name, now),
  );
  const { endpoint, run } = options;
  return (one) =>
    (since === undefined || one.recordedAt >= since) &&
    (until === undefined || one.recordedAt <= until) &&
    (run === undefined || one.runId === run) &&
    (typeof endpoint !== "string" ||
      one.integration === endpoint ||
      hostOfEndpoint(one.endpoint) === endpoint.toLowerCase());
}

function timeOf(given: unknown, name: string, now: number): number | undefined {
  if (typeof given !== "string") return undefined;
  if (/^\d+(?:ms|s|m|h|d|w)/.test(given)) return now - milliseconds(given, `--${name}`);
  const time = Date.parse(given);
  if (!Number.isNaN(time)) return time;
  throw new UsageError(`--${name} takes a time or how long ago (2h), not "${given}"`);
}

/** Holds what may be held. Gives how many, and why others are not. */
export async function holdEvents(
  store: OutboxStore,
  chosen: readonly Delivery[],
  now: number,
): Promise<{ done: number; refused: string[] }> {
  const why = { reason: "hold-asked", detail: "held by a person" } as const;
  const may = chosen.filter((one) => one.state === "recorded" || one.state === "waiting");
  const changes = may.map((one): Change => ({ expect: one, step: held(one, why, now) }));
  return { done: await changed(store, changes), refused: notIn(chosen, may, "held") };
}

/** Lets held events go. An old one that a newer state of its entity has overtaken stays, unless forced. */
export async function releaseEvents(
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

/** Makes changes that bring events back into the queue. Gives how many, and why others stay. */
export async function requeue(
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

/** Upper ends of the columns of `shape`. */
const ages: readonly (readonly [string, number])[] = [
  ["1m", 60_000],
  ["5m", 300_000],
  ["15m", 900_000],
  ["1h", 3_600_000],
  ["6h", 21_600_000],
  ["24h", 86_400_000],
  ["older", Infinity],
];

/** A row of `outbox shape`: how many events of one endpoint, entity or run are how old. */
interface ShapeRow {
  readonly name: string;
  readonly total: number;
  readonly ages: Readonly<Record<string, number>>;
}

/** The ages of what did not arrive, by `by`; the largest first, after a row for all. */
export function shapeOf(
  waiting: readonly Delivery[],
  by: "endpoint" | "entity" | "run",
  now: number,
): ShapeRow[] {
  const rows = new Map<string, Record<string, number>>();
  const fresh = () => Object.fromEntries(ages.map(([name]) => [name, 0]));
  rows.set("TOTAL", fresh());
  for (const one of waiting) {
    const host = hostOfEndpoint(one.endpoint);
    const named = { endpoint: `${one.integration} ${host}`, entity: one.entity, run: one.runId }[
      by
    ];
    const age = now - one.recordedAt;
    const column = ages.find(([, end]) => age < end)?.[0] ?? "older";
    for (const name of ["TOTAL", named === "" ? "(none)" : named]) {
      const row = rows.get(name) ?? fresh();
      row[column] += 1;
      rows.set(name, row);
    }
  }
  const totals = [...rows].map(([name, row]) => ({
    name,
    total: Object.values(row).reduce((sum, one) => sum + one, 0),
    ages: row,
  }));
  const [all, ...others] = totals;
  return [all, ...others.toSorted((a, b) => b.total - a.total)];
}

/** The table of `outbox shape`, as Postfix's `qshape` draws it. */
export function shapeTable(rows: readonly ShapeRow[]): string[] {
  const widest = Math.max(...rows.map((row) => row.name.length));
  const cells = (name: string, numbers: readonly (string | number)[]) =>
    name.padEnd(widest) + numbers.map((one) => String(one).padStart(7)).join("");
  return [
    cells("", ["T", ...ages.map(([name]) => name)]),
    ...rows.map((row) => cells(row.name, [row.total, ...Object.values(row.ages)])),
  ];
}
