import { readFileSync, readdirSync } from "node:fs";
import { parse, syntaxCodes } from "@tocsin/language/syntax";
import { expect, test } from "vitest";

const folder = new URL("../../../docs/diagnostics/", import.meta.url);

function page(code: string): string {
  return readFileSync(new URL(`${code}.md`, folder), "utf8");
}

test("every code has a page with its title, and no page is left over", () => {
  const pages = readdirSync(folder).filter((name) => /^E01\d\d\.md$/.test(name));
  expect(pages.map((name) => name.slice(0, -3)).toSorted()).toEqual(Object.keys(syntaxCodes));
  for (const [code, title] of Object.entries(syntaxCodes)) {
    expect(page(code).split("\n")[0]).toBe(`# ${code}: ${title}`);
  }
});

test.each(Object.keys(syntaxCodes))("the page of %s shows the mistake and its mending", (code) => {
  const blocks = [...page(code).matchAll(/```flux\n([^]*?)\n```/g)].map((match) => match[1]);
  expect(blocks).toHaveLength(2);
  const [bad, good] = blocks;
  expect(parse(bad).diagnostics.map((diagnostic) => diagnostic.code)).toContain(code);
  expect(parse(good).diagnostics).toEqual([]);
});
