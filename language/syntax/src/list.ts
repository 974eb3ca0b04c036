import type { Cursor, Opener } from "./cursor.ts";
import { replaceBy } from "./diagnostic.ts";
import { isCloser, Token, type TokenKind } from "./token.ts";

/** How the items between two brackets are read. */
export type ListRule<Item> = {
  readonly closer: TokenKind;
  /** One item for messages: "argument", "element". */
  readonly what: string;
  /** Whether another item begins at the present token, though no comma came before it. */
  readonly begins: (cursor: Cursor, before: Item) => boolean;
  readonly item: (cursor: Cursor) => Item;
  /** From which item on upstream takes items without a comma between them. */
  readonly lenientFrom: number;
};

const closerText: ReadonlyMap<TokenKind, string> = new Map<TokenKind, string>([
  [Token.RightParen, ")"],
  [Token.RightBracket, "]"],
  [Token.RightBrace, "}"],
]);

/**
 * Reads an opening bracket, items with commas, and the closing bracket; a comma may follow the
 * last item. Leaves the greatest height of an item in the cursor.
 */
export function list<Item>(cursor: Cursor, rule: ListRule<Item>): Item[] {
  const opener = open(cursor, rule.closer);
  const items = listAfter(cursor, opener, rule);
  cursor.openers.pop();
  return items;
}

/** Consumes an opening bracket and remembers that it is open; the caller pops it. */
export function open(cursor: Cursor, closer: TokenKind, kind: Opener["kind"] = "list"): Opener {
  const opener: Opener = { closer, span: cursor.span, kind };
  cursor.openers.push(opener);
  cursor.next();
  return opener;
}

/** Items up to and with the closing bracket, the opening one having been consumed. */
export function listAfter<Item>(cursor: Cursor, opener: Opener, rule: ListRule<Item>): Item[] {
  const items: Item[] = [];
  let height = 0;
  // One comma that is really missing makes a mistake of the others too.
  let lenient = true;
  while (!cursor.accept(rule.closer)) {
    if (cursor.kind === Token.Eof || isCloser(cursor.kind) || cursor.startsWithKeyword()) {
      if (closed(cursor, opener)) break;
      continue;
    }
    if (cursor.kind === Token.Comma) {
      strayComma(cursor, rule.what);
      continue;
    }
    const before = cursor.start;
    const item = rule.item(cursor);
    items.push(item);
    height = Math.max(height, cursor.height);
    if (cursor.accept(Token.Comma) || cursor.kind === rule.closer) continue;
    if (mustEnd(cursor, opener, items.length >= rule.lenientFrom)) {
      if (closed(cursor, opener)) break;
    } else if (cursor.start > before && rule.begins(cursor, item)) {
      lenient = lenient && items.length >= rule.lenientFrom;
      missingComma(cursor, rule, lenient);
    } else skipItem(cursor, opener);
  }
  cursor.height = height;
  return items;
}

/** Consumes the closing bracket after a single thing, or says what is wrong there. */
export function close(cursor: Cursor, opener: Opener): void {
  while (!cursor.accept(opener.closer)) {
    if (mustEnd(cursor, opener, false)) {
      if (closed(cursor, opener)) return;
      continue;
    }
    cursor.unexpected(`an operator or \`${closerText.get(opener.closer) ?? ""}\``, {
      labels: openedHere(opener),
    });
    skipItem(cursor, opener);
  }
}

/** Where commas may be missing only an assignment is taken for a new statement. */
function mustEnd(cursor: Cursor, opener: Opener, lenient: boolean): boolean {
  if (cursor.kind === Token.Eof || isCloser(cursor.kind)) return true;
  if (cursor.kind === Token.Arrow && opener.closer === Token.RightParen) return true;
  if (!cursor.looksLikeStatement(opener)) return false;
  return !lenient || cursor.startsWithKeyword() || cursor.scanner.peek() === Token.Assign;
}

function strayComma(cursor: Cursor, what: string): void {
  cursor.error("E0102", cursor.span, `expected ${article(what)} before this comma`, {
    fix: replaceBy(cursor.span, ""),
  });
  cursor.next();
}

function missingComma<Item>(cursor: Cursor, rule: ListRule<Item>, lenient: boolean): void {
  const at = cursor.previousEnd;
  const message = `expected \`,\` after this ${rule.what}, found ${cursor.found}`;
  const more = {
    labels: [{ span: cursor.span, text: `another ${rule.what} begins here` }],
    hint: "put a comma between them",
    fix: cursor.insert(","),
  };
  const span = { start: at, end: at };
  if (takeSemicolon(cursor)) {
    cursor.error("E0102", span, message, { ...more, fix: replaceSemicolon(cursor) });
  } else if (lenient) cursor.warn("E0102", span, message, more);
  else cursor.error("E0102", span, message, more);
}

/** A semicolon in place of the comma has been reported as a character: that is taken back. */
function takeSemicolon(cursor: Cursor): boolean {
  const { diagnostics, text } = cursor.scanner;
  const last = diagnostics.at(-1);
  if (!last || last.span.start < cursor.previousEnd || text[last.span.start] !== ";") return false;
  diagnostics.pop();
  return true;
}

