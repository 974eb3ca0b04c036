import { expect, test } from "vitest";
import { Scanner } from "../src/scanner.ts";
import { Token, tokenName } from "../src/token.ts";

function tokens(text: string): string {
  const scanner = new Scanner(text, []);
  const found: string[] = [];
  for (scanner.next(); scanner.kind !== Token.Eof; scanner.next()) {
    found.push(`${tokenName(scanner.kind)} ${scanner.lexeme}`);
  }
  return found.join(", ");
}

test.each([
  ["", ""],
  ["a _b größe x1", "Identifier a, Identifier _b, Identifier größe, Identifier x1"],
  ["and orx not", "And and, Identifier orx, Not not"],
  ["12 012 1. .5 1.5", "Integer 12, Integer 012, Float 1., Float .5, Float 1.5"],
  ["1..2", "Float 1., Float .2"],
  ["1e5", "Integer 1, Identifier e5"],
  ["1h30m 2mo 7µs 5ns", "Duration 1h30m, Duration 2mo, Duration 7µs, Duration 5ns"],
  ["1month", "Duration 1mo, Identifier nth"],
  ["1h30", "Duration 1h, Integer 30"],
  ["2020-01-02", "DateTime 2020-01-02"],
  ["2020-01-02T03:04:05.6Z", "DateTime 2020-01-02T03:04:05.6Z"],
  ["2020-01-02T03:04:05+01:00", "DateTime 2020-01-02T03:04:05+01:00"],
  ["2020-01-2", "Integer 2020, Minus -, Integer 01, Minus -, Integer 2"],
  ["12020-01-02", "Integer 12020, Minus -, Integer 01, Minus -, Integer 02"],
  ['"a" "\\"" "a\nb"', 'String "a", String "\\"", String "a\nb"'],
  ['"a${', 'Quote ", Identifier a, LeftBrace {'],
  [
    "=~ !~ == != => <- <= >= |>",
    "Matches =~, NotMatches !~, Equal ==, NotEqual !=, Arrow =>, PipeReceive <-, LessEqual <=, GreaterEqual >=, PipeForward |>",
  ],
  ["< - ? @a", "Less <, Minus -, Question ?, Attribute @a"],
  ["a // b\nc", "Identifier a, Identifier c"],
  ["\ufeffa", "Identifier a"],
])("%j is cut into %s", (text, expected) => {
  expect(tokens(text)).toBe(expected);
});

test.each([
  ["/a/ b", "/a/"],
  ["/a\\/b/ / c", "/a\\/b/"],
  ["/a\\/", "/a\\/"],
  ["/[^\\\\/]+/", "/[^\\\\/]+/"],
  ["/a\nb/", "/a\nb/"],
])("where an operand must be, %j begins with the regular expression %j", (text, expected) => {
  const scanner = new Scanner(text, []);
  scanner.next();
  expect(scanner.regexp()).toBe(true);
  expect(scanner.lexeme).toBe(expected);
});

test("comments are kept with their places", () => {
  const scanner = new Scanner("// a\r\nx // b", []);
  while ((scanner.next(), scanner.kind !== Token.Eof));
  expect(scanner.comments.map(({ text, span }) => [text, span.start])).toEqual([
    ["// a", 0],
    ["// b", 8],
  ]);
});
