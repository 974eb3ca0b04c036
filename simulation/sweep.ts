import { play } from "./play.ts";
import { type Scenario, scenarioOf, type Step } from "./scenario.ts";

/** What can go wrong at the n-th step of a process. */
export const strikes = {
  "killed at a step": (n) => ({ at, kind: "kill", slot: 0, steps: n }),
  "held for 5 s": (n) => ({ at, kind: "hold", slot: 0, milliseconds: 5000, steps: n }),
  "held for 60 s": (n) => ({ at, kind: "hold", slot: 0, milliseconds: 60_000, steps: n }),
  "disk full before the write": (n) => disk("full", "before", n),
  "disk locked before the write": (n) => disk("locked", "before", n),
  "disk io before the write": (n) => disk("io", "before", n),
  "disk io after the write": (n) => disk("io", "after", n),
} satisfies Record<string, (n: number) => Step>;

/** A name in `strikes`. */
export type Strike = keyof typeof strikes;

const at = 1000;

function disk(
  failure: "full" | "locked" | "io",
  when: "before" | "after",
  n: number,
): Extract<Step, { kind: "disk" }> {
  return { at, kind: "disk", slot: 0, failure, when, skip: n - 1, left: 1 };
}

/** What striking at every step came to. */
interface Sweep {
  /** At so many steps it struck. */
  readonly steps: number;
  /** With the step's number. */
  readonly violations: readonly string[];
}

/**
 * Plays one scenario again and again: the fault strikes at the first step, at the second, and so on,
 * until the process has no more to do. `again`: when whoever ran the script runs it again (milliseconds
 * after the first time).
 */
export async function sweep(
  strike: Strike,
  options: { two: boolean; again: number },
): Promise<Sweep> {
  const violations: string[] = [];
  // Later ones are those of a process with nothing to do.
  for (let n = 1; n <= 130; n++) {
    const outcome = await play(scenario(strikes[strike](n), options));
    violations.push(...outcome.violations.map((one) => `step ${n}: ${one}`));
    if (!outcome.faults.has(strike)) return { steps: n - 1, violations };
  }
  return { steps: 130, violations };
}

/**
 * A sync fails, soon afterwards the disk is full for a few writes, and then the power is cut: at each of a run's
 * writes. What the failed sync was asked for is read by all until then, and gone afterwards. Gives the laws that
 * were broken, and how many events went out without a mark.
 */
export async function unsyncedSweep(): Promise<{ violations: string[]; unmarked: number }> {
  const violations: string[] = [];
  let unmarked = 0;
  const words = "CRITICAL:db CRITICAL:a CRITICAL:b WARNING:db CRITICAL:c RECOVERY:db";
  for (let n = 1; n <= 10; n++) {
    for (const [skip, left] of [0, 1, 2].flatMap((more) =>
      [1, 8].map((times) => [n + more, times]),
    )) {
      const page = { kind: "page", slot: 0, run: "run", wait: 5000 } as const;
      const steps: Step[] = [
        { at, ...page },
        disk("io", "after", n),
        { ...disk("full", "before", n), skip, left },
        { at: at + 500, kind: "power cut" },
        { at: at + 1000, ...page },
      ];
      const made = { ...scenarioOf(smallWindow, { two: false }), looks: true, goesOn: true };
      const outcome = await play({ ...made, runs: { run: eventsOf(words) }, steps, weather: [] });
      const place = `sync ${n}, full from write ${skip}, ${left} times`;
      violations.push(...outcome.violations.map((one) => `${place}: ${one}`));
      unmarked += outcome.faults.get("sent unmarked") ?? 0;
    }
  }
  return { violations, unmarked };
}

/** A seed whose senders take few events at a time: others wait when a verdict is stored. */
const smallWindow = 3;

function eventsOf(words: string): Scenario["runs"][string] {
  return words.split(" ").map((word, index) => {
    const [type, entity] = word.split(":");
    return { number: index + 1, run: "run", type, entity };
  });
}

function scenario(fault: Step, { two, again }: { two: boolean; again: number }): Scenario {
  const events = eventsOf("CRITICAL:db INFO:db WARNING:web RECOVERY:db CRITICAL: CRITICAL:web");
  const page = { kind: "page", run: "run", wait: 5000 } as const;
  const second: Step = { at: at + again, slot: two ? 1 : 0, ...page };
  const weather = { from: 0, until: 1100, fault: "answer 500", share: 0.5 } as const;
  return {
    ...scenarioOf(1, { two }),
    looks: true,
    goesOn: true,
    runs: { run: events },
    steps: [{ at, slot: 0, ...page }, fault, second],
    weather: [weather],
  };
}
