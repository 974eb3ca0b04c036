import { nodesIn, parse } from "@tocsin/language/syntax";
import type { Identifier, Node } from "@tocsin/language/syntax";
import { check } from "@tocsin/language/semantic";
import type { CheckOptions, TypedProgram } from "@tocsin/language/semantic";
import { expect, test } from "vitest";

import { signatures } from "./signatures-fixture.ts";

function typed(script: string, options?: CheckOptions): TypedProgram {
  const { file } = parse(script);
  const { diagnostics, typed: program } = check(file, signatures, options);
  expect(diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
  return program;
}

function typesOf(script: string, options?: CheckOptions): Record<string, string> {
  const names = typed(script, options).names();
  return Object.fromEntries(names.map(({ name, type }) => [name, type]));
}

function find(root: Node, wanted: (node: Node) => boolean): Node | undefined {
  if (wanted(root)) return root;
  for (const part of nodesIn(root)) {
    const found = find(part, wanted);
    if (found) return found;
  }
  return undefined;
}

test("names have the types that upstream prints", () => {
  const script = `a = 1
f = (x, y=2, t=<-) => ({x: x, sum: x + y, piped: [t]})
r = (r) => ({r with b: r.a})
d = ["k": 1.5]
option o = (r) => r._value > 1.0`;
  expect(typesOf(script)).toEqual({
    a: "int",
    f: "(<-t: A, x: B, ?y: B) => {x: B, sum: B, piped: [A]} where B: Addable",
    r: "(r: {A with a: B}) => {A with b: B, a: B}",
    d: "[string:float]",
    o: "(r: {A with _value: B}) => bool where B: Comparable",
  });
});

test("a generic function has another type at each use", () => {
  const types = typesOf('id = (x) => x\na = id(x: 1)\nb = id(x: "s")\nc = id(x: id)');
  expect(types).toMatchObject({ id: "(x: A) => A", a: "int", b: "string", c: "(x: A) => A" });
});

test("a default does not narrow its parameter", () => {
  expect(typesOf("f = (x=1) => x")).toEqual({ f: "(?x: A) => A" });
  expect(typesOf("f = (x=1) => x + 1")).toEqual({ f: "(?x: int) => int" });
});

test("a package is a record of its members", () => {
  const types = typesOf('import "array"\np = array\nx = p.map(arr: [1], fn: (x) => "s")');
  expect(types["x"]).toBe("[string]");
  expect(types["p"]).toContain("from: (<-rows: [A]) => stream[A]");
});

test("fields that are no names are printed in quotes", () => {
  expect(typesOf('x = {"a b": 1, c: 2}')).toEqual({ x: '{"a b": int, c: int}' });
});

test("every expression, parameter and use of a name has a type and a definition", () => {
  const script = 'limit = 5\nfrom(bucket: "b") |> filter(fn: (r) => r._value > limit)';
  const program = typed(script);
  const isUse = (node: Node) => node.kind === "Identifier" && node.name === "limit";
  const row = find(program.file, (node) => node.kind === "Parameter");
  const condition = find(program.file, (node) => node.kind === "BinaryExpression");
  const [, filter] = program.file.body;
  const use = find(filter, isUse) as Identifier;
  expect(row && program.typeOf(row)).toMatch(/^\{A with .*_value: B.*\} where B: Comparable/);
  expect(condition && program.typeOf(condition)).toBe("bool");
  expect(program.resolve(use)).toMatchObject({ name: "limit", kind: "variable", type: "int" });
  expect(program.resolve(use)?.span).toEqual({ start: 0, end: 5 });
  const from = find(filter, (node) => node.kind === "Identifier" && node.name === "from");
  expect(program.resolve(from as Identifier)).toMatchObject({
    kind: "library",
    path: "influxdata/influxdb",
  });
});

test("names that are set from outside have the types that are handed in", () => {
  const script = 'from(bucket: "b") |> range(start: v.timeRangeStart)\nx = task.name + "!"';
  const defined = { v: "{A with timeRangeStart: duration}", task: "A" };
  expect(typesOf(script, { defined })).toEqual({ x: "string" });
  const { file } = parse('x = v.timeRangeStart + "a"');
  expect(check(file, signatures, { defined }).diagnostics.map(({ code }) => code)).toEqual([
    "E0205",
  ]);
});

test("labels are known where they are switched on", () => {
  const script = `builtin pick: (t: [{A with C: B}], ?column: C = ._value) => B where C: Label
x = pick(t: [{a: 1, _value: "s"}], column: .a)
y = pick(t: [{a: 1, _value: "s"}])`;
  expect(typesOf(script, { labels: true })).toMatchObject({ x: "int", y: "string" });
});

test("only the types of the members that a script uses are read", () => {
  const read: string[] = [];
  const watched = {
    ...signatures,
    package(path: string) {
      const found = signatures.package(path);
      if (!found) return undefined;
      const values = Object.fromEntries(
        Object.entries(found.values).map(([name, value]) => [
          name,
          {
            get type() {
              read.push(name);
              return value.type;
            },
          },
        ]),
      );
      return { name: found.name, values };
    },
  };
  const { file } = parse(
    'import "math"\nfrom(bucket: "b") |> range(start: -1h)\nx = math.abs(x: 1.5)',
  );
  expect(check(file, watched).diagnostics).toEqual([]);
  expect(read.toSorted()).toEqual(["abs", "from", "range"]);
});
