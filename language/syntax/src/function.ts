import type { Expression, Parameter, Property } from "./ast.ts";
import type { Cursor, Opener } from "./cursor.ts";
import { replaceBy } from "./diagnostic.ts";
import { close, type ListRule, listAfter, open } from "./list.ts";
import { argumentRule } from "./property.ts";
import { Token } from "./token.ts";
import type { Span } from "./span.ts";

/** At `(`: a function, or an expression in parentheses. */
export function parenExpression(cursor: Cursor): Expression {
  const { start } = cursor;
  const opener = open(cursor, Token.RightParen);
  const shape = parenShape(cursor);
  switch (shape) {
    case "parameters": {
      const parameters = listAfter(cursor, opener, parameterRule);
      cursor.openers.pop();
      return functionOf(cursor, start, parameters);
    }
    case "properties":
      return bareProperties(cursor, opener);
    case "expression":
      return inParentheses(cursor, opener);
    default:
      return shape satisfies never;
  }
}

/** What the parentheses hold, told from the first tokens behind `(`. */
function parenShape(cursor: Cursor): "parameters" | "properties" | "expression" {
  const { scanner } = cursor;
  if (cursor.at(Token.RightParen)) return "parameters";
  if (cursor.at(Token.PipeReceive)) {
    return scanner.peek() === Token.Identifier ? "parameters" : "expression";
  }
  if (!cursor.at(Token.Identifier)) return "expression";
  const mark = scanner.mark();
  scanner.next();
  const second = cursor.kind;
  if (second === Token.RightParen || second === Token.Identifier) scanner.next();
  const third = cursor.kind;
  const sameLine = !scanner.newlineBefore;
  scanner.reset(mark);
  switch (second) {
    case Token.Assign:
    case Token.Comma:
      return "parameters";
    case Token.Colon:
      return "properties";
    case Token.RightParen:
      if (third === Token.Arrow || third === Token.Assign) return "parameters";
      return third === Token.LeftBrace && sameLine && cursor.tests === 0
        ? "parameters"
        : "expression";
    case Token.Identifier:
      return third === Token.Assign || third === Token.Comma ? "parameters" : "expression";
    default:
      return "expression";
  }
}

function inParentheses(cursor: Cursor, opener: Opener): Expression {
  const { start } = opener.span;
  const expression = cursor.grammar.expression(cursor);
  const height = cursor.height;
  close(cursor, opener);
  cursor.openers.pop();
  cursor.height = height;
  const span = cursor.spanFrom(start);
  if (cursor.kind === Token.Arrow) {
    cursor.error("E0127", span, "expected the names of parameters before `=>`", {
      hint: "write `(a, b) =>`, or `(a, b=1) =>` with a default",
    });
    functionOf(cursor, start, []);
    return cursor.bad(start);
  }
  if (!cursor.grow(height, span)) return cursor.bad(start);
  return { kind: "ParenExpression", span, expression };
}

/** `(a: 1)`: parameters with the wrong sign, or a record that lacks its braces. */
function bareProperties(cursor: Cursor, opener: Opener): Expression {
  const { start } = opener.span;
  const properties = listAfter(cursor, opener, argumentRule);
  cursor.openers.pop();
  const inner = { start: opener.span.end, end: cursor.previousEnd - 1 };
  if (cursor.kind === Token.Arrow) {
    takeEquals(cursor, inner);
    for (const property of properties) colonDefault(cursor, property);
    return functionOf(cursor, start, []);
  }
  cursor.error("E0101", opener.span, "a record stands in braces", {
    hint: "write `({…})`",
    fix: {
      edits: [
        { span: { start: inner.start, end: inner.start }, text: "{" },
        { span: { start: inner.end, end: inner.end }, text: "}" },
      ],
    },
  });
  return { kind: "RecordExpression", span: cursor.spanFrom(start), properties };
}

/** They are parameters after all: `=` before a default, which has been reported, is right. */
function takeEquals(cursor: Cursor, { start, end }: Span): void {
  const { diagnostics, text } = cursor.scanner;
  for (let i = diagnostics.length - 1; i >= 0; i -= 1) {
    const { code, span } = diagnostics[i];
    if (span.start < start || span.start >= end) return;
    if (code === "E0115" && text[span.start] === "=") diagnostics.splice(i, 1);
  }
}

function colonDefault(cursor: Cursor, { key, value }: Property): void {
  if (!value) return;
  const { text } = cursor.scanner;
  const colon = text.indexOf(":", key.span.end);
  // Another sign stands there, which has been reported.
  if (colon < 0 || colon >= value.span.start) return;
  cursor.error(
    "E0115",
    { start: colon, end: colon + 1 },
    "the default of a parameter follows `=`",
    {
      hint: "parameters have no types, only names and defaults: `(a, b=1) =>`",
    },
  );
}

