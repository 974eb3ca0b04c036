import { homedir } from "node:os";
import { join } from "node:path";
import { Chunks } from "./chunks.ts";
import { commandLine, leave } from "./command-line.ts";
import type { main } from "./main.ts";

/** The file with `main`: the build says it. */
declare const mainChunk: string;

const here = import.meta.dirname;
// A package that root installed is written to by nobody else.
const cache = process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache");
const chunks = new Chunks(
  join(here, "cjs"),
  [join(here, ".cache"), join(cache, "tocsin")],
  require,
);

void commandLine(async () => chunks.load(mainChunk) as { main: typeof main }).then((code) => {
  chunks.keep();
  leave(code);
});
