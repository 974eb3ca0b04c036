/**
 * A pattern that the platform's own engine answers as RE2 does, and texts short enough that its going
 * back and forth costs no more than a scan of a long text.
 */
export interface QuickPattern {
  readonly pattern: RegExp;
  /** The same with its groups, and how many; it begins where `lastIndex` says. */
  readonly search: RegExp;
  readonly groups: number;
  /** Code units of the longest text. */
  readonly longest: number;
}

/** Longest texts by the number of repetitions without end that a pattern has. */
const longestBy: readonly number[] = [65_536, 1000, 100];

/**
 * The quick form of simple patterns: letters, classes, repeated single characters, alternatives, groups
 * that are not repeated, all of it perhaps in either case. Undefined for everything else, right or wrong:
 * RE2 decides.
 */
export function quickPattern(source: string): QuickPattern | undefined {
  const folds = source.startsWith(eitherCase);
  const reader = new Reader(folds ? source.slice(eitherCase.length) : source, folds);
  const text = reader.alternatives();
  if (text === undefined || !reader.done || reader.endless >= longestBy.length) return undefined;
  const { groups } = reader;
  const flags = folds ? "iu" : "u";
  return {
    pattern: new RegExp(text.replaceAll(groupMark, "?:"), flags),
    search: new RegExp(text.replaceAll(groupMark, ""), `g${flags}`),
    groups,
    longest: longestBy[reader.endless],
  };
}

const eitherCase = "(?i)";
/** Stands behind the parenthesis of a group that is asked for: a sign that no pattern holds. */
const groupMark = "\0";

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
/** Letters of one code unit beyond ASCII; which of them are one letter in two cases depends on the engine. */
const beyond = /^[\u00a0-\ud7ff\ue000-\ufffd]$/;
const repeatMax = 100;

/** Reads a pattern from left to right; every method gives undefined where it does not know better. */
class Reader {
  /** Repetitions without end. */
  endless = 0;
  /** Groups that are asked for. */
  groups = 0;
  readonly #source: string;
  readonly #folds: boolean;
  #at = 0;

  constructor(source: string, folds: boolean) {
    this.#source = source;
    this.#folds = folds;
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
    const silent = this.#taken("?");
    if (silent && !this.#taken(":")) return undefined;
    if (!silent) this.groups += 1;
    const inner = this.alternatives();
    if (inner === undefined || !this.#taken(")")) return undefined;
    return `(${silent ? "?:" : groupMark}${inner})`;
  }
  #atom(): string | undefined {
    const c = this.#source[this.#at++];
    if (c === ".") return "[^\\n]";
    if (c === "[") return this.#class();
    if (c === "\\") {
      const escaped = this.#source[this.#at++] ?? "";
      if (this.#folds && /[wW]/.test(escaped)) return undefined;
      return escapes.get(escaped) ?? (punctuation.test(escaped) ? literal(escaped) : undefined);
    }
    return this.#isPlain(c) && !"*+?{}]".includes(c) ? literal(c) : undefined;
  }
  #isPlain(c: string): boolean {
    return plain.test(c) || (!this.#folds && beyond.test(c));
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
      if (this.#folds && escaped === "w") return undefined;
      return inClass.get(escaped) ?? (punctuation.test(escaped) ? inBrackets(escaped) : undefined);
    }
    return this.#isPlain(c) && !"[]^".includes(c) ? inBrackets(c) : undefined;
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
