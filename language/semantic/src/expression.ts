import { keyName } from "@tocsin/language/syntax";
import type {
  ArrayExpression,
  BinaryExpression,
  ConditionalExpression,
  DictExpression,
  Expression,
  Identifier,
  IndexExpression,
  LogicalExpression,
  MemberExpression,
  Property,
  PropertyKey,
  RecordExpression,
  StringExpression,
  UnaryExpression,
} from "@tocsin/language/syntax";

import { inferCall } from "./call.ts";
import { inferFunction } from "./function.ts";
import type { Inference } from "./inference.ts";
import type { Kind } from "./kind.ts";
import { instantiate } from "./scheme.ts";
import {
  bool,
  duration,
  dynamic,
  fieldOf,
  float,
  int,
  record,
  regexp,
  resolve,
  string,
  time,
  unknown,
} from "./type.ts";
import type { Field, Type } from "./type.ts";
import { unify } from "./unify.ts";

/** The type of an expression; noted for the node, with those of all nodes inside. */
export function inferExpression(cx: Inference, node: Expression): Type {
  const type = infer(cx, node);
  cx.types.set(node, type);
  return type;
}

function infer(cx: Inference, node: Expression): Type {
  switch (node.kind) {
    case "Identifier":
      return cx.use(node);
    case "ParenExpression":
      return inferExpression(cx, node.expression);
    case "MemberExpression":
      return inferMember(cx, node);
    case "IndexExpression":
      return inferIndex(cx, node);
    case "CallExpression":
      return inferCall(cx, node);
    case "PipeExpression": {
      const type = inferCall(cx, node.call, node.input);
      cx.types.set(node.call, type);
      return type;
    }
    case "BinaryExpression":
      return inferBinary(cx, node);
    case "LogicalExpression":
      return inferLogical(cx, node);
    case "UnaryExpression":
      return inferUnary(cx, node);
    case "ConditionalExpression":
      return inferConditional(cx, node);
    case "FunctionExpression":
      return inferFunction(cx, node);
    case "ArrayExpression":
      return inferArray(cx, node);
    case "DictExpression":
      return inferDict(cx, node);
    case "RecordExpression":
      return inferRecord(cx, node);
    case "StringExpression":
      return inferInterpolation(cx, node);
    case "StringLiteral":
      return string;
    case "IntegerLiteral":
      return int;
    case "FloatLiteral":
      return float;
    case "DurationLiteral":
      return duration;
    case "DateTimeLiteral":
      return time;
    case "RegexpLiteral":
      return regexp;
    case "PipeLiteral":
      cx.report({ kind: "pipe literal", span: node.span });
      return unknown;
    case "LabelLiteral":
      if (!cx.labels) cx.report({ kind: "label literal", span: node.span });
      return { kind: "label", name: node.value };
    case "BadExpression":
      return unknown;
    default:
      return node satisfies never;
  }
}

function inferMember(cx: Inference, node: MemberExpression): Type {
  const name = keyName(node.property);
  const property = { kind: node.property.kind, name, span: node.property.span };
  if (node.object.kind === "Identifier") {
    const found = inferPackageMember(cx, node.object, property);
    if (found) return found;
  }
  const object =
    node.object.kind === "Identifier"
      ? cx.use(node.object, { member: name })
      : inferExpression(cx, node.object);
  cx.types.set(node.object, object);
  return memberOf(cx, { node, object, property });
}

/** The name behind the dot, or in `["…"]`. */
type Named = Pick<Identifier, "name" | "span"> & { readonly kind: PropertyKey["kind"] };

/** Whether there is no name, which the parser has reported; `[""]` is one. */
const isMissing = ({ kind, name }: Named): boolean => kind === "Identifier" && name === "";

/** The type of `object.property`; undefined when the object is not the name of a package. */
export function inferPackageMember(
  cx: Inference,
  object: Identifier,
  property: Named,
): Type | undefined {
  const definition = cx.lookup(object.name);
  if (definition?.kind !== "import" || definition.path === undefined) return undefined;
  definition.uses.push(object);
  cx.resolved.set(object, definition);
  if (isMissing(property)) return unknown;
  const type = cx.library.member(definition.path, property.name);
  if (type) return instantiate(type, cx.level);
  cx.report({ kind: "package member", object, property, path: definition.path });
  return unknown;
}

/** The type of a member of any other object; what is not known of the object is learned here. */
export function memberOf(
  cx: Inference,
  at: {
    readonly node: Extract<Parameters<Inference["report"]>[0], { kind: "member" }>["node"];
    readonly object: Type;
    readonly property: Named;
  },
): Type {
  const { node, object, property } = at;
  const target = resolve(object);
  if (target.kind === "unknown" || isMissing(property)) return unknown;
  if (target.kind === "dynamic") return dynamic;
  const known = fieldOf(target, property.name);
  if (known) return known;
  const type = cx.fresh();
  const problems = unify(record([{ label: property.name, type }], cx.fresh()), target);
  if (problems.length === 0) return type;
  cx.report({ kind: "member", node, object: target, property, problems });
  return unknown;
}

function inferIndex(cx: Inference, node: IndexExpression): Type {
  const array = inferExpression(cx, node.object);
  const index = inferExpression(cx, node.index);
  const target = resolve(array);
  const element = target.kind === "array" ? target.element : cx.fresh();
  const expected: Type = target.kind === "array" ? target : { kind: "array", element };
  // What has no elements has no index either: that is one mistake.
  const place = { role: "indexed", node: node.object, whole: node } as const;
  if (!cx.expect(expected, target, place)) return unknown;
  cx.expect(int, index, { role: "index", node: node.index, whole: node });
  return target.kind === "unknown" ? unknown : element;
}

