import type { Raw } from "@tocsin/data/value";
import { batchOf, type Cells } from "./scripts.ts";

/** Numbers that look random and come again for the same seed. */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }
  below(limit: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  }
  chance(percent: number): boolean {
    return this.below(100) < percent;
  }
  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)];
  }
}

export const kinds = ["bool", "int", "uint", "float", "string", "time"] as const;
export type Kind = (typeof kinds)[number] | "duration" | "regexp" | "array" | "record" | "null";
export const allKinds: readonly Kind[] = [
  ...kinds,
  "duration",
  "regexp",
  "array",
  "record",
  "null",
];
export const binaryOperators = "+ - * / % ^ == != < <= > >= =~ !~".split(" ");

const min = -(2n ** 63n);
const max = 2n ** 63n - 1n;
const edges: Readonly<Record<(typeof kinds)[number], readonly Raw[]>> = {
  bool: [true, false, true, true, false, false],
  int: [0n, 1n, -1n, min, max, 2n, 7n, 9007199254740993n],
  uint: [0n, 1n, 2n ** 64n - 1n, 2n ** 63n, 3n, 9007199254740993n],
  float: [0, -0, 1, NaN, Infinity, -Infinity, 1.5, 9007199254740992, 5e-324, 2, -7.25],
  string: ["", "a", "b", "ä", "\u{1f600}", "\uff01", "aa"],
  time: [0n, 1n, 1_000_000_000n, max, min],
};

const rows = 16;
const tableEnds = [4, 4, 9, 16];

/** One column of each kind without nulls (`i`), with nulls (`in`), of the key (`ik`); strings also plain. */
function columns(): Record<string, Cells> {
  const dice = new Dice(4711);
  const made: Record<string, Cells> = {};
  for (const kind of kinds) {
    const letter = kind[0];
    const cells = (count: number, nulls: boolean): Raw[] =>
      Array.from({ length: count }, () =>
        nulls && dice.chance(35) ? null : dice.pick(edges[kind]),
      );
    made[letter] = { kind, cells: cells(rows, false) };
    made[`${letter}n`] = { kind, cells: cells(rows, true) };
    made[`${letter}k`] = { kind, cells: cells(tableEnds.length, true), form: "key" };
  }
  const texts = (): Raw[] => Array.from({ length: rows }, () => dice.pick(edges.string));
  made.sp = { kind: "string", cells: texts(), form: "plain" };
  made.spn = {
    kind: "string",
    cells: texts().map((one) => (one === "b" ? null : one)),
    form: "plain",
  };
  return made;
}

export const sample = batchOf(columns(), tableEnds);

const literals: Readonly<Record<Kind, readonly string[]>> = {
  bool: ["true", "false", "cb"],
  int: ["0", "1", "2", "3", "64", "9223372036854775807", "ci", "cn"],
  uint: ["cu", "(cu - cu)"],
  float: ["0.0", "1.5", "2.0", "9007199254740992.0", "cf"],
  string: ['"a"', '"b"', '""', '"ä"', "cs"],
  time: ["2020-01-01T00:00:00Z", "1970-01-01T00:00:00Z", "ct"],
  duration: ["1h", "1mo", "-3s"],
  regexp: ["/a/", "/^b$/", "/./"],
  array: ["[1, 2]", "[1]", '["a"]', "[1.5, 2.0]"],
  record: ["({a: 1})", '({a: 1, b: "x"})', "({a: 1.0})"],
  null: ["r.missing", "cnone", "r.nothing.at.all"],
};

/** Random expressions of Flux, mostly well typed. `locals` are names that stand for values of a kind. */
export class Generator {
  readonly dice: Dice;
  readonly #locals: { name: string; kind: Kind }[] = [];
  #names = 0;

