import { seeded } from "@tocsin/platform/host";
import type { Random } from "@tocsin/platform/host";

/*
 * Random programs for the comparison with the oracle. Most are well typed: expressions are made
 * for a type, from what is in scope. The rest have one or two mistakes put in on purpose.
 */

/** Choices from a seeded source of chance, so that a failing program can be made again. */
export class Chance {
  readonly #random: Random;

  constructor(seed: number) {
    this.#random = seeded(seed);
  }

  /** A whole number from 0 to `below` - 1. */
  below(below: number): number {
    return Math.floor(this.#random.next() * below);
  }

  pick<T>(values: readonly T[]): T {
    return values[this.below(values.length)];
  }

  one(inHowMany: number): boolean {
    return this.below(inHowMany) === 0;
  }
}

type Shape =
  | { readonly kind: "basic"; readonly name: string }
  | { readonly kind: "array"; readonly element: Shape }
  | { readonly kind: "dict"; readonly value: Shape }
  | { readonly kind: "record"; readonly fields: readonly (readonly [string, Shape])[] };

type Named = { readonly name: string; readonly shape: Shape };

const int: Shape = { kind: "basic", name: "int" };
const float: Shape = { kind: "basic", name: "float" };
const string: Shape = { kind: "basic", name: "string" };
const bool: Shape = { kind: "basic", name: "bool" };
const duration: Shape = { kind: "basic", name: "duration" };
const time: Shape = { kind: "basic", name: "time" };
const regexp: Shape = { kind: "basic", name: "regexp" };
const basics = [int, int, float, string, string, bool, duration, time, regexp];
const fieldNames = ["a", "b", "host", "_value", "odd name"];

const literals: Readonly<Record<string, readonly string[]>> = {
  int: ["0", "7", "42", "int(v: 2.5)", "-3", "+4"],
  float: ["1.5", ".25", "072.5", "float(v: 3)", "math.pi", "math.abs(x: -1.5)"],
  string: ['"x"', '"näh"', '"a\\tb"', "string(v: 1)", 'strings.toUpper(v: "q")', '"two\nlines"'],
  bool: [
    "true",
    "false",
    "not false",
    "1 < 2",
    "1 != 2.5",
    "exists {a: 1}.a",
    '"a" =~ /b/',
    '"a" !~ /b/',
  ],
  duration: ["1h", "1mo2d3h", "-5m", "duration(v: 1)"],
  time: ["2024-01-02T03:04:05Z", "2024-01-02", "now()", "2024-01-02T03:04:05.5+01:00"],
  regexp: ["/x+/", "/a\\/b/", "/[a-z]/"],
};

/** What may be done with a parameter of each name. */
const usesByRole: Readonly<Record<string, readonly string[]>> = {
  x: ["x", "(x == x)", "({x: x})", "[x, x]"],
  n: ["n", "(n + 1)", "-n", "(n < n)"],
  r: ["r.a", 'r["odd name"]', "({r with c: PART})", "(r._value == 1)", "({r with a: 1}).a"],
  f: ["f(x: PART)", "(PART |> f(n: 1))", "f"],
  s: ["s[0]", "s", "[s, s]"],
};

/** Makes one program after another; `names` of the last one are those whose types to compare. */
export class Generator {
  readonly #chance: Chance;
  #scope: Named[] = [];
  #count = 0;

  constructor(chance: Chance) {
    this.#chance = chance;
  }