const arithmetic: Readonly<Partial<Record<BinaryExpression["operator"], Kind>>> = {
  "+": "Addable",
  "-": "Subtractable",
  "*": "Divisible",
  "/": "Divisible",
  "%": "Divisible",
  "^": "Divisible",
};

const comparison: Readonly<Partial<Record<BinaryExpression["operator"], readonly Kind[]>>> = {
  "==": ["Equatable"],
  "!=": ["Equatable"],
  "<": ["Comparable"],
  ">": ["Comparable"],
  "<=": ["Equatable", "Comparable"],
  ">=": ["Equatable", "Comparable"],
};

function inferBinary(cx: Inference, node: BinaryExpression): Type {
  const { left, right, operator } = node;
  const leftType = inferExpression(cx, left);
  const rightType = inferExpression(cx, right);
  const kind = arithmetic[operator];
  if (kind) {
    const place = { role: "operand", node: right, whole: node, because: left } as const;
    if (!cx.expect(leftType, rightType, place)) return unknown;
    return cx.demand(leftType, kind, { role: "operand", node, whole: node }) ? leftType : unknown;
  }
  const kinds = comparison[operator];
  if (kinds) {
    for (const each of kinds) {
      // An operand that lacks both kinds is one mistake.
      if (!cx.demand(leftType, each, { role: "compared", node: left, whole: node })) break;
    }
    for (const each of kinds) {
      if (!cx.demand(rightType, each, { role: "compared", node: right, whole: node })) break;
    }
  } else {
    cx.expect(string, leftType, { role: "matched", node: left, whole: node });
    cx.expect(regexp, rightType, { role: "pattern", node: right, whole: node });
  }
  return bool;
}

function inferLogical(cx: Inference, node: LogicalExpression): Type {
  const left = inferExpression(cx, node.left);
  const right = inferExpression(cx, node.right);
  cx.expect(bool, left, { role: "logical", node: node.left, whole: node });
  cx.expect(bool, right, { role: "logical", node: node.right, whole: node });
  return bool;
}

function inferUnary(cx: Inference, node: UnaryExpression): Type {
  const argument = inferExpression(cx, node.argument);
  switch (node.operator) {
    case "not":
      cx.expect(bool, argument, { role: "logical", node: node.argument, whole: node });
      return bool;
    case "exists":
      return bool;
    case "+":
    case "-": {
      const place = { role: "sign", node: node.argument, whole: node } as const;
      return cx.demand(argument, "Negatable", place) ? argument : unknown;
    }
    default:
      return node.operator satisfies never;
  }
}

function inferConditional(cx: Inference, node: ConditionalExpression): Type {
  const test = inferExpression(cx, node.test);
  cx.expect(bool, test, { role: "condition", node: node.test, whole: node });
  const consequent = inferExpression(cx, node.consequent);
  const alternate = inferExpression(cx, node.alternate);
  const because = node.consequent;
  const place = { role: "branch", node: node.alternate, whole: node, because } as const;
  if (!cx.expect(consequent, alternate, place)) return unknown;
  return resolve(consequent).kind === "unknown" ? alternate : consequent;
}

function inferArray(cx: Inference, node: ArrayExpression): Type {
  const [first, ...rest] = node.elements;
  if (!first) return { kind: "array", element: cx.fresh() };
  let element = inferExpression(cx, first);
  for (const each of rest) {
    const type = inferExpression(cx, each);
    const place = { role: "element", node: each, whole: node, because: first } as const;
    if (!cx.expect(element, type, place)) element = unknown;
  }
  return { kind: "array", element };
}

function inferDict(cx: Inference, node: DictExpression): Type {
  const key = cx.fresh();
  const value = cx.fresh();
  const [first] = node.entries;
  for (const each of node.entries) {
    const keyType = inferExpression(cx, each.key);
    const valueType = inferExpression(cx, each.value);
    const isFirst = each === first;
    const ofKey = isFirst ? {} : { because: first.key };
    const ofValue = isFirst ? {} : { because: first.value };
    cx.expect(key, keyType, { role: "key", node: each.key, whole: node, ...ofKey });
    cx.expect(value, valueType, { role: "value", node: each.value, whole: node, ...ofValue });
  }
  cx.demand(key, "Comparable", { role: "key", node: first?.key ?? node, whole: node });
  return { kind: "dict", key, value };
}

function inferRecord(cx: Inference, node: RecordExpression): Type {
  const base = node.with && inferBase(cx, node.with);
  const fields: Field[] = node.properties.map((property) => ({
    label: keyName(property.key),
    type: inferProperty(cx, property),
  }));
  return record(fields, base);
}

function inferBase(cx: Inference, node: Identifier): Type {
  const type = cx.use(node);
  cx.types.set(node, type);
  return type;
}

/** The type of a property's value; `a` alone stands for `a: a`. */
export function inferProperty(cx: Inference, property: Property): Type {
  if (property.value) return inferExpression(cx, property.value);
  // A quoted key without a value has been reported by the parser.
  if (property.key.kind !== "Identifier") return unknown;
  cx.short.add(property.key);
  const type = cx.use(property.key);
  cx.types.set(property.key, type);
  return type;
}

function inferInterpolation(cx: Inference, node: StringExpression): Type {
  for (const part of node.parts) {
    if (part.kind === "TextPart") continue;
    const type = inferExpression(cx, part.expression);
    cx.demand(type, "Stringable", { role: "interpolation", node: part.expression, whole: node });
  }
  return string;
}
