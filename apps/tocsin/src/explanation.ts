import type { Location } from "@tocsin/data/value";
import type { LogicalNode } from "@tocsin/engine/plan";
import { type AbstractRequest, type AbstractScript, abstraction } from "@tocsin/library/lint";
import { type File, forEachNode } from "@tocsin/language/syntax";
import { standardLibrary } from "@tocsin/library/stdlib";
import { shortened } from "@tocsin/platform/host";

type Words = Awaited<ReturnType<typeof abstraction>>;

/** What an explanation needs from outside. */
interface ExplanationWorld {
  readonly defined: Iterable<string>;
  /** Whether there is a secret of this name. Its value is not needed. */
  hasSecret(key: string): Promise<boolean>;
}

/**
 * A script in sentences: what it reads, what decides whether it sends, what it sends where, how often it runs, what
 * it needs. It is run on symbolic rows, so that nothing is read and nothing is sent.
 */
export async function explanationOf(tree: File, world: ExplanationWorld): Promise<string[]> {
  const words = await abstraction();
  const script = await words.runAbstractly(tree, {
    library: standardLibrary,
    defined: world.defined,
  });
  const requests = words.requestsOf(script);
  const show: Words["show"] = (value) => words.show(value, (one) => script.walk.computedIn(one));
  const told = { ...words, show };
  return [
    tree.name,
    ...readSentences(script, words),
    ...writeSentences(script, words),
    ...databaseSentences(script, words),
    ...requests.flatMap((one) => sendSentences(one, told)),
    ...(requests.length === 0 ? ["  It sends nothing."] : []),
    ...unreadSentences(script),
    scheduleSentence(script, words),
    ...(await needSentences(tree, world)),
  ];
}

function readSentences(script: AbstractScript, words: Words): string[] {
  const said = script.nodes.flatMap((node) => {
    if (node.kind.name !== "from" || node.kind.source !== true) return [];
    const bucket = bucketOf(script, node);
    if (bucket === undefined) return [];
    const range = script.nodes.find(
      (one) => one.kind.name === "range" && one.inputs.includes(node),
    );
    return [
      `  It reads the bucket ${words.show(bucket)} ${rangeWords(range, script, words)}${place(node.at)}.`,
    ];
  });
  return said.length === 0 ? ["  It reads no bucket."] : [...new Set(said)];
}

/** The argument in which a call gives its bucket, by name or id. */
const bucketOf = (script: AbstractScript, node: LogicalNode) =>
  script.argsOf(node).get("bucket") ?? script.argsOf(node).get("bucketID");

/** The buckets to which the script, or the library for it, writes. */
function writeSentences(script: AbstractScript, words: Words): string[] {
  return script.nodes.flatMap((node) => {
    if (!writers.has(node.kind.name)) return [];
    const bucket = bucketOf(script, node);
    const name = bucket === undefined ? "" : ` ${words.show(bucket)}`;
    return [`  It writes rows to the bucket${name}${place(node.at)}.`];
  });
}
const writers: ReadonlySet<string> = new Set(["to", "wideTo"]);

/** The databases that the script queries or adds rows to; their data source names, which may contain passwords, are not shown. */
function databaseSentences(script: AbstractScript, words: Words): string[] {
  return script.nodes.flatMap((node) => {
    const args = script.argsOf(node);
    const shown = (name: string): string => {
      const value = args.get(name);
      return value === undefined ? "" : words.show(value);
    };
    const database = `a ${shown("driverName")} database`;
    if (node.kind.name === "sql.from")
      return [`  It queries ${database}: ${shown("query")}${place(node.at)}.`];
    if (node.kind.name !== "sql.to") return [];
    return [`  It adds rows to the table ${shown("table")} of ${database}${place(node.at)}.`];
  });
}

function rangeWords(range: LogicalNode | undefined, script: AbstractScript, words: Words): string {
  if (range === undefined) return "without a range, which no run accepts";
  const args = script.argsOf(range);
  const [start, stop] = [args.get("start"), args.get("stop")];
  const from = start === undefined ? "its beginning" : words.show(start);
  const last = /^-(\S+)$/u.exec(from);
  if (stop === undefined || words.show(stop) === "now()")
    return last === null ? `from ${from} to now` : `over the last ${last[1]}`;
  return `from ${from} to ${words.show(stop)}`;
}

