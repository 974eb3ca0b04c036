import { registerHooks } from "node:module";
import { fileURLToPath } from "node:url";
import { parentPort, workerData } from "node:worker_threads";
import type { Mutant } from "./mutants.ts";

// A thread in which one file of the program is another: plays seeds, and tells what broke.
const { mutant, seeds } = workerData as { mutant: Mutant; seeds: number };
const root = fileURLToPath(new URL("../..", import.meta.url));

registerHooks({
  load: (url, context, next) => {
    const loaded = next(url, context);
    if (!url.startsWith("file:") || fileURLToPath(url) !== root + mutant.file) return loaded;
    const text =
      typeof loaded.source === "string" ? loaded.source : new TextDecoder().decode(loaded.source);
    return { ...loaded, source: text.replace(mutant.from, () => mutant.to) };
  },
});

const { probe } = await import("./probes.ts");
const { simulate } = await import("../simulate.ts");
const probed = probe();
const summary =
  probed === undefined
    ? await simulate({ from: mutant.near ?? 1, seeds, two: true, shrinks: false })
    : undefined;
const caught = probed ?? summary?.broken?.violations[0].split(":")[0];
parentPort?.postMessage({ caught, seeds: summary?.seeds ?? 0 });
