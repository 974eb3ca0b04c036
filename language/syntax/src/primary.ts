import type { DictEntry, Expression } from "./ast.ts";
import type { Cursor, Opener } from "./cursor.ts";
import { replaceBy } from "./diagnostic.ts";
import { functionOf, parenExpression } from "./function.ts";
import { type ListRule, listAfter, open } from "./list.ts";
import {
  dateTimeLiteral,
  durationLiteral,
  floatLiteral,
  integerLiteral,
  regexpLiteral,
} from "./literal.ts";
import { checkProperties, propertyRule } from "./property.ts";
import { stringExpression, stringLiteral } from "./string.ts";
import { Token, type TokenKind } from "./token.ts";

/** A name, a literal, or anything in brackets. */
export function primary(cursor: Cursor): Expression {
  cursor.height = 1;
  switch (cursor.kind) {
    case Token.Identifier:
      return identifier(cursor);
    case Token.Integer:
      return integerLiteral(cursor);
    case Token.Float:
      return floatLiteral(cursor);
    case Token.String:
      return stringLiteral(cursor);
    case Token.Quote:
      return stringExpression(cursor);
    case Token.Duration:
      return durationLiteral(cursor);
    case Token.DateTime:
      return dateTimeLiteral(cursor);
    case Token.Slash:
      return slash(cursor);
    case Token.PipeReceive:
      return pipeLiteral(cursor);
    case Token.LeftBracket:
      return arrayOrDict(cursor);
    case Token.LeftBrace:
      return recordExpression(cursor);
    case Token.LeftParen:
      return parenExpression(cursor);
    case Token.Dot:
      return labelLiteral(cursor);
    default:
      return missing(cursor);
  }
}

function missing(cursor: Cursor): Expression {
  cursor.unexpected("an expression");
  return cursor.bad();
}

function identifier(cursor: Cursor): Expression {
  if (cursor.beginsAssignment()) return forgotten(cursor);
  const span = cursor.span;
  const name = cursor.lexeme;
  cursor.next();
  if (cursor.kind !== Token.Arrow) return { kind: "Identifier", span, name };
  cursor.error("E0127", span, "the parameters of a function stand in parentheses", {
    hint: `write \`(${name}) =>\``,
    fix: {
      edits: [
        { span: { start: span.start, end: span.start }, text: "(" },
        { span: { start: span.end, end: span.end }, text: ")" },
      ],
    },
  });
  const key = { kind: "Identifier" as const, span, name };
  return functionOf(cursor, span.start, [{ kind: "Parameter", span, key, pipe: false }]);
}

/** The next line is a statement of its own: the operand before it was never written. */
function forgotten(cursor: Cursor): Expression {
  const at = { start: cursor.previousEnd, end: cursor.previousEnd };
  cursor.error("E0101", at, "expected an expression, found the end of the line", {
    labels: [{ span: cursor.span, text: "another statement begins here" }],
  });
  return cursor.bad(cursor.previousEnd);
}

function pipeLiteral(cursor: Cursor): Expression {
  const span = cursor.span;
  cursor.next();
  return { kind: "PipeLiteral", span };
}

function slash(cursor: Cursor): Expression {
  if (cursor.scanner.regexp()) return regexpLiteral(cursor);
  cursor.error("E0112", cursor.span, "this regular expression is never closed", {
    hint: "put `/` where it ends; a slash inside it is written `\\/`",
  });
  const { start } = cursor;
  do cursor.next();
  while (cursor.kind !== Token.Eof && !cursor.scanner.newlineBefore);
  cursor.blame();
  return cursor.bad(start);
}

/** `.name` or `."any text"`. */
export function labelLiteral(cursor: Cursor): Expression & { readonly kind: "LabelLiteral" } {
  const { start } = cursor;
  cursor.next();
  const { kind } = cursor;
  const value =
    kind === Token.String ? stringLiteral(cursor).value : cursor.name("the name of a label").name;
  cursor.height = 1;
  return { kind: "LabelLiteral", span: cursor.spanFrom(start), value };
}

function recordExpression(cursor: Cursor): Expression {
  const { start } = cursor;
  const opener = open(cursor, Token.RightBrace);
  const base = recordBase(cursor);
  const properties = listAfter(cursor, opener, propertyRule);
  cursor.openers.pop();
  checkProperties(cursor, properties, "property");
  const span = cursor.spanFrom(start);
  if (!cursor.grow(cursor.height, span)) return cursor.bad(start);
  return { kind: "RecordExpression", span, with: base, properties };
}

