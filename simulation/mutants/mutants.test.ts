import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { simulate } from "../simulate.ts";
import { hunt, page, seedsOf, table } from "./hunt.ts";
import { mutants } from "./mutants.ts";
import { probe } from "./probes.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const head = `# Mistakes that the simulation must notice

Each of these mistakes changes one place in the code that delivers; then seeds are played, with two senders, until a law breaks. A
simulation that noticed none of them would prove nothing. \`sh tools/node.sh simulation/mutants/hunt.ts\` plays them all, each first with the
seed that noticed it last; \`BLESS=1\` in its test writes this table. Mistakes marked \`SQLite:\` are in the outbox that people use, and
their seeds are played on its files.

`;

test("every mistake is still one: its text stands once in its file", () => {
  for (const { name, file, from } of mutants) {
    const count = readFileSync(root + file, "utf8").split(from).length - 1;
    expect([name, count]).toEqual([name, 1]);
  }
});

test("every mistake is noticed, and the docs list them", async () => {
  const caught = await hunt();
  if (process.env["BLESS"] === "1") writeFileSync(page, head + table(caught));
  // A mistake that no compiler lets pass is none.
  const unnoticed = caught
    .filter(({ law }) => law === undefined || law === "the program fails")
    .map((one) => one.mutant.name);
  expect(unnoticed).toEqual([]);
  const listed = readFileSync(page, "utf8").match(/^\| .+? \|/gm) ?? [];
  const names = ["mistake", ...mutants.map(({ name }) => name)];
  expect(listed.map((one) => one.slice(2, -2))).toEqual(names);
}, 300_000);

test("the probes and seeds that notice mistakes hold without them, in memory and in files", async () => {
  expect([await probe("memory"), await probe("sqlite")]).toEqual([undefined, undefined]);
  const seeds = seedsOf(readFileSync(page, "utf8"));
  const noticed = new Set(
    mutants.map(({ name, scripts = false }) => `${seeds.get(name)} ${scripts}`),
  );
  for (const one of noticed) {
    const [seed, scripts] = one.split(" ");
    for (const medium of ["memory", "sqlite"] as const) {
      const where = { seeds: 1, two: true, scripts: scripts === "true", medium };
      const { broken } = await simulate({ from: Number(seed), ...where });
      expect([one, broken?.violations]).toEqual([one, undefined]);
    }
  }
});