  program(): { readonly text: string; readonly names: readonly string[] } {
    this.#scope = [];
    this.#count = 0;
    const chance = this.#chance;
    const lines: string[] = [];
    if (chance.one(4))
      lines.push(chance.one(2) ? "package main" : '@edition("2022.1")\npackage main');
    lines.push(
      'import "math"',
      'import "strings"',
      'import "array"',
      'import d "dict"',
      'import "date"',
    );
    const names: string[] = [];
    const steps = 3 + chance.below(6);
    for (let step = 0; step < steps; step += 1) lines.push(...this.#statement(names));
    let text = lines.join("\n");
    if (chance.below(10) < 4) text = spoil(text, chance);
    if (chance.one(5)) text = spoil(text, chance);
    return { text, names };
  }

  #statement(names: string[]): string[] {
    const chance = this.#chance;
    switch (chance.below(14)) {
      case 0:
        return this.#option();
      case 1:
        return [
          `${chance.one(3) ? '@feature("x", 1)\n' : ""}builtin ${this.#name("b", names)}: ${this.#signature()}`,
        ];
      case 2:
        return this.#testcase();
      case 3:
        return [`display(v: ${this.#expression(this.#shape(2), 2)})`];
      case 4:
      case 5:
      case 6:
        return [`${this.#name("f", names)} = ${this.#lambda(2)}`];
      case 7:
        return [this.#pipeline(names)];
      case 8:
        return this.#generalized(names);
      default: {
        const shape = this.#shape(2);
        const value = this.#expression(shape, 3);
        const name = this.#name("v", names);
        this.#scope.push({ name, shape });
        return [`${name} = ${value}`];
      }
    }
  }

  #name(prefix: string, names: string[]): string {
    this.#count += 1;
    const name = `${prefix}${this.#count}`;
    names.push(name);
    return name;
  }

  #shape(depth: number): Shape {
    const chance = this.#chance;
    if (depth === 0 || chance.below(3) > 0) return chance.pick(basics);
    switch (chance.below(4)) {
      case 0:
        return { kind: "array", element: this.#shape(depth - 1) };
      case 1:
        return { kind: "dict", value: this.#shape(depth - 1) };
      default: {
        const names = fieldNames.filter(() => chance.one(2));
        return { kind: "record", fields: names.map((name) => [name, this.#shape(depth - 1)]) };
      }
    }
  }

  /** An expression of a shape: from scope, written out, or computed. */
  #expression(shape: Shape, depth: number): string {
    const chance = this.#chance;
    const known = this.#scope.filter((each) => same(each.shape, shape));
    if (known.length > 0 && chance.one(2)) return chance.pick(known).name;
    if (depth > 0 && chance.one(2)) return this.#computed(shape, depth - 1);
    return this.#written(shape, depth);
  }

  #written(shape: Shape, depth: number): string {
    const chance = this.#chance;
    const inner = Math.max(0, depth - 1);
    switch (shape.kind) {
      case "basic":
        return this.#basic(shape.name, inner);
      case "array": {
        const size = chance.one(6) ? 0 : 1 + chance.below(3);
        if (size === 0) return "[]";
        const elements = Array.from({ length: size }, () => this.#expression(shape.element, inner));
        return `[${elements.join(", ")}${chance.one(5) ? "," : ""}]`;
      }
      case "dict": {
        if (chance.one(5)) return "[:]";
        return `[${this.#expression(string, inner)}: ${this.#expression(shape.value, inner)}]`;
      }
      case "record": {
        const fields = shape.fields.map(([name, type]) => {
          const key = /^\w+$/.test(name) && !chance.one(5) ? name : JSON.stringify(name);
          return `${key}: ${this.#expression(type, inner)}`;
        });
        return `{${fields.join(", ")}}`;
      }
      default:
        return shape satisfies never;
    }
  }

  #basic(name: string, depth: number): string {
    const chance = this.#chance;
    if (depth === 0 || chance.one(2)) return chance.pick(literals[name]);
    const make = (shape: Shape) => this.#expression(shape, depth - 1);
    switch (name) {
      case "int":
        return `(${make(int)} ${chance.pick(["+", "-", "*", "/", "%", "^"])} ${make(int)})`;
      case "float":
        return `${make(float)} ${chance.pick(["+", "-", "*", "/"])} ${chance.pick(literals[name])}`;
      case "string":
        return `"n=\${${make(chance.pick([int, string, float, bool, time]))}} \${${make(string).replaceAll("\n", " ")}}!"`;
      case "bool":
        return this.#condition(make);
      case "duration":
        return `-${chance.pick(literals[name]).replace("-", "")}`;
      case "time":
        return `date.add(d: ${make(duration)}, to: ${make(time)})`;
      default:
        return chance.pick(literals[name]);
    }
  }

  #condition(make: (shape: Shape) => string): string {
    const chance = this.#chance;
    const order = chance.pick(["<", "<=", ">", ">=", "<="]);
    const side = chance.pick([int, float, string, time]);
    switch (chance.below(5)) {
      case 0:
        return `${make(side)} ${order} ${make(chance.pick([int, float]))}`;
      case 1:
        return `${make(chance.pick(basics.slice(0, 6)))} ${chance.pick(["==", "!="])} ${make(int)}`;
      case 2:
        return `(${make(bool)} ${chance.pick(["and", "or"])} ${make(bool)})`;
      case 3:
        return `not ${make(bool)}`;
      default:
        return `exists {a: ${make(side)}}.a`;
    }
  }

  /** The same value by a detour: a branch, a member, an element, a call. */
  #computed(shape: Shape, depth: number): string {
    const chance = this.#chance;
    const value = () => this.#expression(shape, depth);
    const known = this.#scope.filter((each) => each.shape.kind === "record");
    switch (chance.below(10)) {
      case 0:
        return `(if ${this.#expression(bool, depth)} then ${value()} else ${value()})`;
      case 1:
        return `{a: ${value()}, b: 1}.a`;
      case 2:
        return `{"odd name": ${value()}}["odd name"]`;
      case 3:
        return `[${value()}][${this.#expression(int, 0)}]`;
      case 4:
        return `((x) => x)(x: ${value()})`;
      case 5:
        return `(${value()})`;
      case 6:
        return `((x, y=${value()}) => if true then x else y)(x: ${value()})`;
      case 7:
        return `(${value()} |> ((p=<-) => p)())`.replace("((p=<-) => p)", "(((p=<-) => p))");
      case 8:
        return `(() => {\n  k = ${value()}\n  k2 = [k]\n  return k2[0]\n})()`;
      default:
        if (known.length === 0) return `{${chance.pick(["a", "b"])}: 1, z: ${value()}}.z`;
        return `((base) => ({base with q: ${value()}}))(base: ${chance.pick(known).name}).q`;
    }
  }

