import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { hunt, table } from "./hunt.ts";
import { mutants } from "./mutants.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const page = `${root}docs/delivery-mutants.md`;
const head = `# Mistakes that the simulation must notice

Each of these changes one place in the code of deliveries; then seeds are played, with two senders, until a law breaks. A
simulation that notices none of them would prove nothing. \`node simulation/mutants/hunt.ts\` plays them all;
\`BLESS=1\` in its test writes this table.

`;

test("every mistake is still one: its text stands once in its file", () => {
  for (const { name, file, from } of mutants) {
    const count = readFileSync(root + file, "utf8").split(from).length - 1;
    expect([name, count]).toEqual([name, 1]);
  }
});

test("every mistake is noticed, and the docs list it", async () => {
  const caught = await hunt();
  const unnoticed = caught.filter((one) => one.law === undefined).map((one) => one.mutant.name);
  expect(unnoticed).toEqual([]);
  if (process.env["BLESS"] === "1") writeFileSync(page, head + table(caught));
  const listed = readFileSync(page, "utf8");
  for (const { name } of mutants) expect(listed).toContain(`| ${name} |`);
}, 300_000);
