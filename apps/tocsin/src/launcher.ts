import { join } from "node:path";
import { Chunks } from "./chunks.ts";
import { commandLine, leave } from "./command-line.ts";
import type { main } from "./main.ts";

/** The file with `main`: the build says it. */
declare const mainChunk: string;

const here = import.meta.dirname;
const { XDG_CACHE_HOME: caches, HOME: home } = process.env;
// A package that root installed is written to by nobody else.
const own = caches ?? (home === undefined ? undefined : join(home, ".cache"));
const kept = [join(here, ".cache"), ...(own === undefined ? [] : [join(own, "tocsin")])];
const chunks = new Chunks(join(here, "cjs"), kept, require);

void commandLine(async () => chunks.load(mainChunk) as { main: typeof main }).then((code) => {
  chunks.keep();
  leave(code);
});