  /** A function of which nothing is written down but what it does with its parameters. */
  #lambda(depth: number): string {
    const chance = this.#chance;
    const roles = Object.keys(usesByRole).filter(() => chance.one(2));
    const names = roles.length > 0 ? roles : ["n"];
    const piped = chance.one(3) ? chance.pick(names) : "";
    const parameters = names.map((name) => {
      if (name === piped) return `${name}=<-`;
      return chance.one(3) ? `${name}=${this.#default(name)}` : name;
    });
    const body = this.#body(names, depth);
    if (chance.below(3) > 0) return `(${parameters.join(", ")}) => ${body}`;
    const other = this.#body([...names, "k"], depth);
    const middle = chance.one(3) ? "k\n  " : "";
    return `(${parameters.join(", ")}) => {\n  k = ${body}\n  ${middle}return ${other}\n}`;
  }

  #default(role: string): string {
    if (role === "n") return this.#chance.pick(["1", "1 + 2", "int(v: 1.5)"]);
    if (role === "r") return '{a: 1, _value: 2, "odd name": 3}';
    if (role === "f") return "(x, n=0) => x";
    return role === "s" ? "[1]" : this.#expression(this.#chance.pick(basics), 0);
  }

  /** Uses parameters as what their names stand for, so that most functions have a type. */
  #body(names: readonly string[], depth: number): string {
    const chance = this.#chance;
    const name = chance.pick(names);
    if (depth === 0) return chance.one(8) ? this.#expression(chance.pick(basics), 0) : name;
    const part = () => this.#body(names, depth - 1);
    const number = names.includes("n") ? "n" : "1";
    switch (chance.below(16)) {
      case 0:
        return `({p: ${part()}, q: ${part()}}).p`;
      case 1:
        return `({${[...new Set([name, chance.pick(names)])].join(", ")}})`;
      case 2:
        return `[${part()}]`;
      case 3:
        return `(${number} ${chance.pick(["+", "-", "*", "/", "%", "^"])} ${number})`;
      case 4:
        return `(${number} ${chance.pick(["==", "<", ">=", "<="])} 1)`;
      case 5:
        return `"\${${number}} and \${${names.includes("x") ? "x" : number}}"`;
      case 6:
        return `(if ${number} > 1 or exists {a: 1}.a then ${name} else ${name})`;
      case 7:
        return `((z, w=1) => ({z: z, n: w}))(z: ${part()})`;
      case 8:
        return `({a: ${part()}, b: -${number}})`;
      case 9:
        return `["k": ${part()}]`;
      default:
        return chance.pick(usesByRole[name] ?? [name]).replaceAll("PART", part);
    }
  }

  /** A generic function and two uses of it with different types. */
  #generalized(names: string[]): string[] {
    const chance = this.#chance;
    const [text, call] = chance.pick<readonly [string, (value: string) => string]>([
      ["(x) => x", (value) => `F(x: ${value})`],
      ["(x, n=1) => ({x: x, n: n})", (value) => `F(x: ${value})`],
      ["(x, n=1) => [x, n]", (value) => `F(x: ${value}, n: ${value})`],
      ["(x=<-) => [x]", (value) => `(${value} |> F())`],
      ["(r) => ({r with b: r.a})", (value) => `F(r: {a: ${value}})`],
      ["(f, x) => f(x: x)", (value) => `F(f: (x) => [x], x: ${value})`],
      [
        "(x) => {\n  pair = (y) => ({x: x, y: y})\n  return pair(y: [x])\n}",
        (value) => `F(x: ${value})`,
      ],
    ]);
    const name = this.#name("f", names);
    const uses = [this.#shape(1), this.#shape(1)].map((shape) => {
      const value = call(this.#expression(shape, 1)).replace("F", () => name);
      return `${this.#name("u", names)} = ${value}`;
    });
    return [`${name} = ${text}`, ...uses];
  }

  #pipeline(names: string[]): string {
    const chance = this.#chance;
    const steps = [
      "range(start: -1h)",
      'filter(fn: (r) => r.host == "a" and r._value > 1.5)',
      "map(fn: (r) => ({r with twice: r._value * 2.0}))",
      'group(columns: ["host"])',
      "mean()",
      'rename(columns: {host: "server"})',
      "aggregateWindow(every: 1m, fn: mean, createEmpty: false)",
      'drop(columns: ["a"])',
      "map(fn: (r) => ({v: r._value, t: string(v: r._time)}))",
      'yield(name: "x")',
      "reduce(fn: (r, accumulator) => ({n: accumulator.n + 1}), identity: {n: 0})",
    ];
    const source = chance.one(2)
      ? 'from(bucket: "b")'
      : 'array.from(rows: [{_time: now(), _value: 1.5, host: "a"}])';
    const chain = Array.from({ length: 1 + chance.below(4) }, () => chance.pick(steps));
    return `${this.#name("s", names)} = ${[source, ...chain].join("\n  |> ")}`;
  }

  #option(): string[] {
    const chance = this.#chance;
    this.#count += 1;
    switch (chance.below(4)) {
      case 0:
        return [`option o${this.#count} = ${this.#expression(this.#shape(1), 1)}`];
      case 1:
        return ["option now = () => 2024-01-01T00:00:00Z"];
      case 2:
        return [`option math.pi = ${this.#expression(float, 1)}`];
      default:
        return [`option task = {name: "t${this.#count}", every: 1h}`];
    }
  }

  #testcase(): string[] {
    const chance = this.#chance;
    this.#count += 1;
    const own = `t${this.#count}`;
    const value = this.#expression(this.#shape(1), 1);
    const body = `  in_${own} = ${value}\n  {x: in_${own}}`;
    const option = chance.one(3) ? `  option o_${own} = 1\n` : "";
    const parent = chance.one(3) ? ' extends "flux/x/y_test.z"' : "";
    return [`testcase ${own}${parent} {\n${option}${body}\n}`];
  }

  #signature(): string {
    const chance = this.#chance;
    const part = (): string =>
      chance.pick([
        "int",
        "string",
        "bytes",
        "regexp",
        "A",
        "[B]",
        "[string: int]",
        "stream[{A with _value: float}]",
        "vector[int]",
        "dynamic",
        ".host",
        "{a: int, b: [A]}",
        '{A with "odd name": B}',
        "(<-: stream[A], ?n: int) => stream[A]",
        "(?c: L = .name) => int",
      ]);
    const where = chance.one(2) ? " where A: Addable + Comparable, B: Stringable" : "";
    if (chance.one(3)) return part() + where;
    return `(x: ${part()}, ?y: ${part()}${chance.one(3) ? `, <-t: ${part()}` : ""}) => ${part()}${where}`;
  }
}

