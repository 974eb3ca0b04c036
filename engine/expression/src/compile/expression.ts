import { FluxError } from "@tocsin/data/value";
import {
  type Expression,
  keyName,
  type Literal,
  type MemberExpression,
  type RecordExpression,
  type StringExpression,
  type StringPart,
  type UnaryExpression,
  withoutParens,
} from "@tocsin/language/syntax";
import { member, negatable } from "../operations.ts";
import { literal } from "../walk.ts";
import { boxed, lookUp, scopeFor } from "./boxing.ts";
import { callTerm, pipedTerm } from "./call.ts";
import { conditionalTerm } from "./conditional.ts";
import type { Env } from "./env.ts";
import { not, quoted, wrapped } from "./logic.ts";
import { logicalTerm } from "./logical.ts";
import { binaryTerm, boolOf } from "./operators.ts";
import { NULL_TERM, nullScalar, type Scalar, scalar, type Term } from "./term.ts";
import { constantTerm, settled, type Unit } from "./unit.ts";

/** Emits what an expression does that can fail, in the order of the walk; gives what it stands for. */
export function compile(node: Expression, env: Env, unit: Unit): Term {
  unit.descend();
  const term = compiled(node, env, unit);
  unit.ascend();
  return term;
}

function compiled(node: Expression, env: Env, unit: Unit): Term {
  switch (node.kind) {
    case "Identifier":
      return lookUp(node.name, env, unit) ?? undefinedName(node.name, node, env, unit);
    case "MemberExpression":
      return memberTerm(node, env, unit);
    case "BinaryExpression": {
      const left = compile(node.left, env, unit);
      const right = compile(node.right, env, unit);
      return binaryTerm(node, left, right, { unit, env });
    }
    case "LogicalExpression":
      return logicalTerm(node, env, unit);
    case "UnaryExpression":
      return unaryTerm(node, env, unit);
    case "ConditionalExpression":
      return conditionalTerm(node, env, unit);
    case "CallExpression":
      return callTerm(node, undefined, env, unit);
    case "PipeExpression":
      return pipedTerm(node, env, unit);
    case "FunctionExpression":
      return { form: "lambda", node, env, file: env.file, name: undefined };
    case "RecordExpression":
      return recordTerm(node, env, unit);
    case "StringExpression":
      return textTerm(node, env, unit);
    case "ParenExpression":
      return compile(withoutParens(node), env, unit);
    case "IndexExpression": {
      const object = boxed(compile(node.object, env, unit), unit);
      const index = boxed(compile(node.index, env, unit), unit);
      unit.at(node, env);
      return { form: "boxed", code: unit.bound(`element(${object}, ${index})`, "b") };
    }
    case "ArrayExpression": {
      const elements = node.elements.map((one) => settledBox(compile(one, env, unit), unit));
      return { form: "boxed", code: unit.bound(`array([${elements.join(", ")}])`, "b") };
    }
    case "DictExpression":
    case "BadExpression":
      return walked(node, env, unit);
    default:
      return literalTerm(node, env, unit);
  }
}

const settledBox = (term: Term, unit: Unit): string => boxed(settled(term, unit), unit);

/** The walk of one expression, inside generated code. */
export function walked(node: Expression, env: Env, unit: Unit): Term {
  const scope = scopeFor(node, env, unit);
  unit.at(node, env);
  const parts = [unit.constant(node), scope, unit.constant(env.file)];
  return { form: "boxed", code: unit.bound(`evaluate(${parts.join(", ")})`, "b") };
}

function undefinedName(name: string, node: Expression, env: Env, unit: Unit): Term {
  unit.raise(`undefinedIdentifier(${quoted(name)})`, node, env);
  return NULL_TERM;
}

function literalTerm(node: Literal, env: Env, unit: Unit): Term {
  try {
    return constantTerm(literal(node), unit);
  } catch (thrown) {
    if (!(thrown instanceof FluxError)) throw thrown;
    unit.raise(unit.constant(thrown), node, env);
    return NULL_TERM;
  }
}

function memberTerm(node: MemberExpression, env: Env, unit: Unit): Term {
  const object = compile(node.object, env, unit);
  const label = keyName(node.property);
  switch (object.form) {
    case "struct":
      return object.fields.get(label) ?? NULL_TERM;
    case "null":
      return NULL_TERM;
    case "constant":
      if (object.value.kind === "record" || object.value.kind === "package") {
        return constantMember(object.value, label, { node, env, unit });
      }
  }
  const value = boxed(object, unit);
  unit.at(node, env);
  return { form: "boxed", code: unit.bound(`member(${value}, ${quoted(label)})`, "b") };
}

function constantMember(
  object: Parameters<typeof member>[0],
  label: string,
  { node, env, unit }: { node: MemberExpression; env: Env; unit: Unit },
): Term {
  try {
    const cell = object.kind === "package" ? object.cells.get(label) : undefined;
    if (cell?.option === true) unit.guards.push({ cell, value: cell.value });
    return constantTerm(member(object, label), unit);
  } catch (thrown) {
    if (!(thrown instanceof FluxError)) throw thrown;
    unit.raise(unit.constant(thrown), node, env);
    return NULL_TERM;
  }
}

