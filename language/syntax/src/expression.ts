import type { BinaryOperator, Expression, Identifier } from "./ast.ts";
import type { Cursor } from "./cursor.ts";
import { replaceBy } from "./diagnostic.ts";
import { isElseIf } from "./foreign-words.ts";
import { callExpression, indexExpression } from "./postfix.ts";
import { primary } from "./primary.ts";
import type { Span } from "./span.ts";
import { isKeyword, Token, type TokenKind } from "./token.ts";

/** `Expression = "if" … | Or`, one level deeper than what it stands in. */
export function expression(cursor: Cursor): Expression {
  if (!cursor.enter()) return cursor.bad();
  const found = cursor.kind === Token.If ? conditional(cursor) : logicalOr(cursor);
  cursor.leave();
  return found;
}

function conditional(cursor: Cursor): Expression {
  const { start } = cursor;
  const keyword = cursor.span;
  cursor.next();
  cursor.tests += 1;
  const test = expression(cursor);
  cursor.tests -= 1;
  let height = cursor.height;
  const consequent = branch(cursor, keyword, Token.Then);
  if (cursor.kind !== Token.Else && returns(cursor, consequent)) cursor.blame();
  height = Math.max(height, cursor.height);
  const alternate = branch(cursor, keyword, Token.Else);
  height = Math.max(height, cursor.height);
  const span = cursor.spanFrom(start);
  if (!cursor.grow(height, span)) return cursor.bad(start);
  return { kind: "ConditionalExpression", span, test, consequent, alternate };
}

function branch(cursor: Cursor, keyword: Span, word: TokenKind): Expression {
  if (word === Token.Else && isElseIf(cursor)) return conditional(cursor);
  if (cursor.accept(word)) {
    if (cursor.kind === Token.Return) returnInBranch(cursor);
    return expression(cursor);
  }
  const name = word === Token.Then ? "then" : "else";
  if (!cursor.blamed) {
    const atEnd = cursor.kind === Token.Eof;
    cursor.error(
      "E0124",
      atEnd ? keyword : cursor.span,
      `expected \`${name}\`, found ${cursor.found}`,
      {
        labels: atEnd ? [] : [{ span: keyword, text: "for this `if`" }],
        hint: "a condition is written `if test then a else b`; both branches are needed",
      },
    );
    cursor.blame();
  }
  // `if (test) {…} else {…}` of other languages: one complaint is enough.
  if (cursor.kind === Token.LeftBrace && word === Token.Then) return expression(cursor);
  return cursor.bad();
}

/** `if … then return a`: a condition is a value, and `return` gives the whole of it back. */
function returnInBranch(cursor: Cursor): void {
  cursor.error("E0124", cursor.span, "`return` cannot stand inside of a condition", {
    hint: "a condition is a value with two branches: write `return if test then a else b`",
  });
  cursor.next();
}

/** Whether `return` was found in this branch: then it is known why its `else` is missing. */
function returns(cursor: Cursor, { span }: Expression): boolean {
  return /\breturn\s+$/.test(cursor.scanner.text.slice(Math.max(0, span.start - 20), span.start));
}

function logicalOr(cursor: Cursor): Expression {
  let left = logicalAnd(cursor);
  while (cursor.kind === Token.Or || isShouted(cursor, "OR"))
    left = logical(cursor, left, "or", logicalAnd);
  return left;
}

function logicalAnd(cursor: Cursor): Expression {
  let left = logicalUnary(cursor);
  while (cursor.kind === Token.And || isShouted(cursor, "AND"))
    left = logical(cursor, left, "and", logicalUnary);
  return left;
}

/** `AND`, `OR` and `NOT` of SQL where only an operator can stand; said here, read as what is meant. */
function isShouted(cursor: Cursor, word: "AND" | "OR" | "NOT"): boolean {
  if (cursor.kind !== Token.Identifier || !cursor.scanner.isName(word)) return false;
  const after = cursor.scanner.peek();
  const unary = word === "NOT";
  if (unary ? !operandKinds.has(after) : cursor.scanner.newlineBefore && after === Token.Assign)
    return false;
  const means = word.toLowerCase();
  cursor.error("E0114", cursor.span, `Flux has no operator \`${word}\``, {
    hint: `write \`${means}\``,
    fix: replaceBy(cursor.span, means),
  });
  return true;
}

