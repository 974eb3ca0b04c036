import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { setTimeout } from "node:timers/promises";
import { Worker } from "node:worker_threads";

/** Upstream's own parser (WASM, frozen at Flux 0.193), which knows nothing of ours. */
type Oracle = {
  /** What it finds wrong with the syntax of a script; empty when it accepts it. */
  readonly mistakes: (source: string) => string[];
};

type Glue = { parse: (source: string) => unknown; [name: string]: unknown };

/** Milliseconds after which the oracle will not answer any more; it takes less than one. */
const patience = 1_000;

const base = new URL("../../../node_modules/@influxdata/flux-lsp-browser/", import.meta.url);

/** A fresh instance: one that has panicked is of no more use. */
export async function loadOracle(): Promise<Oracle> {
  const source = await readFile(new URL("flux-lsp-browser_bg.js", base), "utf8");
  const wasm = await readFile(new URL("flux-lsp-browser_bg.wasm", base));
  const module = await WebAssembly.compile(wasm);
  const key = `oracle${Math.random()}`;
  // The package is made for bundlers: it imports its WASM as if it were a module.
  const glueSource = source.replace(
    /import \* as wasm from [^;]+;/,
    `const wasm = globalThis[${JSON.stringify(key)}];`,
  );
  const glue: { exports?: Glue } = {};
  const imports: Record<string, Record<string, (...values: unknown[]) => unknown>> = {};
  for (const { module: from, name } of WebAssembly.Module.imports(module)) {
    (imports[from] ??= {})[name] = (...values) => {
      const imported = glue.exports?.[name];
      return typeof imported === "function" ? imported(...values) : undefined;
    };
  }
  const instance = await WebAssembly.instantiate(module, imports);
  Object.assign(globalThis, { [key]: instance.exports });
  const address = `data:text/javascript;base64,${Buffer.from(glueSource).toString("base64")}`;
  glue.exports = (await import(address)) as Glue;
  const { parse } = glue.exports;
  return { mistakes: (text) => mistakesIn(parse(text)) };
}

type Tree = { readonly [name: string]: unknown };

/** The parser keeps its errors in the nodes; some only its next stage tells. */
function mistakesIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(mistakesIn);
  if (typeof value !== "object" || value === null) return [];
  const node: Tree = { ...value };
  const found = ownErrors(node);
  if (node["type"] === "BadStatement") found.push(`bad statement ${String(node["text"])}`);
  if (node["type"] === "BadExpression" && node["text"]) found.push(String(node["text"]));
  if (node["type"] === "BinaryExpression" && !node["operator"]) found.push("missing operator");
  if (node["type"] === "BinaryExpression" && node["operator"] === "<INVALID_OP>") {
    found.push("missing operator");
  }
  if (node["type"] === "ObjectExpression") found.push(...mixed(node));
  for (const [name, inner] of Object.entries(node)) {
    if (name !== "location" && name !== "errors") found.push(...mistakesIn(inner));
  }
  return found;
}

function ownErrors(node: Tree): string[] {
  const { errors } = node;
  return Array.isArray(errors) ? errors.map((error) => JSON.stringify(error)) : [];
}

function mixed(node: Tree): string[] {
  const properties = (Array.isArray(node["properties"]) ? node["properties"] : []) as Tree[];
  const sound = properties.filter((property) => ownErrors(property).length === 0);
  const short = sound.filter((property) => !property["value"]);
  const found: string[] = [];
  if (short.length > 0 && short.length < sound.length) found.push("short and full mixed");
  for (const { key } of short) {
    if ((key as Tree)["type"] === "StringLiteral") found.push("quoted name without a value");
  }
  return found;
}

/** The oracle in a thread of its own: on some damaged texts it panics, on others it never ends. */
export class OracleThread {
  #worker: Worker | undefined;

  /** What it finds wrong with a script; undefined when it has no answer. */
  async mistakes(source: string): Promise<string[] | undefined> {
    this.#worker ??= new Worker(new URL("oracle-worker.ts", import.meta.url));
    const worker = this.#worker;
    const answer = once(worker, "message").then(([message]) => message.mistakes as string[]);
    worker.postMessage(source);
    const hung = new AbortController();
    const gaveUp = setTimeout(patience, "hung", { signal: hung.signal }).catch(() => "answered");
    const first = await Promise.race([answer, gaveUp]);
    hung.abort();
    if (typeof first !== "string") return first;
    await this.close();
    return undefined;
  }

  async close(): Promise<void> {
    await this.#worker?.terminate();
    this.#worker = undefined;
  }
}
