import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { drain } from "./drain.ts";
import { compare } from "./ledger.ts";
import { holds, playFullDisks, playInjections, playRounds, totalsOf } from "./many.ts";
import { totalLines } from "./simulate.ts";
import { tocsin } from "./subjects.ts";

const traces = spawnSync("strace", ["-V"]).status === 0;

test("30 rounds of kills, stops and lost answers: none lost, none out of order, none repeated without need", async () => {
  const size = { count: 40, entities: 10, seed: 4000, atOnce: 10 };
  const totals = totalsOf(await playRounds(tocsin(), { ...size, rounds: 30 }));
  expect(totals.broken, totalLines("rounds", totals).join("\n")).toEqual([]);
  const kinds = [...totals.faults.keys()];
  expect(kinds).toEqual(expect.arrayContaining(["SIGKILL", "SIGSTOP", "SIGTERM", "lostAnswer"]));
  expect(totals.repeated).toBeGreaterThan(0);
}, 120_000);

test.runIf(traces)(
  "killed, or told of an error, at writes and syncs of the outbox",
  async () => {
    const rounds = await playInjections(tocsin(), { stride: 41, most: 100, atOnce: 3 });
    expect(rounds.filter((round) => !holds(round))).toEqual([]);
    expect(rounds.length).toBeGreaterThan(10);
  },
  120_000,
);

test("four processes drain one queue: each event is accepted once, in order", async () => {
  const drained = await drain({ events: 600, entities: 60, processes: 4 });
  expect(drained).toMatchObject({ lost: [], unexpected: [], repeated: 0, disordered: [] });
  expect(drained.exitCodes).toEqual([0, 0, 0, 0]);
}, 60_000);

test("a full disk loses no page", async () => {
  const rounds = await playFullDisks(tocsin(), { rounds: 3, seed: 3, atOnce: 3 });
  expect(rounds.filter((round) => !holds(round))).toEqual([]);
}, 60_000);

test("the ledger finds what is lost, invented, repeated and out of order", () => {
  const lines = (text: string) =>
    text.split(" ").map((word) => ({ entity: word[0], said: word.slice(1) }));
  const emitted = lines("a1 a2 b1 b1 c1");
  expect(compare(emitted, lines("b1 a1 c1 b1 a2"))).toEqual({
    lost: [],
    unexpected: [],
    repeated: 0,
    disordered: [],
    late: 0,
  });
  expect(compare(emitted, lines("a2 a1 b1 x9 c1 c1"))).toEqual({
    lost: lines("b1"),
    unexpected: lines("x9"),
    repeated: 1,
    disordered: ["a"],
    late: 0,
  });
  expect(compare(lines("a1 a2"), lines("a1 a1 a2 a1"))).toEqual({
    lost: [],
    unexpected: [],
    repeated: 2,
    disordered: ["a"],
    late: 0,
  });
  // A killed process's request may be on its way for longer than the one that is sent in its place.
  const killed = new Set(["1"]);
  const judged = (text: string) =>
    compare(lines("a1 a2"), lines(text), (one) => killed.has(one.said));
  expect(judged("a1 a2 a1")).toMatchObject({ repeated: 1, disordered: [], late: 1 });
  expect(judged("a1 a2 a2")).toMatchObject({ repeated: 1, disordered: [], late: 0 });
  expect(judged("a2 a1")).toMatchObject({ repeated: 0, disordered: ["a"], late: 0 });
});
