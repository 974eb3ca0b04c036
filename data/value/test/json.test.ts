import fc from "fast-check";
import { expect, test } from "vitest";
import { type Json, jsonString, parseJson } from "../src/json-text.ts";
import golden from "./golden/json-string.json" with { type: "json" };

test.each(golden.rows)("the JSON string of %j", (text, expected) => {
  expect(jsonString(text)).toBe(expected);
});

test("what cannot be UTF-8 is replaced", () => {
  expect(jsonString("a\ud800b")).toBe(String.raw`"a\ufffdb"`);
  expect(parseJson(String.raw`"a\ud800b"`)).toEqual({ value: "a\ufffdb" });
});

function plain(value: Json): unknown {
  if (value instanceof Map) {
    return Object.fromEntries([...value].map(([key, field]) => [key, plain(field)]));
  }
  return Array.isArray(value) ? value.map(plain) : value;
}

function read(text: string): unknown {
  const result = parseJson(text);
  return "reason" in result ? result : plain(result.value);
}

test.each([
  ["", "expected a value, but the text ends", 1, 1],
  ['{"a": 1,}', 'expected a key in double quotes, but found "}"', 1, 9],
  ["[1, 2", 'expected "," or "]", but the text ends', 1, 6],
  ['{\n  "a" 1\n}', 'expected ":" after the key, but found "1"', 2, 7],
  ["[01]", 'expected "," or "]", but found "1"', 1, 3],
  ["[1] x", 'expected the end of the text, but found "x"', 1, 5],
  ["[.5]", 'expected a value, but found "."', 1, 2],
  ["nul", 'expected a value, but found "n"', 1, 1],
  ["1e400", "the number 1e400 is too large", 1, 1],
  ['{"a": "x\ny"}', "the string is not closed, or holds a bad escape or a control character", 1, 7],
  [
    String.raw`"\x"`,
    "the string is not closed, or holds a bad escape or a control character",
    1,
    1,
  ],
])("%j is no JSON: %s", (text, reason, line, column) => {
  expect(read(text)).toMatchObject({ reason, line, column });
});

test("JSON nested too deep is refused", () => {
  const deep = "[".repeat(1002) + "]".repeat(1002);
  expect(read(deep)).toMatchObject({ reason: "it is nested more than 1000 levels deep" });
  expect(read("[".repeat(1000) + "]".repeat(1000))).toBeInstanceOf(Array);
});

test("of equal keys the last value counts, and keys keep their order", () => {
  const result = parseJson('{"b": 1, "a": 2, "b": 3}');
  expect("value" in result && result.value instanceof Map && [...result.value]).toEqual([
    ["b", 3],
    ["a", 2],
  ]);
});

test("integers are exact when asked for", () => {
  const text = "[9007199254740993, 1.0, 1e3, -0]";
  expect(parseJson(text)).toEqual({ value: [9007199254740992, 1, 1000, -0] });
  expect(parseJson(text, { integers: "exact" })).toEqual({
    value: [9007199254740993n, 1, 1000, 0n],
  });
});

test("what JavaScript writes is read back", () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
      const text = JSON.stringify(value, undefined, 1);
      expect(JSON.stringify(read(text))).toBe(JSON.stringify(JSON.parse(text)));
    }),
    { numRuns: 500 },
  );
});

test("a string is read back as it was", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const encoded = jsonString(text);
      expect(encoded).not.toMatch(/[<>&\u2028\u2029]/);
      expect(read(encoded)).toBe(text);
    }),
    { numRuns: 500 },
  );
});
