import { utf8 } from "@tocsin/platform/host";
import type { Expression, StringLiteral, StringPart } from "./ast.ts";
import type { Cursor } from "./cursor.ts";
import { insertAt, replaceBy } from "./diagnostic.ts";
import { isHexDigit } from "./character.ts";
import { skipBalanced } from "./list.ts";
import type { Span } from "./span.ts";
import { isCloser, Token } from "./token.ts";

/** The present `String` token as a literal. */
export function stringLiteral(cursor: Cursor): StringLiteral {
  const span = cursor.span;
  const value = unescaped(cursor, cursor.scanner.stringSpan);
  cursor.next();
  cursor.height = 1;
  return { kind: "StringLiteral", span, value };
}

/** From the present `Quote` token: a string in pieces, with interpolations or without an end. */
export function stringExpression(cursor: Cursor): Expression {
  const { scanner } = cursor;
  const { start } = scanner;
  const quote = cursor.span;
  const parts: StringPart[] = [];
  let height = 0;
  for (;;) {
    scanner.stringPiece();
    if (scanner.newlineBefore) scanner.noteMultiline(start);
    if (scanner.kind === Token.Interpolation) {
      const open = interpolation(cursor, parts);
      height = Math.max(height, cursor.height);
      if (!open) break;
    } else if (scanner.kind === Token.Text) {
      parts.push({ kind: "TextPart", span: cursor.span, value: unescaped(cursor, cursor.span) });
    } else {
      if (scanner.kind === Token.Eof) unclosedString(cursor, quote);
      cursor.next();
      break;
    }
  }
  const span = cursor.spanFrom(start);
  cursor.grow(height, span);
  return { kind: "StringExpression", span, parts };
}

/** Reported at the opening quote; `parse` looks for a likelier one among strings of many lines. */
function unclosedString(cursor: Cursor, quote: Span): void {
  cursor.error("E0106", quote, "this string is never closed", {
    hint: 'put `"` where it ends',
  });
  cursor.unclosedString = quote.start;
  cursor.blame();
}

/** At `${`. Gives false when the rest of the string was given up. */
function interpolation(cursor: Cursor, parts: StringPart[]): boolean {
  const { scanner } = cursor;
  const opening = cursor.span;
  cursor.openers.push({ closer: Token.RightBrace, span: opening, kind: "interpolation" });
  cursor.next();
  const expression = cursor.grammar.expression(cursor);
  const height = cursor.height;
  const goesOn = closeInterpolation(cursor, opening);
  cursor.openers.pop();
  const end = Math.max(opening.end, goesOn ? scanner.end : cursor.previousEnd);
  parts.push({ kind: "InterpolatedPart", span: { start: opening.start, end }, expression });
  cursor.height = height;
  return goesOn;
}

/**
 * Leaves the scanner where the text of the string goes on. False when the string is given up: then
 * the present token is the next one after it.
 */
function closeInterpolation(cursor: Cursor, opening: Span): boolean {
  const { scanner } = cursor;
  if (cursor.kind === Token.RightBrace) return true;
  const labels = [{ span: opening, text: "opened here" }];
  const insertion = { start: cursor.previousEnd, end: cursor.previousEnd };
  if (cursor.kind === Token.String || cursor.kind === Token.Quote) {
    cursor.error("E0105", insertion, "expected `}` before the end of the string", {
      labels,
      fix: cursor.insert("}"),
    });
    scanner.restart(scanner.start);
    return true;
  }
  if (cursor.kind === Token.Eof || scanner.newlineBefore) {
    cursor.error("E0105", opening, "this interpolation and its string are not closed", {
      hint: 'put `}` after the expression and `"` at the end of the string',
      fix: cursor.insert('}"'),
    });
    return false;
  }
  const message = `expected \`}\` to close the interpolation, found ${cursor.found}`;
  if (isCloser(cursor.kind)) {
    const fix = replaceBy(cursor.span, "}");
    cursor.error("E0105", cursor.span, message, { labels, hint: "write `}` in its place", fix });
    return true;
  }
  cursor.error("E0105", cursor.span, message, { labels });
  return skipInterpolation(cursor);
}

