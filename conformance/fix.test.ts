import { applyFixes, type Edit, type File, type Node, parse, type Span } from "@tocsin/language/syntax";
import { checkScript, fixScript } from "@tocsin/library/runtime";
import { standardLibrary } from "@tocsin/library/stdlib";
import { seeded } from "@tocsin/platform/host";
import { expect, test } from "vitest";
import { Chance, Generator } from "../language/semantic/test/generate-typed.ts";
import { mutations } from "../language/syntax/test/generate-program.ts";
import { adviseOn } from "../library/lint/src/advise.ts";
import { filesBelow, root } from "../tools/tree.ts";
import { readCase } from "./corpus.ts";

const firstSeed = Number(process.env["SEED"] ?? "1");
const corpus = filesBelow("conformance/corpus", ".case").map(({ path }) => ({ ...readCase(`${root}/${path}`), path }));
const correct = corpus.filter(({ path }) => path.includes("/correct/"));

/** What is wrong with `--fix` for one script, in words that include the script. */
async function complaints(script: string, name: string): Promise<string[]> {
  const { diagnostics } = await checkScript(script, name);
  const fixed = await fixScript(script, name);
  const found: string[] = [];
  if (diagnostics.length === 0 && fixed !== script) found.push("changes a clean script");
  if ((await fixScript(fixed, name)) !== fixed) found.push("a second --fix changes something");
  found.push(...beyond(script, diagnostics.flatMap(({ fix }) => (fix === undefined ? [] : [fix.edits])).flat(), applyFixes(script, diagnostics)));
  return found.map((one) => `${name}: ${one}\n${script}`);
}

/** Parts of the tree that differ although no edit touches them. */
function beyond(script: string, edits: readonly Edit[], fixed: string): string[] {
  const [before, after] = [parse(script, "before").file, parse(fixed, "after").file];
  // A tree that was guessed may change as a whole when the mistake is fixed.
  if (!before.wellFormed || !after.wellFormed) return [];
  return changed(before, after, edits)
    .filter((span) => !edits.some((edit) => edit.span.start <= span.end && span.start <= edit.span.end))
    .map(({ start, end }) => `changes ${script.slice(start, end)}, where nothing was mended`);
}

/** The smallest nodes of `before` that differ in `after`. An insertion before or behind a node may wrap it. */
function changed(before: Node | File, after: Node | File, edits: readonly Edit[]): Span[] {
  const [mine, theirs] = [partsOf(before), partsOf(after)];
  const wrapped = edits.some(({ span }) => span.start === before.span.end || span.end === before.span.start);
  if (wrapped || before.kind !== after.kind || mine.length !== theirs.length || wordsOf(before) !== wordsOf(after)) return [before.span];
  return mine.flatMap((part, i) => changed(part, theirs[i], edits));
}

function partsOf(node: object): Node[] {
  return Object.values(node).flat().filter((part): part is Node => typeof part === "object" && part !== null && "kind" in part && "span" in part && part.kind !== "Comment");
}

/** The node's own content: names, operators, values. */
function wordsOf(node: object): string {
  return Object.entries(node)
    .filter(([, value]) => ["string", "number", "bigint", "boolean"].includes(typeof value))
    .map(([key, value]) => `${key} ${String(value)}`)
    .filter((word) => !word.startsWith("name before") && !word.startsWith("name after"))
    .join();
}

test("--fix is idempotent, leaves clean scripts alone and changes nothing beyond its edits: the corpus", async () => {
  const found: string[] = [];
  for (const { path, script } of corpus) found.push(...(await complaints(script, path)));
  expect(found).toEqual([]);
}, 60_000);

test("… and programs that are made by chance, and scripts that are damaged by chance", async () => {
  console.log(`SEED=${firstSeed}`);
  const found: string[] = [];
  for (let seed = firstSeed; seed < firstSeed + 60; seed++) {
    found.push(...(await complaints(new Generator(new Chance(seed)).program().text, `program ${seed}`)));
    const random = seeded(seed);
    const { script } = correct[Math.floor(random.next() * correct.length)];
    const { name, apply } = mutations[seed % mutations.length];
    found.push(...(await complaints(apply(script, random), `${name}, seed ${seed}`)));
  }
  expect(found).toEqual([]);
}, 60_000);

test("advice about programs that are made by chance, and about damaged scripts, never breaks down", async () => {
  for (let seed = firstSeed; seed < firstSeed + 150; seed++) {
    const random = seeded(seed);
    const { script } = correct[Math.floor(random.next() * correct.length)];
    const damaged = mutations[seed % mutations.length].apply(script, random);
    for (const text of [new Generator(new Chance(seed)).program().text, damaged]) {
      const { file, diagnostics } = parse(text, "chance.flux");
      if (diagnostics.length === 0) await adviseOn(file, { library: standardLibrary });
    }
  }
}, 60_000);

test("the comparison of trees sees a change", () => {
  const edit: Edit = { span: { start: 4, end: 5 }, text: "2" };
  expect(beyond("x = 1\ny = 3\n", [edit], "x = 2\ny = 3\n")).toEqual([]);
  expect(beyond("x = 1\ny = 3\n", [edit], "x = 2\ny = 4\n")).toEqual(["changes 3, where nothing was mended"]);
});
