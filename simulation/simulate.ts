import { optionsOf } from "../tools/options.ts";
import type { MediumName } from "./medium.ts";
import { play } from "./play.ts";
import { type Scenario, scenarioOf } from "./scenario.ts";
import { shrink } from "./shrink.ts";

/** What many seeds came to. */
interface Summary {
  readonly seeds: number;
  readonly events: number;
  readonly repeats: number;
  readonly faults: ReadonlyMap<string, number>;
  /** The first seed that broke a law, made small; undefined: all hold. */
  readonly broken?: { readonly scenario: Scenario; readonly violations: readonly string[] };
}

/** Plays seeds one after the other; ends at the first one that breaks a law. */
export async function simulate(options: {
  readonly from: number;
  readonly seeds: number;
  readonly two?: boolean;
  /** Whether each run has a process and a gate of its own. Default false. */
  readonly scripts?: boolean;
  /** Default: memory. */
  readonly medium?: MediumName;
  /** Whether a broken seed is made small. Default true. */
  readonly shrinks?: boolean;
}): Promise<Summary> {
  const faults = new Map<string, number>();
  let [events, repeats] = [0, 0];
  const { from, seeds, two, scripts = false, medium, shrinks = true } = options;
  for (let seed = from; seed < from + seeds; seed++) {
    const scenario = scenarioOf(seed, two === undefined ? { scripts } : { two, scripts });
    const outcome = await play(scenario, medium);
    events += outcome.events;
    repeats += outcome.repeats;
    for (const [kind, count] of outcome.faults) faults.set(kind, (faults.get(kind) ?? 0) + count);
    if (outcome.violations.length === 0) continue;
    const small = shrinks ? await shrink(scenario, medium) : scenario;
    const broken = { scenario: small, violations: (await play(small, medium)).violations };
    return { seeds: seed - from + 1, events, repeats, faults, broken };
  }
  return { seeds, events, repeats, faults };
}

/** A summary for people. */
export function summaryLines({ seeds, events, repeats, faults, broken }: Summary): string[] {
  const kinds = [...faults].sort(([a], [b]) => (a < b ? -1 : 1));
  const lines = [
    ...kinds.map(([kind, count]) => `${String(count).padStart(9)}  ${kind}`),
    `${seeds} seeds, ${events} events, ${repeats} of them repeated because they had to be`,
  ];
  if (broken === undefined) return [...lines, "all laws hold"];
  const { scenario, violations } = broken;
  const two = scenario.two && scenario.seed % 3 !== 0 ? " --two-senders" : "";
  const again = `${two}${scenario.scripts ? " --scripts" : ""}`;
  return [
    ...lines,
    `seed ${scenario.seed} breaks ${violations.length} laws; what is needed for that:`,
    JSON.stringify(scenario, undefined, 1),
    ...violations,
    `again with: npm run simulate -- --from ${scenario.seed} --seeds 1${again}`,
  ];
}

async function main(): Promise<void> {
  const options = optionsOf({
    seeds: 1000,
    from: 1,
    "two-senders": false,
    scripts: false,
    sqlite: false,
  });
  const summary = await simulate({
    seeds: options.seeds,
    from: options.from,
    ...(options["two-senders"] ? { two: true } : {}),
    scripts: options.scripts,
    medium: options.sqlite ? "sqlite" : "memory",
  });
  console.log(summaryLines(summary).join("\n"));
  process.exitCode = summary.broken === undefined ? 0 : 1;
}

if (import.meta.main) await main();