/** To the `}` of this line, or to the quote that ends the string. */
function skipInterpolation(cursor: Cursor): boolean {
  const { scanner } = cursor;
  for (;;) {
    if (cursor.kind === Token.RightBrace) return true;
    if (cursor.kind === Token.String || cursor.kind === Token.Quote) {
      scanner.restart(scanner.start);
      return true;
    }
    if (cursor.kind === Token.Eof || scanner.newlineBefore) return false;
    if (isCloser(cursor.kind)) cursor.next();
    else skipBalanced(cursor);
  }
}

const escapes: Readonly<Record<string, string>> = {
  n: "\n",
  r: "\r",
  t: "\t",
  "\\": "\\",
  '"': '"',
  $: "$",
};

/** The text with its escapes resolved; wrong ones are reported and stay as they are. */
function unescaped(cursor: Cursor, span: Span): string {
  const raw = cursor.scanner.text.slice(span.start, span.end);
  if (!raw.includes("\\")) return raw;
  if (/\\x/.test(raw)) return withBytes(cursor, span, raw);
  return resolve(cursor, span.start, raw);
}

function resolve(cursor: Cursor, start: number, raw: string): string {
  let out = "";
  let from = 0;
  for (let at = raw.indexOf("\\"); at >= 0; at = raw.indexOf("\\", from)) {
    out += raw.slice(from, at);
    const letter = raw[at + 1];
    const meant = escapes[letter ?? ""];
    if (meant === undefined || (letter === "$" && raw[at + 2] !== "{")) {
      wrongEscape(cursor, start + at, letter ?? "");
      out += raw.slice(at, at + 2);
    } else out += meant;
    from = at + 2;
  }
  return out + raw.slice(from);
}

function wrongEscape(cursor: Cursor, at: number, letter: string): void {
  const span = { start: at, end: at + 1 + letter.length };
  if (letter === "$") {
    cursor.error("E0107", span, "`\\$` is only needed before `{`", {
      hint: "write `$` alone",
      fix: replaceBy(span, "$"),
    });
    return;
  }
  cursor.error("E0107", span, `the escape \`\\${letter}\` does not exist`, {
    hint: 'write `\\\\` for a backslash; there are \\n \\r \\t \\\\ \\" \\${ and \\xHH',
    fix: insertAt(at, "\\"),
  });
}

/** `\xHH` are bytes, which must make UTF-8 together with what stands beside them. */
function withBytes(cursor: Cursor, span: Span, raw: string): string {
  const pieces: Uint8Array[] = [];
  let from = 0;
  let at = raw.indexOf("\\");
  while (at >= 0) {
    let next = at + 2;
    if (raw[at + 1] === "x") {
      pieces.push(utf8.encode(resolve(cursor, span.start + from, raw.slice(from, at))));
      if (isHexDigit(raw.charCodeAt(at + 2)) && isHexDigit(raw.charCodeAt(at + 3))) {
        pieces.push(Uint8Array.of(Number.parseInt(raw.slice(at + 2, at + 4), 16)));
        next = at + 4;
      } else wrongByte(cursor, span.start + at);
      from = next;
    }
    at = raw.indexOf("\\", next);
  }
  pieces.push(utf8.encode(resolve(cursor, span.start + from, raw.slice(from))));
  try {
    return utf8.decodeStrict(joined(pieces));
  } catch {
    cursor.error("E0107", span, "the bytes of this string are not valid UTF-8");
    return raw;
  }
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(pieces.reduce((length, piece) => length + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}

function wrongByte(cursor: Cursor, at: number): void {
  const span = { start: at, end: at + 2 };
  cursor.error("E0107", span, "`\\x` needs two hexadecimal digits", { hint: "like `\\x7f`" });
}
