import {
  type Expression,
  type FunctionExpression,
  type LogicalExpression,
  type MemberExpression,
  withoutParens,
} from "@tocsin/language/syntax";
import { childrenOf } from "./effect.ts";

const forms = new WeakMap<FunctionExpression, boolean>();
const threeValued = new WeakSet<LogicalExpression>();

/**
 * Whether a function is `(r) => ({…})` with nothing but columns, literals, operators and `float(v:)` in it. Upstream
 * runs such a function on whole columns, where `and` and `or` have three values, and its testcases rely on that. Here
 * they have three values in such a function, too, however it is called.
 */
export function isColumnForm(node: FunctionExpression): boolean {
  let form = forms.get(node);
  if (form === undefined) {
    const logicals: LogicalExpression[] = [];
    form = hasColumnForm(node, logicals);
    forms.set(node, form);
    if (form) for (const logical of logicals) threeValued.add(logical);
  }
  return form;
}

/** Whether this `and` or `or` has three values. To be asked after `isColumnForm` of its function. */
export const knowsThreeValues = (node: LogicalExpression): boolean => threeValued.has(node);

function hasColumnForm(node: FunctionExpression, logicals: LogicalExpression[]): boolean {
  if (node.parameters.length !== 1 || node.parameters[0].key.name !== "r") return false;
  if (node.parameters[0].default !== undefined || node.body.kind === "Block") return false;
  const body = withoutParens(node.body);
  if (body.kind !== "RecordExpression") return false;
  if (body.with !== undefined && body.with.name !== "r") return false;
  return body.properties.every(({ value }) => value !== undefined && isPlain(value, logicals));
}

function isPlain(node: Expression, logicals: LogicalExpression[]): boolean {
  switch (node.kind) {
    case "LogicalExpression":
      logicals.push(node);
      break;
    case "MemberExpression":
      return isColumn(node);
    case "Identifier":
      return node.name === "true" || node.name === "false";
    case "BinaryExpression":
      if (node.operator === "=~" || node.operator === "!~") return false;
      break;
    case "CallExpression":
      if (!isFloatCall(node)) return false;
      return node.arguments.every(({ value }) => value !== undefined && isPlain(value, logicals));
    case "UnaryExpression":
    case "ConditionalExpression":
    case "ParenExpression":
    case "IntegerLiteral":
    case "FloatLiteral":
    case "StringLiteral":
    case "DateTimeLiteral":
      break;
    default:
      return false;
  }
  return childrenOf(node).every((child) => isPlain(child, logicals));
}

const isColumn = (node: MemberExpression): boolean =>
  node.object.kind === "Identifier" && node.object.name === "r";

const isFloatCall = (node: Expression & { kind: "CallExpression" }): boolean =>
  node.callee.kind === "Identifier" && node.callee.name === "float";
