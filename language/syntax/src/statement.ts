import type { Attribute, Block, Expression, Identifier, OptionTarget, Statement } from "./ast.ts";
import type { Cursor } from "./cursor.ts";
import { insertAt, replaceBy } from "./diagnostic.ts";
import { foreignStatement, skipDeclaration } from "./foreign-words.ts";
import { close, type ListRule, list, open, skipBalanced } from "./list.ts";
import { beginsExpression, primary } from "./primary.ts";
import type { Span } from "./span.ts";
import { stringLiteral } from "./string.ts";
import { isCloser, Token, type TokenKind } from "./token.ts";
import { typeExpression } from "./type-expression.ts";

const none: readonly Attribute[] = Object.freeze([]);

/** Statements up to the end of the file, or to the bracket that closes what they stand in. */
export function statements(cursor: Cursor, first: readonly Attribute[] = none): Statement[] {
  const found: Statement[] = [];
  let attributes = first;
  while (!cursor.atEnd()) {
    const { start } = cursor;
    found.push(statement(cursor, attributes));
    // Whatever the rules overlook, the parser goes on.
    if (cursor.start === start && !cursor.atEnd()) cursor.next();
    attributes = none;
  }
  if (attributes.length > 0) strayAttributes(cursor, attributes);
  return found;
}

/** `{ … }`, at its brace. */
export function block(cursor: Cursor): Block {
  const { start } = cursor;
  if (cursor.kind !== Token.LeftBrace) {
    cursor.unexpected("`{`");
    return { kind: "Block", span: { start, end: start }, body: [] };
  }
  const opener = open(cursor, Token.RightBrace, "block");
  const entered = cursor.enter();
  const body = entered ? statements(cursor) : [];
  if (entered) cursor.leave();
  close(cursor, opener);
  cursor.openers.pop();
  return { kind: "Block", span: cursor.spanFrom(start), body };
}

/** Attributes before anything that can have them. */
export function attributes(cursor: Cursor): readonly Attribute[] {
  if (cursor.kind !== Token.Attribute) return none;
  const found: Attribute[] = [];
  while (cursor.kind === Token.Attribute) found.push(attribute(cursor));
  return found;
}

function attribute(cursor: Cursor): Attribute {
  const { start } = cursor;
  const name = cursor.lexeme.slice(1);
  cursor.next();
  const parameters = cursor.kind === Token.LeftParen ? list(cursor, attributeRule) : [];
  return { kind: "Attribute", span: cursor.spanFrom(start), name, parameters };
}

const attributeRule: ListRule<Expression> = {
  closer: Token.RightParen,
  what: "parameter",
  begins: (cursor) => beginsExpression(cursor.kind),
  item: primary,
  lenientFrom: Number.POSITIVE_INFINITY,
};

function strayAttributes(cursor: Cursor, found: readonly Attribute[]): void {
  for (const { span, name } of found) {
    cursor.error("E0130", span, `no statement follows the attribute \`@${name}\``);
  }
}

function statement(cursor: Cursor, given: readonly Attribute[]): Statement {
  const { start } = cursor;
  const attached = given.length > 0 ? given : attributes(cursor);
  if (attached.length > 0 && cursor.atEnd()) {
    strayAttributes(cursor, attached);
    return { kind: "BadStatement", span: cursor.spanFrom(start), attributes: none };
  }
  switch (cursor.kind) {
    case Token.Identifier:
      return foreign(cursor, attached) ?? nameStatement(cursor, attached);
    case Token.Option:
      return optionStatement(cursor, attached);
    case Token.Builtin:
      return builtinStatement(cursor, attached);
    case Token.Testcase:
      return testcaseStatement(cursor, attached);
    case Token.Return:
      return returnStatement(cursor, attached);
    default:
      if (beginsStatement(cursor.kind)) return expressionStatement(cursor, attached);
      return badStatement(cursor, attached);
  }
}

/** Tokens with which an expression as a statement begins. */
function beginsStatement(kind: TokenKind): boolean {
  if (beginsExpression(kind)) return true;
  switch (kind) {
    case Token.Slash:
    case Token.LeftParen:
    case Token.LeftBracket:
    case Token.Plus:
    case Token.Minus:
      return true;
    default:
      return false;
  }
}

