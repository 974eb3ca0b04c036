import { Chunks } from "./chunks.ts";
import type { run } from "./installed.ts";

/** The file with `run`: the build says it. */
declare const mainChunk: string;

const here = import.meta.dirname;
const { XDG_CACHE_HOME: caches, HOME: home } = process.env;
// A package that root installed is written to by nobody else.
const own = caches ?? (home === undefined ? undefined : `${home}/.cache`);
const kept = [`${here}/.cache`, ...(own === undefined ? [] : [`${own}/tocsin`])];
const chunks = new Chunks(`${here}/cjs`, kept, require);

const installed = chunks.load(mainChunk) as { run: typeof run };
void installed.run(() => chunks.keep());
