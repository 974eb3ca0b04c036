import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { holds, killRounds, tocsin } from "./kill.ts";
import { compare } from "./ledger.ts";

const pages = fileURLToPath(new URL("pages.ts", import.meta.url));

test("killed at any moment, it loses nothing, invents nothing, and keeps the order", async () => {
  const command = [process.execPath, "--disable-warning=ExperimentalWarning", pages];
  const rounds = await killRounds({
    command: [...command, "{origin}", "{data}", "{run}", "80"],
    rounds: 3,
    kills: 3,
    seed: 42,
    faults: ["status=503:0.05", "reset:0.05"],
  });
  expect(rounds.filter((round) => !holds(round))).toEqual([]);
  expect(rounds.some((round) => round.killed > 0)).toBe(true);
});

test("the command line itself, killed at any moment: 500 events arrive, in order, none lost", async () => {
  const cli = fileURLToPath(new URL("../../apps/tocsin/src/tocsin.ts", import.meta.url));
  const program = [process.execPath, "--disable-warning=ExperimentalWarning", cli];
  const rounds = await killRounds({ ...tocsin(program), rounds: 3, kills: 1, seed: 7 });
  expect(rounds.filter((round) => !holds(round))).toEqual([]);
  expect(rounds.map(({ emitted }) => emitted)).toEqual([500, 500, 500]);
  expect(rounds.some((round) => round.killed > 0)).toBe(true);
});

test("the ledger finds what is lost, invented, repeated and out of order", () => {
  const lines = (text: string) =>
    text.split(" ").map((word) => ({ entity: word[0], said: word.slice(1) }));
  const emitted = lines("a1 a2 b1 b1 c1");
  expect(compare(emitted, lines("b1 a1 c1 b1 a2"))).toEqual({
    lost: [],
    unexpected: [],
    repeated: 0,
    disordered: [],
  });
  expect(compare(emitted, lines("a2 a1 b1 x9 c1 c1"))).toEqual({
    lost: lines("b1"),
    unexpected: lines("x9"),
    repeated: 1,
    disordered: ["a"],
  });
  expect(compare(lines("a1 a2"), lines("a1 a1 a2 a1"))).toEqual({
    lost: [],
    unexpected: [],
    repeated: 2,
    disordered: ["a"],
  });
});