/** A statement of another language, as far as it goes; a word that is only too many is skipped. */
function foreign(cursor: Cursor, attached: readonly Attribute[]): Statement | undefined {
  skipDeclaration(cursor);
  const found = foreignStatement(cursor);
  if (!found) return undefined;
  const { start, span } = cursor;
  cursor.error("E0101", span, found.message, { hint: found.hint });
  while (!cursor.atEnd() && cursor.kind !== Token.LeftBrace) {
    cursor.next();
    if (cursor.scanner.newlineBefore)
      return { kind: "BadStatement", span: cursor.spanFrom(start), attributes: attached };
  }
  if (cursor.kind === Token.LeftBrace) skipBalanced(cursor);
  return { kind: "BadStatement", span: cursor.spanFrom(start), attributes: attached };
}

function nameStatement(cursor: Cursor, attached: readonly Attribute[]): Statement {
  const { start } = cursor;
  const after = cursor.scanner.peek();
  if (after !== Token.Assign && after !== Token.Colon) return expressionStatement(cursor, attached);
  const name = cursor.name("the name of a variable");
  equalsSign(cursor);
  const value = cursor.grammar.expression(cursor);
  noSecondEquals(cursor);
  const span = cursor.spanFrom(start);
  return { kind: "VariableAssignment", span, attributes: attached, name, value };
}

/** Consumes `=`, or `:` in its place. */
function equalsSign(cursor: Cursor): void {
  if (cursor.kind === Token.Colon) {
    cursor.error("E0115", cursor.span, "a variable gets its value with `=`, not with `:`", {
      fix: replaceBy(cursor.span, "="),
    });
  }
  cursor.next();
}

/** `a = b.c = 1` and the like. */
function noSecondEquals(cursor: Cursor): void {
  if (cursor.kind !== Token.Assign) return;
  cursor.error("E0116", cursor.span, "one statement cannot have two `=`", {
    hint: "a comparison is written `==`",
  });
  cursor.next();
  if (!cursor.atEnd()) cursor.grammar.expression(cursor);
}

function expressionStatement(cursor: Cursor, attached: readonly Attribute[]): Statement {
  const { start } = cursor;
  const expression = cursor.grammar.expression(cursor);
  if (cursor.kind === Token.Assign) return memberAssignment(cursor, attached, expression);
  if (cursor.start === start) return skipped(cursor, start, attached);
  const span = cursor.spanFrom(start);
  return { kind: "ExpressionStatement", span, attributes: attached, expression };
}

/** `a.b = 1` without the word `option` before it, or nonsense like `f() = 1`. */
function memberAssignment(
  cursor: Cursor,
  attached: readonly Attribute[],
  left: Expression,
): Statement {
  const { start } = left.span;
  const target = optionTarget(left);
  if (target) {
    cursor.error("E0135", left.span, "only an option of a package can be set from outside", {
      hint: `write \`option ${cursor.scanner.text.slice(left.span.start, left.span.end)} = …\``,
      fix: insertAt(start, "option "),
    });
  } else {
    cursor.error("E0116", cursor.span, "only a name can get a value with `=`", {
      hint: "a comparison is written `==`",
    });
  }
  cursor.next();
  const value = cursor.grammar.expression(cursor);
  const span = cursor.spanFrom(start);
  if (!target) return { kind: "BadStatement", span, attributes: attached };
  return { kind: "OptionStatement", span, attributes: attached, target, value };
}

function optionTarget(left: Expression): OptionTarget | undefined {
  if (left.kind !== "MemberExpression" || left.object.kind !== "Identifier") return undefined;
  if (left.property.kind !== "Identifier") return undefined;
  return { kind: "OptionTarget", span: left.span, object: left.object, property: left.property };
}

function optionStatement(cursor: Cursor, attached: readonly Attribute[]): Statement {
  const { start } = cursor;
  cursor.next();
  const object = cursor.name("the name of an option");
  const target = cursor.accept(Token.Dot) ? memberTarget(cursor, object) : object;
  const span = { start, end: cursor.previousEnd };
  if (cursor.kind !== Token.Assign && cursor.kind !== Token.Colon) {
    if (!cursor.blamed) optionWithoutValue(cursor, span, object);
    return skipped(cursor, start, attached);
  }
  equalsSign(cursor);
  const value = cursor.grammar.expression(cursor);
  noSecondEquals(cursor);
  return {
    kind: "OptionStatement",
    span: cursor.spanFrom(start),
    attributes: attached,
    target,
    value,
  };
}

