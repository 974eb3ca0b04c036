import type {
  Identifier,
  LabelLiteral,
  ParameterType,
  PropertyKey,
  PropertyType,
  TypeConstraint,
  TypeExpression,
  TypeNode,
} from "./ast.ts";
import type { Cursor } from "./cursor.ts";
import { close, type ListRule, list, listAfter, open } from "./list.ts";
import { labelLiteral } from "./primary.ts";
import { stringLiteral } from "./string.ts";
import { isKeyword, Token } from "./token.ts";

/** `type`, or `type where A: Kind + Kind, B: Kind`. */
export function typeExpression(cursor: Cursor): TypeExpression {
  const { start } = cursor;
  const type = typeNode(cursor);
  const constraints: TypeConstraint[] = [];
  if (cursor.isWord("where")) {
    do {
      cursor.next();
      constraints.push(constraint(cursor));
    } while (cursor.kind === Token.Comma);
  }
  return { kind: "TypeExpression", span: cursor.spanFrom(start), type, constraints };
}

function constraint(cursor: Cursor): TypeConstraint {
  const { start } = cursor;
  const variable = cursor.name("the name of a type");
  const kinds: Identifier[] = [];
  if (cursor.at(Token.Colon)) {
    do {
      cursor.next();
      kinds.push(cursor.name("what the type must be, like `Addable`"));
    } while (cursor.kind === Token.Plus);
  } else wrong(cursor, "`:` and what the type must be");
  return { kind: "TypeConstraint", span: cursor.spanFrom(start), variable, kinds };
}

function typeNode(cursor: Cursor): TypeNode {
  if (!cursor.enter()) return badType(cursor);
  const found = typeNodeHere(cursor);
  cursor.leave();
  return found;
}

function typeNodeHere(cursor: Cursor): TypeNode {
  switch (cursor.kind) {
    case Token.LeftBracket:
      return arrayOrDictType(cursor);
    case Token.LeftBrace:
      return recordType(cursor);
    case Token.LeftParen:
      return functionType(cursor);
    case Token.Dot: {
      const { span, value } = labelLiteral(cursor);
      return { kind: "LabelType", span, value };
    }
    case Token.Identifier:
      return namedType(cursor);
    default:
      wrong(cursor, "a type");
      return badType(cursor);
  }
}

function namedType(cursor: Cursor): TypeNode {
  const { start } = cursor;
  const { span, name } = cursor.name("the name of a type");
  if (name === "stream" || name === "vector") {
    const bracket = cursor.kind === Token.LeftBracket;
    if (!bracket) wrong(cursor, "`[` and the type of the elements");
    const element = bracket ? inBrackets(cursor) : badType(cursor);
    const kind = name === "stream" ? ("StreamType" as const) : ("VectorType" as const);
    return { kind, span: cursor.spanFrom(start), element };
  }
  if (name === "dynamic") return { kind: "DynamicType", span };
  return { kind: name.length === 1 ? "TypeVariable" : "NamedType", span, name };
}

function inBrackets(cursor: Cursor): TypeNode {
  const opener = open(cursor, Token.RightBracket);
  const element = typeNode(cursor);
  close(cursor, opener);
  cursor.openers.pop();
  return element;
}

function arrayOrDictType(cursor: Cursor): TypeNode {
  const { start } = cursor;
  const opener = open(cursor, Token.RightBracket);
  const first = typeNode(cursor);
  const value = cursor.accept(Token.Colon) ? typeNode(cursor) : undefined;
  close(cursor, opener);
  cursor.openers.pop();
  const span = cursor.spanFrom(start);
  if (value) return { kind: "DictType", span, key: first, value };
  return { kind: "ArrayType", span, element: first };
}

function recordType(cursor: Cursor): TypeNode {
  const { start } = cursor;
  const opener = open(cursor, Token.RightBrace);
  let base: Identifier | undefined;
  if (cursor.kind === Token.Identifier && cursor.scanner.peek() === Token.Identifier) {
    base = cursor.name("the name of a type");
    if (!cursor.isWord("with")) wrong(cursor, "`with`");
    cursor.next();
  }
  const properties = listAfter(cursor, opener, propertyTypeRule);
  cursor.openers.pop();
  return { kind: "RecordType", span: cursor.spanFrom(start), with: base, properties };
}

const propertyTypeRule: ListRule<PropertyType> = {
  closer: Token.RightBrace,
  what: "property",
  begins: (cursor) => cursor.kind === Token.Identifier || cursor.kind === Token.String,
  item: propertyType,
  lenientFrom: 1,
};

function propertyType(cursor: Cursor): PropertyType {
  const { start } = cursor;
  const key = propertyTypeKey(cursor);
  if (!cursor.accept(Token.Colon)) wrong(cursor, "`:` and a type");
  const type = typeNode(cursor);
  return { kind: "PropertyType", span: cursor.spanFrom(start), key, type };
}

function propertyTypeKey(cursor: Cursor): PropertyKey {
  return cursor.kind === Token.String
    ? stringLiteral(cursor)
    : cursor.name("the name of a property");
}

function functionType(cursor: Cursor): TypeNode {
  const { start } = cursor;
  const parameters = list(cursor, parameterTypeRule);
  if (!cursor.accept(Token.Arrow)) wrong(cursor, "`=>` and the type of the result");
  const result = typeNode(cursor);
  return { kind: "FunctionType", span: cursor.spanFrom(start), parameters, result };
}

const parameterTypeRule: ListRule<ParameterType> = {
  closer: Token.RightParen,
  what: "parameter",
  begins: (cursor) =>
    cursor.kind === Token.Identifier ||
    cursor.kind === Token.Question ||
    cursor.kind === Token.PipeReceive,
  item: parameterType,
  lenientFrom: 1,
};

function parameterType(cursor: Cursor): ParameterType {
  const { start } = cursor;
  let mode: ParameterType["mode"] = "required";
  if (cursor.accept(Token.Question)) mode = "optional";
  else if (cursor.accept(Token.PipeReceive)) mode = "pipe";
  const anonymous = mode === "pipe" && cursor.kind !== Token.Identifier;
  const name = anonymous ? undefined : cursor.name("the name of a parameter");
  if (!cursor.accept(Token.Colon)) wrong(cursor, "`:` and the type of the parameter");
  const type = typeNode(cursor);
  const label =
    mode === "optional" && cursor.accept(Token.Assign) ? defaultLabel(cursor) : undefined;
  return { kind: "ParameterType", span: cursor.spanFrom(start), mode, name, type, default: label };
}

function defaultLabel(cursor: Cursor): LabelLiteral | undefined {
  if (cursor.kind === Token.Dot) return labelLiteral(cursor);
  wrong(cursor, "a label, like `.name`");
  return undefined;
}

function wrong(cursor: Cursor, expected: string): void {
  cursor.error("E0129", cursor.span, `expected ${expected}, found ${cursor.found}`);
}

function badType(cursor: Cursor): TypeNode {
  const span = { start: cursor.start, end: cursor.start };
  if (isKeyword(cursor.kind)) cursor.next();
  return { kind: "BadType", span };
}