const parameterRule: ListRule<Parameter> = {
  closer: Token.RightParen,
  what: "parameter",
  begins: (cursor) => cursor.kind === Token.Identifier,
  item: parameter,
  lenientFrom: 2,
};

function parameter(cursor: Cursor): Parameter {
  const { start } = cursor;
  cursor.height = 1;
  if (cursor.kind === Token.PipeReceive && cursor.scanner.peek() === Token.Identifier) {
    return receiver(cursor);
  }
  const key = cursor.name("the name of a parameter");
  if (cursor.at(Token.Colon)) {
    cursor.error("E0115", cursor.span, "the default of a parameter follows `=`, not `:`", {
      fix: replaceBy(cursor.span, "="),
    });
  } else if (!cursor.at(Token.Assign)) {
    return { kind: "Parameter", span: cursor.spanFrom(start), key, pipe: false };
  }
  cursor.next();
  if (cursor.kind === Token.PipeReceive) {
    cursor.next();
    return { kind: "Parameter", span: cursor.spanFrom(start), key, pipe: true };
  }
  const value = cursor.grammar.expression(cursor);
  return { kind: "Parameter", span: cursor.spanFrom(start), key, default: value, pipe: false };
}

/** `<-tables`, as function types write it, for `tables=<-`. */
function receiver(cursor: Cursor): Parameter {
  const { start } = cursor;
  const arrow = cursor.span;
  cursor.next();
  const key = cursor.name("the name of a parameter");
  const span = cursor.spanFrom(start);
  cursor.error("E0127", arrow, "the arrow of a piped parameter stands behind its name", {
    hint: `write \`${key.name}=<-\``,
    fix: replaceBy(span, `${key.name}=<-`),
  });
  return { kind: "Parameter", span, key, pipe: true };
}

/** The arrow and the body of a function whose parameters have been read. */
export function functionOf(
  cursor: Cursor,
  start: number,
  parameters: readonly Parameter[],
): Expression {
  const height = cursor.height;
  if (!cursor.accept(Token.Arrow) && !forgottenArrow(cursor)) return cursor.bad(start);
  const body = functionBody(cursor);
  const span = cursor.spanFrom(start);
  if (!cursor.grow(Math.max(height, cursor.height), span)) return cursor.bad(start);
  return { kind: "FunctionExpression", span, parameters, body };
}

/** Reports that `=>` is missing; gives whether a body follows all the same. */
function forgottenArrow(cursor: Cursor): boolean {
  if (cursor.kind === Token.Assign) {
    cursor.error("E0126", cursor.span, "the body of a function follows `=>`, not `=`", {
      fix: replaceBy(cursor.span, "=>"),
    });
    cursor.next();
    return true;
  }
  const at = cursor.previousEnd;
  const follows = cursor.kind === Token.LeftBrace && !cursor.scanner.newlineBefore;
  if (cursor.kind === Token.Eof && cursor.blamed) return false;
  cursor.error(
    "E0126",
    { start: at, end: at },
    `expected \`=>\` after the parameters of a function, found ${cursor.found}`,
    follows ? { fix: cursor.insert(" =>") } : {},
  );
  return follows;
}

function functionBody(cursor: Cursor): Expression | ReturnType<Cursor["grammar"]["block"]> {
  if (cursor.kind !== Token.LeftBrace) return cursor.grammar.expression(cursor);
  if (!looksLikeRecord(cursor)) return cursor.grammar.block(cursor);
  const brace = cursor.span;
  const record = cursor.grammar.expression(cursor);
  cursor.error("E0125", brace, "a record that is the result of a function stands in parentheses", {
    hint: "braces behind `=>` begin a block of statements; write `=> ({…})`",
    fix: {
      edits: [
        { span: { start: record.span.start, end: record.span.start }, text: "(" },
        { span: { start: record.span.end, end: record.span.end }, text: ")" },
      ],
    },
  });
  return record;
}

/** Whether the brace begins a record rather than statements. */
function looksLikeRecord(cursor: Cursor): boolean {
  const { scanner } = cursor;
  const mark = scanner.mark();
  scanner.next();
  const first = cursor.kind;
  scanner.next();
  const second = cursor.kind;
  const extending = cursor.isWord("with");
  scanner.reset(mark);
  if (first !== Token.Identifier && first !== Token.String) return false;
  return (
    second === Token.Colon || second === Token.Comma || (first === Token.Identifier && extending)
  );
}