function memberTarget(cursor: Cursor, object: Identifier): OptionTarget {
  const property = cursor.name("the name of an option");
  return { kind: "OptionTarget", span: cursor.spanFrom(object.span.start), object, property };
}

function optionWithoutValue(cursor: Cursor, span: Span, { name }: Identifier): void {
  cursor.error(
    "E0135",
    span,
    `expected \`=\` and the value of this option, found ${cursor.found}`,
    {
      hint: `write \`option ${name || "name"} = value\``,
    },
  );
}

function builtinStatement(cursor: Cursor, attached: readonly Attribute[]): Statement {
  const { start } = cursor;
  cursor.next();
  const name = cursor.name("the name of a builtin");
  if (!cursor.accept(Token.Colon)) {
    cursor.unexpected("`:` and the type of the builtin");
    return skipped(cursor, start, attached);
  }
  const type = typeExpression(cursor);
  return {
    kind: "BuiltinStatement",
    span: cursor.spanFrom(start),
    attributes: attached,
    name,
    type,
  };
}

function testcaseStatement(cursor: Cursor, attached: readonly Attribute[]): Statement {
  const { start } = cursor;
  cursor.next();
  const name = cursor.name("the name of a testcase");
  const base = cursor.isWord("extends") ? baseCase(cursor) : undefined;
  const body = block(cursor);
  const span = cursor.spanFrom(start);
  return { kind: "TestcaseStatement", span, attributes: attached, name, extends: base, body };
}

function baseCase(cursor: Cursor): ReturnType<typeof stringLiteral> | undefined {
  cursor.next();
  if (cursor.kind === Token.String) return stringLiteral(cursor);
  cursor.unexpected('the testcase that is extended, like "package/name"');
  return undefined;
}

function returnStatement(cursor: Cursor, attached: readonly Attribute[]): Statement {
  const { start } = cursor;
  cursor.next();
  const argument = cursor.grammar.expression(cursor);
  return { kind: "ReturnStatement", span: cursor.spanFrom(start), attributes: attached, argument };
}

/** At a token that begins no statement. */
function badStatement(cursor: Cursor, attached: readonly Attribute[]): Statement {
  const { start } = cursor;
  if (isCloser(cursor.kind)) {
    cursor.error("E0104", cursor.span, `\`${cursor.lexeme}\` closes nothing here`);
    cursor.next();
    if (cursor.kind !== Token.Eof && !cursor.scanner.newlineBefore) cursor.blame();
  } else if (cursor.kind === Token.Import || cursor.kind === Token.Package) {
    return misplaced(cursor, attached);
  } else cursor.unexpected("a statement");
  return skipped(cursor, start, attached);
}

function misplaced(cursor: Cursor, attached: readonly Attribute[]): Statement {
  const { start } = cursor;
  const word = cursor.lexeme;
  const first = word === "package";
  cursor.error(
    "E0128",
    cursor.span,
    first
      ? "the package clause must be the first thing of a file"
      : "imports must stand at the beginning of the file, before every statement",
  );
  cursor.next();
  if (cursor.kind === Token.Identifier && !cursor.scanner.newlineBefore) cursor.next();
  if (!first && cursor.kind === Token.String && !cursor.scanner.newlineBefore) cursor.next();
  return { kind: "BadStatement", span: cursor.spanFrom(start), attributes: attached };
}

/** Goes on to the beginning of the next statement: something on a line of its own. */
function skipped(cursor: Cursor, start: number, attached: readonly Attribute[]): Statement {
  let first = cursor.start === start;
  while (cursor.kind !== Token.Eof) {
    const fresh = cursor.scanner.newlineBefore && !first;
    if (fresh && (startsLine(cursor.kind) || cursor.kind === Token.Attribute)) break;
    if (isCloser(cursor.kind)) {
      if (cursor.closesOuter()) break;
      cursor.next();
    } else skipBalanced(cursor);
    first = false;
  }
  return { kind: "BadStatement", span: cursor.spanFrom(start), attributes: attached };
}

/** Tokens that begin a statement at the beginning of a line; signs and brackets may go on one. */
function startsLine(kind: TokenKind): boolean {
  switch (kind) {
    case Token.Identifier:
    case Token.Option:
    case Token.Builtin:
    case Token.Testcase:
    case Token.Return:
    case Token.Import:
      return true;
    default:
      return false;
  }
}
