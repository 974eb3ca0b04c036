import { readdirSync, readFileSync } from "node:fs";

import { parse } from "@tocsin/language/syntax";
import { check, semanticCodes } from "@tocsin/language/semantic";
import { expect, test } from "vitest";

import { signatures } from "./signatures-fixture.ts";

const folder = new URL("../../../docs/diagnostics/", import.meta.url);

function codesOf(text: string): string[] {
  const { file, diagnostics } = parse(text);
  return [...diagnostics, ...check(file, signatures).diagnostics].map(({ code }) => code);
}

test("each code has a page, and each page of this room a code", () => {
  const pages = readdirSync(folder).map((name) => name.replace(/\.md$/, ""));
  const own = pages.filter((code) => /^(E02\d\d|W030[1-4])$/.test(code));
  expect(own.toSorted()).toEqual(Object.keys(semanticCodes).toSorted());
});

test.each(Object.entries(semanticCodes))("page %s: %s", (code, title) => {
  const page = readFileSync(new URL(`${code}.md`, folder), "utf8");
  expect(page.split("\n")[0]).toBe(`# ${code}: ${title}`);
  const scripts = [...page.matchAll(/```flux\n([\s\S]*?)```/g)].map(([, script]) => script);
  expect(scripts).toHaveLength(2);
  const [example, mended] = scripts;
  expect(new Set(codesOf(example))).toEqual(new Set([code]));
  expect(codesOf(mended)).toEqual([]);
});