/** What may follow `NOT`, where a name could not be followed by it. */
const operandKinds: ReadonlySet<TokenKind> = new Set([Token.Identifier, Token.Exists, Token.Not]);

function logical(
  cursor: Cursor,
  left: Expression,
  operator: "and" | "or",
  operand: (cursor: Cursor) => Expression,
): Expression {
  const height = cursor.height;
  cursor.next();
  const right = operand(cursor);
  const span = cursor.spanFrom(left.span.start);
  if (!cursor.grow(Math.max(height, cursor.height), span)) return cursor.bad(span.start);
  return { kind: "LogicalExpression", span, operator, left, right };
}

/** `not` and `exists` bind looser than comparisons: `not a == b` is `not (a == b)`. */
function logicalUnary(cursor: Cursor): Expression {
  const shouted = isShouted(cursor, "NOT");
  if (cursor.kind !== Token.Not && cursor.kind !== Token.Exists && !shouted)
    return comparison(cursor);
  const { start } = cursor;
  const operator = cursor.kind === Token.Exists ? "exists" : "not";
  cursor.next();
  if (!cursor.enter()) return cursor.bad();
  const argument = logicalUnary(cursor);
  cursor.leave();
  const span = cursor.spanFrom(start);
  if (!cursor.grow(cursor.height, span)) return cursor.bad(start);
  return { kind: "UnaryExpression", span, operator, argument };
}

const comparisonLevel = 1;

/** Binary operators by token, with how tightly each binds; all of them lean left. */
const operators: readonly (readonly [BinaryOperator, number] | undefined)[] = operatorTable();

function operatorTable(): (readonly [BinaryOperator, number] | undefined)[] {
  const table: (readonly [BinaryOperator, number] | undefined)[] = [];
  table[Token.Equal] = ["==", comparisonLevel];
  table[Token.NotEqual] = ["!=", comparisonLevel];
  table[Token.Less] = ["<", comparisonLevel];
  table[Token.LessEqual] = ["<=", comparisonLevel];
  table[Token.Greater] = [">", comparisonLevel];
  table[Token.GreaterEqual] = [">=", comparisonLevel];
  table[Token.Matches] = ["=~", comparisonLevel];
  table[Token.NotMatches] = ["!~", comparisonLevel];
  table[Token.Plus] = ["+", 2];
  table[Token.Minus] = ["-", 2];
  table[Token.Star] = ["*", 3];
  table[Token.Slash] = ["/", 3];
  table[Token.Percent] = ["%", 3];
  table[Token.Caret] = ["^", 4];
  return table;
}

/** Comparisons, and within a bracket also an `=` that was meant as one. */
function comparison(cursor: Cursor): Expression {
  let left = binary(cursor, comparisonLevel);
  while (cursor.kind === Token.Assign && cursor.comparing) {
    const operator = cursor.span;
    const height = cursor.height;
    cursor.error("E0116", operator, "`=` gives a name to something; a comparison is written `==`", {
      fix: replaceBy(operator, "=="),
    });
    cursor.next();
    const right = binary(cursor, comparisonLevel);
    const span = cursor.spanFrom(left.span.start);
    if (!cursor.grow(Math.max(height, cursor.height), span)) return cursor.bad(span.start);
    left = { kind: "BinaryExpression", span, operator: "==", left, right };
  }
  return left;
}

/** Operators of at least this level; a pipe binds tighter than any of them. */
function binary(cursor: Cursor, minimum: number): Expression {
  let left = unary(cursor);
  for (;;) {
    if (cursor.kind === Token.PipeForward) {
      left = pipe(cursor, left);
      continue;
    }
    const found = operators[cursor.kind];
    if (!found || found[1] < minimum) return left;
    const height = cursor.height;
    cursor.next();
    const right = binary(cursor, found[1] + 1);
    const span = cursor.spanFrom(left.span.start);
    if (!cursor.grow(Math.max(height, cursor.height), span)) return cursor.bad(span.start);
    left = { kind: "BinaryExpression", span, operator: found[0], left, right };
  }
}

