import { FluxError, int, loadRegexps, Scope, type Value } from "@tocsin/data/value";
import { callFunction, evaluate, interpolated } from "@tocsin/engine/expression";
import { type Expression, parse } from "@tocsin/language/syntax";
import { beforeAll, expect, test } from "vitest";
import { surroundings } from "./natives.ts";
import { functionOf, resultOf, valueOf } from "./scripts.ts";

beforeAll(loadRegexps);

/** A value as interpolation shows it; parts of arrays and records too. */
function shown(value: Value): string {
  if (value.kind === "null") return "null";
  if (value.kind === "array") return `[${value.elements.map(shown).join(", ")}]`;
  if (value.kind === "record") {
    return `{${[...value.fields].map(([label, one]) => `${label}: ${shown(one)}`).join(", ")}}`;
  }
  if (value.kind === "dict") {
    return `[${value.entries.map(([key, one]) => `${shown(key)}: ${shown(one)}`).join(", ")}]`;
  }
  return interpolated(value);
}

const resultText = (source: string): string => {
  try {
    return shown(resultOf(source.includes("it =") ? source : `it = ${source}`, surroundings));
  } catch (thrown) {
    if (!(thrown instanceof FluxError)) throw thrown;
    const text = source.includes("it =") ? source : `it = ${source}`;
    return `${thrown.message} @ ${text.slice(thrown.at?.start, thrown.at?.end)}`;
  }
};

test.each([
  ["1 + 2 * 3", "7"],
  ["2 ^ 3 ^ 2", "64"],
  ["-7 / 2", "-3"],
  ["-7 % 3", "-1"],
  ["9223372036854775807 + 1", "-9223372036854775808"],
  ["2 ^ 10", "1024"],
  ["1 == 1.0", "true"],
  ["9007199254740993 == 9007199254740992.0", "true"],
  ["cu > -1", "true"],
  ['"a" < "b"', "true"],
  ['"\u{1f600}" > "\uff01"', "true"],
  ["[1, 2] == [1, 2]", "true"],
  ["[1, 2] != [1, 3]", "true"],
  ["({a: 1}) == {a: 1.0}", "false"],
  ['"b" =~ /^b$/', "true"],
  ["not exists cnone", "true"],
  ["exists cn", "false"],
  ["cn + 1", "null"],
  ["cn == 1", "null"],
  ["cnone and true", "false"],
  ["true and cnone", "null"],
  ["cnone or true", "true"],
  ["not (cnone == 1 and true)", "true"],
  ["if cnone then 1 else 2", "2"],
  ["({a: 1, b: {c: 2}}).b.c", "2"],
  ["({a: 1}).b", "null"],
  ["({a: 1}).b.c.d", "null"],
  ["[1, 2][1]", "2"],
  ['["b": 2, "a": 1, "b": 3]', "[a: 1, b: 3]"],
  [
    '"${1}-${1.5}-${true}-${1h30m}-${"x"}-${2020-01-01}"',
    "1-1.5-true-1h30m-x-2020-01-01T00:00:00.000000000Z",
  ],
  ["((x, y=10) => x + y)(x: 1)", "11"],
  ["(() => { a = 1 b = a + 1 return b * 2 })()", "4"],
  ["5 |> piped()", "6"],
  ["5 |> piped(add: 10)", "15"],
  ["((tables=<-, n) => tables * n)(n: 3, tables: 2)", "6"],
  ["2 |> ((tables=<-, n) => tables * n)(n: 3)", "6"],
  ["each(v: [1, 2], fn: (x) => x * ci)", "[7, 14]"],
  ["base = {a: 1, b: 2}\nit = {base with b: 3, c: 4}", "{a: 1, b: 3, c: 4}"],
  ["a = 1\nb = 2\nit = {a, b}", "{a: 1, b: 2}"],
  ["-1h", "-1h"],
])("%s is %s", (source, expected) => {
  expect(resultText(source)).toBe(expected);
});