  constructor(dice: Dice) {
    this.dice = dice;
  }
  /** A name for a new local. */
  fresh(prefix: string): string {
    return `${prefix}${this.#names++}`;
  }
  /** What `make` gives while `name` is known. */
  within<T>(locals: readonly { name: string; kind: Kind }[], make: () => T): T {
    this.#locals.push(...locals);
    const made = make();
    this.#locals.length -= locals.length;
    return made;
  }
  expression(kind: Kind, depth: number): string {
    if (this.dice.chance(2)) return this.expression(this.dice.pick(allKinds), Math.min(depth, 1));
    if (depth <= 0) return this.leaf(kind);
    if (this.dice.chance(25)) return this.#composed(kind, depth);
    return this.#operation(kind, depth - 1);
  }
  leaf(kind: Kind): string {
    const local = this.#locals.filter((one) => one.kind === kind);
    if (local.length > 0 && this.dice.chance(60)) return this.dice.pick(local).name;
    const isColumn = (kinds as readonly string[]).includes(kind);
    const source =
      isColumn && this.dice.chance(65) ? `r.${this.column(kind)}` : this.dice.pick(literals[kind]);
    return this.dice.chance(12) ? `same(v: ${source})` : source;
  }
  column(kind: Kind): string {
    const forms = kind === "string" ? ["", "n", "k", "p", "pn"] : ["", "n", "k"];
    return kind[0] + this.dice.pick(forms);
  }

