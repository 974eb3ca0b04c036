import type { Expression } from "./ast.ts";
import type { Cursor } from "./cursor.ts";
import { close, list, open } from "./list.ts";
import { argumentRule, checkProperties } from "./property.ts";
import { Token } from "./token.ts";

/** `callee(…)`, at its parenthesis. */
export function callExpression(cursor: Cursor, callee: Expression): Expression {
  const height = cursor.height;
  const properties = list(cursor, argumentRule);
  checkProperties(cursor, properties, "argument");
  const span = cursor.spanFrom(callee.span.start);
  if (!cursor.grow(Math.max(height, cursor.height), span)) return cursor.bad(span.start);
  return { kind: "CallExpression", span, callee, arguments: properties };
}

/** `object[…]`, at its bracket: a member when a plain string is in it. */
export function indexExpression(cursor: Cursor, object: Expression): Expression {
  let height = cursor.height;
  const opener = open(cursor, Token.RightBracket);
  if (cursor.kind === Token.RightBracket) {
    cursor.error("E0132", { start: opener.span.start, end: cursor.span.end }, "nothing in `[]`", {
      hint: 'write the position of an element, or the name of a property as `["name"]`',
    });
  }
  const empty = cursor.kind === Token.RightBracket;
  const index = empty ? cursor.bad() : cursor.grammar.expression(cursor);
  height = Math.max(height, cursor.height);
  close(cursor, opener);
  cursor.openers.pop();
  const span = cursor.spanFrom(object.span.start);
  if (!cursor.grow(height, span)) return cursor.bad(span.start);
  if (index.kind === "StringLiteral") {
    return { kind: "MemberExpression", span, object, property: index };
  }
  return { kind: "IndexExpression", span, object, index };
}