function same(a: Shape, b: Shape): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

type Spoiler = (text: string, chance: Chance) => string;

/** Appends statements that are wrong in a way which chance alone rarely hits. */
function appending(...lines: readonly string[]): Spoiler {
  return (text, chance) => `${text}\n${chance.pick(lines)}`;
}

/** Puts one text for one of the places where a pattern matches. */
function replacing(pattern: RegExp, by: readonly string[]): Spoiler {
  return (text, chance) => {
    const places = [...text.matchAll(pattern)];
    if (places.length === 0) return text;
    const place = chance.pick(places);
    return text.slice(0, place.index) + chance.pick(by) + text.slice(place.index + place[0].length);
  };
}

/** One way for each kind of mistake that upstream names, and some that hit anywhere. */
const spoilers: readonly Spoiler[] = [
  replacing(/(?<![\w.:-])\d+(?![\w.:-])/g, ['"seven"', "true", "1.5", "{a: 1}", "now"]),
  replacing(/"x"/g, ["1", "[1]", "2h"]),
  replacing(/\bx\b/g, ["y", "zz", "tables"]),
  replacing(/\btrue\b/g, ["1", '"true"']),
  replacing(/\(x: /g, ["(xx: ", "(x: 1, y: ", "(y: "]),
  replacing(/\breturn /g, ["", "k = "]),
  replacing(/\.a\b/g, [".b", ".missing", "[0]"]),
  replacing(/\bstart: -1h/g, ["strat: -1h", 'bucket: "b"', "start: -1h, stop: 1, extra: 2"]),
  replacing(/\bmath\b/g, ["maths"]),
  replacing(/=<-/g, ["", "=1"]),
  replacing(/\+/g, ["=~", "and", "*"]),
  appending("import_ = 1\nimport_ = 2", "dup = 1\ndup = 2", "g = (x) => {\n  x = 1\n  return x\n}"),
  appending("option oo = 1\noption oo = 2", "option math.e = 1.0\noption math.e = 2.0"),
  appending("option cc = 1\ncc = 2", "cd = 1\noption cd = 2"),
  appending("option da = 1\noption db = da + 1", "option dc = () => dd\noption dd = 2"),
  appending("return 1", "testcase tt {\n  return 1\n}"),
  appending("m1 = (x) => {\n  y = x\n}", "m2 = () => {}", "m3 = (x) => {\n  x\n}"),
  appending(
    "s1 = () => {\n  option q = 1\n  return 1\n}",
    "s2 = () => {\n  return 1\n  return 2\n}",
  ),
  appending("s3 = () => {\n  builtin q: int\n  return 1\n}"),
  appending("p1 = <-", "p2 = [<-]", "p3 = (x) => <-"),
  appending("q1 = (a=<-, b=<-) => a", "builtin q2: (<-a: int, <-b: int) => int"),
  appending("builtin t1: itn", "builtin t2: (x: text) => int"),
  appending("builtin k1: (x: A) => A where A: Adable", "builtin k2: [A] where A: Number"),
  appending("builtin l1: (x: {A: int}) => int", "builtin l2: {B with C: int}"),
  appending("l3 = .column", 'l4 = [."a b"]'),
  appending(
    "builtin n1: (c: C, r: {A with C: int}) => int where C: Label\nn2 = n1(c: 1, r: {a: 1})",
  ),
  appending(
    'builtin n3: (c: C) => {C: int} where C: Label\nn4 = (n3(c: 1)).a\nn5 = {} == n3(c: "b")',
  ),
  appending("o1 = (x) => x(x: x)", "o2 = (r) => [r, {r with a: r}]", "o3 = (f) => f(f: [f])"),
  appending(
    'a1 = (f) => 1 + f(x: 1)\na2 = a1(f: (x) => "s")',
    "a3 = (h) => h(x: 1).b\na4 = a3(h: (x) => ({a: x}))",
    'a5 = [(a) => 1, (a) => "s"]',
  ),
  appending(
    'b1 = "${[1]}"',
    'b2 = (x) => "${x}"\nb3 = b2(x: {a: 1})',
    'b4 = "at ${now} and ${d.get}"',
    'b5 = "${["a": 1]}"',
  ),
  appending("r1 = {a: 1}\nr2 = r1.b", "r3 = ((r) => r.a.b)(r: {a: {c: 1}})"),
  appending("e1 = [{a: 1}, {a: 1, b: 2}]", "e2 = [{a: 1, b: 2}, {b: 2}]"),
  appending("c1 = 1\nc2 = c1()", "c3 = (x) => x\nc4 = c3()", 'c5 = "a"(x: 1)'),
  appending("c6 = 1 |> ((x) => x)()", "c7 = ((x=<-) => x)()"),
  appending("w1 = (f) => 1 |> f(a: 2)\nw2 = w1(f: (a) => a)"),
  appending("w3 = (f, g=1) => f(b: g)\nw4 = w3(f: (a=<-) => a)"),
  appending(
    "x1 = (f) => f == f",
    "x2 = ((x) => x) == 1",
    "x3 = [1] < [2]",
    'x4 = "a" - "b"',
    "x5 = 1h * 2",
    "x6 = -true",
    'x7 = "${[1]}"',
    "x8 = [{a: 1}: 2]",
  ),
  appending(
    "y1 = [(a=<-) => a, (b=<-) => b]",
    "y2 = if true then (a=<-) => a else (b=<-) => b",
    "y3 = [(x) => x, (y) => y]",
  ),
  appending(
    'z1 = from(bucket: "b") |> map(fn: (r) => ({r with x: r._value + "s"})) |> filter(fn: (r) => r.x > 1 + "a")',
    "z2 = array.from(rows: [{a: 1}]) |> map(fn: (r) => ({y: r.b}))",
    "z3 = array.from(rows: [{a: 1}]) |> filter(fn: (row) => row.a > 1)",
    "z4 = array.from(rows: [{a: 1}]) |> filter(fn: (r) => r.a)",
    "z5 = ((r) => ({r with a: 1}))(r: 1).b",
  ),
  appending(
    "h1 = (r) => if true then {r with a: 1} else {r with b: 1}",
    'h2 = (r) => [{r with a: 1}, {r with a: "x"}]',
    "h3 = (r, s) => [{r with a: 1}, {s with b: 1}, {r with c: 1}]",
  ),
  (text) => text.replace('import "math"', 'import "maths/none"'),
  (text) => `import "no/such"\n${text.replace(/^(@.*\n)?package main\n/, "")}`,
];

/** Puts one mistake into a program; it may by chance still be right. */
function spoil(text: string, chance: Chance): string {
  return chance.pick(spoilers)(text, chance);
}
