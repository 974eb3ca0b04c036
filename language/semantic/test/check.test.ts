import { parse } from "@tocsin/language/syntax";
import type { Diagnostic } from "@tocsin/language/syntax";
import { check } from "@tocsin/language/semantic";
import { expect, test } from "vitest";

import { signatures } from "./signatures-fixture.ts";

type Seen = { readonly at: string; readonly text: string };

/** What a person sees of a script's mistakes: code and marked text, then message and hint. */
function see(script: string): Seen[] {
  const { file, diagnostics } = parse(script);
  const all: Diagnostic[] = [...diagnostics, ...check(file, signatures).diagnostics];
  return all.map(({ code, span, message, hint }) => ({
    at: `${code} ${script.slice(span.start, span.end).replaceAll(/\s+/g, " ")}`,
    text: hint ? `${message} (${hint})` : message,
  }));
}

function places(script: string): string[] {
  return see(script).map(({ at }) => at);
}

const victorops = `import "contrib/bonitoo-io/victorops"
endpoint = victorops.endpoint(url: "https://example.com/alert")
`;

test("all fields that mapFn leaves out are named at once, with the names it has instead", () => {
  const [seen, ...rest] = see(
    `${victorops}from(bucket: "b") |> endpoint(mapFn: (r) => ({messageType: "INFO", entityId: r.host}))()`,
  );
  expect(rest).toEqual([]);
  expect(seen.at).toBe('E0227 {messageType: "INFO", entityId: r.host}');
  expect(seen.text).toBe(
    "the record that `mapFn` of `endpoint` returns lacks `entityID`, `entityDisplayName`, " +
      "`stateMessage` and `timestamp` (`entityId` should be `entityID`)",
  );
});

test("missing fields are also found behind a name", () => {
  const script = `${victorops}toEvent = (r) => ({messageType: "INFO", timestamp: now()})
from(bucket: "b") |> endpoint(mapFn: toEvent)()`;
  expect(places(script)).toEqual(["E0227 toEvent"]);
});

test("one undefined name is one mistake, wherever it is used", () => {
  expect(places("a = ceiling + 1\nb = ceiling + 2\nc = a + b")).toEqual(["E0201 ceiling"]);
});

test("of many uses of an undefined name some are pointed at, the rest are counted", () => {
  const { file } = parse(`x = [${"ceiling, ".repeat(500)}]`);
  const [{ labels = [] }] = check(file, signatures).diagnostics;
  expect([labels.length, labels.at(-1)?.text]).toEqual([10, "also here, and 489 more"]);
});

test("an undefined name leads to no further mistakes", () => {
  const script =
    'x = missing.field + 1\ny = "${x}"\nz = [x, "a", missing(a: 1)] == [1]\nw = z and y';
  expect(places(script)).toEqual(["E0201 missing", "E0205 y"]);
});

test("a package that does not exist leads to no further mistakes", () => {
  const script = 'import "nowhere/thing"\nx = thing.a(b: 1) + 1\ny = "${thing.c}"';
  expect(places(script)).toEqual(['E0202 "nowhere/thing"']);
});

test("an import without a path is one mistake, and the line behind it is read", () => {
  expect(see("import\nx = 1\ny = x + missing")).toEqual([
    { at: "E0128 ", text: "expected the path of the import in quotes, found the end of the line" },
    {
      at: "E0201 missing",
      text: "nothing is called `missing` here (define it above: `missing = …`)",
    },
  ]);
});

test("all mistakes of a script are found in one run, in the order of the text", () => {
  const script = `import "strngs"
a = 1 + "x"
b = undefinedName
from(bucket: 5) |> range(strat: -1h)
a = 2
f = (x) => { y = x }`;
  expect(places(script)).toEqual([
    'E0202 "strngs"',
    'E0205 "x"',
    "E0201 undefinedName",
    "E0205 5",
    "E0208 strat",
    "E0212 a",
    "E0216 y = x",
  ]);
});

test("parse errors do not hide mistakes of meaning, nor lead to others", () => {
  const script = `from(bucket: "b")
    |> range(start: -1m)
    |> filter(fn: (r) => r.host == "a" && status == "crit")
    |> map(fn: (r) => ({a: r.x b: r.y}))
    |> limit()`;
  expect(places(script)).toEqual(["E0114 &&", "E0102 ", "E0228 status", "E0207 limit()"]);
});

test("an argument that could not be read is not missing", () => {
  expect(places("from(bucket: )").filter((at) => at.startsWith("E02"))).toEqual([]);
  expect(places("f = (a) => a\nx = f(a: 1 +)").filter((at) => at.startsWith("E02"))).toEqual([]);
});

