import { Chunks } from "./chunks.ts";
import { opensStore, scriptsOf } from "./early-store.ts";
import type { run } from "./installed.ts";
import { kindOf } from "./script-kind.ts";

/** The files with `run` and `beginEngine`: the build says it. */
declare const mainChunk: string;
declare const engineChunk: string;
/** The files that send pages, watch over them, and say what became of them. */
declare const sendingChunks: readonly string[];

const here = import.meta.dirname;
const { XDG_CACHE_HOME: caches, HOME: home } = process.env;
// A package that root installed is written to by nobody else.
const own = caches ?? (home === undefined ? undefined : `${home}/.cache`);
const kept = [`${here}/.cache`, ...(own === undefined ? [] : [`${own}/tocsin`])];
const argv = process.argv.slice(2);
const scripts = scriptsOf(argv);
const chunks = new Chunks(`${here}/cjs`, kept, { require, kind: kindOf(argv, scripts) });

// The engine of the store makes itself ready in another thread while the rest is loaded.
if (opensStore(argv, process.env, scripts))
  (chunks.load(engineChunk) as { beginEngine(): void }).beginEngine();
const installed = chunks.load(mainChunk) as { run: typeof run };
const [, , command, ...operands] = process.argv;
// Whatever becomes of the installation meanwhile, pages leave: also those of scripts that come later.
if (command === "run" || command === "outbox") {
  const several = operands.filter((one) => one.endsWith(".flux")).length > 1;
  chunks.hold(several ? undefined : sendingChunks);
}
void installed.run((code) => chunks.keep(code === 0));
