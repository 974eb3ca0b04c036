import { readFileSync } from "node:fs";

import { parse } from "@tocsin/language/syntax";
import { check } from "@tocsin/language/semantic";
import { beforeAll, expect, test } from "vitest";

import { canonicalType } from "./canonical-type.ts";
import { differences } from "./differences.ts";
import { Oracle } from "./oracle.ts";
import { signatures } from "./signatures-fixture.ts";

let oracle: Oracle;

beforeAll(async () => {
  oracle = await Oracle.start();
});

function judge(text: string): "accepts" | "rejects" {
  const { file, diagnostics } = parse(text);
  const all = [...diagnostics, ...check(file, signatures).diagnostics];
  return all.some(({ severity }) => severity === "error") ? "rejects" : "accepts";
}

async function upstream(text: string): Promise<"accepts" | "rejects" | "breaks down"> {
  const verdict = await oracle.ask(text);
  if (!verdict) return "breaks down";
  return verdict.errors.length > 0 ? "rejects" : "accepts";
}

/** The scripts for which the two do not agree. */
async function disagreements(scripts: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const script of scripts) {
    const mine = judge(script);
    const theirs = await upstream(script);
    if (mine !== theirs) found.push(`${script} -- mine ${mine}, upstream ${theirs}`);
  }
  return found;
}

const values = {
  bool: "true",
  int: "1",
  uint: "uint(v: 1)",
  float: "1.5",
  string: '"a"',
  duration: "1h",
  time: "now()",
  regexp: "/a/",
  bytes: 'bytes(v: "a")',
  array: "[1]",
  dict: '["a": 1]',
  record: "{a: 1}",
  function: "(x) => x",
  stream: 'from(bucket: "b")',
  dynamic: "dynamic.dynamic(v: 1)",
  "empty array": "[]",
  "record of functions": "{a: () => 1}",
  "array of arrays": "[[1.5]]",
};

const operators = "+ - * / % ^ == != < <= > >= =~ !~ and or".split(" ");

function scriptOf(expression: string): string {
  return `import "experimental/dynamic"\nx = ${expression}`;
}

test.each(operators)("operands of %s", async (operator) => {
  const scripts = Object.values(values).flatMap((left) =>
    Object.values(values).map((right) => scriptOf(`(${left}) ${operator} (${right})`)),
  );
  expect(scripts).toHaveLength(18 * 18);
  expect(await disagreements(scripts)).toEqual([]);
});

test("every place for every type", async () => {
  const places = [
    "-(V)",
    "+(V)",
    "not (V)",
    "exists (V)",
    "if V then 1 else 2",
    "if true then V else 1",
    'if true then "s" else V',
    '"${V}"',
    "[V: 1]",
    '["k": V, "l": 1]',
    "[V, 1]",
    "[V, V]",
    "[1, 2][V]",
    "(V)[0]",
    '(V)["a"]',
    "(V).a",
    "(V)()",
    "(V)(x: 1)",
    "1 |> (V)()",
    "((b) => ({b with c: 1}))(b: V)",
    "((b) => ({b with c: 1}).d)(b: V)",
    "((b=1) => b + 1)(b: V)",
    "((b=V) => b + 1)",
    "((b) => b == b)(b: V)",
    "((b) => b < b)(b: V)",
    "(V) |> ((t=<-) => t)()",
    "string(v: V)",
    "length(arr: V)",
    "{a: V}.a + 1",
    "[{a: V}, {a: 1}]",
  ];
  const scripts = places.flatMap((place) =>
    Object.values(values).map((value) => scriptOf(place.replaceAll("V", () => `(${value})`))),
  );
  expect(await disagreements(scripts)).toEqual([]);
});

test("scripts as people write them, right and wrong", async () => {
  const file = readFileSync(new URL("./scripts.txt", import.meta.url), "utf8");
  const scripts = file.split(/^-{4,}\n/m);
  expect(scripts.length).toBeGreaterThan(200);
  expect(await disagreements(scripts)).toEqual([]);
});

test("the types of the standard library read and print as upstream's", async () => {
  const different: string[] = [];
  for (const path of signatures.paths()) {
    const members = Object.entries(signatures.package(path)?.values ?? {});
    for (const [name, { type }] of members) {
      const isPrelude = path === "universe";
      const use = isPrelude ? name : `p.${name}`;
      const { file } = parse(`import p "${path}"\nx = ${use}`);
      const printed = check(file, signatures).typed.names()[0].type;
      if (canonicalType(printed) !== canonicalType(type)) different.push(`${path}.${name}`);
    }
  }
  expect(different).toEqual([]);
});

test.each(differences)("on purpose: $why", async (difference) => {
  expect(judge(difference.script)).toBe("accepts");
  expect(await upstream(difference.script)).toBe(difference.upstream);
});
