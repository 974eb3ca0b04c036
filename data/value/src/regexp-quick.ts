/**
 * A pattern that the platform's own engine answers as RE2 does, and texts short enough that its going
 * back and forth costs no more than a scan of a long text.
 */
export interface QuickPattern {
  readonly pattern: RegExp;
  /** Code units of the longest text. */
  readonly longest: number;
}

/** Longest texts by the number of repetitions without end that a pattern has. */
const longestBy: readonly number[] = [65_536, 1000, 100];

/**
 * The quick form of simple patterns: letters, classes, repeated single characters, alternatives, groups
 * that are not repeated. Undefined for everything else, right or wrong: RE2 decides.
 */
export function quickPattern(source: string): QuickPattern | undefined {
  const reader = new Reader(source);
  const text = reader.alternatives();
  if (text === undefined || !reader.done || reader.endless >= longestBy.length) return undefined;
  return { pattern: new RegExp(text, "u"), longest: longestBy[reader.endless] };
}

// What both engines have, though not all with the same meaning.
const escapes: ReadonlyMap<string, string> = new Map([
  ["d", "[0-9]"],
  ["D", "[^0-9]"],
  ["w", "[0-9A-Za-z_]"],
  ["W", "[^0-9A-Za-z_]"],
  ["s", "[\\t\\n\\f\\r ]"],
  ["S", "[^\\t\\n\\f\\r ]"],
  ["t", "\\t"],
  ["n", "\\n"],
  ["r", "\\r"],
  ["f", "\\f"],
]);
const inClass: ReadonlyMap<string, string> = new Map([
  ["d", "0-9"],
  ["w", "0-9A-Za-z_"],
  ["s", "\\t\\n\\f\\r "],
  ["t", "\\t"],
  ["n", "\\n"],
]);
const punctuation = /^[!-/:-@[-`{-~]$/;
const plain = /^[ -~]$/;
const repeatMax = 100;

/** Reads a pattern from left to right; every method gives undefined where it does not know better. */
class Reader {
  /** Repetitions without end. */
  endless = 0;
  readonly #source: string;
  #at = 0;

  constructor(source: string) {
    this.#source = source;
  }
  get done(): boolean {
    return this.#at >= this.#source.length;
  }
  alternatives(): string | undefined {
    const branches: string[] = [];
    do {
      const branch = this.#branch();
      if (branch === undefined) return undefined;
      branches.push(branch);
    } while (this.#taken("|"));
    return branches.join("|");
  }

  #taken(text: string): boolean {
    if (!this.#source.startsWith(text, this.#at)) return false;
    this.#at += text.length;
    return true;
  }
  #branch(): string | undefined {
    let text = "";
    while (!this.done && this.#source[this.#at] !== "|" && this.#source[this.#at] !== ")") {
      const piece = this.#piece();
      if (piece === undefined) return undefined;
      text += piece;
    }
    return text;
  }
  #piece(): string | undefined {
    const c = this.#source[this.#at];
    if (c === "^" || c === "$") {
      this.#at += 1;
      return this.#isRepeated() ? undefined : c;
    }
    if (c === "(") {
      const group = this.#group();
      return group === undefined || this.#isRepeated() ? undefined : group;
    }
    const atom = this.#atom();
    return atom === undefined ? undefined : this.#repeated(atom);
  }
  #isRepeated(): boolean {
    return /[*+?{]/.test(this.#source[this.#at] ?? "");
  }
  #group(): string | undefined {
    this.#at += 1;
    if (this.#taken("?") && !this.#taken(":")) return undefined;
    const inner = this.alternatives();
    return inner !== undefined && this.#taken(")") ? `(?:${inner})` : undefined;
  }
  #atom(): string | undefined {
    const c = this.#source[this.#at++];
    if (c === ".") return "[^\\n]";
    if (c === "[") return this.#class();
    if (c === "\\") {
      const escaped = this.#source[this.#at++] ?? "";
      return escapes.get(escaped) ?? (punctuation.test(escaped) ? literal(escaped) : undefined);
    }
    return plain.test(c) && !"*+?{}]".includes(c) ? literal(c) : undefined;
  }
  #class(): string | undefined {
    let text = this.#taken("^") ? "[^" : "[";
    const begin = text.length;
    while (!this.#taken("]")) {
      const from = this.#classCharacter();
      if (from === undefined) return undefined;
      text += from;
      if (this.#source[this.#at] !== "-" || this.#source[this.#at + 1] === "]") continue;
      this.#at += 1;
      const to = this.#classCharacter();
      // A range needs single characters, and in order.
      if (to === undefined || bare(from).length !== 1 || bare(to).length !== 1) return undefined;
      if (bare(from) > bare(to)) return undefined;
      text += `-${to}`;
    }
    return text.length > begin ? `${text}]` : undefined;
  }
  #classCharacter(): string | undefined {
    const c = this.#source[this.#at++] ?? "";
    if (c === "\\") {
      const escaped = this.#source[this.#at++] ?? "";
      return inClass.get(escaped) ?? (punctuation.test(escaped) ? inBrackets(escaped) : undefined);
    }
    return plain.test(c) && !"[]^".includes(c) ? inBrackets(c) : undefined;
  }
  #repeated(atom: string): string | undefined {
    const counted = /^\{(\d{1,3})(,)?(\d{1,3})?\}/.exec(
      this.#source.slice(this.#at, this.#at + 10),
    );
    let repeat = "";
    if (counted !== null) {
      const [all, least, comma, most = comma === undefined ? least : ""] = counted;
      if (Number(least) > repeatMax || Number(most) > repeatMax) return undefined;
      if (most === "") this.endless += 1;
      else if (Number(most) < Number(least)) return undefined;
      repeat = all;
    } else if (/[*+?]/.test(this.#source[this.#at] ?? "")) {
      repeat = this.#source[this.#at];
      if (repeat !== "?") this.endless += 1;
    } else if (this.#source[this.#at] === "{") return undefined;
    this.#at += repeat.length;
    if (repeat !== "" && this.#taken("?")) repeat += "?";
    return repeat !== "" && this.#isRepeated() ? undefined : atom + repeat;
  }
}

const literal = (c: string): string => (/[\\^$.*+?()[\]{}|/]/.test(c) ? `\\${c}` : c);
const inBrackets = (c: string): string => (/[\\\]^[-]/.test(c) ? `\\${c}` : c);
const bare = (text: string): string =>
  text.length === 2 && punctuation.test(text[1]) ? text[1] : text;