function unaryTerm(node: UnaryExpression, env: Env, unit: Unit): Term {
  const { operator } = node;
  const term = compile(node.argument, env, unit);
  if (operator === "exists") return scalar("bool", existsCode(term, unit));
  if (term.form === "null") return operator === "not" ? nullScalar("bool") : term;
  if (term.form !== "scalar") {
    const value = boxed(term, unit);
    unit.at(node, env);
    const made = unit.bound(`unary(${quoted(operator)}, ${value})`, "b");
    return operator === "not" ? boolOf(made) : { form: "boxed", code: made };
  }
  const fits = operator === "not" ? term.kind === "bool" : negatable(term.kind);
  if (!fits) {
    const error = `unsupportedUnary(${quoted(operator)}, ${quoted(term.kind)})`;
    unit.raise(error, node, env, not(term.absent));
    return operator === "not" ? nullScalar("bool") : nullScalar(term.kind);
  }
  if (operator === "+" || (term.absent === "true" && operator === "-")) return term;
  if (operator === "not") return scalar("bool", not(term.code), term.absent);
  const minus = `-${wrapped(unit.short(term.code))}`;
  if (term.kind === "float") return scalar("float", minus, term.absent);
  const wrap = term.kind === "int" ? "BigInt.asIntN" : "BigInt.asUintN";
  return scalar(term.kind, `${wrap}(64, ${minus})`, term.absent);
}

function existsCode(term: Term, unit: Unit): string {
  switch (term.form) {
    case "scalar":
      return not(term.absent);
    case "null":
      return "false";
    case "struct":
    case "lambda":
      return "true";
    case "boxed":
    case "constant":
      return `exists(${boxed(term, unit)})`;
  }
}

function recordTerm(node: RecordExpression, env: Env, unit: Unit): Term {
  const fields = new Map<string, Term>();
  if (node.with !== undefined) {
    const base = compile(node.with, env, unit);
    const known = fieldsOf(base, unit);
    if (known === undefined) return walked(node, env, unit);
    for (const [label, term] of known) fields.set(label, term);
  }
  const given = new Set<string>();
  for (const { key, value } of node.properties) {
    const label = keyName(key);
    if (given.has(label) || (value === undefined && key.kind !== "Identifier")) {
      return walked(node, env, unit);
    }
    given.add(label);
    const term = named(compile(value ?? (key as Expression), env, unit), label);
    fields.set(label, isTemplate(term) ? term : settled(term, unit));
  }
  return { form: "struct", fields, row: false };
}

/** A text that nobody may ever read is not made before somebody does. */
const isTemplate = (term: Term): boolean => term.form === "scalar" && term.template !== undefined;

function fieldsOf(base: Term, unit: Unit): Iterable<readonly [string, Term]> | undefined {
  if (base.form === "struct") return base.fields;
  if (base.form !== "constant" || base.value.kind !== "record") return undefined;
  return [...base.value.fields].map(
    ([label, value]) => [label, constantTerm(value, unit)] as const,
  );
}

/** A function takes the name under which it is first known, as in the walk. */
export const named = (term: Term, name: string): Term =>
  term.form === "lambda" && term.name === undefined ? { ...term, name } : term;

function textTerm(node: StringExpression, env: Env, unit: Unit): Term {
  const codes: string[] = [];
  const parts = [""];
  const fillers: Scalar[] = [];
  let lazy = true;
  for (const part of node.parts) {
    if (part.kind === "TextPart") {
      codes.push(unit.constant(part.value));
      parts[parts.length - 1] += part.value;
      continue;
    }
    const term = settled(compile(part.expression, env, unit), unit);
    codes.push(partText(term, part, env, unit));
    if (term.form !== "scalar") lazy = false;
    else if (term.template !== undefined) lazy = false;
    else {
      fillers.push(term);
      parts.push("");
    }
  }
  const text = scalar("string", codes.length === 0 ? '""' : codes.join(" + "));
  return lazy ? { ...text, template: { parts, fillers } } : settled(text, unit);
}

/** Code of the text that one `${…}` makes. A null raises. */
function partText(term: Term, part: StringPart, env: Env, unit: Unit): string {
  if (term.form === "null") {
    unit.raise("nullInterpolated()", part, env);
    return '""';
  }
  if (term.form === "scalar") {
    unit.raise("nullInterpolated()", part, env, term.absent);
    return wrapped(scalarText(term));
  }
  const value = boxed(term, unit);
  unit.at(part, env);
  return unit.bound(`interpolated(${value})`);
}

function scalarText({ kind, code }: Scalar): string {
  if (kind === "string") return code;
  if (kind === "float") return `formatFloat(${code})`;
  return kind === "time" ? `formatTime9(${code})` : `String(${code})`;
}
