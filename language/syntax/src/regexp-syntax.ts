import { isDigit, isHexDigit } from "./character.ts";

/**
 * What is wrong with a regular expression in RE2's eyes; undefined when it is valid. The engine
 * itself would say the same, but is a quarter of a megabyte that reading a script need not load.
 */
export function regexpProblem(pattern: string): string | undefined {
  try {
    new Pattern(pattern).check();
    return undefined;
  } catch (error) {
    if (error instanceof PatternError) return error.message;
    throw error;
  }
}

class PatternError extends Error {}

/** RE2's limit, for one count and for counts inside counts. */
const maximumRepeat = 1000;
const maximumDepth = 1000;

type Group = { readonly start: number; repeat: number };

class Pattern {
  readonly text: string;
  at = 0;
  readonly #groups: Group[] = [];
  readonly #names = new Set<string>();
  /** Greatest product of the counts inside the group that was closed last. */
  #repeat = 1;

  constructor(text: string) {
    this.text = text;
  }

  check(): void {
    let whole = 1;
    let repeatable = false;
    while (this.at < this.text.length) {
      const start = this.at;
      this.#repeat = 1;
      repeatable = this.#step(repeatable);
      const group = this.#groups.at(-1);
      if (group && group.start !== start) group.repeat = Math.max(group.repeat, this.#repeat);
      else if (!group) whole = Math.max(whole, this.#repeat);
    }
    const open = this.#groups.at(-1);
    if (open)
      throw new PatternError(`the \`(\` before \`${this.#excerpt(open.start)}\` is not closed`);
  }

  /** Reads one atom with what repeats it; gives whether a repetition may follow. */
  #step(repeatable: boolean): boolean {
    switch (this.text[this.at]) {
      case "(":
        return this.#open() && repeatable;
      case "|":
        this.at += 1;
        return false;
      case ")":
        this.#close();
        break;
      case "[":
        this.#charClass();
        break;
      case "\\":
        if (this.text[this.at + 1] === "Q") {
          if (!this.#quoted()) return repeatable;
        } else this.#escape(false);
        break;
      case "*":
      case "+":
      case "?":
      case "{":
        if (this.text[this.at] === "{" && !this.#counts(this.at)) this.at += 1;
        else if (!repeatable) {
          throw new PatternError(`there is nothing that \`${this.text[this.at]}\` could repeat`);
        }
        break;
      default:
        this.at += 1;
    }
    this.#repetition();
    return true;
  }

  /** Gives true for flags alone, `(?i)`: what came before them can still be repeated. */
  #open(): boolean {
    const start = this.at;
    this.at += 1;
    if (this.text[this.at] === "?") {
      const flags = /^\?(?:P?<(?<name>[^>]*)>|[imsU]*(?:-[imsU]+)?(?<end>[:)]))/.exec(
        this.text.slice(this.at, this.at + 1000),
      );
      if (!flags?.groups) {
        throw new PatternError(`\`${this.text.slice(start, start + 3)}\` is not supported`);
      }
      if (flags.groups["name"] !== undefined) this.#name(flags.groups["name"]);
      this.at += flags[0].length;
      if (flags.groups["end"] === ")") return true;
    }
    if (this.#groups.length >= maximumDepth) throw new PatternError("its groups nest too deep");
    this.#groups.push({ start, repeat: 1 });
    return false;
  }

  #name(name: string): void {
    if (!/^\w+$/.test(name)) throw new PatternError(`\`${name}\` cannot be the name of a group`);
    if (this.#names.has(name)) throw new PatternError(`two groups have the name \`${name}\``);
    this.#names.add(name);
  }

  #close(): void {
    const group = this.#groups.pop();
    if (!group) throw new PatternError("a `)` closes nothing");
    this.#repeat = group.repeat;
    this.at += 1;
  }

  /** What follows an atom: at most one of `*`, `+`, `?`, `{n,m}`, perhaps with `?`. */
  #repetition(): void {
    let count = 0;
    for (;;) {
      const sign = this.text[this.at];
      const bounds = sign === "{" ? this.#counts(this.at) : undefined;
      if (!bounds && sign !== "*" && sign !== "+" && sign !== "?") return;
      count += 1;
      if (count > 1) throw new PatternError(`\`${sign}\` repeats what is already repeated`);
      if (bounds) this.#bounded(bounds);
      else this.at += 1;
      if (this.text[this.at] === "?") this.at += 1;
    }
  }

  #bounded(match: RegExpExecArray): void {
    const low = Number(match[1]);
    const high = match[3] === undefined || match[3] === "" ? low : Number(match[3]);
    if (low > maximumRepeat || high > maximumRepeat || high < low) {
      throw new PatternError(
        `the count \`${match[0]}\` is not possible (at most ${maximumRepeat})`,
      );
    }
    this.#repeat *= Math.max(high, 1);
    if (this.#repeat > maximumRepeat) throw new PatternError("its counts multiply to over 1000");
    this.at += match[0].length;
  }

