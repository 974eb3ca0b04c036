import { registerHooks } from "node:module";
import { fileURLToPath } from "node:url";
import { parentPort, workerData } from "node:worker_threads";
import type { Mutant } from "./mutants.ts";

// A thread in which one file of the program is another: plays seeds, and tells what broke.
const { mutant, seeds, hint } = workerData as { mutant: Mutant; seeds: number; hint: number };
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

/** The first of these seeds that breaks a law, and which one. */
async function hunt(
  from: number,
  count: number,
): Promise<{ seed: number; law: string } | undefined> {
  const medium = mutant.medium ?? "memory";
  const { scripts = false } = mutant;
  const where = { scripts, two: true };
  const summary = await simulate({ ...where, medium, from, seeds: count, shrinks: false });
  const law = summary.broken?.violations[0].split(":")[0];
  return law === undefined ? undefined : { seed: from + summary.seeds - 1, law };
}

/** The same of many; says now and then that it comes on. */
async function huntAll(): Promise<{ seed: number; law: string } | undefined> {
  for (let from = 1; from <= seeds; from += 50) {
    const found = await hunt(from, 50);
    if (found !== undefined) return found;
    parentPort?.postMessage("going on");
  }
  return undefined;
}

const probed = await probe(mutant.medium ?? "memory");
const caught =
  probed === undefined ? ((await hunt(hint, 1)) ?? (await huntAll())) : { seed: 0, law: probed };
parentPort?.postMessage(caught ?? {});
