import { seeded } from "@tocsin/platform/host";
import fc from "fast-check";
import { RE2JS } from "re2js";
import { expect, test } from "vitest";
import { regexpProblem } from "../src/regexp-syntax.ts";

/** What the engine itself says: the answer that ours must give without loading it. */
function engineAccepts(pattern: string): boolean {
  try {
    RE2JS.compile(pattern);
    return true;
  } catch {
    return false;
  }
}

const patterns = [
  "a*",
  "\\Q\\E*",
  "a\\Q\\E*",
  "a(?i)*",
  "a|(?i)*",
  "a*(?i)*",
  "(?i){2}",
  "a(?i){2}",
  "*a",
  "a**",
  "a*?",
  "a+?*",
  "a??",
  "(",
  ")",
  "()",
  "(|*)",
  "a|b|",
  "|",
  "^*",
  "(?i)*",
  "(?:a)*",
  "[",
  "[]",
  "[]a]",
  "[^]",
  "[^]a]",
  "[z-a]",
  "[a-z-9]",
  "[a-\\d]",
  "[\\d-z]",
  "[-a]",
  "[a-]",
  "[[:alpha:]]",
  "[[:^alpha:]]",
  "[[:foo:]]",
  "[[:alpha:]",
  "[[:]",
  "[\\]]",
  "[\\b]",
  "[\\Q]",
  "[a\\",
  "\\",
  "\\q",
  "\\_",
  "\\é",
  "\\d\\D\\s\\S\\w\\W\\b\\B\\A\\z",
  "\\Z",
  "\\G",
  "\\C",
  "\\a\\f\\n\\r\\t\\v",
  "\\0",
  "\\07",
  "\\012",
  "\\1",
  "\\12",
  "\\18",
  "\\8",
  "\\x41",
  "\\x4",
  "\\x{1F600}",
  "\\x{110000}",
  "\\x{}",
  "\\x{",
  "\\pL",
  "\\PL",
  "\\p{Lu}",
  "\\p{^Greek}",
  "\\p{Han}",
  "\\p{Foo}",
  "\\p",
  "\\pX",
  "\\p{",
  "[\\pL\\d]",
  "\\Qa*\\E",
  "\\Qa*",
  "\\Qab\\E+",
  "a{2}",
  "a{2,}",
  "a{2,3}",
  "a{3,2}",
  "a{1000}",
  "a{1001}",
  "a{,2}",
  "a{",
  "a{x}",
  "a{2}{3}",
  "{2}",
  "x{2,3",
  "(a{100}){10}",
  "(a{100}){11}",
  "((a{10}){10}){11}",
  "(a{5}b{9}){200}",
  "(?P<a>x)",
  "(?<a>x)",
  "(?P<a>x)(?P<a>y)",
  "(?P<>x)",
  "(?P<a-b>x)",
  "(?P<a",
  "(?i)x",
  "(?i:x)",
  "(?-i)x",
  "(?i-s:x)",
  "(?ii)x",
  "(?-)x",
  "(?",
  "(?x)a",
  "(?=a)",
  "(?!a)",
  "(?<=a)",
  "(?P=a)",
  "(?P>a)",
  "世{2}",
  "[世-界]",
  "[🙂-🙃]",
];

test.each(patterns)("the verdict on %j is the engine's", (pattern) => {
  expect(regexpProblem(pattern) === undefined, regexpProblem(pattern)).toBe(engineAccepts(pattern));
});

test("the verdict on random patterns is the engine's", () => {
  const pieces = [
    ..."ab()[]{}*+?|^$.\\-:,123dwpLQEx<>P=i é🙂",
    "[^",
    "(?",
    "(?P<n>",
    "[[:alpha:]]",
    "{1,2}",
    "\\d",
  ];
  fc.assert(
    fc.property(fc.nat(), fc.integer({ min: 1, max: 12 }), (seed, length) => {
      const random = seeded(seed);
      const pattern = Array.from(
        { length },
        () => pieces[Math.floor(random.next() * pieces.length)],
      ).join("");
      expect(regexpProblem(pattern) === undefined, pattern).toBe(engineAccepts(pattern));
    }),
    { numRuns: 20_000 },
  );
});
