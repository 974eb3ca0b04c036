import { type Random, seeded } from "@tocsin/platform/host";
import type { DiskFault } from "./disk.ts";
import type { Emitted } from "./ledgers.ts";
import { type Fault, faults, type Weather } from "./service.ts";

/** Something that happens in a simulated world. `slot`: which of the two processes. */
export type Step = { readonly at: number } & (
  | { readonly kind: "page"; readonly slot: number; readonly run: string; readonly wait: number }
  | { readonly kind: "kill"; readonly slot: number; readonly steps: number }
  | { readonly kind: "stop"; readonly slot: number }
  | { readonly kind: "power cut" }
  | {
      readonly kind: "hold";
      readonly slot: number;
      readonly milliseconds: number;
      /** 0: at once. */
      readonly steps: number;
    }
  | { readonly kind: "clock"; readonly milliseconds: number }
  | {
      readonly kind: "disk";
      readonly slot: number;
      readonly failure: DiskFault["failure"];
      readonly when: DiskFault["when"];
      readonly left: number;
    }
);

/** Everything that happens in one simulated world, before all is well again. */
export interface Scenario {
  readonly seed: number;
  /** Whether two processes work at the same time. */
  readonly two: boolean;
  readonly supersede: boolean;
  /** Whether processes look for what others recorded while they send. */
  readonly looks: boolean;
  /** Whether the processes of the bad times go on in the good ones. */
  readonly goesOn: boolean;
  /** Events by run. */
  readonly runs: Readonly<Record<string, readonly Emitted[]>>;
  readonly steps: readonly Step[];
  readonly weather: readonly Weather[];
}

/** When the faults end. Milliseconds. */
export const badTimes = 90_000;

const entities = ["db", "web", "disk", "queue", ""];
const types = ["CRITICAL", "CRITICAL", "WARNING", "RECOVERY", "INFO", "ACKNOWLEDGEMENT", "crit"];

/** The scenario of a seed: the same seed, the same world. */
export function scenarioOf(seed: number, options: { two?: boolean } = {}): Scenario {
  const random = seeded(seed * 2_654_435_761);
  const two = options.two ?? seed % 3 === 0;
  const runs: Record<string, Emitted[]> = {};
  const steps: Step[] = [];
  let number = 0;
  const count = 3 + below(random, 6);
  for (let index = 0; index < count; index++) {
    const again = index > 0 && random.next() < 0.15;
    const run = again ? `run-${below(random, index)}` : `run-${index}`;
    runs[run] ??= Array.from({ length: 1 + below(random, 6) }, () => ({
      number: ++number,
      run,
      entity: pick(random, entities),
      type: pick(random, types),
    }));
    const slot = two ? below(random, 2) : 0;
    const wait = pick(random, [0, 1000, 5000, 30_000]);
    steps.push({ at: random.next() * badTimes, kind: "page", slot, run, wait });
  }
  const troubles = below(random, 7);
  for (let index = 0; index < troubles; index++) {
    // Half of all troubles come while requests are on their way.
    const busy = steps[below(random, count)].at + random.next() * 80;
    steps.push(trouble(random, random.next() < 0.5 ? busy : random.next() * badTimes, two));
  }
  return {
    seed,
    two,
    supersede: random.next() < 0.7,
    looks: random.next() < 0.5,
    goesOn: random.next() < 0.5,
    runs,
    steps: steps.toSorted((a, b) => a.at - b.at),
    weather: Array.from({ length: below(random, 6) }, () => storm(random)),
  };
}

function trouble(random: Random, moment: number, two: boolean): Step {
  const at = Math.min(moment, badTimes);
  const slot = two ? below(random, 2) : 0;
  const steps = 1 + below(random, 60);
  switch (below(random, 10)) {
    case 0:
      return { at, kind: "power cut" };
    case 1:
      return { at, kind: "hold", slot, milliseconds: 5000, steps: 0 };
    case 2: {
      // The last one: for ever, where another process is there to take over.
      const long = pick(random, slot === 1 ? [20_000, 60_000, 1e8] : [20_000, 60_000]);
      return { at, kind: "hold", slot, milliseconds: long, steps: below(random, 8) };
    }
    case 3:
      return { at, kind: "clock", milliseconds: (random.next() - 0.5) * 7.2e6 };
    case 4:
      return { at, kind: "clock", milliseconds: pick(random, [-1, 1]) * 3.15e11 };
    case 5:
      return { at, kind: "stop", slot };
    case 6: {
      const failure = pick(random, ["full", "io", "locked"] as const);
      const when = failure === "io" ? pick(random, ["before", "after"] as const) : "before";
      return { at, kind: "disk", slot, failure, when, left: 1 + below(random, 3) };
    }
    default:
      return { at, kind: "kill", slot, steps };
  }
}

function storm(random: Random): Weather {
  const from = random.next() * badTimes;
  const until = Math.min(badTimes, from + 1000 + random.next() * 60_000);
  const fault = pick(random, Object.keys(faults) as Fault[]);
  return { from, until, fault, share: pick(random, [0.1, 0.3, 0.7, 1]) };
}

function below(random: Random, limit: number): number {
  return Math.floor(random.next() * limit);
}

function pick<T>(random: Random, items: readonly T[]): T {
  return items[below(random, items.length)];
}
