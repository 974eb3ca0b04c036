import type { MediumName } from "./medium.ts";
import { play } from "./play.ts";
import type { Scenario } from "./scenario.ts";

/**
 * The smallest scenario that still breaks the same law: without each step, storm and event that is not
 * needed for that. Gives the scenario itself when it breaks none.
 */
export async function shrink(scenario: Scenario, medium?: MediumName): Promise<Scenario> {
  const law = await broken(scenario, medium);
  if (law === undefined) return needed(scenario);
  const breaks = async (fewer: Scenario) => (await broken(fewer, medium)) === law;
  let smallest = scenario;
  for (let before = -1; before !== sizeOf(smallest);) {
    before = sizeOf(smallest);
    for (const part of ["steps", "weather"] as const) {
      for (let index = smallest[part].length - 1; index >= 0; index--) {
        const fewer = { ...smallest, [part]: smallest[part].toSpliced(index, 1) };
        if (await breaks(fewer)) smallest = fewer;
      }
    }
    for (const [run, events] of Object.entries(smallest.runs)) {
      for (let index = events.length - 1; index >= 0 && smallest.runs[run].length > 1; index--) {
        const runs = { ...smallest.runs, [run]: smallest.runs[run].toSpliced(index, 1) };
        const fewer = { ...smallest, runs };
        if (await breaks(fewer)) smallest = fewer;
      }
    }
  }
  return needed(smallest);
}

/** Without runs that never happen. */
function needed(scenario: Scenario): Scenario {
  const paged = scenario.steps.flatMap((step) => (step.kind === "page" ? [step.run] : []));
  const runs = Object.entries(scenario.runs).filter(([run]) => paged.includes(run));
  return { ...scenario, runs: Object.fromEntries(runs) };
}

/** The first law that it breaks. */
async function broken(scenario: Scenario, medium?: MediumName): Promise<string | undefined> {
  return (await play(scenario, medium)).violations[0]?.split(":")[0];
}

function sizeOf({ steps, weather, runs }: Scenario): number {
  return steps.length + weather.length + Object.values(runs).flat().length;
}
