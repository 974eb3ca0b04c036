import { Dice } from "./dice.ts";
import type { Shape } from "./shape.ts";
import { sorted, step } from "./steps.ts";
import { tables } from "./tables.ts";

/** A random script: steps over tables that it contains. */
export interface Pipeline {
  readonly seed: number;
  readonly csv: string;
  readonly steps: readonly string[];
}

/** The most steps of a pipeline. */
const longest = 5;

/** The pipeline of a seed, which the types and the engine nearly always accept. */
export function pipelineOf(seed: number): Pipeline {
  const dice = new Dice(seed);
  const { csv, shape: first } = tables(dice);
  let shape: Shape = first;
  const steps: string[] = [];
  const count = 1 + dice.below(longest);
  for (let i = 0; i < count; i++) {
    const made = step(dice, shape);
    steps.push(made.text);
    shape = made.shape;
  }
  if (!shape.ordered) steps.push(sorted(shape).text);
  return { seed, csv, steps };
}

/** Its script. */
export function scriptOf({ csv, steps }: Pipeline): string {
  return `import "csv"
import "math"
import "strings"

data = () => csv.from(csv: "
${csv}")

data()
${steps.map((one) => `    |> ${one}`).join("\n")}
`;
}

/** The smallest part of a pipeline, with fewer steps and rows, for which something still holds. */
export async function shrunk(
  pipeline: Pipeline,
  holds: (smaller: Pipeline) => Promise<boolean>,
): Promise<Pipeline> {
  let best = pipeline;
  for (let again = true; again;) {
    again = false;
    for (const smaller of smallerThan(best)) {
      if (!(await holds(smaller))) continue;
      best = smaller;
      again = true;
      break;
    }
  }
  return best;
}

function* smallerThan(pipeline: Pipeline): Generator<Pipeline> {
  const { steps, csv } = pipeline;
  for (const [i] of steps.entries())
    yield { ...pipeline, steps: steps.filter((_step, at) => at !== i) };
  const lines = csv.trimEnd().split("\n");
  const [head, rows] = [lines.slice(0, 4), lines.slice(4)];
  for (let part = Math.floor(rows.length / 2); part > 0; part = Math.floor(part / 2)) {
    for (let from = 0; from < rows.length && rows.length > part; from += part) {
      const kept = rows.filter((_row, at) => at < from || at >= from + part);
      yield { ...pipeline, csv: `${[...head, ...kept].join("\n")}\n` };
    }
  }
}