  #operation(kind: Kind, depth: number): string {
    const { dice } = this;
    const sub = (of: Kind): string => this.expression(of, depth);
    switch (kind) {
      case "bool":
        return this.#condition(depth);
      case "int":
        return dice.pick([
          () => `(${sub("int")} ${dice.pick(["+", "-", "*", "/", "%", "^"])} ${sub("int")})`,
          () => `(-${sub("int")})`,
          () => `half(x: ${sub("int")})`,
          () => `(${sub("int")} |> piped(${dice.chance(50) ? `add: ${sub("int")}` : ""}))`,
          () => `${sub("array")}[${dice.pick(["0", "1", "r.i", "same(v: 0)"])}]`,
          () =>
            `size(v: ${dice.pick([sub("array"), sub("record"), `[${sub("string")}: ${sub("int")}]`])})`,
        ])();
      case "uint":
        return `(${sub("uint")} ${dice.pick(["+", "-", "*", "/", "%"])} ${sub("uint")})`;
      case "float":
        return dice.pick([
          () => `(${sub("float")} ${dice.pick(["+", "-", "*", "/", "%", "^"])} ${sub("float")})`,
          () => `(-${sub("float")})`,
          () => `toFloat(v: ${sub(dice.pick(["int", "uint", "float"]))})`,
          () => `root(x: ${sub("float")})`,
        ])();
      case "string":
        return dice.pick([
          () => `(${sub("string")} + ${sub("string")})`,
          () => `upper(v: ${sub("string")})`,
          () => `toText(v: ${sub(dice.pick(["int", "float", "string"]))})`,
          () => `"<\${${sub(dice.pick(kinds))}}-\${${sub(dice.pick([...kinds, "duration"]))}}>"`,
        ])();
      case "array":
        return dice.pick([
          () => `[${sub("int")}, ${sub("int")}]`,
          () =>
            `each(v: ${sub("array")}, fn: (x) => ${this.within([{ name: "x", kind: "int" }], () => sub("int"))})`,
        ])();
      case "record":
        return dice.pick([
          () => `({a: ${sub("int")}, b: ${sub("string")}})`,
          () => `dyn(v: {a: ${sub("int")}})`,
        ])();
      default:
        return this.leaf(kind);
    }
  }
  #condition(depth: number): string {
    const { dice } = this;
    const sub = (of: Kind): string => this.expression(of, depth);
    const comparison = (): string => {
      const kind = dice.pick([...kinds, "int", "float"] as const);
      const equality = ["==", "!="];
      if (kind === "bool") return `(${sub("bool")} ${dice.pick(equality)} ${sub("bool")})`;
      const mixed = dice.pick(["int", "uint", "float"] as const);
      const other = dice.chance(30) && ["int", "uint", "float"].includes(kind) ? mixed : kind;
      return `(${sub(kind)} ${dice.pick([...equality, "<", "<=", ">", ">="])} ${sub(other)})`;
    };
    return dice.pick([
      comparison,
      comparison,
      () => `(${sub("bool")} ${dice.pick(["and", "or"])} ${sub("bool")})`,
      () => `(${sub("bool")} ${dice.pick(["and", "or"])} ${sub("bool")})`,
      () => `(not ${sub("bool")})`,
      () => `(exists ${sub(dice.pick([...kinds, "null", "record"]))})`,
      () => `(${sub("string")} ${dice.pick(["=~", "!~"])} ${sub("regexp")})`,
      () => `starts(v: ${sub("string")}, prefix: ${sub("string")})`,
      () => `(${sub("array")} == ${sub("array")})`,
      () => `({a: ${sub("int")}} == ${sub("record")})`,
    ])();
  }
  /** Forms that any kind can have: conditions, records, functions. */
  #composed(kind: Kind, depth: number): string {
    const { dice } = this;
    const sub = (of: Kind): string => this.expression(of, depth - 1);
    const other = (): Kind => dice.pick(kinds);
    return dice.pick([
      () => `(if ${sub("bool")} then ${sub(kind)} else ${sub(dice.chance(5) ? "null" : kind)})`,
      () => `({a: ${sub(kind)}, b: ${sub(other())}}).a`,
      () => `({r with x: ${sub(kind)}}).x`,
      () => `(if ${sub("bool")} then {a: ${sub(kind)}} else {a: ${sub(kind)}}).a`,
      () => this.#localCall(kind, depth - 1),
      () => this.#block(kind, depth - 1),
      () => `dyn(v: {a: ${sub(kind)}}).a`,
      () => `same(v: ${sub(kind)})`,
      () => `g2(x: ${sub("int")}, y: ${sub("float")}, z: ${sub("string")}).${kind[0]}`,
    ])();
  }
  #localCall(kind: Kind, depth: number): string {
    const given = this.dice.pick(kinds);
    const name = this.fresh("p");
    const body = this.within([{ name, kind: given }], () => this.expression(kind, depth));
    const preset = this.dice.chance(30) ? `, q=${this.leaf(given)}` : "";
    return `((${name}${preset}) => ${body})(${name}: ${this.expression(given, depth)})`;
  }
  #block(kind: Kind, depth: number): string {
    const given = this.dice.pick(kinds);
    const name = this.fresh("a");
    const value = this.expression(given, depth);
    const result = this.within([{ name, kind: given }], () => this.expression(kind, depth));
    return `(() => { ${name} = ${value} return ${result} })()`;
  }
  /** Functions around the row function, each calling the one before: calls go three deep. */
  prelude(): string {
    const xyz = [
      { name: "x", kind: "int" as const },
      { name: "y", kind: "float" as const },
      { name: "z", kind: "string" as const },
    ];
    const body = (calls: string): string =>
      this.within(xyz, () => {
        const field = (kind: Kind): string => this.#withoutRow(kind);
        const fields = kinds.map((kind) => `${kind[0]}: ${field(kind)}`);
        return `({${calls}${fields.join(", ")}, d: 1h, a: [x], r: {a: x}, n: cnone})`;
      });
    return [
      `g0 = (x, y, z) => ${body("")}`,
      `g1 = (x, y, z="q") => { inner = g0(x: x, y: y, z: z) return ${body("o: inner.i, ")} }`,
      `g2 = (x, y, z) => ${body("o: g1(x: x, y: y).i, ")}`,
    ].join("\n");
  }
  /** A small expression of parameters and constants: there is no row around. */
  #withoutRow(kind: Kind): string {
    const { dice } = this;
    const leaf = (of: Kind): string => {
      const locals = this.#locals.filter((one) => one.kind === of);
      return locals.length > 0 && dice.chance(70)
        ? dice.pick(locals).name
        : dice.pick(literals[of === "null" ? "int" : of]);
    };
    switch (kind) {
      case "bool":
        return `(${leaf("int")} ${dice.pick(["<", "=="])} ${leaf(dice.pick(["int", "float"]))})`;
      case "int":
      case "float":
        return `(${leaf(kind)} ${dice.pick(["+", "*", "-"])} ${leaf(kind)})`;
      case "string":
        return `("\${${leaf("int")}}" + ${leaf("string")})`;
      default:
        return leaf(kind);
    }
  }
}
