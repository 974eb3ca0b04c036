import { type File, parse, parseTypeExpression, printAst } from "@tocsin/language/syntax";
import { expect, test } from "vitest";

function tree(source: string): string {
  const { file, diagnostics } = parse(source);
  expect(diagnostics).toEqual([]);
  return printAst(file)
    .replace(/^\(file\s+/, "")
    .slice(0, -1);
}

function value(source: string): string {
  return tree(`x = ${source}`)
    .replace(/^\(= x /, "")
    .slice(0, -1);
}

test.each([
  // Precedence, tightest first: postfix, sign, pipe, ^, * / %, + -, comparison, not exists, and, or.
  ["-a |> f()", "(|> (- a) (call f))"],
  ["a |> f() ^ 2", "(^ (|> a (call f)) 2)"],
  ["2 ^ 3 ^ 2", "(^ (^ 2 3) 2)"],
  ["a + b * c - d", "(- (+ a (* b c)) d)"],
  ["a < b == c", "(== (< a b) c)"],
  ["not a == b", "(not (== a b))"],
  ["exists r.x == 1", "(exists (== (. r x) 1))"],
  ["a or b and not c", "(or a (and b (not c)))"],
  ["not exists a and b", "(and (not (exists a)) b)"],
  ["if a then b else if c then d else e", "(if a b (if c d e))"],
  ["-r.x(a: 1)[0]", "(- (index (call (. r x) (a: 1)) 0))"],
  ["1\n-2", "(- 1 2)"],
  ["f\n(a: 1)", "(call f (a: 1))"],
  // Members and indexes
  ['r["x"]', '(. r "x")'],
  ['r["x${y}"]', '(index r (string "x" (${} y)))'],
  ["r[i]", "(index r i)"],
  // Collections
  ["[]", "(array)"],
  ["[1, 2,]", "(array 1 2)"],
  ["[:]", "(dict)"],
  ['["a": 1, "b": 2]', '(dict ("a" 1) ("b" 2))'],
  ["{}", "(record)"],
  ['{a: 1, "b c": 2,}', '(record (a: 1) ("b c": 2))'],
  ["{a, b}", "(record (a) (b))"],
  ["{r with a: 1}", "(record with r (a: 1))"],
  ["{with: 1}", "(record (with: 1))"],
  ["{r with}", "(record with r)"],
  // Functions
  ["() => 1", "(fn () 1)"],
  ["(r) => r.x", "(fn (r) (. r x))"],
  ["(a, b=1, t=<-) => a", "(fn (a (b= 1) (t= <-)) a)"],
  ["(a,) => a", "(fn (a) a)"],
  ["(r) => {y = r\nreturn y}", "(fn (r) (block (= y r) (return y)))"],
  ["(r) => ({a: r})", "(fn (r) (paren (record (a: r))))"],
  ["(r)", "(paren r)"],
  ["(r.x + 1)", "(paren (+ (. r x) 1))"],
  ["() => {return 1}()", "(call (fn () (block (return 1))))"],
  // Calls
  ["f(a: 1, b)(c)", null],
  ["f(a, b)", "(call f (a) (b))"],
  ["f(a: <-)", "(call f (a: <-))"],
  // Literals
  ["9223372036854775807", "9223372036854775807"],
  ["072.40", "(float 72.4)"],
  ["1h1h30m", "(duration 1h 1h 30m)"],
  ["3µs", "(duration 3us)"],
  ["1970-01-01T00:00:01.5Z", "(time 1500000000)"],
  ["1969-12-31", "(time -86400000000000)"],
  ["2016-12-31T23:59:60Z", "(time 1483228800000000000)"],
  ["2020-01-01T00:00:00.1234567899+23:59", "(time 1577750460123456789)"],
  ["2262-04-11T23:47:16.854775807Z", "(time 9223372036854775807)"],
  ["/a\\/\\x41\\d/", '(regexp "a/\\\\x41\\\\d")'],
  [".label", '(label "label")'],
  ['."a b"', '(label "a b")'],
  // Strings
  ['"a\\n\\t\\"\\\\\\${x}"', '"a\\n\\t\\"\\\\${x}"'],
  ['"\\xe4\\xb8\\x96"', '"世"'],
  ['"5$ $x $"', '"5$ $x $"'],
  ['"$${x}"', '(string "$" (${} x))'],
  ['"${a}${"b${c}"}!"', '(string (${} a) (${} (string "b" (${} c))) "!")'],
  ['"${ {a: 1}.a }"', "(string (${} (. (record (a: 1)) a)))"],
])("the expression %j", (source, expected) => {
  if (expected === null) expect(parse(`x = ${source}`).file.wellFormed).toBe(false);
  else expect(value(source)).toBe(expected);
});

test.each([
  [
    'package foo import "a" import b "c/d" x = 1',
    '(package foo) (import "a") (import b "c/d") (= x 1)',
  ],
  ['option task = {name: "x"}', '(option task (record (name: "x")))'],
  ["option a.b = 1", "(option (. a b) 1)"],
  ['@a @b(1, "c") x = 1', '(= (@a) (@b 1 "c") x 1)'],
  ['@a package p @b import "c" @d 1', '(package (@a) p) (import (@b) "c") (do (@d) 1)'],
  [
    'testcase a extends "b" { option c = 1 d = 2 }',
    '(testcase a extends "b" (block (option c 1) (= d 2)))',
  ],
  ['a b c = 1 "d"', '(do a) (do b) (= c 1) (do "d")'],
  ["return 1", "(return 1)"],
  ["builtin f : int", "(builtin f int)"],
])("the statements %j", (source, expected) => {
  expect(tree(source).replace(/\s+/g, " ")).toBe(expected);
});

test.each([
  ["A", "A"],
  ["[int]", "(array-type int)"],
  ["[string:int]", "(dict-type string int)"],
  ["stream[A]", "(stream A)"],
  ["vector[float]", "(vector float)"],
  ["dynamic", "dynamic"],
  ["{}", "(record-type)"],
  ['{a: int, "b c": A,}', '(record-type (a: int) ("b c": A))'],
  ["{A with a: int b: float}", "(record-type with A (a: int) (b: float))"],
  ["() => int", "(fn-type () int)"],
  [
    "(<-tables: stream[A], fn: (r: A) => bool, ?n: int, ?c: B = .x) => A",
    '(fn-type ((<-tables: (stream A)) (fn: (fn-type ((r: A)) bool)) (?n: int) (?c: B (label "x"))) A)',
  ],
  ["(<-: A) => A", "(fn-type ((<-: A)) A)"],
  ["A where A: Addable + Record, B: Kind", "(where A (A: Addable Record) (B: Kind))"],
])("the type %j", (source, expected) => {
  const { type, diagnostics } = parseTypeExpression(source);
  expect(diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
  expect(printAst(type)).toBe(expected);
});

test("a default after a colon is said at the colon; one after = beside it is right", () => {
  const { diagnostics } = parse("f = (a: 1, b = 2) => a");
  expect(diagnostics.map(({ code, span }) => [code, span.start])).toEqual([["E0115", 6]]);
});

test("spans are UTF-16 offsets, and the source tells lines, columns and bytes", () => {
  const text = 'ä = "𝄞"\r\nyy = ä + 1';
  const { file } = parse(text, "a.flux");
  const last = file.body[1];
  expect(text.slice(last.span.start, last.span.end)).toBe("yy = ä + 1");
  expect(file.source.position(last.span.start + 5)).toEqual({
    line: 2,
    column: 6,
    byteColumn: 6,
    byteOffset: 18,
  });
  expect(file.source.position(text.length).byteColumn).toBe(12);
  expect(file.source.lineText(1)).toBe('ä = "𝄞"');
});

test("every node lies inside the one that holds it", () => {
  const { file } = parse(
    'package a\nx = f(a: [1, {b: "${c}"}]) |> g(h: (r=1) => { return -r.x })\n',
  );
  checkInside(file, file.span);
});

function checkInside(node: object, outer: File["span"]): void {
  for (const [name, value] of Object.entries(node)) {
    if (name === "source" || name === "span") continue;
    for (const inner of Array.isArray(value) ? value : [value]) {
      if (typeof inner !== "object" || inner === null) continue;
      const span: File["span"] = inner.span ?? outer;
      expect(span.start).toBeGreaterThanOrEqual(outer.start);
      expect(span.end).toBeLessThanOrEqual(outer.end);
      checkInside(inner, span);
    }
  }
}
