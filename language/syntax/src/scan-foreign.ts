import { blankness, characterAt, isNameStart } from "./character.ts";
import { type Diagnostic, type Edit, type Fix, replaceBy } from "./diagnostic.ts";
import type { Span } from "./span.ts";
import { Token, type TokenKind } from "./token.ts";

/** The parser gives up long before; but a run of stray characters is skipped in one go. */
const maximumReports = 1000;

/** What these functions need of the scanner: its text, and where to report. */
type Reporting = {
  readonly text: string;
  readonly diagnostics: Diagnostic[];
  readonly multilineStrings: readonly number[];
};

/** A token under the spelling of another language; it has been reported. */
type ForeignToken = { readonly kind: TokenKind; readonly end: number };

/**
 * At a character that begins no token: reports what it is and gives where to go on. Gives `at`
 * when there is a token after all, if only one of another language.
 */
export function strayCharacters(scanner: Reporting, at: number): number {
  const { text } = scanner;
  switch (text[at]) {
    case "/":
      return text[at + 1] === "*" ? blockComment(scanner, at) : at;
    case "#":
      return hashComment(scanner, at);
    case ";":
      report(scanner, {
        code: "E0113",
        span: { start: at, end: at + 1 },
        message: "a statement needs no `;` at its end",
        hint: "Flux knows by itself where a statement ends",
        fix: replaceBy({ start: at, end: at + 1 }, ""),
      });
      return at + 1;
    default:
      return beginsToken(text, at) ? at : illegalRun(scanner, at);
  }
}

/** The token at `at`, if it is one that only other languages (or word processors) write. */
export function foreignToken(scanner: Reporting, at: number): ForeignToken | undefined {
  const { text } = scanner;
  const quoted = foreignQuote(scanner, at);
  if (quoted) return quoted;
  const first = foreignStarts.indexOf(text[at]);
  if (first < 0) return undefined;
  for (const { spelled, means, kind } of foreignOperators) {
    if (!text.startsWith(spelled, at)) continue;
    if (spelled === "!" && (text[at + 1] === "=" || text[at + 1] === "~")) continue;
    if (spelled === "|" && text[at + 1] === ">") continue;
    if (spelled.length === 3 && text[at + 3] === ">") continue;
    const span = { start: at, end: at + spelled.length };
    report(scanner, {
      code: "E0114",
      span,
      message: `Flux has no operator \`${spelled}\``,
      hint: `write \`${means}\``,
      fix: replaceBy(span, apart(text, span, means)),
    });
    return { kind, end: span.end };
  }
  return undefined;
}

