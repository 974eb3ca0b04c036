import type { Block, Expression, Identifier } from "./ast.ts";
import { type Diagnostic, type Fix, insertAt } from "./diagnostic.ts";
import { wordHint } from "./foreign-words.ts";
import type { Scanner } from "./scanner.ts";
import type { Span } from "./span.ts";
import { describeToken, isCloser, isKeyword, Token, type TokenKind } from "./token.ts";

/** Rules that call each other across files. */
export type Grammar = {
  readonly expression: (cursor: Cursor) => Expression;
  readonly block: (cursor: Cursor) => Block;
};

/** A bracket that is open, or the edge of an interpolation, which nothing inside may close. */
export type Opener = {
  readonly closer: TokenKind;
  readonly span: Span;
  readonly kind: "list" | "block" | "interpolation";
};

/** How deep brackets, functions and blocks may nest. */
const maximumNesting = 100;
/** How high a tree may grow, chains of operators and pipes included: readers of it recurse. */
const maximumHeight = 500;
const maximumErrors = 200;

const statementWords: readonly TokenKind[] = [
  Token.Option,
  Token.Builtin,
  Token.Testcase,
  Token.Import,
  Token.Package,
  Token.Return,
];

/**
 * The parser's view of the text: the present token, the open brackets, what has been reported.
 * Every rule takes one, moves it forward and gives a node, whatever it finds.
 */
export class Cursor {
  readonly scanner: Scanner;
  readonly grammar: Grammar;
  readonly openers: Opener[] = [];
  /** Where the last token that was consumed ends. */
  previousEnd = 0;
  /** How many `if`s wait for their `then`. */
  tests = 0;
  /** Where the string begins that runs to the end of the file. */
  unclosedString: number | undefined;
  /** Height of the expression that was read last. */
  height = 0;
  #nesting = 0;
  #warnings = 0;
  #reportedAt = -1;
  #stopped = false;

  constructor(scanner: Scanner, grammar: Grammar) {
    this.scanner = scanner;
    this.grammar = grammar;
    scanner.next();
    this.#count();
  }

  get kind(): TokenKind {
    return this.scanner.kind;
  }

  get start(): number {
    return this.scanner.start;
  }

  /** The present token's place. */
  get span(): Span {
    return { start: this.scanner.start, end: this.scanner.end };
  }

  get lexeme(): string {
    return this.scanner.lexeme;
  }

  /** The present token in words. */
  get found(): string {
    return describeToken(this.scanner.kind, this.scanner.lexeme);
  }

  /** No assignment can stand here: an `=` after an expression must be meant as a comparison. */
  get comparing(): boolean {
    if (this.tests > 0) return true;
    const opener = this.openers.at(-1);
    return opener !== undefined && opener.kind !== "block";
  }

  /** Nothing more is read or reported: the rest of the file would only make noise. */
  get stopped(): boolean {
    return this.#stopped;
  }

  next(): void {
    this.previousEnd = this.scanner.end;
    this.scanner.next();
    this.#count();
  }

  /** Whether the present token is of this kind; a call, unlike `kind`, narrows nothing. */
  at(kind: TokenKind): boolean {
    return this.scanner.kind === kind;
  }

  /** Consumes the present token if it is of this kind. */
  accept(kind: TokenKind): boolean {
    if (this.scanner.kind !== kind) return false;
    this.next();
    return true;
  }

  /** From `start` to the end of what was consumed last. */
  spanFrom(start: number): Span {
    return { start, end: Math.max(start, this.previousEnd) };
  }

  /** An identifier of this spelling: `with`, `extends`, `where`. */
  isWord(word: string): boolean {
    return this.kind === Token.Identifier && this.lexeme === word;
  }

