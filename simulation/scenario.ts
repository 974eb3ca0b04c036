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
  /** The service takes another key, or the secrets hold another one; undefined: they hold none. */
  | { readonly kind: "service's key"; readonly key: string }
  | { readonly kind: "secret"; readonly key: string | undefined }
  /** A person's command; `{id}` is an event that did not arrive. */
  | { readonly kind: "person"; readonly command: string; readonly chance: number }
  /** The disk is copied, and becomes that copy again four hours after the last step before. */
  | { readonly kind: "snapshot" }
  | { readonly kind: "restore" }
  | {
      readonly kind: "disk";
      readonly slot: number;
      readonly failure: DiskFault["failure"];
      readonly when: DiskFault["when"];
      /** Writes that go well before. */
      readonly skip: number;
      readonly left: number;
    }
);

/** Everything that happens in one simulated world, before all is well again. */
export interface Scenario {
  readonly seed: number;
  /** Whether two processes work at the same time. */
  readonly two: boolean;
  /** Whether each run has a process and a gate to the outbox of its own, and its events come in batches. */
  readonly scripts: boolean;
  readonly supersede: boolean;
  /** Whether processes look for what others recorded while they send. */
  readonly looks: boolean;
  /** Whether the processes of the bad times go on in the good ones. */
  readonly goesOn: boolean;
  /** Events by run. */
  readonly runs: Readonly<Record<string, readonly Emitted[]>>;
  readonly steps: readonly Step[];
  /** When the faults end. Milliseconds. */
  readonly until: number;
  readonly weather: readonly Weather[];
}

/** When the faults end, mostly. Milliseconds. */
const badTimes = 90_000;
/** An outage that parks events. */
const longTimes = 27 * 3_600_000;

/** Stands in every address at first; nobody may ever see it. */
export const firstKey = "0b3a5-SECRET-7f21";
const commands = [
  "hold --all",
  "hold --entity db",
  "release --all",
  "release --all",
  "retry --all",
  "retry --state waiting",
  "discard {id}",
  "discard {id} --reason seen",
  "status",
  "list --output json",
  "show {id}",
  "shape --by entity",
];

const entities = ["db", "web", "disk", "queue", ""];
const types = ["CRITICAL", "CRITICAL", "WARNING", "RECOVERY", "INFO", "ACKNOWLEDGEMENT", "crit"];

/** The scenario of a seed: the same seed, the same world. */
export function scenarioOf(
  seed: number,
  options: { two?: boolean; scripts?: boolean } = {},
): Scenario {
  const random = seeded(seed * 2_654_435_761);
  const two = options.two ?? seed % 3 === 0;
  const { scripts = false } = options;
  const runs: Record<string, Emitted[]> = {};
  const pages = pagesOf(random, two, runs);
  const steps: Step[] = [...pages];
  const troubles = below(random, 7);
  for (let index = 0; index < troubles; index++) {
    // Half of all troubles come while requests are on their way.
    const busy = pages[below(random, pages.length)].at + random.next() * 80;
    steps.push(trouble(random, random.next() < 0.5 ? busy : random.next() * badTimes, two));
  }
  const weather = Array.from({ length: below(random, 6) }, () => storm(random));
  const rest = {
    seed,
    two,
    scripts,
    supersede: random.next() < 0.7,
    looks: random.next() < 0.5,
    goesOn: random.next() < 0.5,
    runs,
  };
  const chapter = random.next();
  if (chapter < 0.1) steps.push(...rotation(random));
  else if (chapter < 0.25) steps.push(...person(random));
  else if (chapter < 0.28) {
    // A clock that is set as well hides how old the snapshot is.
    steps.splice(0, steps.length, ...steps.filter((one) => one.kind !== "clock"));
    steps.push(...restoration(random));
  }
  const long = chapter > 0.9975;
  if (long) weather.push({ from: 0, until: longTimes, fault: "answer 500", share: 1 });
  const until = long ? longTimes : badTimes;
  // By another chance than the rest, which a new kind of trouble so leaves as it is.
  const other = seeded(seed * 48_271 + 1);
  steps.push(...steps.flatMap((one) => (one.kind === "kill" ? soonAfter(one, other, pages) : [])));
  if (other.next() < 0.15) {
    const { at, slot } = pick(other, pages);
    steps.push(diskTrouble(other, Math.min(badTimes, at + 5 + other.next() * 60), slot));
  }
  if (scripts) steps.push(...disturbed(other, pages));
  return { ...rest, steps: steps.toSorted((a, b) => a.at - b.at), weather, until };
}

type Page = Step & { readonly kind: "page" };

function pagesOf(random: Random, two: boolean, runs: Record<string, Emitted[]>): Page[] {
  let number = 0;
  return Array.from({ length: 3 + below(random, 6) }, (_one, index) => {
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
    return { at: random.next() * badTimes, kind: "page", slot, run, wait };
  });
}

/** Often whoever was killed is started anew at once, and perhaps killed again. */
function soonAfter({ at, slot }: Step & { kind: "kill" }, random: Random, pages: Page[]): Step[] {
  if (random.next() < 0.6) return [];
  const times = 1 + below(random, 3);
  return Array.from({ length: times }, (_one, index) => {
    const then = Math.min(badTimes, at + 600 * index + 20 + random.next() * 500);
    const killed: Step = { at: then + 80, kind: "kill", slot, steps: 1 + below(random, 30) };
    const page = { ...pick(random, pages), at: then, slot };
    return index < times - 1 ? [page, killed] : [page];
  }).flat();
}

/** The key is changed at On-Call, and some time later here; or it is not here for a while. */
function rotation(random: Random): Step[] {
  const at = random.next() * badTimes;
  const healed = Math.min(badTimes, at + random.next() * 60_000);
  const key = "77c0e-SECRET-9a4b";
  if (random.next() < 0.3) {
    return [
      { at, kind: "secret", key: undefined },
      { at: healed, kind: "secret", key: firstKey },
    ];
  }
  return [
    { at, kind: "service's key", key },
    { at: healed, kind: "secret", key },
  ];
}

/** Somebody works at the queue. */
function person(random: Random): Step[] {
  return Array.from({ length: 1 + below(random, 5) }, () => ({
    at: random.next() * badTimes,
    kind: "person",
    command: pick(random, commands),
    chance: random.next(),
  }));
}

function restoration(random: Random): Step[] {
  const at = random.next() * badTimes;
  return [
    { at, kind: "snapshot" },
    { at: at + random.next() * (badTimes - at), kind: "restore" },
  ];
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
    case 6:
      return diskTrouble(random, at, slot);
    default:
      return { at, kind: "kill", slot, steps };
  }
}

function diskTrouble(random: Random, at: number, slot: number): Step & { kind: "disk" } {
  const failure = pick(random, ["full", "io", "locked"] as const);
  const when = failure === "io" ? pick(random, ["before", "after"] as const) : "before";
  return { at, kind: "disk", slot, failure, when, skip: 0, left: 1 + below(random, 3) };
}

/** The disk fails again and again while scripts run. */
function disturbed(random: Random, pages: readonly Page[]): Step[] {
  return Array.from({ length: 1 + below(random, 6) }, () => {
    const { at, slot } = pick(random, pages);
    const then = Math.min(badTimes, at + random.next() ** 3 * 8000);
    const fault = diskTrouble(random, then, slot);
    return { ...fault, left: 1 + below(random, 8), skip: below(random, 3) };
  });
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
