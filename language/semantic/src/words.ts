import { keyName, withoutParens } from "@tocsin/language/syntax";
import type { Expression, FunctionExpression } from "@tocsin/language/syntax";

import type { Kind } from "./kind.ts";
import { printShort } from "./print.ts";
import { resolve } from "./type.ts";
import type { Type } from "./type.ts";

/** `a`, `b` and `c`, each in backticks. */
export function list(names: readonly string[], word = "and"): string {
  const quoted = names.map((name) => `\`${name}\``);
  if (quoted.length < 2) return quoted.join("");
  return `${quoted.slice(0, -1).join(", ")} ${word} ${quoted[quoted.length - 1]}`;
}

/** A type in a sentence. */
export function say(type: Type): string {
  const target = resolve(type);
  switch (target.kind) {
    case "basic":
      return target.name;
    case "stream":
      return "a stream of tables";
    case "dynamic":
      return "a dynamic value";
    case "variable":
      return "a value of unknown type";
    case "array":
      return `an array \`${printShort(target)}\``;
    case "dict":
      return `a dictionary \`${printShort(target)}\``;
    case "record":
      return `a record \`${printShort(target)}\``;
    case "function":
      return `a function \`${printShort(target)}\``;
    case "vector":
    case "label":
    case "unknown":
      return `\`${printShort(target)}\``;
    default:
      return target satisfies never;
  }
}

/** What cannot be done with a type that lacks a kind; follows the type. */
export const lacking: Readonly<Record<Kind, string>> = {
  Addable: "cannot be added with `+`",
  Basic: "is not a simple value",
  Comparable: "has no order",
  Divisible: "cannot be multiplied or divided",
  Equatable: "cannot be compared",
  Label: "is not the name of a column",
  Negatable: "cannot take a sign",
  Nullable: "cannot be null",
  Numeric: "is not a number",
  Record: "is not a record",
  Stringable: "cannot be put into a string",
  Subtractable: "cannot be subtracted",
  Timeable: "is neither a time nor a duration",
};

/**
 * How an expression is called in a message: names as they are written, anything else by what it
 * is. The text of strings is never shown: a URL may hold a key.
 */
export function name(node: Expression): string {
  const inner = withoutParens(node);
  const text = nameText(inner);
  if (text !== undefined && text.length <= 50) return `\`${text}\``;
  return nameless[inner.kind] ?? "this value";
}

/** The text of a name, a member or a call of one; undefined for anything else. */
export function nameText(node: Expression): string | undefined {
  if (node.kind === "Identifier") return node.name;
  if (node.kind === "MemberExpression") {
    const object = nameText(node.object);
    return object === undefined ? undefined : `${object}.${keyName(node.property)}`;
  }
  if (node.kind !== "CallExpression") return undefined;
  const callee = nameText(node.callee);
  return callee === undefined ? undefined : `${callee}(${node.arguments.length > 0 ? "…" : ""})`;
}

const nameless: Readonly<Partial<Record<Expression["kind"], string>>> = {
  PipeExpression: "the result of these pipes",
  FunctionExpression: "this function",
  StringLiteral: "this string",
  StringExpression: "this string",
  RecordExpression: "this record",
  ArrayExpression: "this array",
};

/** The function literal that an expression is, if it is one. */
export function functionIn(node: Expression | undefined): FunctionExpression | undefined {
  const inner = node && withoutParens(node);
  return inner?.kind === "FunctionExpression" ? inner : undefined;
}

/** What a function literal returns: its body, or the argument of its return statement. */
export function returned(node: FunctionExpression): Expression | undefined {
  if (node.body.kind !== "Block") return node.body;
  const last = node.body.body.at(-1);
  return last?.kind === "ReturnStatement" ? last.argument : undefined;
}
