import { readFileSync } from "node:fs";
import { lintCodes } from "@tocsin/library/lint";
import { checkScript } from "@tocsin/library/runtime";
import { expect, test } from "vitest";

const folder = new URL("../../../docs/diagnostics/", import.meta.url);

async function codesOf(text: string): Promise<string[]> {
  const { diagnostics } = await checkScript(text, "page.flux");
  return diagnostics.map(({ code }) => code);
}

test.each(Object.entries(lintCodes))("page %s: %s", async (code, title) => {
  const page = readFileSync(new URL(`${code}.md`, folder), "utf8");
  expect(page.split("\n")[0]).toBe(`# ${code}: ${title}`);
  const scripts = [...page.matchAll(/```flux\n([\s\S]*?)```/g)].map(([, script]) => script);
  expect(scripts).toHaveLength(2);
  const [example, mended] = scripts;
  expect(new Set(await codesOf(example))).toEqual(new Set([code]));
  expect(await codesOf(mended)).toEqual([]);
});