test.each([
  ["1 / 0", "cannot divide by zero @ 1 / 0"],
  ["5 % (1 - 1)", "cannot mod zero @ 5 % (1 - 1)"],
  ["1 + (2 + 1.5)", "unsupported binary expression int + float @ 2 + 1.5"],
  ["1h == 1h", "unsupported binary expression duration == duration @ 1h == 1h"],
  ["not 1", "unsupported unary expression not int @ not 1"],
  ["2 ^ 64", "result of ^ does not fit int @ 2 ^ 64"],
  ["2 ^ -1", "int ^ int with a negative exponent is not an int @ 2 ^ -1"],
  ["nothing + 1", "undefined identifier nothing @ nothing"],
  ["1 and true", "left operand to logical expression is not a boolean value, got int @ 1 and true"],
  [
    "if 1 then 2 else 3",
    "conditional test expression is not a boolean value, got int @ if 1 then 2 else 3",
  ],
  ['"a ${cn} b"', "interpolated expression produced a null value @ ${cn}"],
  ["[1, 2][5]", "cannot access element 5 of array of length 2 @ [1, 2][5]"],
  ["[1, 2][-1]", "cannot access element -1 of array of length 2 @ [1, 2][-1]"],
  ["ci(x: 1)", "cannot call ci: it is a value of type int, not a function @ ci(x: 1)"],
  ["cnone(x: 1)", "cannot call cnone: it is nothing, not a function @ cnone(x: 1)"],
  ["half()", 'missing required keyword argument "x" @ half()'],
  [
    "((a, b, c=1) => a)(c: 2)",
    'missing required keyword arguments "a", "b" @ ((a, b, c=1) => a)(c: 2)',
  ],
  ["half(x: 1, y: 2)", "unused arguments [y] @ half(x: 1, y: 2)"],
  ["5 |> half()", "half takes no piped value @ 5 |> half()"],
  ["({a: 1}).b.c + (5).d", 'cannot access member "d" of int: it is not a record @ (5).d'],
  ["{ci with a: 1}", '"with" needs a record, got int @ {ci with a: 1}'],
])("%s fails: %s", (source, expected) => {
  expect(resultText(source)).toBe(expected);
});

test("an error tells the innermost place, in the function that was called", () => {
  const source = "share = (n) => 100 / n\nit = share(n: 0) + 1";
  expect(resultText(source)).toBe("cannot divide by zero @ 100 / n");
});

const expressionOf = (source: string): Expression => {
  const [statement] = parse(`it = ${source}`).file.body;
  if (statement.kind !== "VariableAssignment") throw new Error(source);
  return statement.value;
};

const slow = (log: string[]): Value => ({
  kind: "function",
  form: "native",
  name: "slow",
  parameters: [{ name: "v", pipe: false, optional: false }],
  effect: "acts",
  call: async (args) => {
    const value = args.get("v") ?? int(0n);
    log.push(`begin ${shown(value)}`);
    await Promise.resolve();
    log.push(`end ${shown(value)}`);
    if (shown(value) === "13") throw new FluxError("unavailable", "nobody answers");
    return value;
  },
});

test("what acts is waited for, one after the other, in the order of the text", async () => {
  const log: string[] = [];
  const scope = new Scope();
  scope.define("slow", slow(log));
  const source =
    "{a: slow(v: 1) + 1, b: [slow(v: 2), 3], c: (() => { x = slow(v: 4) return x })()}";
  const going = evaluate(expressionOf(source), scope, { name: "", text: "" });
  expect(going).toBeInstanceOf(Promise);
  expect(shown(await going)).toBe("{a: 2, b: [2, 3], c: 4}");
  expect(log).toEqual(["begin 1", "end 1", "begin 2", "end 2", "begin 4", "end 4"]);
});

test("an error of what acts has its place too", async () => {
  const scope = new Scope();
  scope.define("slow", slow([]));
  const text = "it = 1 + slow(v: 13)";
  const going = evaluate(expressionOf("1 + slow(v: 13)"), scope, { name: "", text });
  const error: unknown = await Promise.resolve(going).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(FluxError);
  expect(text.slice((error as FluxError).at?.start, (error as FluxError).at?.end)).toBe(
    "slow(v: 13)",
  );
});

test("nesting has a limit, and the limit is an error of the script", () => {
  const one = expressionOf("1");
  const nested = (depth: number): Expression => {
    let node = one;
    for (let i = 0; i < depth; i++) {
      node = { kind: "BinaryExpression", span: one.span, operator: "+", left: node, right: one };
    }
    return node;
  };
  const file = { name: "", text: "" };
  expect(shown(evaluate(nested(1500), new Scope(), file) as Value)).toBe("1501");
  expect(() => evaluate(nested(200_000), new Scope(), file)).toThrow("nested too deeply");
});

test("defaults are worked out at each call, around the function and not inside of it", () => {
  const scope = new Scope();
  const cell = scope.define("limit", int(1n), true);
  const fn = evaluate(expressionOf("(a, b=limit) => a + b"), scope, { name: "", text: "" });
  const call = (): string =>
    shown(callFunction(fn as never, new Map([["a", int(1n)]]), { at: undefined }) as Value);
  expect(call()).toBe("2");
  cell.value = int(10n);
  expect(call()).toBe("11");
});

test("and, or know three values only inside of functions of columns", () => {
  const columns = functionOf("(r) => ({x: r.a and r.b})");
  const row = valueOf("{b: true}");
  const other = functionOf("(r) => ({x: r.a and r.b, y: [1]})");
  const call = (fn: typeof columns): string =>
    shown(callFunction(fn, new Map([["r", row]]), { at: undefined }) as Value);
  expect(call(columns)).toBe("{x: null}");
  expect(call(other)).toBe("{x: false, y: [1]}");
});
