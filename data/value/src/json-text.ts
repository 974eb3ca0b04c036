/** JSON as a tree. Objects keep the order of their keys; of equal keys the last value counts. */
export type Json = null | boolean | number | bigint | string | Json[] | Map<string, Json>;

/** Text as a JSON string. `<`, `>` and `&` are escaped, so that the text is safe inside HTML. */
export function jsonString(text: string): string {
  if (plain.test(text)) return `"${text}"`;
  // Lone surrogates cannot be written as UTF-8: they become U+FFFD, as upstream writes bad bytes.
  // `[^ -\u{10ffff}]` are the control characters before the space.
  const special = /["\\<>&\u2028\u2029]|[^ -\u{10ffff}]|\p{Cs}/gu;
  return `"${text.replace(special, escape)}"`;
}

const plain = /^[ !#-%'-;=?-[\]-~]*$/;

const named: ReadonlyMap<string, string> = new Map([
  ['"', '\\"'],
  ["\\", "\\\\"],
  ["\b", "\\b"],
  ["\f", "\\f"],
  ["\n", "\\n"],
  ["\r", "\\r"],
  ["\t", "\\t"],
]);

function escape(char: string): string {
  const known = named.get(char);
  if (known !== undefined) return known;
  const unit = char.charCodeAt(0);
  return `\\u${(unit >= 0xd800 && unit < 0xe000 ? 0xfffd : unit).toString(16).padStart(4, "0")}`;
}

/** What is wrong with JSON text, and where: line and column from 1, offset in UTF-16 units. */
export type JsonFault = {
  readonly reason: string;
  readonly offset: number;
  readonly line: number;
  readonly column: number;
};

/** `integers: "exact"` gives bigints for numbers without point and exponent, not floats. */
export type JsonOptions = { readonly integers?: "exact" | "float" };

/** Reads JSON text strictly: one value, nothing behind it, at most 1,000 levels deep. */
export function parseJson(text: string, options: JsonOptions = {}): { value: Json } | JsonFault {
  const reader = new Reader(text, options.integers === "exact");
  try {
    return { value: reader.document() };
  } catch (error) {
    if (error instanceof Stop) return place(text, error);
    throw error;
  }
}

/** Thrown inside the reader only: it unwinds the nesting. */
class Stop {
  readonly reason: string;
  readonly offset: number;

  constructor(reason: string, offset: number) {
    this.reason = reason;
    this.offset = offset;
  }
}

function place(text: string, { reason, offset }: Stop): JsonFault {
  const before = text.slice(0, offset);
  const line = before.split("\n").length;
  return { reason, offset, line, column: offset - before.lastIndexOf("\n") };
}

// Deeper nesting is an attack or a mistake, and recursion must not reach the end of the stack.
const depthMax = 1000;

class Reader {
  readonly #text: string;
  readonly #exactIntegers: boolean;
  #at = 0;

  constructor(text: string, exactIntegers: boolean) {
    this.#text = text;
    this.#exactIntegers = exactIntegers;
  }

  document(): Json {
    const value = this.#value(0);
    this.#skipSpace();
    if (this.#at < this.#text.length) this.#fail("the end of the text");
    return value;
  }

  #value(depth: number): Json {
    if (depth > depthMax)
      throw new Stop(`it is nested more than ${depthMax} levels deep`, this.#at);
    this.#skipSpace();
    const char = this.#text[this.#at];
    if (char === "{") return this.#object(depth);
    if (char === "[") return this.#array(depth);
    if (char === '"') return this.#string();
    if (this.#word("true")) return true;
    if (this.#word("false")) return false;
    if (this.#word("null")) return null;
    return this.#number();
  }

  #object(depth: number): Map<string, Json> {
    const fields = new Map<string, Json>();
    this.#at++;
    if (this.#sign("}")) return fields;
    do {
      this.#skipSpace();
      if (this.#text[this.#at] !== '"') this.#fail("a key in double quotes");
      const key = this.#string();
      if (!this.#sign(":")) this.#fail(`":" after the key`);
      fields.set(key, this.#value(depth + 1));
    } while (this.#sign(","));
    if (!this.#sign("}")) this.#fail(`"," or "}"`);
    return fields;
  }

  #array(depth: number): Json[] {
    const elements: Json[] = [];
    this.#at++;
    if (this.#sign("]")) return elements;
    do elements.push(this.#value(depth + 1));
    while (this.#sign(","));
    if (!this.#sign("]")) this.#fail(`"," or "]"`);
    return elements;
  }

  #string(): string {
    const from = this.#at;
    stringPattern.lastIndex = from;
    const match = stringPattern.exec(this.#text);
    if (match === null) {
      throw new Stop(
        "the string is not closed, or holds a bad escape or a control character",
        from,
      );
    }
    this.#at = stringPattern.lastIndex;
    return match[0]
      .slice(1, -1)
      .replace(escapePattern, unescape)
      .replace(/\p{Cs}/gu, "\ufffd");
  }

  #number(): number | bigint {
    numberPattern.lastIndex = this.#at;
    const match = numberPattern.exec(this.#text);
    if (match === null) this.#fail("a value");
    const isInteger = match[1] === undefined && match[2] === undefined;
    const value = Number(match[0]);
    if (!Number.isFinite(value)) throw new Stop(`the number ${match[0]} is too large`, this.#at);
    this.#at = numberPattern.lastIndex;
    return isInteger && this.#exactIntegers ? BigInt(match[0]) : value;
  }

  #word(word: string): boolean {
    if (!this.#text.startsWith(word, this.#at)) return false;
    this.#at += word.length;
    return true;
  }

  #sign(sign: string): boolean {
    this.#skipSpace();
    return this.#word(sign);
  }

  #skipSpace(): void {
    spacePattern.lastIndex = this.#at;
    spacePattern.test(this.#text);
    this.#at = spacePattern.lastIndex;
  }

  #fail(expected: string): never {
    const found = this.#text.codePointAt(this.#at);
    const what = found === undefined ? "the text ends" : `found "${String.fromCodePoint(found)}"`;
    throw new Stop(`expected ${expected}, but ${what}`, this.#at);
  }
}

const spacePattern = /[ \t\n\r]*/y;
const numberPattern = /-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/y;
const stringPattern = /"(?:[ !#-[\]-\uffff]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const escapePattern = /\\(?:u([0-9a-fA-F]{4})|(.))/g;
const unescaped: ReadonlyMap<string, string> = new Map([
  ["b", "\b"],
  ["f", "\f"],
  ["n", "\n"],
  ["r", "\r"],
  ["t", "\t"],
]);

function unescape(_: string, hex: string | undefined, char: string): string {
  if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
  return unescaped.get(char) ?? char;
}
