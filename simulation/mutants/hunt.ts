import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { type Mutant, mutants } from "./mutants.ts";

/** What became of a mutant. */
interface Caught {
  readonly mutant: Mutant;
  /** The law that it broke, or how the program failed. Undefined: nobody noticed. */
  readonly law: string | undefined;
  /** The seed that noticed it; 0: no seed was needed. */
  readonly seed: number;
}

/** A mutant of which nothing is heard for so long goes round in circles. Milliseconds. */
const longest = 60_000;
/** How many seeds a mutant has to survive to count as unnoticed. */
const most = 4000;

/** The page that lists the mutants, with the seeds that noticed them last. */
export const page = fileURLToPath(new URL("../../docs/delivery-mutants.md", import.meta.url));

/** Plays every mutant until it breaks a law, two at a time. Begins with the seed that noticed it last. */
export async function hunt(hunted: readonly Mutant[] = mutants): Promise<Caught[]> {
  const found: Caught[] = [];
  const left = [...hunted.entries()];
  const hints = seedsOf(readFileSync(page, "utf8"));
  const hunter = async (): Promise<void> => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) {
      const [index, mutant] = next;
      found[index] = await play(mutant, hints.get(mutant.name) ?? 1);
    }
  };
  await Promise.all([hunter(), hunter()]);
  return found;
}

function play(mutant: Mutant, hint: number): Promise<Caught> {
  const workerData = { mutant, seeds: most, hint };
  const worker = new Worker(new URL("worker.ts", import.meta.url), { workerData, stderr: true });
  return new Promise((resolve) => {
    const endless = setTimeout(() => {
      void worker.terminate();
      resolve({ mutant, law: "it comes to no end", seed: 0 });
    }, longest);
    worker.on("exit", () => clearTimeout(endless));
    worker.on("message", (said: "going on" | { law?: string; seed?: number }) => {
      if (said === "going on") endless.refresh();
      else resolve({ mutant, law: said.law, seed: said.seed ?? 0 });
    });
    worker.on("error", () => resolve({ mutant, law: "the program fails", seed: 0 }));
    worker.on("exit", (code) => {
      // Nothing is left to do, and somebody still waits: Node ends such a program with 13.
      resolve({ mutant, law: code === 13 ? "it comes to no end" : undefined, seed: 0 });
    });
  });
}

/** The table of the docs. */
export function table(caught: readonly Caught[]): string {
  const rows = caught.map(({ mutant, law, seed }) => {
    const file = mutant.file.split("/").at(-1);
    return `| ${mutant.name} | ${file} | ${seed === 0 ? "" : seed} | ${law ?? "-"} |`;
  });
  return ["| mistake | in | seed | noticed as |", "|---|---|---|---|", ...rows, ""].join("\n");
}

/** The seeds of a table by mistake. */
export function seedsOf(text: string): Map<string, number> {
  const rows = text.matchAll(/^\| (.+?) \| \S+ \| (\d+) \| .*\|$/gm);
  return new Map([...rows].map(([, name, seed]) => [name, Number(seed)]));
}

if (import.meta.main) {
  const named = mutants.filter(({ name }) =>
    process.argv.slice(2).every((one) => name.includes(one)),
  );
  for (const { mutant, law, seed } of await hunt(named)) {
    console.log(`${law === undefined ? "UNNOTICED" : `seed ${seed}: ${law}`}  ${mutant.name}`);
  }
}
