import { type Expression, type LogicalExpression, withoutParens } from "@tocsin/language/syntax";
import { knowsThreeValues } from "../column-form.ts";
import { operandNames } from "../operations.ts";
import { boxed } from "./boxing.ts";
import type { Env } from "./env.ts";
import { compile } from "./expression.ts";
import { and, not, or, quoted } from "./logic.ts";
import { boolOf } from "./operators.ts";
import { nullScalar, type Scalar, scalar, type Term } from "./term.ts";
import { settled, type Unit } from "./unit.ts";

/** Code of a condition: whether it holds. Null does not. */
export function conditionCode(
  term: Term,
  what: string,
  place: { node: Expression | undefined; env: Env; unit: Unit },
): string {
  const { node, env, unit } = place;
  if (term.form === "null") return "false";
  if (term.form === "scalar" && term.kind === "bool") return and(not(term.absent), term.code);
  if (term.form === "scalar") {
    const error = `notBoolean(${quoted(what)}, ${quoted(term.kind)})`;
    unit.raise(error, node, env, not(term.absent));
    return "false";
  }
  const value = boxed(term, unit);
  unit.at(node, env);
  return unit.bound(`holds(${value}, ${quoted(what)})`);
}

/**
 * Code of a condition that is written out: whether it was false or null does not matter here, which
 * makes `and` and `or` as short as they are in JavaScript.
 */
export function conditionOf(
  node: Expression,
  what: string,
  at: Expression | undefined,
  { env, unit }: { env: Env; unit: Unit },
): string {
  const inner = withoutParens(node);
  if (inner.kind !== "LogicalExpression" || knowsThreeValues(inner)) {
    return conditionCode(compile(inner, env, unit), what, { node: at, env, unit });
  }
  const isAnd = inner.operator === "and";
  const left = unit.short(conditionOf(inner.left, operandNames.left, inner, { env, unit }));
  if (left === (isAnd ? "false" : "true")) return left;
  if (left === (isAnd ? "true" : "false")) {
    return conditionOf(inner.right, operandNames.right, inner, { env, unit });
  }
  const { result: right, lines } = unit.captured(() =>
    conditionOf(inner.right, operandNames.right, inner, { env, unit }),
  );
  if (lines.length === 0) return isAnd ? and(left, right) : or(left, right);
  const outcome = unit.fresh("v");
  unit.emit(`let ${outcome} = ${isAnd ? "false" : "true"};`);
  unit.emit(`if (${isAnd ? left : not(left)}) {`);
  lines.forEach((line) => unit.emit(`  ${line}`));
  unit.emit(`  ${outcome} = ${right};`);
  unit.emit("}");
  return outcome;
}

/** `and` and `or`. */
export function logicalTerm(node: LogicalExpression, env: Env, unit: Unit): Term {
  if (knowsThreeValues(node)) return threeValued(node, compile(node.left, env, unit), env, unit);
  const holds = unit.short(conditionOf(node.left, operandNames.left, node, { env, unit }));
  const isAnd = node.operator === "and";
  if (holds === (isAnd ? "false" : "true")) return scalar("bool", isAnd ? "false" : "true");
  const reached = isAnd ? holds : not(holds);
  if (reached === "true") return rightOperand(node, env, unit);
  const { result: right, lines } = unit.captured(() => rightOperand(node, env, unit));
  if (lines.length === 0) {
    const code = isAnd ? and(holds, right.code) : or(holds, right.code);
    return scalar("bool", code, and(reached, right.absent));
  }
  const outcome = unit.fresh("v");
  const absent = right.absent === "false" ? "false" : unit.fresh("v");
  unit.emit(`let ${outcome} = ${isAnd ? "false" : "true"};`);
  if (absent !== "false") unit.emit(`let ${absent} = false;`);
  unit.emit(`if (${reached}) {`);
  lines.forEach((line) => unit.emit(`  ${line}`));
  unit.emit(`  ${outcome} = ${right.code};`);
  if (absent !== "false") unit.emit(`  ${absent} = ${right.absent};`);
  unit.emit("}");
  return scalar("bool", outcome, absent);
}

function rightOperand(node: LogicalExpression, env: Env, unit: Unit): Scalar {
  const term = compile(node.right, env, unit);
  if (term.form === "null") return nullScalar("bool");
  if (term.form === "scalar" && term.kind === "bool") return plain(term);
  if (term.form === "scalar") {
    conditionCode(term, operandNames.right, { node, env, unit });
    return nullScalar("bool");
  }
  const value = boxed(term, unit);
  unit.at(node, env);
  return boolOf(unit.bound(`rightOperand(${value})`, "b"));
}

/** A scalar whose code has been read once, so that reading it again emits nothing. */
const plain = (term: Scalar): Scalar => scalar(term.kind, term.code, term.absent);

function threeValued(node: LogicalExpression, left: Term, env: Env, unit: Unit): Term {
  const place = { node, env, unit };
  const isAnd = node.operator === "and";
  const l = settled(boolean(left, operandNames.left, place), unit) as Scalar;
  const undecided = isAnd ? or(l.absent, l.code) : or(l.absent, not(l.code));
  const { result, lines } = unit.captured(() => rightOperand(node, env, unit));
  const combine = (r: Scalar): Scalar => {
    if (isAnd) {
      const absent = or(and(l.absent, or(r.absent, r.code)), and(r.absent, undecided));
      return scalar("bool", and(undecided, or(r.absent, r.code)), absent);
    }
    const absent = or(and(l.absent, or(r.absent, not(r.code))), and(r.absent, undecided));
    return scalar("bool", or(and(not(l.absent), l.code), and(not(r.absent), r.code)), absent);
  };
  if (lines.length === 0) return combine(settled(result, unit) as Scalar);
  const outcome = unit.fresh("v");
  const absent = unit.fresh("v");
  unit.emit(`let ${outcome} = ${isAnd ? "false" : "true"}, ${absent} = false;`);
  unit.emit(`if (${undecided}) {`);
  lines.forEach((line) => unit.emit(`  ${line}`));
  const combined = combine(result);
  unit.emit(`  ${outcome} = ${combined.code};`);
  unit.emit(`  ${absent} = ${combined.absent};`);
  unit.emit("}");
  return scalar("bool", outcome, absent);
}

/** A term as a bool that may be null; what is no boolean raises. */
function boolean(
  term: Term,
  what: string,
  place: { node: Expression | undefined; env: Env; unit: Unit },
): Scalar {
  if (term.form === "scalar" && term.kind === "bool") return term;
  if (term.form === "null") return nullScalar("bool");
  const code = conditionCode(term, what, place);
  if (term.form === "scalar") return nullScalar("bool");
  const value = boxed(term, place.unit);
  return scalar("bool", code, `${value}.kind === "null"`);
}