/** Words, unlike signs, need a blank on either side. */
function apart(text: string, { start, end }: Span, written: string): string {
  if (!/^[a-z]/.test(written)) return written;
  const before = start > 0 && /[\w"]/.test(text[start - 1]) ? " " : "";
  return before + written + (blankness(text.charCodeAt(end)) === "blank" ? "" : " ");
}

/** Longer spellings before their beginnings. */
const foreignOperators: readonly {
  readonly spelled: string;
  readonly means: string;
  readonly kind: TokenKind;
}[] = [
  { spelled: "===", means: "==", kind: Token.Equal },
  { spelled: "!==", means: "!=", kind: Token.NotEqual },
  { spelled: "&&", means: "and", kind: Token.And },
  { spelled: "||", means: "or", kind: Token.Or },
  { spelled: "<>", means: "!=", kind: Token.NotEqual },
  { spelled: "->", means: "=>", kind: Token.Arrow },
  { spelled: ":=", means: "=", kind: Token.Assign },
  { spelled: "**", means: "^", kind: Token.Caret },
  { spelled: "!", means: "not", kind: Token.Not },
  { spelled: "|", means: "|>", kind: Token.PipeForward },
  { spelled: "\u2212", means: "-", kind: Token.Minus },
  { spelled: "\u2013", means: "-", kind: Token.Minus },
  { spelled: "\u2014", means: "-", kind: Token.Minus },
];

const foreignStarts = foreignOperators.map(({ spelled }) => spelled[0]).join("");

const closingQuotes: Readonly<Record<string, string>> = {
  "'": "'",
  "`": "`",
  "\u2018": "\u2018\u2019'",
  "\u2019": "\u2018\u2019'",
  "\u201c": '\u201c\u201d\u201e"',
  "\u201d": '\u201c\u201d\u201e"',
  "\u201e": '\u201c\u201d\u201e"',
};

function foreignQuote(scanner: Reporting, at: number): ForeignToken | undefined {
  const { text } = scanner;
  const closers = closingQuotes[text[at]];
  if (closers === undefined) return undefined;
  let close = at + 1;
  while (close < text.length && text[close] !== "\n" && !closers.includes(text[close])) close += 1;
  if (!closers.includes(text[close] ?? "\n")) return undefined;
  const inner = text.slice(at + 1, close);
  const edits = [
    { span: { start: at, end: at + 1 }, text: '"' },
    { span: { start: close, end: close + 1 }, text: '"' },
  ];
  const fix = /["\\]/.test(inner) ? {} : { fix: { edits } };
  const span = { start: at, end: close + 1 };
  report(scanner, {
    code: "E0113",
    span,
    message: `a string stands in straight double quotes, not in \`${text[at]}\``,
    hint: 'write "…"',
    ...fix,
  });
  return { kind: Token.String, end: close + 1 };
}

/** At a suspicious character: whether a token, of Flux or foreign, begins with it. */
function beginsToken(text: string, at: number): boolean {
  if (text.charCodeAt(at) >= 128) {
    if (isNameStart(text, at)) return true;
    if (foreignStarts.includes(text[at])) return true;
    return hasClosingQuote(text, at);
  }
  switch (text[at]) {
    case "!":
    case "|":
      return true;
    case "&":
      return text[at + 1] === "&";
    case "@":
      return isNameStart(text, at + 1);
    case "'":
    case "`":
      return hasClosingQuote(text, at);
    default:
      return false;
  }
}

function hasClosingQuote(text: string, at: number): boolean {
  const closers = closingQuotes[text[at]];
  if (closers === undefined) return false;
  for (let close = at + 1; close < text.length && text[close] !== "\n"; close += 1) {
    if (closers.includes(text[close])) return true;
  }
  return false;
}

/** Characters that begin nothing, reported as one however many there are. */
function illegalRun(scanner: Reporting, at: number): number {
  const { text } = scanner;
  let end = at + characterAt(text, at).length;
  while (end < text.length && isIllegal(text, end)) end += characterAt(text, end).length;
  const span = { start: at, end };
  const found = text.slice(at, end);
  if (/^[\s\u0085\u200b-\u200f\u2060\ufeff]+$/u.test(found)) {
    const visible = /\s/u.test(found.replaceAll("\ufeff", ""));
    report(scanner, {
      code: "E0113",
      span,
      message: `an invisible character (${codePoint(found)}) that is no space`,
      hint: "it often comes with text pasted from a web page or a word processor",
      fix: replaceBy(span, visible ? " " : ""),
    });
  } else report(scanner, { code: "E0113", span, message: illegalMessage(found) });
  return end;
}

function illegalMessage(found: string): string {
  const character = characterAt(found, 0);
  if (/^[\p{L}\p{N}\p{P}\p{S}]/u.test(character)) {
    return `the character \`${character}\` has no meaning here`;
  }
  return `the character ${codePoint(found)} has no meaning here`;
}

function isIllegal(text: string, at: number): boolean {
  if (blankness(text.charCodeAt(at)) !== "look") return false;
  if ("/#;".includes(text[at])) return false;
  return !beginsToken(text, at);
}

function codePoint(text: string): string {
  const hex = (text.codePointAt(0) ?? 0).toString(16).toUpperCase();
  return `U+${hex.padStart(4, "0")}`;
}

function hashComment(scanner: Reporting, at: number): number {
  const newline = scanner.text.indexOf("\n", at);
  const end = newline < 0 ? scanner.text.length : newline;
  if (insideOut(scanner, at, end)) return illegalRun(scanner, at);
  report(scanner, {
    code: "E0134",
    span: { start: at, end: at + 1 },
    message: "a comment begins with `//`, not with `#`",
    fix: replaceBy({ start: at, end: at + 1 }, "//"),
  });
  return end;
}

/** The `#` of a text that seems to stand outside it, because an earlier string lacks its end. */
function insideOut({ text, multilineStrings }: Reporting, at: number, end: number): boolean {
  return multilineStrings.length > 0 && text.slice(at, end).split('"').length % 2 === 0;
}

function blockComment(scanner: Reporting, at: number): number {
  const { text } = scanner;
  const close = text.indexOf("*/", at + 2);
  const end = close < 0 ? text.length : close + 2;
  const fix = close < 0 ? {} : lineComments(text, { start: at, end });
  const message = "Flux has no `/* … */` comments";
  report(scanner, {
    code: "E0134",
    span: { start: at, end: at + 2 },
    message,
    hint: "begin each line of the comment with `//`",
    ...fix,
  });
  return end;
}

/** A fix where nothing but the comment is left on its last line. */
function lineComments(text: string, span: Span): { fix: Fix } | object {
  if (!/^[ \t]*(?:\r?\n|$)/.test(text.slice(span.end, span.end + 200))) return {};
  const edits: Edit[] = [{ span: { start: span.start, end: span.start + 2 }, text: "//" }];
  for (let at = text.indexOf("\n", span.start); at >= 0 && at < span.end;) {
    edits.push({ span: { start: at + 1, end: at + 1 }, text: "// " });
    at = text.indexOf("\n", at + 1);
  }
  edits.push({ span: { start: span.end - 2, end: span.end }, text: "" });
  return { fix: { edits } };
}

function report(scanner: Reporting, found: Omit<Diagnostic, "severity">): void {
  if (scanner.diagnostics.length > maximumReports) return;
  scanner.diagnostics.push({ severity: "error", ...found });
}
