import { beforeAll, expect, test } from "vitest";
import { compileRegexp, quoteMeta, Regexp } from "../src/regexp.ts";
import { seeded } from "@tocsin/platform/host";
import { compilePattern, loadRegexps } from "../src/regexp-engine.ts";
import { quickPattern } from "../src/regexp-quick.ts";
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

test("simple patterns that the platform's engine answers get the answers of RE2 (seed 11)", () => {
  const random = seeded(11);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random.next() * list.length)];
  const letters = ["a", "b", "-", "0", "5", "_", " ", "/", "\\.", "\\-", ".", "K", "s", "é", "日"];
  const letter = (): string => pick(letters);
  const atom = (): string =>
    pick([
      letter(),
      letter(),
      "\\d",
      "\\w",
      "\\s",
      "\\S",
      "\\W",
      "[ab]",
      "[^a-c]",
      "[\\d_-]",
      "[0-5 ]",
      "[é-日b]",
      "[^K-s]",
    ]);
  const piece = (): string =>
    atom() + pick(["", "", "", "*", "+", "?", "{2}", "{1,2}", "{2,}", "*?"]);
  const branch = (): string =>
    pick(["", "^"]) +
    Array.from({ length: 1 + random.next() * 4 }, piece).join("") +
    pick(["", "$"]);
  const pattern = (): string =>
    pick(["", "", "(?i)"]) +
    pick([
      branch,
      () => `${branch()}|${branch()}`,
      () => `${piece()}(${branch()}|b)${piece()}(?:${piece()})(${piece()})`,
    ])();
  let quick = 0;
  for (let round = 0; round < 600; round++) {
    const source = pattern();
    const engine = compilePattern(source);
    if (quickPattern(source) !== undefined) quick += 1;
    const regexp = compileRegexp(source);
    if ("reason" in regexp) throw new Error(`${source}: ${regexp.reason}`);
    for (let i = 0; i < 20; i++) {
      const units = [
        "a",
        "b",
        "c",
        "-",
        "0",
        "5",
        "_",
        " ",
        "/",
        ".",
        "\n",
        "\r",
        "é",
        "É",
        "日",
        "k",
        "S",
        "\u017f",
        "\u212a",
        "🔔",
        "\u2028",
        "\u00a0",
      ];
      const text = Array.from({ length: random.next() * 9 }, () => pick(units)).join("");
      expect([source, text, regexp.test(text)]).toEqual([source, text, engine.test(text)]);
      // Without the quick form, all of the text is the engine's.
      const slow = new Regexp(source, undefined, engine);
      const said = (one: Regexp): unknown => [
        source,
        text,
        one.findAll(text),
        one.replaceAll(text, "<$1|${0}>"),
        one.replaceAll(text, "$2x${2}$$"),
        one.split(text, -1),
      ];
      expect(said(regexp)).toEqual(said(slow));
    }
  }
  expect(quick).toBeGreaterThan(300);
});

test("whatever is answered without RE2 is a pattern for RE2, too (seed 12)", () => {
  const random = seeded(12);
  const parts = [..."ab-09_/.^$*+?(){}[]|\\,:dDwWsSntrfbAzxQEpLé ", "{1,2}", "(?:", "[^", "a-c"];
  let quick = 0;
  for (let round = 0; round < 20_000; round++) {
    const source = Array.from(
      { length: 1 + random.next() * 7 },
      () => parts[Math.floor(random.next() * parts.length)],
    ).join("");
    if (quickPattern(source) === undefined) continue;
    quick += 1;
    expect(() => compilePattern(source), source).not.toThrow();
  }
  expect(quick).toBeGreaterThan(3000);
});

test("what only RE2 knows, or what could run away, is left to it", () => {
  for (const source of [
    "(?i)\\w",
    "(?i)é",
    "(?i:a)",
    "a(?i)b",
    "🔔",
    "(a*)*",
    "(a|b)+",
    "a*b*c*",
    "\\pL",
    "[[:alpha:]]",
    "a**",
    "(",
    "[]a]",
    "a{1000}",
    "x{",
    "\\Qa",
  ])
    expect([source, quickPattern(source)]).toEqual([source, undefined]);
});
