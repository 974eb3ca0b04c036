import { loadRegexps } from "@tocsin/data/value";
import { parse } from "@tocsin/language/syntax";
import { rowCompiler } from "@tocsin/engine/expression";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Sources } from "../src/compile/program.ts";
import { compilingRows } from "../src/row-compiler.ts";
import { type Case, outcomeOf, pairCases, randomCase } from "./cases.ts";
import type { Outcome } from "./comparison.ts";
import { allKinds, Dice } from "./generator.ts";
import { mutations } from "./mutations.ts";

const seed = Number(process.env.TOCSIN_SEED ?? 20260714);
const caseCount = 10_000;

const dice = new Dice(seed);
const cases: readonly Case[] = (() => {
  const pairs = pairCases(dice);
  const rest = Array.from({ length: caseCount - pairs.length }, () => randomCase(dice));
  return [...pairs, ...rest];
})();
const walking = rowCompiler({ compile: false });
const expected: Outcome[] = [];
/** What the walk makes of case `i`: the truth that generated code is held against. */
const truth = (i: number): Outcome => (expected[i] ??= outcomeOf(cases[i], walking));

// Most cases have a row that fails: a stack for each of these errors would take most of the time.
const { stackTraceLimit } = Error;
beforeAll(async () => {
  Error.stackTraceLimit = 0;
  await loadRegexps();
});
afterAll(() => {
  Error.stackTraceLimit = stackTraceLimit;
});

test(`generated code and walk agree on ${caseCount} row functions (seed ${seed})`, () => {
  const generating = rowCompiler();
  for (let i = 0; i < caseCount; i++) {
    const actual = outcomeOf(cases[i], generating);
    if (actual.join("\n") !== truth(i).join("\n")) {
      expect(`${cases[i].source}\n${actual.join("\n")}`).toBe(
        `${cases[i].source}\n${truth(i).join("\n")}`,
      );
    }
  }
}, 240_000);

test("the row functions cover the language", () => {
  const nodes = new Map<string, number>();
  const count = (name: string): void => void nodes.set(name, (nodes.get(name) ?? 0) + 1);
  for (const { source } of cases) countNodes(parse(source).file.body, count);
  const failing = cases.filter((_, i) => truth(i).some((line) => line.startsWith("row"))).length;
  const pairs = new Set(cases.flatMap((one) => one.pair ?? []));
  const folders = cases.filter((one) => one.form === "folder").length;
  const sorted = [...nodes].sort((a, b) => b[1] - a[1]).map(([name, n]) => `${name} ${n}`);
  console.log(`seed ${seed}; ${pairs.size} operators on kinds; ${failing} cases with a bad row`);
  console.log(sorted.join(", "));
  // 14 binary operators, and, or, and the branches of a condition, on every pair of kinds.
  expect(pairs.size).toBeGreaterThanOrEqual(17 * allKinds.length ** 2);
  const rare = expectedNodes.filter((kind) => (nodes.get(kind) ?? 0) < 100);
  expect(rare).toEqual([]);
  expect(failing).toBeGreaterThan(caseCount / 5);
  expect(failing).toBeLessThan((caseCount * 3) / 4);
  expect(folders).toBeGreaterThan(500);
});

const expectedNodes = (
  "ArrayExpression BinaryExpression Block CallExpression ConditionalExpression DateTimeLiteral " +
  "DictExpression DurationLiteral FloatLiteral FunctionExpression Identifier IndexExpression " +
  "IntegerLiteral LogicalExpression MemberExpression ParenExpression PipeExpression " +
  "RecordExpression RegexpLiteral StringExpression StringLiteral UnaryExpression"
).split(" ");

function countNodes(part: unknown, count: (name: string) => void): void {
  if (Array.isArray(part)) for (const one of part) countNodes(one, count);
  else if (typeof part === "object" && part !== null) {
    if ("kind" in part && "span" in part) count(String(part.kind));
    for (const one of Object.values(part)) countNodes(one, count);
  }
}

test.each(Object.entries(mutations))("a planted mistake is found: %s", (name, tampering) => {
  let applied = 0;
  const { source } = tampering;
  const counted = (text: string): string => {
    const changed = source?.(text) ?? text;
    if (changed !== text) applied += 1;
    return changed;
  };
  const rows = compilingRows(new Sources({ ...tampering, source: counted }));
  const found = cases.findIndex((one, i) => disagrees(outcomeIn(one, rows), truth(i)));
  expect({ name, found: found >= 0 }).toEqual({ name, found: true });
  if (source !== undefined) expect(applied).toBeGreaterThan(0);
});

const disagrees = (actual: Outcome, other: Outcome): boolean =>
  actual.join("\n") !== other.join("\n");

/** A planted mistake may also make the generated code crash. */
function outcomeIn(one: Case, rows: ReturnType<typeof compilingRows>): Outcome {
  try {
    return outcomeOf(one, rows);
  } catch (thrown) {
    return [String(thrown)];
  }
}
