import type { Block, FunctionExpression, Parameter, Statement } from "@tocsin/language/syntax";

import { inferExpression } from "./expression.ts";
import type { Inference } from "./inference.ts";
import { Copier } from "./scheme.ts";
import { assign } from "./statement.ts";
import { unknown } from "./type.ts";
import type { ParameterOf, Type } from "./type.ts";

/** The type of a function literal. */
export function inferFunction(cx: Inference, node: FunctionExpression): Type {
  const hasDefaults = node.parameters.some((each) => each.default);
  const read = () => cx.within(node, () => inferParts(cx, node));
  // A default must not narrow the parameter: it is tried on a copy, and only what belongs to the
  // function is copied. That is all which is deeper than its surroundings.
  if (!hasDefaults) return read();
  const type = cx.deeper(read);
  tryDefaults(cx, node, type);
  return type;
}

function inferParts(cx: Inference, node: FunctionExpression): Type {
  const parameters = new Map<string, ParameterOf>();
  let piped = false;
  for (const each of node.parameters) {
    if (each.pipe && piped) cx.report({ kind: "second pipe", span: each.span });
    piped ||= each.pipe;
    const mode = each.pipe ? "pipe" : each.default ? "optional" : "required";
    const { name, span } = each.key;
    const type = cx.fresh();
    cx.types.set(each, type);
    if (name === "") continue;
    // Upstream tells a required parameter from an optional one of the same name.
    parameters.set(`${mode} ${name}`, { mode, name, type });
    cx.scope.define({ name, kind: "parameter", span, type, generic: false, node: each, uses: [] });
  }
  const result = node.body.kind === "Block" ? inferBlock(cx, node, node.body) : undefined;
  return {
    kind: "function",
    parameters: [...parameters.values()],
    result: result ?? (node.body.kind === "Block" ? unknown : inferExpression(cx, node.body)),
  };
}

function inferBlock(cx: Inference, node: FunctionExpression, block: Block): Type {
  let result: Type | undefined;
  for (const [at, statement] of block.body.entries()) {
    const type = inferStatementInBlock(cx, statement);
    const isLast = at === block.body.length - 1;
    if (statement.kind === "ReturnStatement" && !isLast) {
      cx.report({ kind: "early return", statement });
    }
    if (isLast) result = type;
  }
  if (result) return result;
  // What could not be read may have been the return statement; a misplaced one is reported.
  const kinds = block.body.map((each) => each.kind);
  const hasCause = kinds.includes("BadStatement") || kinds.includes("ReturnStatement");
  if (!hasCause) cx.report({ kind: "missing return", function: node });
  return unknown;
}

/** The type of what a return statement returns; undefined for any other statement. */
function inferStatementInBlock(cx: Inference, statement: Statement): Type | undefined {
  switch (statement.kind) {
    case "VariableAssignment":
      assign(cx, statement);
      return undefined;
    case "ExpressionStatement":
      inferExpression(cx, statement.expression);
      return undefined;
    case "ReturnStatement":
      return inferExpression(cx, statement.argument);
    case "BadStatement":
      return undefined;
    case "OptionStatement":
    case "BuiltinStatement":
    case "TestcaseStatement":
      cx.report({ kind: "statement in function", statement });
      return undefined;
    default:
      return statement satisfies never;
  }
}

function tryDefaults(cx: Inference, node: FunctionExpression, type: Type): void {
  const copier = new Copier(cx.level, cx.level);
  copier.copy(type);
  for (const parameter of node.parameters) {
    if (parameter.default) tryDefault(cx, { node, parameter, copier });
  }
}

function tryDefault(
  cx: Inference,
  at: {
    readonly node: FunctionExpression;
    readonly parameter: Parameter;
    readonly copier: Copier;
  },
): void {
  const { node, parameter, copier } = at;
  if (!parameter.default) return;
  const found = inferExpression(cx, parameter.default);
  const expected = copier.copy(cx.types.get(parameter) ?? unknown);
  cx.expect(expected, found, { role: "default", node: parameter.default, whole: node });
}
