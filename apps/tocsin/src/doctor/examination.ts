import { type NodeHost, nodeHost } from "@tocsin/adapters/host-node";
import { hasOutbox, openSqliteOutbox } from "@tocsin/adapters/outbox";
import { hostOfEndpoint, showReference } from "@tocsin/alerting/delivery";
import type { Masker } from "@tocsin/alerting/oncall";
import { flag, type Invocation, text } from "../command.ts";
import {
  type Configuration,
  configuration,
  nearestConfiguration,
  origins,
} from "../configuration.ts";
import { dataFolder } from "../data-folder.ts";
import { type Address, addressesOf } from "./addresses.ts";
import { endpointFindings } from "./endpoints.ts";
import { type Finding, inArea, lineOf } from "./finding.ts";
import { outboxFindings, type Places, storeFindings } from "./places.ts";
import { testEvent } from "./test-event.ts";
import { folderOf, readScripts, type Script } from "../scripts.ts";
import { bucketsOf, secretsPlace } from "../shared-options.ts";

/** What the groups of scripts share: secrets to mask, and what need not be contacted again. */
interface Rounds {
  readonly masker: Masker;
  readonly origins: Set<string>;
  readonly events: Set<string>;
}

/** Examines the scripts, each with the configuration of its own folder. */
export async function examined(invocation: Invocation, masker: Masker): Promise<Finding[]> {
  const { cwd } = invocation.streams;
  const scripts = await readScripts(invocation.operands, cwd);
  const folders = new Map<string | undefined, { folder: string; scripts: Script[] }>();
  for (const script of scripts) {
    const folder = folderOf(script, cwd);
    const place = nearestConfiguration(folder);
    const known = folders.get(place);
    if (known === undefined) folders.set(place, { folder, scripts: [script] });
    else known.scripts.push(script);
  }
  const groups = scripts.length === 0 ? [{ folder: cwd, scripts }] : [...folders.values()];
  const rounds = { masker, origins: new Set<string>(), events: new Set<string>() };
  const found: Finding[] = [];
  for (const group of groups) found.push(...(await examinedIn(group, invocation, rounds)));
  const lines = found.map(lineOf);
  return found.filter((_one, at) => lines.indexOf(lines[at]) === at);
}

async function examinedIn(
  { folder, scripts }: { readonly folder: string; readonly scripts: readonly Script[] },
  invocation: Invocation,
  rounds: Rounds,
): Promise<Finding[]> {
  const { env } = invocation.streams;
  const set = await configuration(folder, env);
  const secrets = secretsPlace(invocation, set);
  const host = nodeHost({ environment: env, ...(secrets === undefined ? {} : { secrets }) });
  try {
    const places = placesOf(invocation, set, host);
    const { findings, usable } = await secretFindings(secrets, host);
    const addresses = usable ? await addressesIn(scripts, host, rounds.masker) : [];
    const own = [set.watchdog?.secret, set.fallback?.secret].filter((key) => key !== undefined);
    const needed = usable ? [...addresses.flatMap((one) => one.secrets), ...own] : [];
    const redirect = deliverTo(invocation, set);
    const known = await originsOf(addresses, places, redirect);
    const note = withoutEndpoint(scripts.length, usable, addresses);
    const found = [
      ...(await settingFindings(invocation, folder, places)),
      ...findings,
      ...(await keyFindings(needed, host)),
      ...(await storeFindings(places)),
      ...(await outboxFindings(places)),
      ...(known.length === 0 ? [inArea("endpoint")("note", note)] : []),
    ];
    for (const origin of unseen(known, rounds.origins))
      found.push(...(await endpointFindings(origin, host, env)));
    if (flag(invocation, "send"))
      found.push(...(await sent(addresses, rounds, { host, deliverTo: redirect })));
    return found;
  } finally {
    await host.close();
  }
}

/** Those that are not in `seen` yet; they are afterwards. */
function unseen(all: readonly string[], seen: Set<string>): string[] {
  const found = [...new Set(all)].filter((one) => !seen.has(one));
  for (const one of found) seen.add(one);
  return found;
}

async function addressesIn(
  scripts: readonly Script[],
  host: NodeHost,
  masker: Masker,
): Promise<Address[]> {
  const { parse } = await import("@tocsin/language/syntax");
  const addresses: Address[] = [];
  for (const script of scripts) {
    const { file: tree } = parse(script.text, script.name);
    const hide = (key: string, value: string): void => masker.add(key, value);
    addresses.push(...(await addressesOf(tree, host.secrets, hide)));
  }
  return addresses;
}

