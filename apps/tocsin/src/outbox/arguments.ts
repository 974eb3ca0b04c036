import {
  type Delivery,
  type DeliveryState,
  emptyCounts,
  hostOfEndpoint,
  type OutboxStore,
} from "@tocsin/alerting/delivery";
import { readArguments, UsageError } from "../arguments.ts";
import { milliseconds } from "../quantity.ts";
import { type OutboxWorld, wall } from "./world.ts";

type Forms = Readonly<Record<string, { readonly type: "string" | "boolean" }>>;
type Given = Readonly<Record<string, string | boolean | undefined>>;

/** The options and operands of a subcommand. */
export function argumentsOf(args: readonly string[], forms: Forms) {
  const { options, operands } = readArguments(args, forms);
  return {
    options: options as Given,
    ids: operands,
  };
}

/** The options of a subcommand that takes no operands. */
export function optionsOnly(args: readonly string[], known: Forms, command: string) {
  const { options, ids } = argumentsOf(args, known);
  if (ids.length > 0) throw new UsageError(`outbox ${command} takes no "${ids[0]}"`);
  return options;
}

/** Options that choose events. `--since` and `--until` take a time, or how long ago. */
export const filterOptions = {
  state: { type: "string" },
  entity: { type: "string" },
  endpoint: { type: "string" },
  run: { type: "string" },
  since: { type: "string" },
  until: { type: "string" },
} as const;

/** Which events a subcommand is to change, and how. */
interface Meant {
  readonly chosen: readonly Delivery[];
  readonly all: boolean;
  readonly dry: boolean;
  readonly force: boolean;
  readonly options: Given;
}

/** The events that IDs, `--all` or filters choose. `more`: options that only this subcommand has. */
export async function meant(
  store: OutboxStore,
  args: readonly string[],
  how: { world: OutboxWorld; command: string; states: readonly DeliveryState[]; more?: Forms },
): Promise<Meant> {
  const flags = { type: "boolean" } as const;
  const { options, ids } = argumentsOf(args, {
    ...filterOptions,
    all: flags,
    force: flags,
    "dry-run": flags,
    ...how.more,
  });
  const all = options["all"] === true || hasFilter(options);
  if (all && ids.length > 0) throw new UsageError("give IDs, or --all and filters, not both");
  const chosen = all
    ? (await filtered(store, options, how.world)).filter((one) => how.states.includes(one.state))
    : await named(store, ids, how.command);
  const { "dry-run": dry, force } = options;
  return { chosen, all, dry: dry === true, force: force === true, options };
}

/** The events that filters choose. */
export async function filtered(
  store: OutboxStore,
  options: Given,
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

/** The events with some IDs, at least one. */
export async function named(
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

/** Whether any filter was given. */
function hasFilter(options: Given): boolean {
  return Object.keys(filterOptions).some((name) => options[name] !== undefined);
}

/** A test for the filters other than `--state` and `--entity`. `now`: milliseconds since 1970. */
function filterOf(options: Given, now: number): (one: Delivery) => boolean {
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

/** The form that `--output` asks for. */
export function outputOf(value: unknown): "table" | "json" {
  if (value === undefined || value === "table") return "table";
  if (value === "json") return "json";
  throw new UsageError(`--output is table or json, not "${String(value)}"`);
}

/** The number that `--limit` gives; undefined: all. */
export function countOf(value: unknown): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value === "string" && /^\d{1,9}$/.test(value)) return Number(value);
  throw new UsageError(`--limit takes a number, not "${String(value)}"`);
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
