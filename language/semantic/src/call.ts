import { keyName } from "@tocsin/language/syntax";
import type { CallExpression, Expression } from "@tocsin/language/syntax";

import { isNameless } from "./broken.ts";
import { inferExpression, inferProperty } from "./expression.ts";
import type { Inference } from "./inference.ts";
import { parameterOf, resolve, unknown } from "./type.ts";
import type { FunctionType, ParameterOf, Type } from "./type.ts";
import { unify } from "./unify.ts";
import type { Problem } from "./unify.ts";

/** The type of a call's result; `input` is what is piped into it. */
export function inferCall(cx: Inference, call: CallExpression, input?: Expression): Type {
  const callee = inferCallee(cx, call);
  const given = new Map<string, ParameterOf>();
  for (const argument of call.arguments) {
    const type = inferProperty(cx, argument);
    const name = isNameless(argument) ? "" : keyName(argument.key);
    if (name !== "") given.set(name, { mode: "required", name, type });
  }
  const parameters = [...given.values()];
  if (input) {
    parameters.push({ mode: "pipe", name: "", type: inferExpression(cx, input) });
  }
  const target = resolve(callee);
  if (target.kind === "unknown") return unknown;
  if (target.kind !== "function" && target.kind !== "variable") {
    cx.report({ kind: "not a function", call, found: target });
    return unknown;
  }
  const result = target.kind === "function" ? target.result : cx.fresh();
  const wanted: FunctionType = { kind: "function", parameters, result };
  const problems = unify(target, wanted);
  if (problems.length === 0) return result;
  cx.report({ kind: "call", call, input, callee: target, problems });
  return problems.some((each) => isEarly(each, result)) ? unknown : result;
}

/** An argument of the function that a call gives back: that call is not yet what it will be. */
function isEarly({ path, clash }: Problem, result: Type): boolean {
  if (path.length > 0 || clash.kind !== "extra argument") return false;
  const target = resolve(result);
  return target.kind === "function" && parameterOf(target, clash.name) !== undefined;
}

function inferCallee(cx: Inference, call: CallExpression): Type {
  if (call.callee.kind !== "Identifier") return inferExpression(cx, call.callee);
  const type = cx.use(call.callee, { called: true });
  cx.types.set(call.callee, type);
  return type;
}