function sendSentences(request: AbstractRequest, words: Words): string[] {
  const url = urlWords(words.show(request.url));
  const event = request.variants.length > 0 || url.endsWith(hidden);
  const what = event
    ? `${request.node === undefined ? "one event" : "one event for each row that is left"}`
    : `${request.method} ${request.node === undefined ? "once" : "for each row that is left"}`;
  const steps = request.node === undefined ? [] : stepsBefore(request.node);
  const lines = [
    `  It sends ${what} to ${url}${place(request.at)}.`,
    ...(steps.length === 0 ? [] : [`    What decides, in order: ${steps.join(", then ")}.`]),
  ];
  if (!event) {
    return [...lines, "    It is not an event: it is sent once, and neither kept nor retried."];
  }
  return [
    ...lines,
    ...typeLines(request, words),
    ...fieldLine("about the entity", "entityID", request, words),
    ...fieldLine("titled", "entityDisplayName", request, words),
    ...fieldLine("saying", "stateMessage", request, words),
    "    It is recorded before it leaves, kept in order within its entity, and retried when it fails.",
  ];
}

const hidden = "/alert/***";

/** An address without its key and without quotes. */
function urlWords(url: string): string {
  const bare = url.replace(/^"(.*)"$/su, "$1");
  return bare.replace(/(\/integrations\/generic\/\d{1,8})\/alert\/.*$/su, `$1${hidden}`);
}

/** The message types, and the conditions that lead to them. */
function typeLines(request: AbstractRequest, words: Words): string[] {
  const possible = words.possibleValues(request, "messageType");
  return possible.map(({ value, when }) => {
    const conditions = when.flatMap(({ at, holds }) =>
      at === undefined ? [] : [holds ? textOf(at) : `not (${textOf(at)})`],
    );
    const condition = conditions.length === 0 ? "" : ` when ${conditions.join(" and ")}`;
    return `    ${words.show(value)}${condition}`;
  });
}

function fieldLine(lead: string, field: string, request: AbstractRequest, words: Words): string[] {
  const value = words.show(words.fieldChoice(request, field));
  return value === '""' ? [] : [`    ${lead} ${value}`];
}

/** The calls, as written, that a row passes between its source and an endpoint. */
function stepsBefore(node: LogicalNode): string[] {
  const steps = new Map<number, string>();
  const seen = new Set<LogicalNode>();
  const visit = (one: LogicalNode): void => {
    if (seen.has(one)) return;
    seen.add(one);
    for (const input of one.inputs) visit(input);
    const silent =
      one.kind.source === true || ["range", "yield", "deliver"].includes(one.kind.name);
    if (one.at !== undefined && !silent) steps.set(one.at.start, textOf(one.at));
  };
  for (const input of node.inputs) visit(input);
  return [...steps.values()];
}

/** How many characters of a call are shown. */
const CALL_MAX = 100;

function textOf({ file, start, end }: Location): string {
  const text = file.text
    .slice(start, end)
    .replace(/^\s*\|>\s*/u, "")
    .replace(/\s+/gu, " ");
  return shortened(text, CALL_MAX);
}

/** Endpoints that no result depends on never send. */
function unreadSentences(script: AbstractScript): string[] {
  return script.nodes
    .filter((node) => node.kind.delivers === true && !script.reached.has(node))
    .map(
      (node) =>
        `  The endpoint${place(node.at)} is never used: nothing yields its stream, so it sends nothing.`,
    );
}

function scheduleSentence({ task }: AbstractScript, words: Words): string {
  if (task === undefined) return "  It runs when somebody starts it: it has no option task.";
  const fields = task.kind === "row" || task.kind === "record" ? task.fields : new Map();
  const show = (name: string): string | undefined => {
    const value = fields.get(name);
    return value === undefined ? undefined : words.show(value);
  };
  const [every, cron, offset, name] = ["every", "cron", "offset", "name"].map(show);
  const when =
    every === undefined
      ? cron === undefined
        ? "whenever its task says"
        : `at the times of ${cron} (UTC)`
      : `every ${every}`;
  const later = offset === undefined ? "" : `, ${offset} after the moment`;
  return `  As a task${name === undefined ? "" : ` ${name}`} it runs ${when}${later}.`;
}

async function needSentences(tree: File, world: ExplanationWorld): Promise<string[]> {
  const keys = secretsIn(tree);
  if (keys.length === 0) return ["  It needs no secret."];
  const said: string[] = [];
  for (const key of keys)
    said.push(`${key} (${(await world.hasSecret(key)) ? "present" : "missing"})`);
  return [`  It needs the secret${keys.length === 1 ? "" : "s"} ${said.join(", ")}.`];
}

/** Keys of `secrets.get(key: "…")`, in the order of the script. */
function secretsIn(tree: File): string[] {
  const keys: string[] = [];
  forEachNode(tree.body, ({ kind, span }) => {
    const text = tree.source.text.slice(span.start, span.end);
    const [, key] = /^secrets\.get\(\s*key:\s*"([^"]+)"\s*\)$/u.exec(text) ?? [];
    if (kind === "CallExpression" && key !== undefined && !keys.includes(key)) keys.push(key);
  });
  return keys;
}

function place(at: Location | undefined): string {
  return at === undefined ? "" : ` (line ${at.file.text.slice(0, at.start).split("\n").length})`;
}