test.each<readonly [script: string, at: string, text: RegExp]>([
  ["x = null", "E0201 null", /Flux has no `null`.*exists r\.field/],
  ["x = v.timeRangeStart", "E0201 v", /--define v\.timeRangeStart/],
  ["a = b\nb = 1", "E0201 b", /before it is defined/],
  ["f = (n) => f(n: n - 1)", "E0201 f", /own definition: Flux has no recursion/],
  ["apiKey2 = apiKey", "E0201 apiKey", /secrets\.get\(key: "…"\)/],
  ['x = strlen(v: "a")', "E0201 strlen", /import `strings` and write `strings\.strlen`/],
  ["x = slack.message", "E0201 slack", /import "slack"/],
  ["x = {a: 1}.b", "E0204 b", /it has `a`/],
  ['x = {a: 1}[""]', 'E0204 ""', /it has `a`/],
  ['x = from(bucket: "b")._value', 'E0204 from(bucket: "b")', /stream of tables.*findRecord/],
  ["x = now() + 1h", "E0205 1h", /date\.add/],
  ["x = 1h * 2", "E0205 2", /date\.scale/],
  ["x = 1h + 2h", "E0206 1h + 2h", /duration.*date\.add/],
  ["n = 2\nx = n * 1.5", "E0205 1.5", /found int and float.*`float\(v: n\)`/],
  ['x = "a" + 1', "E0205 1", /found string and int.*`string\(v: …\)`/],
  ["x = if 1 then 2 else 3", "E0205 1", /must be bool, found int/],
  ['x = if true then 2 else "a"', 'E0205 "a"', /same type, found int and string/],
  ["x = [1, 2.5]", "E0205 2.5", /one type: expected int, found float/],
  ['x = "${[1]}"', "E0206 [1]", /array.*cannot be put into a string/],
  ['x = [1] < [2]\ny = "a" =~ "b"', "E0206 [1]", /cannot be compared with `<`/],
  ['from(bucket: "b") |> range()', "E0207 range()", /needs the argument `start`/],
  ["range(start: -1h)", "E0207 range(start: -1h)", /pipe it in/],
  ["x = 12 |> string()", "E0209 string()", /takes nothing piped.*`v: …`/],
  ["x = 1\n(a: 2)", "E0210 1", /newline does not end a statement/],
  ["f = (x) => x(x: x)", "E0211 x(x: x)", /contain itself/],
  ["f = (x) => {\n  x = 1\n  return x\n}", "E0212 x", /is a parameter/],
  ["option a = 1\noption b = () => a", "E0215 a", /must not use the option `a`/],
  ['from(bucket: "b") |> filter(fn: (r) => "x")', 'E0205 "x"', /must return bool, found string/],
  ['from(bucket: "b") |> aggregateWindow(every: 1m, fn: mean())', "E0205 mean()", /`mean`/],
])("%s", (script, at, text) => {
  const [seen] = see(script);
  expect(seen.at).toBe(at);
  expect(seen.text).toMatch(text);
});

test("a mistake in a row function is shown where the field is used", () => {
  const rows = 'import "array"\narray.from(rows: [{host: "a", n: 1}]) |> ';
  expect(see(`${rows}map(fn: (r) => ({x: r.hst}))`)).toEqual([
    { at: "E0204 hst", text: "the rows have no field `hst` (did you mean `host`?)" },
  ]);
  expect(see(`${rows}map(fn: (r) => ({x: r.n + "a"}))`)).toEqual([
    { at: "E0205 r.n", text: "`r.n` is int in the rows, and is used as string" },
  ]);
});

test("the text of a string is never part of a message", () => {
  const secret = "k3y-0f-the-endpoint";
  const scripts = [
    `import "contrib/bonitoo-io/victorops"\nvictorops.endpoint(url: "${secret}")(mapFn: (r) => ({}))`,
    `x = -"${secret}"`,
    `x = "${secret}".a`,
    `x = "${secret}"(a: 1)`,
    `x = 1 + "${secret}"`,
    `from(bucket: "${secret}", bucket2: "${secret}")`,
    `import "slack"\nslack.endpoint(token: "${secret}")(mapFn: (r) => 1)`,
  ];
  for (const script of scripts) {
    const seen = see(script);
    expect(seen).not.toEqual([]);
    expect(seen.map(({ text }) => text).join()).not.toContain(secret);
  }
});

test("warnings: what is accepted and does nothing", () => {
  const mapped = `mapFn: (r) => ({messageType: "INFO", entityID: "e", entityDisplayName: "d", stateMessage: "s", timestamp: now()})`;
  expect(places(`${victorops}endpoint(${mapped})`)).toEqual([`W0301 endpoint(${mapped})`]);
  expect(places(`${victorops}sent = from(bucket: "b") |> endpoint(${mapped})()`)).toEqual([
    "W0302 sent",
  ]);
  expect(places("x = {a: 1, a: 2}")).toEqual(["W0303 a"]);
});

test("a stream that is yielded or written on its way does run", () => {
  const scripts = [
    'x = from(bucket: "b") |> range(start: -1h) |> yield(name: "x")',
    'x = from(bucket: "b") |> range(start: -1h) |> to(bucket: "c")',
    'show = (tables=<-) => tables |> yield()\nx = from(bucket: "b") |> show()',
    'x = from(bucket: "b")\nx |> yield()',
    'package helpers\nx = from(bucket: "b")',
  ];
  for (const script of scripts) expect(places(script)).toEqual([]);
});

test("warnings appear only for a file without errors", () => {
  expect(places('x = from(bucket: "b")\ny = missing')).toEqual(["E0201 missing"]);
});
