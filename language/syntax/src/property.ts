import { type Expression, keyName, type Property, type PropertyKey } from "./ast.ts";
import type { Cursor } from "./cursor.ts";
import { insertAt, replaceBy } from "./diagnostic.ts";
import type { ListRule } from "./list.ts";
import { stringLiteral } from "./string.ts";
import { isKeyword, Token, type TokenKind } from "./token.ts";

/** `name: value` between the parentheses of a call. */
export const argumentRule: ListRule<Property> = {
  closer: Token.RightParen,
  what: "argument",
  begins: beginsProperty,
  item: (cursor) => property(cursor, "argument"),
  lenientFrom: Number.POSITIVE_INFINITY,
};

/** `name: value` between the braces of a record. */
export const propertyRule: ListRule<Property> = {
  closer: Token.RightBrace,
  what: "property",
  begins: beginsProperty,
  item: (cursor) => property(cursor, "property"),
  lenientFrom: Number.POSITIVE_INFINITY,
};

function beginsProperty(cursor: Cursor, before: Property): boolean {
  const { kind } = cursor;
  if (kind !== Token.Identifier && kind !== Token.String && !isKeyword(kind)) return false;
  const after = cursor.scanner.peek();
  if (after === Token.Colon || after === Token.Assign) return true;
  return kind === Token.Identifier && before.value === undefined;
}

function property(cursor: Cursor, what: string): Property {
  const { start } = cursor;
  cursor.height = 0;
  const { scanner } = cursor;
  if (cursor.kind === Token.Identifier && !scanner.colonFollows) {
    if (continuesExpression(scanner.peek())) return nameless(cursor, what);
  }
  const key = propertyKey(cursor, what);
  if (!key) return nameless(cursor, what);
  if (cursor.kind === Token.Colon || cursor.kind === Token.Assign) {
    return { kind: "Property", ...valued(cursor, start, what), key };
  }
  if (forgottenColon(cursor)) {
    const value = cursor.grammar.expression(cursor);
    return { kind: "Property", span: cursor.spanFrom(start), key, value };
  }
  return { kind: "Property", span: cursor.spanFrom(start), key };
}

/** At a literal behind the name of a property: reported; its value follows. */
function forgottenColon(cursor: Cursor): boolean {
  switch (cursor.kind) {
    case Token.String:
      if (cursor.scanner.peek() === Token.Colon) return false;
      break;
    case Token.Quote:
    case Token.Integer:
    case Token.Float:
    case Token.Duration:
    case Token.DateTime:
      break;
    default:
      return false;
  }
  const at = { start: cursor.previousEnd, end: cursor.previousEnd };
  cursor.error("E0118", at, `expected \`:\` before the value, found ${cursor.found}`, {
    fix: cursor.insert(":"),
  });
  return true;
}

/** Tokens that make a name the beginning of an expression: `f(r.x)`. */
function continuesExpression(kind: TokenKind): boolean {
  if (kind >= Token.Plus && kind <= Token.NotMatches) return true;
  switch (kind) {
    case Token.And:
    case Token.Or:
    case Token.Arrow:
    case Token.LeftParen:
    case Token.LeftBracket:
    case Token.Dot:
    case Token.PipeForward:
      return true;
    default:
      return false;
  }
}

function propertyKey(cursor: Cursor, what: string): PropertyKey | undefined {
  const span = cursor.span;
  if (cursor.kind === Token.String) return stringLiteral(cursor);
  if (isKeyword(cursor.kind)) {
    const after = cursor.scanner.peek();
    if (after !== Token.Colon && after !== Token.Assign) return undefined;
    const name = cursor.lexeme;
    cursor.error("E0123", span, `\`${name}\` is a reserved word`, {
      hint: `write it in quotes: \`"${name}"\``,
      fix: replaceBy(span, `"${name}"`),
    });
    cursor.next();
    return { kind: "Identifier", span, name };
  }
  if (cursor.kind === Token.Colon) {
    cursor.error("E0117", span, `expected the name of this ${what}, found \`:\``);
    return { kind: "Identifier", span: { start: span.start, end: span.start }, name: "" };
  }
  return cursor.kind === Token.Identifier ? cursor.name(`the name of the ${what}`) : undefined;
}

/** From the colon, or what stands in its place, to the end of the value. */
function valued(cursor: Cursor, start: number, what: string): Pick<Property, "span" | "value"> {
  if (cursor.kind === Token.Assign) {
    const message = `between the name of ${what === "argument" ? "an" : "a"} ${what} and its value`;
    const between = { start: cursor.previousEnd, end: cursor.span.end };
    const blank = /^\s*=$/.test(cursor.scanner.text.slice(between.start, between.end));
    cursor.error("E0115", cursor.span, `\`:\` stands ${message}, not \`=\``, {
      fix: replaceBy(blank ? between : cursor.span, ":"),
    });
  }
  cursor.next();
  return { value: value(cursor, what), span: cursor.spanFrom(start) };
}

function value(cursor: Cursor, what: string): Expression {
  const { kind } = cursor;
  if (kind === Token.Comma || kind === Token.RightParen || kind === Token.RightBrace) {
    const span = { start: cursor.previousEnd, end: cursor.previousEnd };
    cursor.error("E0118", span, `expected the value of this ${what}, found ${cursor.found}`);
    return cursor.bad();
  }
  return cursor.grammar.expression(cursor);
}

/** What stands in the list is no property: most often a value without its name. */
function nameless(cursor: Cursor, what: string): Property {
  const { start } = cursor;
  const key = { kind: "Identifier" as const, span: { start, end: start }, name: "" };
  const expression = cursor.grammar.expression(cursor);
  const span = cursor.spanFrom(start);
  if (expression.kind !== "BadExpression") {
    if (what === "argument") namelessArgument(cursor, expression.span);
    else {
      cursor.error("E0117", expression.span, "expected the name of a property here", {
        hint: "the properties of a record have names, like `{x: 1}`",
      });
    }
  }
  if (cursor.kind !== Token.Colon) return { kind: "Property", span, key, value: expression };
  return { kind: "Property", ...valued(cursor, start, what), key };
}

function namelessArgument(cursor: Cursor, span: Property["span"]): void {
  cursor.error("E0117", span, "expected the name of an argument here", {
    hint: 'arguments are given by name, like `from(bucket: "b")`',
  });
}

/** What concerns a list of properties as a whole. */
export function checkProperties(
  cursor: Cursor,
  properties: readonly Property[],
  what: string,
): void {
  const explicit = properties.find((property) => property.value !== undefined);
  for (const { key, value, span } of properties) {
    if (value !== undefined) continue;
    if (key.kind === "StringLiteral" && what === "argument") {
      namelessArgument(cursor, span);
    } else if (key.kind === "StringLiteral") {
      cursor.error("E0120", span, `the ${what} ${JSON.stringify(key.value)} has no value`, {
        hint: "only a plain name may stand alone, for the variable of that name",
      });
    } else if (explicit && key.name !== "") {
      mixed(cursor, what, { key, span, explicit });
    }
  }
}

function mixed(
  cursor: Cursor,
  what: string,
  found: { key: PropertyKey; span: Property["span"]; explicit: Property },
): void {
  const name = keyName(found.key);
  const certain = what === "property" ? { fix: insertAt(found.span.end, `: ${name}`) } : {};
  cursor.error("E0119", found.span, `the ${what} \`${name}\` has no value, but another has`, {
    labels: [{ span: found.explicit.span, text: "this one has a value" }],
    hint: `write \`${name}: ${name}\`: either all of them are short, or none`,
    ...certain,
  });
}
