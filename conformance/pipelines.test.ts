import { planRules } from "@tocsin/engine/execute";
import { expect, test } from "vitest";
import { askHere, type Said } from "../tools/against-peer.ts";
import { differenceOf, differenceText, type Way } from "../tools/pipelines.ts";
import { pipelineOf, scriptOf } from "./pipelines/pipeline.ts";

/** Of the first pipeline; `sh tools/node.sh tools/pipelines.ts --show --seed N` shows each. */
const first = 50_000;
const seeds = Array.from({ length: 60 }, (_, i) => first + i);

const names = planRules.map(({ name }) => JSON.stringify(name)).join(", ");
const unplanned = (script: string): string =>
  `import "planner"
${script.replace(
  "data = ",
  `option planner.disableLogicalRules = [${names}]
option planner.disablePhysicalRules = [${names}]

data = `,
)}`;

const ways: readonly (readonly [string, Way])[] = [
  ["walk their row functions", (script) => askHere(script, { generate: false })],
  ["have no rule of the planner", (script) => askHere(unplanned(script))],
];

test.each(ways)("random pipelines say the same when they %s", async (_name, way) => {
  for (const seed of seeds) {
    const found = await differenceOf(seed, (script) => askHere(script), way);
    expect(found === undefined ? "" : differenceText(found)).toBe("");
  }
});

test("nearly all of them run, and most have rows to say something about", async () => {
  const said: Said[] = [];
  for (const seed of seeds) said.push(await askHere(scriptOf(pipelineOf(seed))));
  expect(said.filter(({ error }) => error !== undefined).length).toBeLessThan(seeds.length / 10);
  expect(said.filter(({ tables }) => /^ {4}.*\n {4}/mu.test(tables)).length).toBeGreaterThan(seeds.length / 2);
});

test("a mistake is found, and shown in a pipeline of few steps and rows", async () => {
  const wrong: Way = (script) => askHere(script.replaceAll(" >= ", " > ").replaceAll("exists ", "not exists "));
  const found = [];
  for (const seed of seeds) found.push(await differenceOf(seed, (script) => askHere(script), wrong));
  const small = found.filter((one) => one !== undefined);
  expect(small.length).toBeGreaterThan(3);
  for (const { pipeline } of small) {
    expect(pipeline.steps.length).toBeLessThan(4);
    expect(pipeline.csv.split("\n").length).toBeLessThan(10);
  }
});
