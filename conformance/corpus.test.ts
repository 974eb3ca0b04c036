import { expect, test } from "vitest";
import { type Diagnostic, format, parse, renderText, type SourceText } from "@tocsin/language/syntax";
import { checkScript, fixScript } from "@tocsin/library/runtime";
import { filesBelow, root } from "../tools/tree.ts";
import { blessCase, type Case, isAbout, type Mistake, readCase } from "./corpus.ts";

/** Kinds of mistakes that nothing detects yet. */
const awaited: readonly string[] = [];

const all = filesBelow("conformance/corpus", ".case").map(({ path }) => readCase(`${root}/${path}`));
const nameOf = ({ path }: Case): string => path.slice(`${root}/conformance/corpus/`.length);
const isBroken = (one: Case): boolean => nameOf(one).startsWith("broken/");
const broken = all.filter(isBroken);
const correct = all.filter((one) => !isBroken(one));
const isAwaited = ({ mistakes }: Case): boolean => mistakes.some(({ kind }) => awaited.includes(kind));

for (const one of broken.filter((each) => !isAwaited(each))) {
  test(nameOf(one), async () => {
    const { tree, diagnostics } = await checkScript(one.script, "script.flux");
    const answers = new Map([["diagnostics", renderText({ source: tree.source, diagnostics })]]);
    const fixed = await fixScript(one.script, "script.flux");
    if (one.mended === undefined && fixed !== one.script) answers.set("fixed", fixed);
    if (process.env["BLESS"] !== undefined) return blessCase(one.path, answers);

    expect(one.mistakes.length, "a broken script has a mistake").toBeGreaterThan(0);
    const { unsaid, beside } = compare(one.mistakes, diagnostics, tree.source);
    expect(unsaid, "mistakes that nothing is about").toEqual([]);
    expect(beside, "diagnostics that are about no mistake").toEqual([]);
    expect(one.diagnostics, "what is shown").toBe(answers.get("diagnostics"));
    expect(one.fixed, "what --fix makes of it").toBe(answers.get("fixed"));
    await fixesHold(one, diagnostics, fixed);
  });
}

async function fixesHold(one: Case, diagnostics: readonly Diagnostic[], fixed: string): Promise<void> {
  expect(await fixScript(fixed, "script.flux"), "a second --fix changes nothing").toBe(fixed);
  const left = (await checkScript(fixed, "script.flux")).diagnostics;
  if (one.mended !== undefined) {
    expect(formatted(fixed), "what --fix has to make of it").toBe(formatted(one.mended));
    expect(left.map(({ message }) => message), "the mended script is clean").toEqual([]);
  }
  // A mistake may have hidden others behind it; any other new one was caused by the fix.
  const hides = diagnostics.some(({ severity }) => severity === "error");
  if (hides) return;
  const before = diagnostics.filter(({ fix }) => fix === undefined).map(({ message }) => message);
  expect(left.map(({ message }) => message).filter((message) => !before.includes(message)), "made by the fix").toEqual([]);
}

for (const one of correct) {
  test(nameOf(one), async () => {
    const { diagnostics } = await checkScript(one.script, "script.flux");
    expect(diagnostics.map(({ code, message }) => `${code} ${message}`)).toEqual([]);
    expect(await fixScript(one.script, "script.flux"), "nothing to fix").toBe(one.script);
  });
}

test("no script stands twice under other names", () => {
  const seen = new Map<string, string>();
  const twins: string[] = [];
  for (const one of all) {
    const shape = shapeOf(one.script);
    const twin = seen.get(shape);
    if (twin !== undefined) twins.push(`${nameOf(one)} = ${twin}`);
    seen.set(shape, nameOf(one));
  }
  expect(twins).toEqual([]);
});

/** Which mistakes are left, and which diagnostics, when each diagnostic is about at most one mistake. */
function compare(
  mistakes: readonly Mistake[],
  diagnostics: readonly Diagnostic[],
  source: SourceText,
): { unsaid: Mistake[]; beside: string[] } {
  const beside = [...diagnostics];
  const unsaid = mistakes.filter((mistake) => {
    const at = beside.findIndex((diagnostic) => isAbout(mistake, diagnostic, source));
    if (at >= 0) beside.splice(at, 1);
    return at < 0;
  });
  const shown = beside.map(({ code, message, span }) => `${source.position(span.start).line}: ${code} ${message}`);
  return { unsaid, beside: shown };
}

function formatted(script: string): string {
  return format(parse(script, "script.flux").file);
}

/** The script without what may differ: texts, names, numbers, comments, blanks. */
function shapeOf(script: string): string {
  return script
    .replaceAll(/\/\/.*$/gmu, "")
    .replaceAll(/"(?:[^"\\]|\\.)*"/gu, '"')
    .replaceAll(/\d[\w.]*/gu, "0")
    .replaceAll(/[a-z_]\w*/giu, "x")
    .replaceAll(/\s+/gu, "");
}
