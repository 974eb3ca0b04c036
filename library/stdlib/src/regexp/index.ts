import {
  array,
  bool,
  compileRegexp,
  int,
  invalid,
  nullOf,
  quoteMeta,
  type Regexp,
  regexp,
  type ScalarKind,
  string,
  type Value,
} from "@tocsin/data/value";
import { type Arguments, definePackage, native, scalar } from "@tocsin/engine/interpret";

const sample = (call: string): string => `import "array"
import "regexp"
array.from(rows: [{answer: ${call}}])`;

/** A function of a pattern and a text; null for a null text. */
function search(
  name: string,
  words: { result: ScalarKind | undefined; type: string; docs: string; example: string },
  apply: (pattern: Regexp, text: string, args: Arguments) => Value,
) {
  const { result, ...said } = words;
  return native({
    name,
    ...said,
    call: (args) =>
      args.optional("v")?.kind === "null"
        ? nullOf(result)
        : apply(args.regexp("r"), args.string("v"), args),
  });
}

const compile = native({
  name: "compile",
  type: "(v: string) => regexp",
  docs: "The regular expression that `v` writes, in the syntax of RE2.",
  example: sample(`regexp.matchRegexpString(r: regexp.compile(v: "ab+"), v: "abb")`),
  call: (args) => {
    const pattern = compileRegexp(args.string("v"));
    if ("reason" in pattern) throw invalid(`error parsing regexp: ${pattern.reason}`);
    return regexp(pattern);
  },
});

const quote = scalar({
  name: "quoteMeta",
  type: "(v: string) => string",
  docs: "A pattern that matches exactly the text `v`: signs with a meaning get a backslash.",
  example: sample(`regexp.quoteMeta(v: "a.b|c")`),
  parameters: { v: "string" },
  result: "string",
  apply: (v: string) => quoteMeta(v),
});

const findString = search(
  "findString",
  {
    type: "(r: regexp, v: string) => string",
    result: "string",
    docs: "The first part of `v` that matches, empty when none does.",
    example: sample(`regexp.findString(r: /foo.?/, v: "seafood fool")`),
  },
  (pattern, text) => string(pattern.findText(text)),
);

const findStringIndex = search(
  "findStringIndex",
  {
    type: "(r: regexp, v: string) => [int]",
    result: undefined,
    docs:
      "Where the first part of `v` that matches begins and ends, in UTF-8 bytes from 0. An empty array when " +
      "none does.",
    example: sample(`display(v: regexp.findStringIndex(r: /ab?/, v: "tablet"))`),
  },
  (pattern, text) => array(pattern.findByteIndex(text).map((at) => int(BigInt(at)))),
);

const matchRegexpString = search(
  "matchRegexpString",
  {
    type: "(r: regexp, v: string) => bool",
    result: "bool",
    docs: "Whether a part of `v` matches; the operator `=~` as a function.",
    example: sample(`regexp.matchRegexpString(r: /(gopher){2}/, v: "gophergopher")`),
  },
  (pattern, text) => bool(pattern.test(text)),
);

const replaceAllString = search(
  "replaceAllString",
  {
    type: "(r: regexp, v: string, t: string) => string",
    result: "string",
    docs:
      "`v` with `t` in the place of every part that matches. `$1` or `${1}` in `t` stands for the first group, " +
      "`${name}` for a named one; `$1x` reads a group called `1x`.",
    example: sample(`regexp.replaceAllString(r: /a(x*)b/, v: "-ab-axxb-", t: "T")`),
  },
  (pattern, text, args) => string(pattern.replaceAll(text, args.string("t"))),
);

const splitRegexp = search(
  "splitRegexp",
  {
    type: "(r: regexp, v: string, i: int) => [string]",
    result: undefined,
    docs: "The parts of `v` between those that match, at most `i`; all when `i` is negative, none when it is 0.",
    example: sample(`display(v: regexp.splitRegexp(r: /a*/, v: "abaabaccadaaae", i: 5))`),
  },
  (pattern, text, args) => array(pattern.split(text, args.count("i")).map(string)),
);

const getString = native({
  name: "getString",
  type: "(r: regexp) => string",
  docs: "The text of a regular expression.",
  example: sample("regexp.getString(r: /[a-zA-Z]/)"),
  call: (args) => string(args.regexp("r").source),
});

export const packageDefinition = definePackage({
  path: "regexp",
  docs: "Works with regular expressions.",
  patterns: true,
  members: [
    compile,
    findString,
    findStringIndex,
    getString,
    matchRegexpString,
    quote,
    replaceAllString,
    splitRegexp,
  ],
});
