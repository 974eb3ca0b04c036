import { withoutParens } from "@tocsin/language/syntax";
import type { Expression, FunctionExpression, SourceText } from "@tocsin/language/syntax";

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

/** How an expression is called in a message: its text when that is short, else a description. */
export function name(source: SourceText, node: Expression): string {
  const inner = withoutParens(node);
  if (inner.kind === "PipeExpression") return "what is piped here";
  if (inner.kind === "FunctionExpression") return "this function";
  const text = source.slice(node.span);
  return text.length <= 40 && !text.includes("\n") ? `\`${text}\`` : "this expression";
}

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
