import { beforeAll, expect, test } from "vitest";
import { compileRegexp, quoteMeta, Regexp } from "../src/regexp.ts";
import { loadRegexps } from "../src/regexp-engine.ts";
import { utf8Length } from "../src/utf8-order.ts";
import golden from "./golden/regexps.json" with { type: "json" };

beforeAll(loadRegexps);

function compile(source: string): Regexp {
  const made = compileRegexp(source);
  if (made instanceof Regexp) return made;
  throw new Error(made.reason);
}

interface Recorded {
  readonly M: boolean;
  readonly I: readonly number[] | null;
  readonly R: string;
  readonly S: readonly string[];
  readonly S2: readonly string[];
  readonly A: readonly (readonly number[])[] | null;
  readonly F: string;
}

test.each(golden.rows)("/%s/ on %j with %j", (...row) => {
  const [source, text, template] = row.slice(0, 3).map(String);
  const recorded: unknown = row[3];
  if (typeof recorded === "string") {
    expect(compileRegexp(source)).toEqual({ reason: recorded });
    return;
  }
  const expected = recorded as Recorded;
  const regexp = compile(source);
  expect(regexp.test(text)).toBe(expected.M);
  expect(regexp.findByteIndex(text)).toEqual(expected.I ?? []);
  expect(regexp.findText(text)).toBe(expected.F);
  expect(regexp.replaceAll(text, template)).toBe(expected.R);
  expect(regexp.split(text, -1)).toEqual(expected.S);
  expect(regexp.split(text, 2)).toEqual(expected.S2);
  const ranges = regexp
    .findAll(text)
    .map(({ start, end }) => [utf8Length(text, start), utf8Length(text, end)]);
  expect(ranges).toEqual(expected.A ?? []);
});

test("a pattern is compiled once and knows its source", () => {
  expect(compileRegexp("a+b")).toBe(compileRegexp("a+b"));
  expect(`${compile("a+b")}`).toBe("a+b");
});

test("a template's group name is as long as it can be", () => {
  expect(compile("(.*)-(.*)").replaceAll("a-b", "$2_$1")).toBe("a");
  expect(compile("(.*)-(.*)").replaceAll("a-b", "${2}_$1")).toBe("b_a");
});

test("no split, no pieces", () => {
  expect(compile(",").split("a,b", 0)).toEqual([]);
});

test("quoted text matches itself and nothing else", () => {
  const text = String.raw`a.b*c[d](e)^$|{1}\x+?`;
  expect(compile(quoteMeta(text)).findText(`xx${text}yy`)).toBe(text);
  expect(compile(`^${quoteMeta("a.b")}$`).test("axb")).toBe(false);
});

test("a pattern that would hang JavaScript's engine is answered at once", () => {
  expect(compile("^(a+)+$").test(`${"a".repeat(5000)}b`)).toBe(false);
});
