import type { Comment } from "./ast.ts";
import { blankness, isDigit, isNameStart, skipName } from "./character.ts";
import type { Diagnostic } from "./diagnostic.ts";
import { dateTimeEnd, durationEnd } from "./scan-number.ts";
import { foreignToken, strayCharacters } from "./scan-foreign.ts";
import type { Span } from "./span.ts";
import { keywords, Token, type TokenKind } from "./token.ts";

/** A place to come back to after looking ahead. */
type Mark = {
  readonly at: number;
  readonly kind: TokenKind;
  readonly start: number;
  readonly end: number;
  readonly newlineBefore: boolean;
  readonly comments: number;
  readonly diagnostics: number;
};

/**
 * Cuts a text into tokens, one at a time: `kind`, `start` and `end` describe the present one. A
 * slash is a division until the parser, which knows that an operand must follow, calls `regexp()`;
 * a string with interpolation comes as its opening quote, then `stringPiece()` gives its pieces.
 */
export class Scanner {
  readonly text: string;
  readonly comments: Comment[] = [];
  readonly diagnostics: Diagnostic[];
  kind: TokenKind = Token.Eof;
  start = 0;
  end = 0;
  /** A line break stands between this token and the one before. */
  newlineBefore = true;
  /** Opening quotes of strings that run over a line break: suspects when quotes do not match. */
  readonly multilineStrings: number[] = [];
  /** No slash from here on closes a regular expression: keeps garbage linear. */
  #noSlashFrom = Number.POSITIVE_INFINITY;
  /** Strings that are to end earlier than at their next quote: start → end. */
  readonly #cutStrings: ReadonlyMap<number, number>;

  constructor(
    text: string,
    diagnostics: Diagnostic[],
    cutStrings: ReadonlyMap<number, number> = new Map(),
  ) {
    this.text = text;
    this.diagnostics = diagnostics;
    this.#cutStrings = cutStrings;
    if (text.charCodeAt(0) === 0xfeff) this.end = 1;
  }

  /** The text of the present token. */
  get lexeme(): string {
    return this.text.slice(this.start, this.end);
  }

  /** Goes on to the next token. */
  next(): void {
    this.#skipBlank(this.end);
    const at = this.start;
    if (at >= this.text.length) {
      this.#token(Token.Eof, this.text.length);
      this.start = this.text.length;
      return;
    }
    const code = this.text.charCodeAt(at);
    if (isNameStart(this.text, at)) {
      const end = skipName(this.text, at);
      const length = end - at;
      const keyword =
        length >= 2 && length <= 8 ? keywords.get(this.text.slice(at, end)) : undefined;
      this.#token(keyword ?? Token.Identifier, end);
    } else if (isDigit(code)) this.#number(at);
    else if (code === 34) this.#quote(at);
    else this.#punctuation(at, code);
  }

  /**
   * The present token is a slash where an operand must be: makes it a regular expression if it is
   * closed. As upstream has it, a slash behind a backslash closes only when no other slash does,
   * and two backslashes before it are no exception.
   */
  regexp(): boolean {
    if (this.start >= this.#noSlashFrom) return false;
    const { text, start } = this;
    let close = text.indexOf("/", start + 1);
    let escaped = -1;
    while (close >= 0 && text.charCodeAt(close - 1) === 92) {
      escaped = close;
      close = text.indexOf("/", close + 1);
    }
    if (close < 0) close = escaped;
    if (close < 0) {
      this.#noSlashFrom = start;
      return false;
    }
    this.#token(Token.Regexp, close + 1);
    return true;
  }

  /**
   * The next piece of a string from where the last token ended: `Text`, `Interpolation` (its
   * `${`), `Quote` (the closing one), or `Eof`. A wrong escape stays in the text. `newlineBefore`
   * tells whether there is a line break in the piece.
   */
  stringPiece(): void {
    const { text } = this;
    const from = this.end;
    this.newlineBefore = false;
    this.start = from;
    let at = from;
    for (; at < text.length; at += 1) {
      const code = text.charCodeAt(at);
      if (code === 10) this.newlineBefore = true;
      if (code === 34) break;
      if (code === 36 && text.charCodeAt(at + 1) === 123) break;
      if (code === 92) at += 1;
    }
    if (at > text.length) at = text.length;
    if (at > from) this.#token(Token.Text, at);
    else if (at >= text.length) this.#token(Token.Eof, at);
    else if (text.charCodeAt(at) === 34) this.#token(Token.Quote, at + 1);
    else this.#token(Token.Interpolation, at + 2);
  }

  /** The text of the present `String` between its quotes. */
  get stringSpan(): Span {
    const cut = this.#cutStrings.has(this.start);
    return { start: this.start + 1, end: cut ? this.end : this.end - 1 };
  }

  /** Remembers that the string opened at `start` runs over a line break. */
  noteMultiline(start: number): void {
    const known = this.multilineStrings;
    if (known.length === 0 || known[known.length - 1] < start) known.push(start);
  }

  /** Makes `offset` the place where the next token or string piece is looked for. */
  restart(offset: number): void {
    this.start = offset;
    this.end = offset;
  }

  /** The kind of the token after the present one. */
  peek(): TokenKind {
    const mark = this.mark();
    this.next();
    const kind = this.kind;
    this.reset(mark);
    return kind;
  }

  /** Whether the present token, a name, is `word`: asked often, so nothing is cut out. */
  isName(word: string): boolean {
    return this.end - this.start === word.length && this.text.startsWith(word, this.start);
  }

  /** Whether a colon follows the present token at once: most names of properties. */
  get colonFollows(): boolean {
    return this.text.charCodeAt(this.end) === 58;
  }

  mark(): Mark {
    return {
      at: this.end,
      kind: this.kind,
      start: this.start,
      end: this.end,
      newlineBefore: this.newlineBefore,
      comments: this.comments.length,
      diagnostics: this.diagnostics.length,
    };
  }

  /** Back to a mark; what was reported since is forgotten. */
  reset(mark: Mark): void {
    this.kind = mark.kind;
    this.start = mark.start;
    this.end = mark.end;
    this.newlineBefore = mark.newlineBefore;
    this.comments.length = mark.comments;
    this.diagnostics.length = mark.diagnostics;
  }

  #token(kind: TokenKind, end: number): void {
    this.kind = kind;
    this.end = end;
  }