function replaceSemicolon(cursor: Cursor): { edits: { span: Cursor["span"]; text: string }[] } {
  const start = cursor.scanner.text.indexOf(";", cursor.previousEnd);
  return { edits: [{ span: { start, end: start + 1 }, text: "," }] };
}

/**
 * At a wrong closing bracket, the end of the file, or what looks like the next statement. Gives
 * whether the list is over; if not, the bracket was superfluous and has been skipped.
 */
function closed(cursor: Cursor, opener: Opener): boolean {
  if (!isCloser(cursor.kind)) {
    neverClosed(cursor, opener);
    return true;
  }
  const expected = closerText.get(opener.closer) ?? "";
  const found = cursor.lexeme;
  const labels = [{ span: opener.span, text: `to close this \`${openerText(cursor, opener)}\`` }];
  if (cursor.closesOuter() && !isTypo(cursor)) {
    neverClosed(cursor, opener);
    return true;
  }
  if (!cursor.closesOuter() && cursor.scanner.peek() === opener.closer) {
    cursor.error("E0104", cursor.span, `\`${found}\` closes nothing here`, {
      labels,
      fix: replaceBy(cursor.span, ""),
    });
    cursor.next();
    return false;
  }
  cursor.error("E0104", cursor.span, `expected \`${expected}\`, found \`${found}\``, {
    labels,
    fix: replaceBy(cursor.span, expected),
  });
  cursor.next();
  return true;
}

/**
 * The present bracket would close an outer one, not ours. If what follows makes no sense after
 * the outer one it was written in place of ours.
 */
function isTypo(cursor: Cursor): boolean {
  const { openers } = cursor;
  const fits = openers.filter(({ closer }) => closer === cursor.kind).length;
  const outer = openers.findLastIndex(({ closer }) => closer === cursor.kind);
  if (openers[outer].kind === "interpolation") return false;
  const after = cursor.scanner.peek();
  if (after === cursor.kind && fits === 1) return true;
  return after === Token.Comma && outer === 0;
}

function neverClosed(cursor: Cursor, opener: Opener): void {
  if (cursor.kind === Token.Eof && cursor.blamed) return;
  const closer = closerText.get(opener.closer) ?? "";
  const bracket = openerText(cursor, opener);
  const { text } = cursor.scanner;
  const sameLine = !text.slice(opener.span.start, cursor.previousEnd).includes("\n");
  const certain = cursor.kind !== Token.Eof || sameLine;
  const span = opener.span;
  cursor.error("E0103", span, `this \`${bracket}\` is never closed`, {
    hint: certain ? `put \`${closer}\` where it ends` : unclosedHint(cursor, opener, closer),
    ...(certain ? { fix: cursor.insert(closer) } : {}),
  });
}

/** Indentation tells where the author thought that the bracket had been closed. */
function unclosedHint(cursor: Cursor, opener: Opener, closer: string): string {
  const { text } = cursor.scanner;
  const indentation = cursor.indentation(opener.span.start);
  let line = text.slice(0, opener.span.start).split("\n").length;
  let last = line;
  for (let at = text.indexOf("\n", opener.span.start); at >= 0; at = text.indexOf("\n", at + 1)) {
    const rest = text.slice(at + 1, at + 2 + indentation);
    if (/^[ \t]*[^\s/]/.test(rest)) {
      return `by the indentation the \`${closer}\` is missing at the end of line ${last}`;
    }
    line += 1;
    if (/\S/.test(text.slice(at + 1).match(/^.*/)?.[0] ?? "")) last = line;
  }
  return `put \`${closer}\` where it ends`;
}

function openerText(cursor: Cursor, opener: Opener): string {
  return cursor.scanner.text.slice(opener.span.start, opener.span.end);
}

/** Reports the present token and goes on to the next comma or bracket of this list. */
function skipItem(cursor: Cursor, opener: Opener): void {
  const closer = closerText.get(opener.closer) ?? "";
  cursor.unexpected(`\`,\` or \`${closer}\``, { labels: openedHere(opener) });
  let first = true;
  while (cursor.kind !== Token.Comma && cursor.kind !== opener.closer) {
    if (cursor.kind === Token.Eof || isCloser(cursor.kind)) return;
    if (!first && cursor.looksLikeStatement(opener)) return;
    first = false;
    skipBalanced(cursor);
  }
  cursor.accept(Token.Comma);
}

function openedHere(opener: Opener): { span: Opener["span"]; text: string }[] {
  return [{ span: opener.span, text: "inside this" }];
}

/** Skips one token, or all that a bracket holds; a string is skipped as a whole. */
export function skipBalanced(cursor: Cursor): void {
  let depth = 0;
  do {
    const { kind } = cursor;
    if (kind === Token.LeftParen || kind === Token.LeftBracket || kind === Token.LeftBrace) {
      depth += 1;
    } else if (isCloser(kind)) depth -= 1;
    if (kind === Token.Eof) return;
    if (kind === Token.Quote) cursor.grammar.expression(cursor);
    else cursor.next();
  } while (depth > 0);
}

/** "an argument", "a property". */
function article(noun: string): string {
  return /^[aeiou]/.test(noun) ? `an ${noun}` : `a ${noun}`;
}
