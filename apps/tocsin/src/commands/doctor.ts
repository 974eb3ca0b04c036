import { type NodeHost, nodeHost } from "@tocsin/adapters/host-node";
import { hasOutbox, openSqliteOutbox } from "@tocsin/adapters/outbox";
import { hostOfEndpoint, showReference } from "@tocsin/alerting/delivery";
import { Masker } from "@tocsin/alerting/oncall";
import { choice, type Command, flag, type Invocation, text } from "../command.ts";
import { type Configuration, configuration, origins } from "../configuration.ts";
import { dataFolder } from "../data-folder.ts";
import { type Address, addressesOf } from "../doctor/addresses.ts";
import { endpointFindings } from "../doctor/endpoints.ts";
import { type Finding, inArea } from "../doctor/finding.ts";
import { outboxFindings, type Places, storeFindings } from "../doctor/places.ts";
import { testEvent } from "../doctor/test-event.ts";
import { folderOf, readScripts } from "../scripts.ts";
import { bucketOption, bucketsOf, secretsOption, secretsPlace } from "../shared-options.ts";

/** `tocsin doctor`. */
export const command: Command = {
  summary: "Checks everything that a page has to pass, and says what stands in its way.",
  usage: "[FILE…] [--send]",
  details:
    "It checks the configuration and where each value comes from, secrets (whether they are present, never their values),\n" +
    "buckets, this outbox and others, the clock, and for each endpoint of the scripts and of the outbox its proxy, name,\n" +
    "certificate and answer. Exit codes: 0 no problem; 1 a problem; 2 wrong usage or configuration; 3 the only problem\n" +
    "is that events wait.",
  options: {
    send: {
      type: "boolean",
      help: "posts an INFO event, which pages nobody, and explains the answer",
    },
    "deliver-to": { type: "string", value: "URL", help: "sends that event to this origin instead" },
    output: { type: "string", value: "FORMAT", help: "text or json (default: text)" },
    bucket: bucketOption,
    data: { type: "string", value: "DIR", help: "folder of the outbox and the embedded buckets" },
    secrets: secretsOption,
  },
  examples: ["tocsin doctor alert.flux", "tocsin doctor --send alert.flux"],
  run: async (invocation) => {
    const format = choice(invocation, "output", ["text", "json"]);
    const masker = new Masker();
    const findings = await examined(invocation, masker);
    const shown =
      format === "json"
        ? `${JSON.stringify(findings, undefined, 2)}\n`
        : findings.map((one) => `${lineOf(one).replace(/\p{Cc}/gu, " ")}\n`).join("");
    invocation.streams.out.write(masker.mask(shown));
    const problems = findings.filter(({ state }) => state === "problem");
    if (problems.length === 0) return 0;
    return problems.every(({ area }) => area === "outbox") ? 3 : 1;
  },
};

function lineOf({ area, state, text: said }: Finding): string {
  return `${state.padEnd(7)}  ${area.padEnd(13)}  ${said}`;
}

async function examined(invocation: Invocation, masker: Masker): Promise<Finding[]> {
  const { streams, operands } = invocation;
  const { cwd, env } = streams;
  const scripts = await readScripts(operands, cwd);
  const folder = scripts.length === 0 ? cwd : folderOf(scripts[0], cwd);
  const set = await configuration(folder, env);
  const secrets = secretsPlace(invocation, set);
  const host = nodeHost({ environment: env, ...(secrets === undefined ? {} : { secrets }) });
  try {
    const places = placesOf(invocation, set, host);
    const found = await settingFindings(invocation, folder, places);
    const addresses: Address[] = [];
    const { findings, usable } = await secretFindings(secrets, host);
    found.push(...findings);
    if (usable)
      for (const script of scripts) {
        const { parse } = await import("@tocsin/language/syntax");
        const { file: tree } = parse(script.text, script.name);
        const told = await addressesOf(tree, host.secrets, (key, value) => masker.add(key, value));
        addresses.push(...told);
      }
    const own = [set.watchdog?.secret, set.fallback?.secret].filter((key) => key !== undefined);
    const needed = usable ? [...addresses.flatMap((one) => one.secrets), ...own] : [];
    found.push(...(await keyFindings(needed, host)));
    found.push(...(await storeFindings(places)), ...(await outboxFindings(places)));
    const known = await originsOf(addresses, places, deliverTo(invocation, set));
    if (known.length === 0)
      found.push(inArea("endpoint")("note", withoutEndpoint(scripts.length, usable, addresses)));
    for (const origin of known) found.push(...(await endpointFindings(origin, host, env)));
    if (flag(invocation, "send"))
      found.push(
        ...(await sent(addresses, { host, masker, deliverTo: deliverTo(invocation, set) })),
      );
    return found;
  } finally {
    await host.close();
  }
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
  world: Parameters<typeof testEvent>[1],
): Promise<Finding[]> {
  const test = inArea("test event");
  const urls = addresses.flatMap(({ url, events }) => (url === undefined || !events ? [] : [url]));
  if (urls.length === 0)
    return [
      test("problem", "no address is known to send to: name a script whose secrets are there"),
    ];
  const found: Finding[] = [];
  for (const url of new Set(urls)) found.push(await testEvent(url, world));
  return found;
}