  /** `{2}`, `{2,}` or `{2,3}` at an offset; any other brace is a plain character. */
  #counts(at: number): RegExpExecArray | undefined {
    return /^\{(\d+)(,(\d*))?\}/.exec(this.text.slice(at, at + 40)) ?? undefined;
  }

  /** `\Q…\E`; gives whether there is anything in it. */
  #quoted(): boolean {
    const start = this.at + 2;
    const end = this.text.indexOf("\\E", start);
    this.at = end < 0 ? this.text.length : end + 2;
    return (end < 0 ? this.text.length : end) > start;
  }

  #escape(inClass: boolean): void {
    const start = this.at;
    const letter = this.text[this.at + 1];
    if (letter === undefined) throw new PatternError("a backslash at its end");
    this.at += 2;
    if (letter === "p" || letter === "P") this.#property(start);
    else if (letter === "x") this.#hex(start);
    else if (letter >= "0" && letter <= "7") this.#octal(start, letter);
    else if (!("afnrtvdDsSwW".includes(letter) || (!inClass && "AbBz".includes(letter)))) {
      if (letter >= "\x80" || /[0-9A-Za-z]/.test(letter)) this.#unknownEscape(start);
    }
  }

  #hex(start: number): void {
    const braced = /^\{([0-9A-Fa-f]{1,8})\}/.exec(this.text.slice(this.at, this.at + 12));
    if (braced) {
      if (Number.parseInt(braced[1], 16) > 0x10ffff) this.#unknownEscape(start);
      this.at += braced[0].length;
      return;
    }
    for (let digit = 0; digit < 2; digit += 1) {
      if (!isHexDigit(this.text.charCodeAt(this.at))) this.#unknownEscape(start);
      this.at += 1;
    }
  }

  /** A single digit other than 0 would be a reference to a group. */
  #octal(start: number, first: string): void {
    const isOctal = () => /[0-7]/.test(this.text[this.at] ?? "");
    if (first !== "0" && !isOctal()) this.#unknownEscape(start);
    for (let digits = 1; digits < 3 && isOctal(); digits += 1) this.at += 1;
  }

  #property(start: number): void {
    const named = /^(?:\{\^?([A-Za-z_]+)\}|([A-Za-z]))/.exec(
      this.text.slice(this.at, this.at + 80),
    );
    const name = named?.[1] ?? named?.[2];
    if (!named || name === undefined || !isUnicodeTable(name)) {
      throw new PatternError(`\`${this.#excerpt(start)}\` names no class of characters`);
    }
    this.at += named[0].length;
  }

  #charClass(): void {
    const start = this.at;
    this.at += this.text[this.at + 1] === "^" ? 2 : 1;
    let first = true;
    while (first || this.text[this.at] !== "]") {
      if (this.at >= this.text.length) {
        throw new PatternError(`the \`[\` before \`${this.#excerpt(start)}\` is not closed`);
      }
      first = false;
      if (this.#namedClass()) continue;
      this.#range(start);
    }
    this.at += 1;
  }

  /** `[:alpha:]`, `\d`, `\pL`. */
  #namedClass(): boolean {
    if (this.text.startsWith("[:", this.at)) {
      const end = this.text.indexOf(":]", this.at + 1);
      if (end < 0) return false;
      const name = this.text.slice(this.at + 2, Math.max(this.at + 2, end));
      if (!posixClasses.includes(name.replace(/^\^/, ""))) {
        throw new PatternError(`there is no class \`[:${name}:]\``);
      }
      this.at = end + 2;
      return true;
    }
    if (this.text[this.at] !== "\\" || !/[dDsSwWpP]/.test(this.text[this.at + 1] ?? ""))
      return false;
    this.#escape(true);
    return true;
  }

  #range(start: number): void {
    const low = this.#classCharacter(start);
    if (this.text[this.at] !== "-" || this.text[this.at + 1] === "]") return;
    if (this.at + 1 >= this.text.length) return;
    this.at += 1;
    const from = this.at;
    if (this.text[from] === "\\" && /[dDsSwWpP]/.test(this.text[from + 1] ?? "")) {
      this.#unknownEscape(from);
    }
    const high = this.#classCharacter(start);
    if (high < low) throw new PatternError("a range in its `[…]` goes backwards");
  }

  /** The code of one character of a class. */
  #classCharacter(start: number): number {
    if (this.at >= this.text.length) {
      throw new PatternError(`the \`[\` before \`${this.#excerpt(start)}\` is not closed`);
    }
    const from = this.at;
    if (this.text[from] !== "\\") {
      const code = this.text.codePointAt(from) ?? 0;
      this.at += code > 0xffff ? 2 : 1;
      return code;
    }
    this.#escape(true);
    return escapedCode(this.text.slice(from + 1, this.at));
  }

  #unknownEscape(start: number): never {
    throw new PatternError(
      `\`${this.text.slice(start, Math.max(this.at, start + 2))}\` is no escape`,
    );
  }

  #excerpt(start: number): string {
    return this.text.slice(start + 1, start + 20);
  }
}

const controls: Readonly<Record<string, number>> = { a: 7, f: 12, n: 10, r: 13, t: 9, v: 11 };

/** The character that an escape (without its backslash) stands for. */
function escapedCode(escape: string): number {
  if (escape.startsWith("x")) return Number.parseInt(escape.replace(/[x{}]/g, ""), 16);
  if (isDigit(escape.charCodeAt(0))) return Number.parseInt(escape, 8);
  return controls[escape] ?? escape.codePointAt(0) ?? 0;
}

const posixClasses: readonly string[] = [
  "alnum",
  "alpha",
  "ascii",
  "blank",
  "cntrl",
  "digit",
  "graph",
  "lower",
  "print",
  "punct",
  "space",
  "upper",
  "word",
  "xdigit",
];

/** A general category by its short name, or a script by its long one. */
function isUnicodeTable(name: string): boolean {
  if (name === "Any") return true;
  const property = name.length <= 2 && name !== "Yi" ? `gc=${name}` : `Script=${name}`;
  try {
    new RegExp(`\\p{${property}}`, "u");
    return name !== "LC" && name !== "Cn" && name !== "C0";
  } catch {
    return false;
  }
}
