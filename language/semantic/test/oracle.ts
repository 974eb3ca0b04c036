import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

/*
 * The upstream type checker as WebAssembly: an opinion about scripts that owes nothing to this
 * project. The package is made for bundlers, so its glue is loaded by hand: the import of the
 * module is replaced by a global, and the module is linked against the glue itself.
 */

/** A finding of the oracle; only errors, not its lints. */
type OracleError = {
  readonly message: string;
  /** 1-based, as `line:column-line:column`, columns in UTF-16 units. */
  readonly place: string;
};

/** What upstream says about one script. */
type Verdict = {
  readonly errors: readonly OracleError[];
  /** The printed types of the names asked for, whitespace collapsed. */
  readonly types: ReadonlyMap<string, string>;
};

type LspServer = {
  onMessage(handler: (message: string) => void): void;
  run(): Promise<unknown>;
  send(message: string): Promise<string | undefined>;
};

type Position = { readonly line: number; readonly character: number };

type LspDiagnostic = {
  readonly severity?: number;
  readonly message: string;
  readonly range: { readonly start: Position; readonly end: Position };
};

let loaded = 0;

/** `onFailure` is called when the server breaks down: after that it never answers again. */
async function loadGlue(onFailure: () => void): Promise<{ Lsp: new () => LspServer }> {
  const resolve = createRequire(import.meta.url).resolve;
  const glueFile = resolve("@influxdata/flux-lsp-browser/flux-lsp-browser_bg.js");
  const module = new WebAssembly.Module(readFileSync(glueFile.replace(/\.js$/, ".wasm")));
  let glue: Record<string, (...values: unknown[]) => unknown> = {};
  const imports: Record<string, Record<string, (...values: unknown[]) => unknown>> = {};
  for (const { module: from, name } of WebAssembly.Module.imports(module)) {
    imports[from] ??= {};
    // Its console: greetings, and as an error only the trace of its own failure.
    const isConsole = /^__wbg_(info|log|warn|debug)_/.test(name);
    if (name.startsWith("__wbg_error_")) imports[from][name] = onFailure;
    else imports[from][name] = isConsole ? () => undefined : (...values) => glue[name](...values);
  }
  const instance = new WebAssembly.Instance(module, imports);
  Reflect.set(globalThis, "__fluxOracle", instance.exports);
  const text = readFileSync(glueFile, "utf8").replace(
    /^import \* as wasm from .*$/m,
    "const wasm = globalThis.__fluxOracle;",
  );
  loaded += 1;
  const source = `${text}\n// ${loaded}`;
  const url = `data:text/javascript;base64,${Buffer.from(source).toString("base64")}`;
  glue = await import(/* @vite-ignore */ url);
  return glue as unknown as { Lsp: new () => LspServer };
}

/** A running oracle. One for a whole test file: loading its library takes a moment. */
export class Oracle {
  readonly #published = new Map<string, readonly LspDiagnostic[]>();
  #server: LspServer | undefined;
  #broken: Promise<void> = Promise.resolve();
  #documents = 0;
  #requests = 0;

  private constructor() {}

  static async start(): Promise<Oracle> {
    const oracle = new Oracle();
    await oracle.#begin();
    return oracle;
  }

  async #begin(): Promise<void> {
    let onFailure = () => {};
    this.#broken = new Promise((resolve) => {
      onFailure = resolve;
    });
    const { Lsp } = await loadGlue(onFailure);
    this.#server = new Lsp();
    this.#server.onMessage((text) => this.#receive(text));
    this.#server.run().catch(onFailure);
    await this.#request("initialize", { capabilities: {} });
    await this.#notify("initialized", {});
  }

  /**
   * What it says about `text`, with the types of the named variables when it finds no errors.
   * Undefined when it breaks down over the text, which it does over a few: it is started anew.
   */
  async ask(text: string, names: readonly string[] = []): Promise<Verdict | undefined> {
    const verdict = this.#judge(text, names).catch(() => undefined);
    const answer = await Promise.race([verdict, this.#broken.then(() => undefined)]);
    if (!answer) await this.#begin();
    return answer;
  }

  async #judge(text: string, names: readonly string[]): Promise<Verdict> {
    const errors = await this.#open(text, async () => {});
    const types = new Map<string, string>();
    if (errors.length > 0 || names.length === 0) return { errors, types };
    // Only a use of a name shows the constraints of its type, so each name is used once more.
    const first = text.split("\n").length;
    const probes = names.map((name, at) => `probe${at} = ${name}`);
    await this.#open(`${text}\n${probes.join("\n")}\n`, async (uri) => {
      for (const [at, name] of names.entries()) {
        const character = `probe${at} = `.length;
        const type = await this.#hover(uri, { line: first + at, character });
        if (type !== undefined) types.set(name, type);
      }
    });
    return { errors, types };
  }

  async #open(text: string, use: (uri: string) => Promise<void>): Promise<OracleError[]> {
    this.#documents += 1;
    // Documents of one folder are one package to it, so each has a folder of its own.
    const uri = `file:///d${this.#documents}/a.flux`;
    await this.#notify("textDocument/didOpen", {
      textDocument: { uri, languageId: "flux", version: 1, text },
    });
    const found = this.#published.get(uri) ?? [];
    await use(uri);
    await this.#notify("textDocument/didClose", { textDocument: { uri } });
    this.#published.delete(uri);
    return found.filter((each) => each.severity === 1).map(readDiagnostic);
  }

  async #hover(uri: string, position: Position): Promise<string | undefined> {
    const answer = await this.#request("textDocument/hover", { textDocument: { uri }, position });
    return (answer as { contents?: string } | null)?.contents?.replace(/\s+/g, " ");
  }

  #receive(text: string): void {
    const message = JSON.parse(text) as {
      method?: string;
      params?: { uri: string; diagnostics: LspDiagnostic[] };
    };
    if (message.method !== "textDocument/publishDiagnostics" || !message.params) return;
    this.#published.set(message.params.uri, message.params.diagnostics);
  }

  async #notify(method: string, params: unknown): Promise<void> {
    await this.#server?.send(JSON.stringify({ jsonrpc: "2.0", method, params }));
  }

  async #request(method: string, params: unknown): Promise<unknown> {
    this.#requests += 1;
    const message = { jsonrpc: "2.0", id: this.#requests, method, params };
    const answer = await this.#server?.send(JSON.stringify(message));
    return answer ? (JSON.parse(answer) as { result?: unknown }).result : undefined;
  }
}

function readDiagnostic(found: LspDiagnostic): OracleError {
  const { start, end } = found.range;
  return {
    message: found.message,
    place: `${start.line + 1}:${start.character + 1}-${end.line + 1}:${end.character + 1}`,
  };
}
