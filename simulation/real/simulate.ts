import { optionsOf } from "../../tools/options.ts";
import { playFullDisks, playInjections, playRounds, type Totals, totalsOf } from "./many.ts";
import type { Round } from "./rig.ts";
import { type Subject, tocsin, upstream } from "./subjects.ts";

const say = (line: string): void => console.log(line);

/** A summary for people. */
export function totalLines(name: string, totals: Totals): string[] {
  const { rounds, emitted, lost, unexpected, disordered, late, repeated, needless } = totals;
  const kinds = [...totals.faults].sort(([a], [b]) => (a < b ? -1 : 1));
  return [
    `${name}: ${rounds} rounds, ${emitted} events`,
    ...kinds.map(([kind, count]) => `${String(count).padStart(9)}  ${kind}`),
    `${lost} lost, ${unexpected} unexpected, ${disordered} entities out of order, ${repeated} repeated ` +
      `(${repeated - needless} necessarily, ${needless} needlessly; ${late} late, from killed processes)`,
    ...totals.broken
      .slice(0, 5)
      .map(
        (round) => `broken: seed ${round.seed}: ${JSON.stringify({ ...round, faults: undefined })}`,
      ),
  ];
}

/** A row of the table in docs/delivery-proof.md. */
function row(name: string, totals: Totals): string {
  const { rounds, emitted, lost, disordered, repeated, needless } = totals;
  return `| ${[name, rounds, emitted, lost, disordered, repeated, needless].join(" | ")} |`;
}

async function control(
  subjects: readonly Subject[],
  options: { rounds: number; seed: number; atOnce: number },
): Promise<void> {
  say("| | rounds | events | lost | entities out of order | repeated | needlessly |");
  say("|---|---|---|---|---|---|---|");
  for (const again of [true, false]) {
    for (const subject of subjects) {
      const size = { count: 60, entities: 12, again };
      const totals = totalsOf(await playRounds(subject, { ...options, ...size }));
      const how = again ? "run again after a kill or an error" : "not run again";
      say(row(`${subject.name}, ${how}`, totals));
    }
  }
}

async function main(): Promise<void> {
  const options = optionsOf({
    rounds: 500,
    seed: 1,
    "at-once": 6,
    peer: false,
    "rounds-only": false,
  });
  const { rounds, seed, "at-once": atOnce } = options;
  const subject = tocsin();
  if (options.peer) {
    const peer = upstream();
    if (peer === undefined)
      say("TOCSIN_PEER_FLUX does not name upstream's flux: only ours is played");
    return control([subject, ...(peer === undefined ? [] : [peer])], { rounds, seed, atOnce });
  }
  let broken = 0;
  const tell = (name: string, played: readonly Round[]): void => {
    const totals = totalsOf(played);
    broken += totals.broken.length;
    for (const line of totalLines(name, totals)) say(line);
  };
  const size = { count: 60, entities: 12, long: true };
  tell(
    "killed, stopped, answers lost",
    await playRounds(subject, { ...size, rounds, seed, atOnce }),
  );
  if (!options["rounds-only"]) {
    tell("each write and sync", await playInjections(subject, { stride: 3, atOnce }));
    const full = await playFullDisks(subject, { rounds: Math.ceil(rounds / 10), seed, atOnce });
    tell("a file system of 2 MB", full);
  }
  say(broken === 0 ? "every round holds" : `${broken} rounds are broken`);
  process.exitCode = broken === 0 ? 0 : 1;
}

if (import.meta.main) {
  await main();
  // Sockets of killed processes may linger.
  process.exit();
}
