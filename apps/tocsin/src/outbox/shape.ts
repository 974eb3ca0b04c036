import { type Delivery, hostOfEndpoint, type OutboxStore } from "@tocsin/alerting/delivery";
import { oneOf } from "../arguments.ts";
import { optionsOnly, outputOf } from "./arguments.ts";
import { line, type OutboxWorld, wall } from "./world.ts";

/** The states of events that have not arrived. */
const undelivered = ["recorded", "sending", "waiting", "held", "parked"] as const;

/** The ages of events that have not arrived, by endpoint. */
export async function shape(
  store: OutboxStore,
  args: readonly string[],
  world: OutboxWorld,
): Promise<number> {
  const accepted = { by: { type: "string" }, output: { type: "string" } } as const;
  const options = optionsOnly(args, accepted, "shape");
  const by = oneOf(["endpoint", "entity", "run"], String(options["by"] ?? "endpoint"), "--by");
  const waiting = await store.list({ states: [...undelivered] });
  const rows = shapeOf(waiting, by, wall(world));
  if (outputOf(options["output"]) === "json") {
    world.out(`${JSON.stringify(rows, undefined, 2)}\n`);
  } else for (const text of shapeTable(rows)) world.out(line(text));
  return 0;
}

/** The columns of `shape`, with the upper end of their ages. Milliseconds. */
const ages: readonly (readonly [string, number])[] = [
  ["1m", 60_000],
  ["5m", 300_000],
  ["15m", 900_000],
  ["1h", 3_600_000],
  ["6h", 21_600_000],
  ["24h", 86_400_000],
  ["older", Infinity],
];

/** A row of `outbox shape`: the events of an endpoint, entity or run by age. */
interface ShapeRow {
  readonly name: string;
  readonly total: number;
  readonly ages: Readonly<Record<string, number>>;
}

/** The rows of `shape`: one for all events, then the others, largest first. */
function shapeOf(
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
function shapeTable(rows: readonly ShapeRow[]): string[] {
  const widest = Math.max(...rows.map((row) => row.name.length));
  const cells = (name: string, numbers: readonly (string | number)[]) =>
    name.padEnd(widest) + numbers.map((one) => String(one).padStart(7)).join("");
  return [
    cells("", ["T", ...ages.map(([name]) => name)]),
    ...rows.map((row) => cells(row.name, [row.total, ...Object.values(row.ages)])),
  ];
}
