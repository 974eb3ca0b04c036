import { Worker } from "node:worker_threads";
import { type Mutant, mutants } from "./mutants.ts";

/** What became of a mutant. */
export interface Caught {
  readonly mutant: Mutant;
  /** The law that it broke, or how the program failed. Undefined: nobody noticed. */
  readonly law: string | undefined;
  readonly seeds: number;
}

/** How many seeds a mutant has to survive to count as unnoticed. */
const most = 4000;

/** Plays every mutant until it breaks a law, two at a time. */
export async function hunt(hunted: readonly Mutant[] = mutants): Promise<Caught[]> {
  const found: Caught[] = [];
  const left = [...hunted.entries()];
  const hunter = async (): Promise<void> => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) {
      const [index, mutant] = next;
      found[index] = await play(mutant);
    }
  };
  await Promise.all([hunter(), hunter()]);
  return found;
}

function play(mutant: Mutant): Promise<Caught> {
  const workerData = { mutant, seeds: most };
  const worker = new Worker(new URL("worker.ts", import.meta.url), { workerData, stderr: true });
  return new Promise((resolve) => {
    worker.on("message", ({ caught, seeds }: { caught?: string; seeds: number }) => {
      resolve({ mutant, law: caught, seeds });
    });
    worker.on("error", () => resolve({ mutant, law: "the program fails", seeds: 0 }));
    worker.on("exit", () => resolve({ mutant, law: undefined, seeds: most }));
  });
}

/** The table of the docs. */
export function table(caught: readonly Caught[]): string {
  const rows = caught.map(
    ({ mutant, law }) => `| ${mutant.name} | ${mutant.file.split("/").at(-1)} | ${law ?? "-"} |`,
  );
  return ["| mistake | in | noticed as |", "|---|---|---|", ...rows, ""].join("\n");
}

if (import.meta.main) {
  const caught = await hunt();
  for (const { mutant, law, seeds } of caught) {
    console.log(`${law === undefined ? "UNNOTICED" : `seed ${seeds}: ${law}`}  ${mutant.name}`);
  }
}
