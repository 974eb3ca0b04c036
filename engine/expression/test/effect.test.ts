import { type Effect, type FunctionValue, int, Scope, type Value } from "@tocsin/data/value";
import { effectOf } from "@tocsin/engine/expression";
import { expect, test } from "vitest";
import { functionOf, resultOf } from "./scripts.ts";

const native = (effect: Effect): Value => ({
  kind: "function",
  form: "native",
  name: effect,
  parameters: [],
  effect,
  call: () => int(1n),
});
const pkg: Value = {
  kind: "package",
  path: "net/http",
  name: "http",
  cells: new Map([
    ["post", { value: native("acts"), option: false }],
    ["escape", { value: native("pure"), option: false }],
  ]),
};
const names = { pure: native("pure"), find: native("reads"), post: native("acts"), http: pkg };

test.each<[string, Effect]>([
  ["(r) => r.a + 1", "pure"],
  ["(r) => pure()", "pure"],
  ["(r) => find()", "reads"],
  ["(r) => post()", "acts"],
  ["(r) => find() + post()", "acts"],
  ["(r) => http.escape()", "pure"],
  ["(r) => http.post()", "acts"],
  ["(r) => { send = http.post return r.a }", "acts"],
  ["(r) => [1, post()]", "acts"],
  ["(post) => post()", "pure"],
  ["(r, send=post) => send()", "acts"],
  ["(r) => ((x) => x)(x: post)", "acts"],
  ["(r) => { post = 1 return post }", "pure"],
  ["inner = (r) => post()\nit = (r) => inner(r: r)", "acts"],
  ["inner = (r) => find()\nit = (r) => if r.a then inner(r: r) else 1", "reads"],
  ["tools = {send: post, safe: pure}\nit = (r) => tools.safe()", "pure"],
  ["tools = {send: post, safe: pure}\nit = (r) => tools.send()", "acts"],
  ["tools = {send: post, safe: pure}\nit = (r) => pure(t: tools)", "acts"],
  ["make = (f) => (r) => f()\nit = make(f: post)", "acts"],
  ["make = (f) => (r) => f()\nit = make(f: pure)", "pure"],
])("%s: %s", (source, effect) => {
  expect(effectOf(functionOf(source, names))).toBe(effect);
});

test("an option is looked through at the moment of asking", () => {
  const scope = new Scope();
  const cell = scope.define("notify", native("pure"), true);
  const fn = resultOf("it = (r) => notify()", {}) as FunctionValue;
  if (fn.form !== "closure") throw new Error("no closure");
  const closure = { ...fn, scope };
  expect(effectOf(closure)).toBe("pure");
  cell.value = native("acts");
  expect(effectOf(closure)).toBe("acts");
});

test("a chain of functions longer than the stack is no trouble", () => {
  let names: Record<string, Value> = { f: native("acts") };
  for (let i = 0; i < 20_000; i++) names = { f: functionOf("(r) => f()", names) };
  expect(effectOf(names.f as FunctionValue)).toBe("acts");
});