  /** Sets `start` to the next thing that is neither blank nor a comment. */
  #skipBlank(from: number): void {
    const { text } = this;
    let at = from;
    let newline = from === 0;
    for (; at < text.length; at += 1) {
      const kind = blankness(text.charCodeAt(at));
      if (kind === "token") break;
      if (kind === "newline") newline = true;
      if (kind !== "look") continue;
      const end = text.startsWith("//", at) ? this.#comment(at) : strayCharacters(this, at);
      if (end === at) break;
      if (text.charCodeAt(end - 1) === 10) newline = true;
      at = end - 1;
    }
    this.start = at;
    this.newlineBefore = newline;
  }

  /** Records the comment that begins at `at`; gives where its line ends. */
  #comment(at: number): number {
    const newline = this.text.indexOf("\n", at);
    const next = newline < 0 ? this.text.length : newline;
    const end = next > at && this.text.charCodeAt(next - 1) === 13 ? next - 1 : next;
    const text = this.text.slice(at, end);
    this.comments.push({ kind: "Comment", span: { start: at, end }, text });
    return next;
  }

  #number(at: number): void {
    const { text } = this;
    let end = at;
    while (isDigit(text.charCodeAt(end))) end += 1;
    const code = text.charCodeAt(end);
    if (code === 46) {
      end += 1;
      while (isDigit(text.charCodeAt(end))) end += 1;
      this.#token(Token.Float, end);
      return;
    }
    if (code === 45 && end - at === 4) {
      const time = dateTimeEnd(text, end);
      if (time > 0) {
        this.#token(Token.DateTime, time);
        return;
      }
    }
    const duration = durationEnd(text, end);
    if (duration > 0) this.#token(Token.Duration, duration);
    else this.#token(Token.Integer, end);
  }

  #quote(at: number): void {
    const { text } = this;
    const cut = this.#cutStrings.get(at);
    if (cut !== undefined) {
      this.#token(Token.String, cut);
      return;
    }
    for (let end = at + 1; end < text.length; end += 1) {
      const code = text.charCodeAt(end);
      if (code === 34) {
        this.#token(Token.String, end + 1);
        return;
      }
      if (code === 10) this.noteMultiline(at);
      else if (code === 92) end += 1;
      else if (code === 36 && text.charCodeAt(end + 1) === 123) break;
    }
    this.#token(Token.Quote, at + 1);
  }

  #punctuation(at: number, code: number): void {
    const second = this.text.charCodeAt(at + 1);
    if (code === 46 && isDigit(second)) {
      let end = at + 2;
      while (isDigit(this.text.charCodeAt(end))) end += 1;
      this.#token(Token.Float, end);
      return;
    }
    if (code === 64) {
      this.#token(Token.Attribute, skipName(this.text, at + 1));
      return;
    }
    const foreign = mayBeForeign(code, second) ? foreignToken(this, at) : undefined;
    if (foreign) {
      this.#token(foreign.kind, foreign.end);
      return;
    }
    const pair = pairKind(code, second);
    if (pair > 0) this.#token(pair, at + 2);
    else this.#token(singleKind(code), at + 1);
  }
}

/** Whether these two may begin an operator or a quotation of another language: most do not. */
function mayBeForeign(first: number, second: number): boolean {
  switch (first) {
    case 33: // !
    case 61: // =
      return second === 61 || (first === 33 && second !== 126);
    case 45: // ->
    case 60: // <>
      return second === 62;
    case 42: // **
      return second === 42;
    case 58: // :=
      return second === 61;
    case 124: // | or ||
      return second !== 62;
    case 38: // &
    case 39: // '
    case 96: // `
      return true;
    default:
      return first >= 128;
  }
}

/** Operators of two characters; 0 when these two are none. */
function pairKind(first: number, second: number): TokenKind {
  switch (first) {
    case 61: // =
      if (second === 61) return Token.Equal;
      if (second === 62) return Token.Arrow;
      return second === 126 ? Token.Matches : 0;
    case 33: // !
      if (second === 61) return Token.NotEqual;
      return second === 126 ? Token.NotMatches : 0;
    case 60: // <
      if (second === 61) return Token.LessEqual;
      return second === 45 ? Token.PipeReceive : 0;
    case 62: // >
      return second === 61 ? Token.GreaterEqual : 0;
    case 124: // |
      return second === 62 ? Token.PipeForward : 0;
    default:
      return 0;
  }
}

const singles: ReadonlyMap<number, TokenKind> = new Map<number, TokenKind>([
  [37, Token.Percent],
  [40, Token.LeftParen],
  [41, Token.RightParen],
  [42, Token.Star],
  [43, Token.Plus],
  [44, Token.Comma],
  [45, Token.Minus],
  [46, Token.Dot],
  [47, Token.Slash],
  [58, Token.Colon],
  [60, Token.Less],
  [61, Token.Assign],
  [62, Token.Greater],
  [63, Token.Question],
  [91, Token.LeftBracket],
  [93, Token.RightBracket],
  [94, Token.Caret],
  [123, Token.LeftBrace],
  [125, Token.RightBrace],
]);

function singleKind(code: number): TokenKind {
  return singles.get(code) ?? Token.Eof;
}
