import type { Round, RoundOptions } from "./rig.ts";
import { peaceOf, playFullDisk, playInjection, playRound } from "./rig.ts";
import type { Injection } from "./rig.ts";
import type { Subject } from "./subjects.ts";

/** What many rounds came to. */
export interface Totals {
  readonly rounds: number;
  readonly emitted: number;
  readonly lost: number;
  readonly unexpected: number;
  /** Entities with an event that came after a newer one of theirs. */
  readonly disordered: number;
  /** Requests of killed processes that the network brought after newer ones of the entity. */
  readonly late: number;
  readonly repeated: number;
  readonly needless: number;
  readonly faults: ReadonlyMap<string, number>;
  /** Rounds that did not hold. */
  readonly broken: readonly Round[];
}

/** Whether nothing was lost, invented, put out of order, repeated without need or shown. */
export function holds(round: Round): boolean {
  const { lost, unexpected, disordered, needless, exitCode, shown } = round;
  const wrong = lost.length + unexpected.length + disordered.length + needless;
  return wrong === 0 && exitCode === 0 && !shown;
}

/** Adds rounds up. */
export function totalsOf(rounds: readonly Round[]): Totals {
  const faults = new Map<string, number>();
  for (const round of rounds) {
    for (const [kind, count] of round.faults) faults.set(kind, (faults.get(kind) ?? 0) + count);
  }
  const sum = (of: (round: Round) => number) => rounds.reduce((all, round) => all + of(round), 0);
  return {
    rounds: rounds.length,
    emitted: sum((one) => one.emitted),
    lost: sum((one) => one.lost.length),
    unexpected: sum((one) => one.unexpected.length),
    disordered: sum((one) => one.disordered.length),
    late: sum((one) => one.late),
    repeated: sum((one) => one.repeated),
    needless: sum((one) => one.needless),
    faults,
    broken: rounds.filter((round) => !holds(round)),
  };
}

/** How many rounds are played, and how. */
interface ManyOptions extends Pick<RoundOptions, "count" | "entities" | "long" | "again"> {
  readonly rounds: number;
  readonly seed: number;
  /** So many at a time: most of a round is waiting. */
  readonly atOnce: number;
  readonly say?: (round: Round) => void;
}

/** Plays rounds with seeds from `seed` on. */
export async function playRounds(subject: Subject, options: ManyOptions): Promise<Round[]> {
  const { rounds, seed, atOnce, say } = options;
  const peace = await peaceOf(subject, options);
  return pool(rounds, atOnce, async (index) => {
    const round = await playRound(subject, { ...options, seed: seed + index, peace });
    say?.(round);
    return round;
  });
}

const small = { count: 12, entities: 4, peace: 0 };

/** The n-th of each kind of system call fails or kills, for n = 1, 1 + `stride` … until there is none. */
export async function playInjections(
  subject: Subject,
  options: { stride: number; most?: number; atOnce: number },
): Promise<Round[]> {
  const { stride, most = Infinity, atOnce } = options;
  const kinds: readonly Omit<Injection, "when">[] = [
    { calls: "fsync,fdatasync", effect: "signal=SIGKILL" },
    { calls: "pwrite64", effect: "signal=SIGKILL" },
    { calls: "fsync,fdatasync", effect: "error=EIO" },
    { calls: "pwrite64", effect: "error=EIO" },
    { calls: "pwrite64", effect: "error=ENOSPC" },
  ];
  const rounds = await pool(kinds.length, atOnce, async (index) => {
    const kind = kinds[index];
    const played: Round[] = [];
    const more = kind.effect === "error=ENOSPC" ? "+" : "";
    for (let n = 1; n <= most; n += kind.calls === "pwrite64" ? stride : Math.ceil(stride / 8)) {
      const options = { ...small, seed: n };
      const round = await playInjection(subject, { ...kind, when: `${n}${more}` }, options);
      if (round === undefined) break;
      const name = `${kind.calls} ${kind.effect.replace(/.*=/, "")}`;
      played.push({ ...round, faults: new Map([[name, 1]]) });
    }
    return played;
  });
  return rounds.flat();
}

/** The disk fills up, at another moment in each round. Empty: this user may not make a file system. */
export async function playFullDisks(
  subject: Subject,
  options: { rounds: number; seed: number; atOnce: number },
): Promise<Round[]> {
  const played = await pool(options.rounds, options.atOnce, async (index) => {
    const seed = options.seed + index;
    const round = await playFullDisk(subject, { count: 150, entities: 30, peace: 0, seed });
    return round === undefined ? [] : [{ ...round, faults: new Map([["disk full", 1]]) }];
  });
  return played.flat();
}

async function pool<T>(
  count: number,
  atOnce: number,
  play: (index: number) => Promise<T>,
): Promise<T[]> {
  const played: T[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let index = next++; index < count; index = next++) played[index] = await play(index);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return played;
}