/** `name with`, or something close to it. */
function recordBase(cursor: Cursor): (Expression & { readonly kind: "Identifier" }) | undefined {
  if (!cursor.at(Token.Identifier)) return undefined;
  const mark = cursor.scanner.mark();
  const end = cursor.previousEnd;
  const base = cursor.name("a record");
  if (cursor.isWord("with") && cursor.scanner.peek() !== Token.Colon) {
    cursor.next();
    return base;
  }
  if (cursor.at(Token.Identifier) && otherWord(cursor)) return base;
  if (cursor.at(Token.Dot)) {
    while (cursor.accept(Token.Dot)) cursor.accept(Token.Identifier);
    if (cursor.isWord("with")) {
      cursor.error(
        "E0131",
        cursor.spanFrom(base.span.start),
        "only a name can stand before `with`",
        {
          hint: "give the record a name first: `r = a.b`, then `{r with …}`",
        },
      );
      cursor.next();
      return { ...base, name: "" };
    }
  }
  cursor.scanner.reset(mark);
  cursor.previousEnd = end;
  return undefined;
}

/** `{r foo a: 1}`: nothing but `with` can stand there. */
function otherWord(cursor: Cursor): boolean {
  const { scanner } = cursor;
  const word = cursor.span;
  const mark = scanner.mark();
  scanner.next();
  const name = cursor.kind;
  scanner.next();
  const colon = cursor.at(Token.Colon);
  scanner.reset(mark);
  if (!colon || (name !== Token.Identifier && name !== Token.String)) return false;
  cursor.error("E0131", word, `expected \`with\`, found ${cursor.found}`, {
    fix: replaceBy(word, "with"),
  });
  cursor.next();
  return true;
}

function arrayOrDict(cursor: Cursor): Expression {
  const { start } = cursor;
  const opener = open(cursor, Token.RightBracket);
  if (cursor.kind === Token.Colon) return finish(cursor, start, emptyDict(cursor, opener));
  if (cursor.kind === Token.RightBracket) {
    cursor.next();
    cursor.height = 0;
    return finish(cursor, start, { kind: "ArrayExpression", elements: [] });
  }
  const items = listAfter(cursor, opener, elementRule);
  const entries = items.filter((item) => item.kind === "DictEntry");
  if (entries.length === 0) {
    const elements = items.filter((item) => item.kind !== "DictEntry");
    return finish(cursor, start, { kind: "ArrayExpression", elements });
  }
  const odd = items.find((item) => item.kind !== "DictEntry");
  if (odd && odd.kind !== "BadExpression") {
    cursor.error("E0118", odd.span, "expected `:` and a value after this key of a dictionary", {
      labels: [{ span: entries[0].span, text: "this is an entry with a key and a value" }],
    });
  }
  return finish(cursor, start, { kind: "DictExpression", entries });
}

type Collection =
  | { readonly kind: "ArrayExpression"; readonly elements: readonly Expression[] }
  | { readonly kind: "DictExpression"; readonly entries: readonly DictEntry[] };

function finish(cursor: Cursor, start: number, collection: Collection): Expression {
  cursor.openers.pop();
  const span = cursor.spanFrom(start);
  if (!cursor.grow(cursor.height, span)) return cursor.bad(start);
  if (collection.kind === "ArrayExpression") {
    return { kind: "ArrayExpression", span, elements: collection.elements };
  }
  return { kind: "DictExpression", span, entries: collection.entries };
}

/** `[:]`, at its colon. */
function emptyDict(cursor: Cursor, opener: Opener): Collection {
  cursor.next();
  const entries = listAfter(cursor, opener, elementRule);
  if (entries.length > 0) {
    const span = entries[0].span;
    cursor.error("E0117", { start: opener.span.end, end: span.start }, "expected a key before `:`");
  }
  return { kind: "DictExpression", entries: [] };
}

/** Elements of an array or entries of a dictionary; `arrayOrDict` sees to it that they agree. */
const elementRule: ListRule<Expression | DictEntry> = {
  closer: Token.RightBracket,
  what: "element",
  begins: (cursor) => beginsExpression(cursor.kind),
  item: element,
  lenientFrom: 2,
};

function element(cursor: Cursor): Expression | DictEntry {
  const { start } = cursor;
  const key = cursor.grammar.expression(cursor);
  if (!cursor.accept(Token.Colon)) return key;
  const height = cursor.height;
  const value = cursor.grammar.expression(cursor);
  cursor.height = Math.max(height, cursor.height);
  return { kind: "DictEntry", span: cursor.spanFrom(start), key, value };
}

/** Tokens with which only another expression can begin, never go on. */
export function beginsExpression(kind: TokenKind): boolean {
  switch (kind) {
    case Token.Identifier:
    case Token.Integer:
    case Token.Float:
    case Token.String:
    case Token.Quote:
    case Token.Duration:
    case Token.DateTime:
    case Token.PipeReceive:
    case Token.LeftBrace:
    case Token.If:
    case Token.Not:
    case Token.Exists:
      return true;
    default:
      return false;
  }
}