function pipe(cursor: Cursor, input: Expression): Expression {
  const inputHeight = cursor.height;
  const { start } = input.span;
  cursor.next();
  const target = unary(cursor);
  const height = Math.max(inputHeight, cursor.height);
  const span = cursor.spanFrom(start);
  if (!cursor.grow(height, span)) return cursor.bad(start);
  if (target.kind === "CallExpression") {
    return { kind: "PipeExpression", span, input, call: target };
  }
  if (target.kind !== "BadExpression") pipeTarget(cursor, target);
  const call = {
    kind: "CallExpression" as const,
    span: target.span,
    callee: target,
    arguments: [],
  };
  return { kind: "PipeExpression", span, input, call };
}

function pipeTarget(cursor: Cursor, target: Expression): void {
  const name = target.kind === "Identifier" || target.kind === "MemberExpression";
  cursor.error("E0121", target.span, "a pipe needs a function call on its right side", {
    hint: name ? "put `()` behind the name" : "write `|> f()`",
    ...(name ? { fix: cursor.insert("()") } : {}),
  });
}

function unary(cursor: Cursor): Expression {
  if (cursor.kind !== Token.Plus && cursor.kind !== Token.Minus) return postfix(cursor);
  const { start } = cursor;
  const operator = cursor.kind === Token.Plus ? "+" : "-";
  cursor.next();
  if (!cursor.enter()) return cursor.bad();
  const argument = unary(cursor);
  cursor.leave();
  const span = cursor.spanFrom(start);
  if (!cursor.grow(cursor.height, span)) return cursor.bad(start);
  return { kind: "UnaryExpression", span, operator, argument };
}

function postfix(cursor: Cursor): Expression {
  let base = operand(cursor);
  for (;;) {
    switch (cursor.kind) {
      case Token.Dot:
        base = member(cursor, base);
        break;
      case Token.LeftParen:
        base = callExpression(cursor, base);
        break;
      case Token.LeftBracket:
        base = indexExpression(cursor, base);
        break;
      default:
        return base;
    }
  }
}

/** Upstream takes neither a condition nor `not` as an operand without parentheses. */
function operand(cursor: Cursor): Expression {
  const { kind, start } = cursor;
  if (kind !== Token.If && kind !== Token.Not && kind !== Token.Exists) return primary(cursor);
  const word = cursor.lexeme;
  const at = cursor.span;
  const inner = kind === Token.If ? expression(cursor) : logicalUnary(cursor);
  const edits = [
    { span: { start, end: start }, text: "(" },
    { span: { start: inner.span.end, end: inner.span.end }, text: ")" },
  ];
  cursor.error("E0125", at, `\`${word}\` needs parentheses around it as an operand`, {
    fix: { edits },
  });
  return inner;
}

function member(cursor: Cursor, object: Expression): Expression {
  const height = cursor.height;
  const dot = cursor.span;
  cursor.next();
  const property = memberName(cursor, dot);
  const span = cursor.spanFrom(object.span.start);
  if (!cursor.grow(height, span)) return cursor.bad(span.start);
  return { kind: "MemberExpression", span, object, property };
}

function memberName(cursor: Cursor, dot: Span): Identifier {
  const span = cursor.span;
  const onLine = !cursor.scanner.newlineBefore;
  if (isKeyword(cursor.kind) && onLine) {
    const word = cursor.lexeme;
    cursor.error("E0123", span, `\`${word}\` is a reserved word`, {
      hint: `write \`["${word}"]\``,
      fix: replaceBy({ start: dot.start, end: span.end }, `["${word}"]`),
    });
    cursor.next();
    return { kind: "Identifier", span, name: word };
  }
  if (cursor.kind === Token.String && onLine) {
    const text = cursor.lexeme;
    cursor.error("E0122", span, "a quoted property stands in brackets", {
      fix: replaceBy({ start: dot.start, end: span.end }, `[${text}]`),
    });
    cursor.next();
    return { kind: "Identifier", span, name: text.slice(1, -1) };
  }
  return cursor.name("the name of a property");
}