  /** Reports a mistake, unless the present token was already complained about. */
  error(code: string, span: Span, message: string, more: Partial<Diagnostic> = {}): void {
    if (this.#stopped) return;
    if (this.blamed && span.start >= this.#reportedAt) return;
    if (span.start === this.scanner.start) this.#reportedAt = span.start;
    const place = this.#nearText(span);
    this.scanner.diagnostics.push({ code, severity: "error", span: place, message, ...more });
    this.#count();
  }
  /** What the end of the file lacks belongs behind the last word, not below empty lines. */
  #nearText(span: Span): Span {
    const atEnd = this.scanner.kind === Token.Eof && span.start === this.scanner.start;
    return atEnd ? { start: this.previousEnd, end: this.previousEnd } : span;
  }

  /** Something was already said about the present token. */
  get blamed(): boolean {
    return this.#reportedAt === this.scanner.start;
  }

  /** Says no more about the present token: a mistake reported elsewhere led to it. */
  blame(): void {
    this.#reportedAt = this.scanner.start;
  }

  /** Something that upstream lets pass. */
  warn(code: string, span: Span, message: string, more: Partial<Diagnostic> = {}): void {
    if (this.#stopped || this.#warnings >= maximumErrors) return;
    this.#warnings += 1;
    this.scanner.diagnostics.push({ code, severity: "warning", span, message, ...more });
  }

  /** Reports the present token as not what was expected. */
  unexpected(expected: string, more: Partial<Diagnostic> = {}): void {
    const word = this.kind === Token.Identifier ? wordHint(this.lexeme) : undefined;
    const hint = this.kind === Token.Question ? { hint: "a choice is `if a then b else c`" } : word;
    const message = `expected ${expected}, found ${this.found}`;
    this.error("E0101", this.span, message, { ...hint, ...more });
  }

  /** A name; where there is none it is reported and `""` stands for it, nothing consumed. */
  name(what: string): Identifier {
    const span = this.span;
    if (this.kind === Token.Identifier) {
      const name = this.lexeme;
      this.next();
      return { kind: "Identifier", span, name };
    }
    if (isKeyword(this.kind)) {
      const name = this.lexeme;
      this.error("E0123", span, `\`${name}\` is a reserved word and cannot be ${what}`);
      this.next();
      return { kind: "Identifier", span, name: "" };
    }
    this.error("E0122", span, `expected ${what}, found ${this.found}`);
    return { kind: "Identifier", span: { start: span.start, end: span.start }, name: "" };
  }

  bad(start = this.scanner.start): Expression {
    this.height = 1;
    return { kind: "BadExpression", span: this.spanFrom(start) };
  }

  /** One level deeper, until `leave`; false, and the file is given up, when that is too deep. */
  enter(): boolean {
    if (this.#nesting >= maximumNesting) {
      this.#deep(this.span, "brackets and functions are nested too deep here", maximumNesting);
      return false;
    }
    this.#nesting += 1;
    return true;
  }

  leave(): void {
    this.#nesting -= 1;
  }

  /** Sets the height of an expression around others; false, and reported, when too high. */
  grow(inner: number, span: Span): boolean {
    this.height = inner + 1;
    if (this.height <= maximumHeight) return true;
    this.#deep(span, "this expression has too many steps", maximumHeight);
    this.height = 1;
    return false;
  }

  /** Whether the present closing bracket fits a bracket that is open. */
  closesOuter(): boolean {
    for (let index = this.openers.length - 1; index >= 0; index -= 1) {
      if (this.openers[index].closer === this.kind) return true;
      if (this.openers[index].kind === "interpolation") return false;
    }
    return false;
  }

  /** Whether a list of statements must end here: at the end, or where an open bracket closes. */
  atEnd(): boolean {
    if (this.kind === Token.Eof) return true;
    return isCloser(this.kind) && this.closesOuter();
  }

  /** Whether a new statement seems to begin here although brackets are open. */
  looksLikeStatement(opener: Opener): boolean {
    if (!this.scanner.newlineBefore) return false;
    if (this.startsWithKeyword()) return true;
    if (this.kind !== Token.Identifier) return false;
    if (this.columnOf(this.start) > this.indentation(opener.span.start)) return false;
    return this.scanner.peek() !== Token.Colon;
  }

  /** At a name on a new line that gets a value, where an operand should be. */
  beginsAssignment(): boolean {
    if (!this.scanner.newlineBefore || this.comparing) return false;
    return this.scanner.peek() === Token.Assign;
  }

  /** A word that can only begin a statement, on a line of its own. */
  startsWithKeyword(): boolean {
    if (!this.scanner.newlineBefore || !isKeyword(this.kind)) return false;
    return statementWords.includes(this.kind) && this.scanner.peek() !== Token.Colon;
  }

  /** Blanks at the beginning of the line that holds `offset`. */
  indentation(offset: number): number {
    const { text } = this.scanner;
    const line = text.lastIndexOf("\n", offset - 1) + 1;
    let at = line;
    while (text.charCodeAt(at) === 32 || text.charCodeAt(at) === 9) at += 1;
    return at - line;
  }

  columnOf(offset: number): number {
    return offset - (this.scanner.text.lastIndexOf("\n", offset - 1) + 1);
  }

  /** Insert `text` where the last consumed token ends. */
  insert(text: string): Fix {
    return insertAt(this.previousEnd, text);
  }

  /** Goes to the end of the file: what follows cannot be understood. */
  stop(): void {
    this.#stopped = true;
    this.scanner.restart(this.scanner.text.length);
    this.scanner.next();
  }

  #deep(span: Span, message: string, limit: number): void {
    if (this.#stopped) return;
    const hint = `give parts of it a name; the limit is ${limit}`;
    this.scanner.diagnostics.push({ code: "E0100", severity: "error", span, message, hint });
    this.stop();
  }

  #count(): void {
    const { diagnostics } = this.scanner;
    if (this.#stopped || diagnostics.length <= maximumErrors + this.#warnings) return;
    diagnostics.length = Math.min(diagnostics.length, maximumErrors + this.#warnings);
    diagnostics.push({
      code: "E0133",
      severity: "error",
      span: this.span,
      message: `more than ${maximumErrors} mistakes; the rest of the file was not read`,
      hint: "is this a Flux script?",
    });
    this.stop();
  }
}
