import type { Random } from "@tocsin/platform/host";

/**
 * A random well-formed program of about `size` statements, in a random layout with comments. It
 * parses; whether its names exist and its types fit is left to chance. Covers every production of
 * the grammar. Kept shallow: it never comes near the limit for nesting.
 */
export function generateProgram(random: Random, size: number): string {
  return new Generator(random).program(size);
}

/** One way to damage a text, at a random place; the result is usually, not always, ill-formed. */
type Mutation = {
  readonly name: string;
  readonly apply: (text: string, random: Random) => string;
};

/** Damages as people (and pastes) make them. */
export const mutations: readonly Mutation[] = [
  { name: "drop a character", apply: (text, random) => cut(text, random, 1) },
  { name: "drop a stretch", apply: (text, random) => cut(text, random, 1 + pick(random, 30)) },
  { name: "double a character", apply: (text, random) => double(text, random) },
  { name: "swap two characters", apply: (text, random) => swap(text, random) },
  { name: "insert a sign", apply: (text, random) => insert(text, random, signs) },
  { name: "insert a word", apply: (text, random) => insert(text, random, words) },
  { name: "replace a bracket", apply: (text, random) => replaceOne(text, random, /[()[\]{}]/g) },
  { name: "drop a bracket", apply: (text, random) => dropOne(text, random, /[()[\]{}]/g) },
  { name: "drop a comma", apply: (text, random) => dropOne(text, random, /,/g) },
  { name: "drop a colon", apply: (text, random) => dropOne(text, random, /:/g) },
  { name: "drop a quote", apply: (text, random) => dropOne(text, random, /"/g) },
  { name: "drop an equals sign", apply: (text, random) => dropOne(text, random, /=/g) },
  { name: "cut the end off", apply: (text, random) => text.slice(0, pick(random, text.length)) },
];

const signs = [..."()[]{},.:=+-*/%^<>!~|?@#$;'\"\\&"];
const words = ["and", "or", "not", "if", "then", "else", "return", "option", "x", "1", "=>", "|>"];

const names = ["a", "b", "r", "tables", "_value", "x1", "größe", "android", "iff", "note", "T"];
const keys = [...names, "with", "where", "extends", "stream", "vector", "dynamic"];
const kinds = ["Addable", "Record", "Comparable"];

function pick(random: Random, bound: number): number {
  return Math.floor(random.next() * bound);
}

function one<Item>(random: Random, items: readonly Item[]): Item {
  return items[pick(random, items.length)];
}

/** Writes tokens; `text` puts random blanks, line breaks and comments between them. */
class Generator {
  readonly #random: Random;
  readonly #tokens: string[] = [];

  constructor(random: Random) {
    this.#random = random;
  }

  text(): string {
    let out = "";
    for (const [index, token] of this.#tokens.entries()) {
      out += index === 0 ? token : this.#gap(this.#tokens[index - 1], token) + token;
    }
    return out;
  }

  program(size: number): string {
    if (this.#chance(0.3)) {
      this.#attributes();
      this.#put("package", this.#name());
    }
    for (let count = this.#below(3); count > 0; count -= 1) {
      this.#attributes();
      this.#put("import");
      if (this.#chance(0.3)) this.#put(this.#name());
      this.#put(one(this.#random, ['"array"', '"influxdata/influxdb/monitor"']));
    }
    for (let count = 0; count < size; count += 1) this.#statement();
    return `${this.text()}\n`;
  }

  expression(depth: number): void {
    if (depth > 0 && this.#chance(0.08)) {
      this.#put("if");
      this.expression(depth - 1);
      this.#put("then");
      this.expression(depth - 1);
      this.#put("else");
      this.expression(depth - 1);
    } else this.#logical(depth);
  }

  #statement(): void {
    if (this.#chance(0.1)) this.#attributes();
    switch (this.#below(12)) {
      case 0:
        this.#put("option", this.#name());
        if (this.#chance(0.5)) this.#put(".", this.#name());
        this.#put("=");
        return this.expression(3);
      case 1:
        this.#put("builtin", this.#name(), ":");
        this.#type(3);
        return this.#constraints();
      case 2:
        this.#put("testcase", this.#name());
        if (this.#chance(0.3)) this.#put("extends", '"a/b"');
        this.#put("{");
        for (let count = this.#below(3); count > 0; count -= 1) this.#simpleStatement();
        return this.#put("}");
      default:
        return this.#simpleStatement();
    }
  }

  #simpleStatement(): void {
    this.#put(this.#name());
    if (this.#chance(0.7)) {
      this.#put("=");
      return this.expression(4);
    }
    // Begins with a name, so that the statement before cannot swallow it.
    for (let count = 1 + this.#below(3); count > 0; count -= 1) {
      this.#put("|>", this.#name());
      this.#call(2);
    }
  }

  #attributes(): void {
    for (let count = this.#below(3); count > 0; count -= 1) {
      this.#put(`@${one(this.#random, ["edition", "feature"])}`);
      if (this.#chance(0.5)) continue;
      this.#put("(");
      this.#list(1 + this.#below(2), () => this.#primary(1));
      this.#put(")");
    }
  }

  #logical(depth: number): void {
    this.#logicalUnary(depth);
    while (this.#chance(0.15)) {
      this.#put(one(this.#random, ["and", "or"]));
      this.#logicalUnary(depth);
    }
  }

  #logicalUnary(depth: number): void {
    while (this.#chance(0.1)) this.#put(one(this.#random, ["not", "exists"]));
    this.#unary(depth);
    while (this.#chance(0.25)) {
      const operators = "== != < <= > >= =~ !~ + - * / % ^".split(" ");
      this.#put(one(this.#random, operators));
      this.#unary(depth);
    }
    while (this.#chance(0.1)) {
      this.#put("|>", this.#name());
      this.#call(depth - 1);
    }
  }

  #unary(depth: number): void {
    while (this.#chance(0.08)) this.#put(one(this.#random, ["+", "-"]));
    const start = this.#tokens.length;
    this.#primary(depth);
    // What follows a function belongs to its body, and may not fit there.
    if (this.#tokens.indexOf("=>", start) > 0) return;
    while (this.#chance(0.2)) {
      switch (this.#below(4)) {
        case 0:
          this.#call(depth - 1);
          break;
        case 1:
          this.#put("[");
          this.expression(depth > 0 ? 1 : 0);
          this.#put("]");
          break;
        case 2:
          this.#put("[", this.#string(), "]");
          break;
        default:
          this.#put(".", one(this.#random, keys));
      }
    }
  }

  #call(depth: number): void {
    this.#put("(");
    this.#properties(depth);
    this.#put(")");
  }

  #properties(depth: number): void {
    const short = this.#chance(0.15);
    this.#list(this.#below(4), () => {
      if (short) return this.#put(one(this.#random, keys));
      this.#put(this.#chance(0.8) ? one(this.#random, keys) : this.#string(), ":");
      return this.expression(depth > 0 ? depth - 1 : 0);
    });
  }

  #primary(depth: number): void {
    const choice = this.#below(depth > 0 ? 18 : 11);
    if (choice < 11) return this.#leaf(choice);
    switch (choice) {
      case 11:
        this.#put("(");
        this.expression(depth - 1);
        return this.#put(")");
      case 12:
        this.#put("[");
        this.#list(this.#below(4), () => this.expression(depth - 1));
        return this.#put("]");
      case 13:
        return this.#dict(depth - 1);
      case 14:
        return this.#record(depth - 1);
      case 15:
        return this.#interpolated(depth - 1);
      default:
        return this.#function(depth - 1);
    }
  }

  #leaf(choice: number): void {
    switch (choice) {
      case 0:
        return this.#put(String(this.#below(10_000)));
      case 1:
        return this.#put(one(this.#random, ["1.", ".5", "072.40", "3.25", "0.0"]));
      case 2:
        return this.#put(this.#string());
      case 3:
        return this.#put(one(this.#random, ["1h30m", "2mo1d", "5us", "7µs", "1s1s", "0ns", "1y"]));
      case 4:
        return this.#put(
          one(this.#random, ["2020-02-29", "1969-12-31T23:59:60Z", "2021-03-04T05:06:07.89+01:30"]),
        );
      case 5:
        return this.#put(one(this.#random, ["/a.*b/", "/\\//", "/[^\\/]+/", "/(?i)x{2,3}|\\x41/"]));
      default:
        return this.#put(this.#name());
    }
  }

  #dict(depth: number): void {
    const count = this.#below(3);
    if (count === 0) return this.#put("[", ":", "]");
    this.#put("[");
    this.#list(count, () => {
      this.expression(depth);
      this.#put(":");
      this.expression(depth);
    });
    return this.#put("]");
  }

  #record(depth: number): void {
    this.#put("{");
    if (this.#chance(0.3)) this.#put(this.#name(), "with");
    this.#properties(depth);
    this.#put("}");
  }

  #interpolated(depth: number): void {
    const inner = new Generator(this.#random);
    inner.expression(Math.min(depth, 1));
    this.#put(`"${one(this.#random, ["", "a ", "$ "])}\${${inner.text()}} b\${a}"`);
  }

  #function(depth: number): void {
    this.#put("(");
    this.#list(this.#below(4), () => {
      this.#put(this.#name());
      if (this.#chance(0.5)) return;
      this.#put("=");
      if (this.#chance(0.3)) this.#put("<-");
      else this.expression(depth);
    });
    this.#put(")", "=>");
    if (this.#chance(0.6)) return this.#body(depth);
    this.#put("{");
    for (let count = this.#below(2); count > 0; count -= 1) this.#simpleStatement();
    this.#put("return");
    this.expression(depth);
    return this.#put("}");
  }

  /** A brace behind the arrow would begin a block. */
  #body(depth: number): void {
    const start = this.#tokens.length;
    this.expression(depth);
    if (this.#tokens[start] !== "{") return;
    this.#tokens.splice(start, 0, "(");
    this.#put(")");
  }

  #type(depth: number): void {
    switch (this.#below(depth > 0 ? 11 : 3)) {
      case 0:
        return this.#put(one(this.#random, ["A", "B", "C"]));
      case 1:
        return this.#put(one(this.#random, ["int", "string", "float", "time", "dynamic", "bool"]));
      case 2:
        return this.#put("int");
      case 3:
        return this.#typeIn("[", depth);
      case 4:
        this.#put("[");
        this.#type(depth - 1);
        this.#put(":");
        this.#type(depth - 1);
        return this.#put("]");
      case 5:
        this.#put("stream");
        return this.#typeIn("[", depth);
      case 6:
        this.#put("vector");
        return this.#typeIn("[", depth);
      case 7:
        this.#put("{");
        if (this.#chance(0.5)) this.#put("A", "with");
        this.#list(1 + this.#below(3), () => {
          this.#put(this.#chance(0.8) ? this.#name() : this.#string(), ":");
          this.#type(depth - 1);
        });
        return this.#put("}");
      case 8:
        return this.#put("{", "}");
      default:
        return this.#functionType(depth - 1);
    }
  }

  #typeIn(bracket: string, depth: number): void {
    this.#put(bracket);
    this.#type(depth - 1);
    this.#put("]");
  }

  #functionType(depth: number): void {
    this.#put("(");
    if (this.#chance(0.3)) {
      this.#put("<-");
      if (this.#chance(0.5)) this.#put(this.#name());
      this.#put(":");
      this.#type(depth);
      this.#put(",");
    }
    this.#list(this.#below(3), () => {
      const optional = this.#chance(0.3);
      if (optional) this.#put("?");
      this.#put(this.#name(), ":");
      this.#type(depth);
      if (optional && this.#chance(0.2)) this.#put("=", ".", this.#name());
    });
    this.#put(")", "=>");
    this.#type(depth);
  }

  #constraints(): void {
    if (this.#chance(0.5)) return;
    this.#put("where");
    for (let count = this.#below(2); count >= 0; count -= 1) {
      this.#put(one(this.#random, ["A", "B"]), ":", one(this.#random, kinds));
      if (this.#chance(0.3)) this.#put("+", one(this.#random, kinds));
      if (count > 0) this.#put(",");
    }
  }

  /** Items with commas, sometimes with one behind the last. */
  #list(count: number, item: () => void): void {
    for (let left = count; left > 0; left -= 1) {
      item();
      if (left > 1 || this.#chance(0.1)) this.#put(",");
    }
  }

  #name(): string {
    return one(this.#random, names);
  }

  #string(): string {
    return one(this.#random, ['""', '"a b"', '"\\"\\\\ \\n"', '"$5"', '"\\xc3\\xa9é"', '"l1\nl2"']);
  }

  #put(...tokens: readonly string[]): void {
    this.#tokens.push(...tokens);
  }

  #gap(before: string, after: string): string {
    const chance = this.#random.next();
    const blank = one(this.#random, [before.endsWith("/") ? " " : "", " ", "\n"]);
    if (chance < 0.03) return `${blank}// note\n`;
    if (chance < 0.1) return "\n    ";
    if (chance < 0.15) return "\n";
    if (chance < 0.17) return "\n\n\n";
    const tight = /^[([{,)\]}]$/.test(before) || /^[([{,)\]}]$/.test(after);
    return tight && chance < 0.8 ? "" : " ";
  }

  #chance(probability: number): boolean {
    return this.#random.next() < probability;
  }

  #below(bound: number): number {
    return pick(this.#random, bound);
  }
}

function cut(text: string, random: Random, length: number): string {
  const at = pick(random, text.length);
  return text.slice(0, at) + text.slice(at + length);
}

function double(text: string, random: Random): string {
  const at = pick(random, text.length);
  return text.slice(0, at + 1) + text.slice(at);
}

function swap(text: string, random: Random): string {
  const at = pick(random, text.length - 1);
  return (
    text.slice(0, at) +
    text
      .slice(at, at + 2)
      .split("")
      .toReversed()
      .join("") +
    text.slice(at + 2)
  );
}

function insert(text: string, random: Random, choices: readonly string[]): string {
  const at = pick(random, text.length + 1);
  return text.slice(0, at) + one(random, choices) + text.slice(at);
}

function replaceOne(text: string, random: Random, pattern: RegExp): string {
  return changeOne(text, random, pattern, one(random, [..."()[]{}"]));
}

function dropOne(text: string, random: Random, pattern: RegExp): string {
  return changeOne(text, random, pattern, "");
}

function changeOne(text: string, random: Random, pattern: RegExp, by: string): string {
  const places = [...text.matchAll(pattern)];
  if (places.length === 0) return text;
  const { index } = one(random, places);
  return text.slice(0, index) + by + text.slice(index + 1);
}