/** Why no endpoint could be looked at. */
function withoutEndpoint(
  scripts: number,
  secretsUsable: boolean,
  addresses: readonly Address[],
): string {
  if (scripts === 0) return "no endpoint is known: name a script, doctor FILE";
  const waits = !secretsUsable || addresses.some(({ secrets }) => secrets.length > 0);
  return waits
    ? "where the script sends to is known once its secrets are there"
    : "the script names no address that is known before it runs";
}

function placesOf(invocation: Invocation, set: Configuration, host: NodeHost): Places {
  const { cwd, env } = invocation.streams;
  return {
    folder: dataFolder(text(invocation, "data") ?? set.data, env, cwd),
    buckets: bucketsOf(invocation, set),
    host,
    env,
    cwd,
  };
}

function deliverTo(invocation: Invocation, set: Configuration): string | undefined {
  const given = text(invocation, "deliver-to") ?? set.deliverTo;
  return given === "sandbox" ? undefined : given;
}

async function settingFindings(
  invocation: Invocation,
  folder: string,
  places: Places,
): Promise<Finding[]> {
  const { env } = invocation.streams;
  const configured = inArea("configuration");
  const all = new Map((await origins(folder, env)).map((one) => [one.setting, one]));
  for (const setting of ["data", "secrets", "deliver-to"]) {
    const value = text(invocation, setting);
    const name = setting.replace("-", "_");
    if (value !== undefined) all.set(name, { setting: name, value, from: `--${setting}` });
  }
  if (!all.has("data")) {
    const from = (env["STATE_DIRECTORY"] ?? "") === "" ? "the default" : "STATE_DIRECTORY";
    all.set("data", { setting: "data", value: places.folder, from });
  }
  return [...all.values()].map(({ setting, value, from }) =>
    configured("ok", `${setting} = ${value} (${from})`),
  );
}

async function secretFindings(
  place: string | undefined,
  host: NodeHost,
): Promise<{ findings: Finding[]; usable: boolean }> {
  const secret = inArea("secrets");
  const from = place === undefined ? "the environment" : place;
  try {
    await host.secrets.get("");
    return { findings: [secret("ok", `they are read from ${from}`)], usable: true };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { findings: [secret("problem", why)], usable: false };
  }
}

/** Whether the secrets of the addresses are there. */
async function keyFindings(keys: readonly string[], host: NodeHost): Promise<Finding[]> {
  const secret = inArea("secrets");
  const found: Finding[] = [];
  for (const key of new Set(keys)) {
    const there = (await host.secrets.get(key)) !== undefined;
    found.push(there ? secret("ok", `${key} is there`) : secret("problem", `${key} is missing`));
  }
  return found;
}

/** Scheme, host and port of all endpoints that are known. */
async function originsOf(
  addresses: readonly Address[],
  { folder }: Places,
  redirect: string | undefined,
): Promise<string[]> {
  const urls = addresses.flatMap(({ url }) => (url === undefined ? [] : [url]));
  if (hasOutbox(folder)) {
    const store = await openSqliteOutbox(folder, { busyMilliseconds: 1000 }).catch(() => undefined);
    const endpoints = (await store?.endpoints()) ?? [];
    await store?.close();
    for (const { key } of endpoints) {
      const shown = showReference(key).split(" ")[0];
      if (hostOfEndpoint(key) !== "" && /^https?:/u.test(shown)) urls.push(shown);
    }
  }
  const found = urls.flatMap((url) => (URL.canParse(url) ? [new URL(url).origin] : []));
  // Where everything goes elsewhere, the script's own hosts are not asked.
  return [...new Set(redirect === undefined ? found : [redirect])];
}

async function sent(
  addresses: readonly Address[],
  { masker, events }: Rounds,
  world: Omit<Parameters<typeof testEvent>[1], "masker">,
): Promise<Finding[]> {
  const test = inArea("test event");
  const urls = addresses.flatMap(({ url, events: on }) => (url === undefined || !on ? [] : [url]));
  if (urls.length === 0)
    return [
      test("problem", "no address is known to send to: name a script whose secrets are there"),
    ];
  const found: Finding[] = [];
  for (const url of unseen(urls, events)) found.push(await testEvent(url, { ...world, masker }));
  return found;
}
