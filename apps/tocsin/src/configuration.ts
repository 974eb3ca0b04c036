import { existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { nearest, UsageError } from "./command.ts";
import { type DeliverySettings, deliverySettings } from "./delivery-settings.ts";
import { homeFolder } from "./home-folder.ts";
import { bucketSource } from "./option-values.ts";
import { milliseconds, memorySize } from "./quantity.ts";
import { originOf } from "./redirection.ts";
import { reason } from "./scripts.ts";

/** Settings from files and the environment; an option on the command line overrides them. */
export interface Configuration extends DeliverySettings {
  readonly data?: string;
  readonly secrets?: string;
  readonly wait?: string;
  readonly timeout?: string;
  readonly memory?: string;
  readonly deliverTo?: string;
  /** Sources by bucket name. */
  readonly buckets: ReadonlyMap<string, string>;
}

const fileName = "tocsin.toml";
const texts = {
  data: "data",
  secrets: "secrets",
  wait: "wait",
  timeout: "timeout",
  memory: "memory",
  deliver_to: "deliverTo",
} as const;
type TextKey = keyof typeof texts;

/** What reads a value: here, where it stands can be said. */
const checks: Readonly<
  Partial<Record<(typeof texts)[TextKey], (value: string, place: string) => unknown>>
> = { wait: milliseconds, timeout: milliseconds, memory: memorySize, deliverTo: originOf };

/**
 * The configuration for a script: `TOCSIN_*`, then the nearest `tocsin.toml` upwards from the script's
 * folder, then the user's, then the machine's. Throws `UsageError` for a file that cannot be used.
 */
export async function configuration(
  folder: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<Configuration> {
  let found: Configuration = { buckets: new Map() };
  for (const path of placesOf(folder, env).toReversed()) {
    if (!existsSync(path)) continue;
    found = over(found, await readConfiguration(path));
  }
  return over(found, fromEnvironment(env));
}

/** A setting and where it comes from: a file or an environment variable. */
interface Origin {
  /** As `tocsin.toml` names it: `deliver_to`, `buckets.web`. */
  readonly setting: string;
  readonly value: string;
  readonly from: string;
}

/** The settings that `configuration` gives, each with its origin. */
export async function origins(
  folder: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<Origin[]> {
  const found = new Map<string, Origin>();
  const note = (set: Configuration, from: (key: string) => string): void => {
    const add = (setting: string, value: string | boolean | undefined): void => {
      if (value !== undefined)
        found.set(setting, { setting, value: `${value}`, from: from(setting) });
    };
    for (const [key, name] of Object.entries(texts)) add(key, set[name]);
    add("delivery.supersede", set.supersede);
    add("delivery.fallback", wayWords(set.fallback));
    add("watchdog", wayWords(set.watchdog));
    for (const [name, source] of set.buckets) add(`buckets.${name}`, source);
  };
  for (const path of placesOf(folder, env).toReversed())
    if (existsSync(path)) note(await readConfiguration(path), () => path);
  note(fromEnvironment(env), (key) => `TOCSIN_${key.toUpperCase()}`);
  return [...found.values()];
}

/** The watchdog or the second channel in words, without its address. */
function wayWords(way: Configuration["fallback"] | Configuration["watchdog"]): string | undefined {
  if (way === undefined) return undefined;
  if ("command" in way && way.command !== undefined) return `the program ${way.command[0]}`;
  return way.secret === undefined ? "an address" : `the address in the secret ${way.secret}`;
}

/** The nearest `tocsin.toml` from a folder upwards. */
export function nearestConfiguration(folder: string): string | undefined {
  for (let at = resolve(folder); ; at = dirname(at)) {
    if (existsSync(join(at, fileName))) return join(at, fileName);
    if (at === dirname(at)) return undefined;
  }
}

function placesOf(folder: string, env: Readonly<Record<string, string | undefined>>): string[] {
  const own = nearestConfiguration(folder);
  const home = homeFolder(env);
  const users = env["XDG_CONFIG_HOME"] ?? (home === undefined ? undefined : join(home, ".config"));
  return [
    ...(own === undefined ? [] : [own]),
    ...(users === undefined ? [] : [join(users, "tocsin", fileName)]),
    join("/etc/tocsin", fileName),
  ];
}

function over(below: Configuration, above: Configuration): Configuration {
  return { ...below, ...above, buckets: new Map([...below.buckets, ...above.buckets]) };
}

function fromEnvironment(env: Readonly<Record<string, string | undefined>>): Configuration {
  const given: Record<string, string> = {};
  for (const [key, name] of Object.entries(texts)) {
    const variable = `TOCSIN_${key.toUpperCase()}`;
    const value = env[variable];
    if (value === undefined || value === "") continue;
    checks[name]?.(value, variable);
    given[name] = value;
  }
  return { ...given, buckets: new Map() };
}

async function readConfiguration(path: string): Promise<Configuration> {
  const { parse, TomlError } = await import("smol-toml");
  let table: Record<string, unknown>;
  try {
    table = parse(readFileSync(path, "utf8"));
  } catch (error) {
    const why =
      error instanceof Error
        ? reason(error as NodeJS.ErrnoException).split("\n")[0]
        : String(error);
    const line = error instanceof TomlError ? `:${error.line}:${error.column}` : "";
    throw new UsageError(`cannot use ${path}${line}: ${why}`);
  }
  const known = [...Object.keys(texts), "buckets", "delivery", "watchdog"];
  const given: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(table)) {
    if (!known.includes(key)) throw unknownKey(path, key, known);
    if (!Object.hasOwn(texts, key)) continue;
    const name = texts[key as TextKey];
    const text = textOf(value, path, key);
    checks[name]?.(text, `${path}: ${key}`);
    given[name] = located(key, text, path);
  }
  return {
    ...given,
    ...deliverySettings(path, { delivery: table["delivery"], watchdog: table["watchdog"] }),
    buckets: bucketsOf(table["buckets"], path),
  };
}

/** Paths in a file are relative to its folder. */
function located(key: string, value: string, path: string): string {
  return key === "data" || key === "secrets" ? resolve(dirname(path), value) : value;
}

function bucketsOf(value: unknown, path: string): ReadonlyMap<string, string> {
  const buckets = new Map<string, string>();
  for (const [name, one] of Object.entries(tableOf(value, path, "buckets"))) {
    const source = typeof one === "string" ? one : sourceOf(one, path, name);
    buckets.set(name, bucketSource(source, dirname(path)));
  }
  return buckets;
}

function sourceOf(value: unknown, path: string, name: string): string {
  const table = tableOf(value, path, `buckets.${name}`);
  for (const key of Object.keys(table))
    if (key !== "source") throw unknownKey(path, `buckets.${name}.${key}`, ["source"]);
  return textOf(table["source"], path, `buckets.${name}.source`);
}

function tableOf(value: unknown, path: string, key: string): Record<string, unknown> {
  if (value === undefined) return {};
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return { ...value };
  throw new UsageError(`${path}: ${key} should be a table`);
}

function textOf(value: unknown, path: string, key: string): string {
  if (typeof value === "string") return value;
  throw new UsageError(`${path}: ${key} should be a string`);
}

function unknownKey(path: string, key: string, known: readonly string[]): UsageError {
  const near = nearest(key.slice(key.lastIndexOf(".") + 1), known);
  const others = known.length === 1 ? "" : `; there are ${known.join(", ")}`;
  return new UsageError(
    `${path}: there is no setting "${key}"${near === undefined ? others : `; did you mean ${near}?`}`,
  );
}
