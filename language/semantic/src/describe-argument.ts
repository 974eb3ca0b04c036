import { keyName, nodesIn, withoutParens } from "@tocsin/language/syntax";
import type {
  Diagnostic,
  Expression,
  MemberExpression,
  Node,
  Property,
  Span,
} from "@tocsin/language/syntax";

import { adviseKind, adviseMismatch } from "./advice.ts";
import type { Advice } from "./advice.ts";
import { describeEndless, detail } from "./describe-clash.ts";
import { describeFunctionArgument } from "./describe-function.ts";
import { fieldNames } from "./describe-member.ts";
import { argumentOf, type Finding } from "./finding.ts";
import { nearest } from "./near.ts";
import { resolve } from "./type.ts";
import type { Type } from "./type.ts";
import type { Clash, Step } from "./unify.ts";
import { lacking, list, name, returned, say } from "./words.ts";
import type { World } from "./world.ts";

/** What is wrong with the value of one argument; `argument` is "" for a call as a whole. */
export type ArgumentMistake = Extract<Finding, { kind: "call" }> & { readonly argument: string };

/** The value of an argument, or what is piped in its stead. */
type Place = { readonly value: Expression | undefined; readonly span: Span };

/** The mistakes in the value of one argument. */
export function describeArgument(world: World, mistake: ArgumentMistake): Diagnostic[] {
  const property = argumentOf(mistake.call, mistake.argument);
  const value = property ? valueOf(property) : mistake.input;
  const place: Place = { value, span: value?.span ?? mistake.call.span };
  const ofFunction = property && describeFunctionArgument(world, mistake, value);
  const out = ofFunction?.diagnostics ?? [];
  const problems = ofFunction?.rest ?? mistake.problems;
  if (problems.length === 0) return out;
  return [...out, describeValue(world, { ...mistake, problems }, place)];
}

function valueOf(property: Property): Expression | undefined {
  if (property.value) return property.value;
  return property.key.kind === "Identifier" ? property.key : undefined;
}

/** A mistake that is not about what a function literal takes or returns. */
function describeValue(world: World, mistake: ArgumentMistake, place: Place): Diagnostic {
  const { argument, call, problems } = mistake;
  const [{ path, clash }] = problems;
  const inner = path.slice(argument === "" ? 0 : 1);
  const callee = name(call.callee);
  const given = argumentOf(call, argument) !== undefined;
  const what = given ? `\`${argument}\` of ${callee}` : `what is piped into ${callee}`;
  const subject = argument === "" ? `the result of ${callee}` : what;
  if (clash.kind === "endless") return describeEndless(place.span, clash.found);
  if (inner.length === 0) return describeWhole(world, mistake, { place, subject, clash });
  if (clash.kind === "missing field" && !given) {
    const field = lostField(mistake, clash);
    if (field !== undefined) return field;
  }
  const code = clash.kind === "kind" ? "E0206" : "E0205";
  const span = locate(place.value, inner)?.span ?? place.span;
  const message = `${subject} does not fit${detail(problems, argument === "" ? 0 : 1)}`;
  const lost = clash.kind === "missing field" && !given ? fieldHint(clash) : {};
  return { code, severity: "error", span, message, ...lost };
}

/** A field that the rows lack, where a function in the call reads it: `mapFn: (r) => ({… r.nope …})`. */
function lostField(
  { call }: ArgumentMistake,
  clash: Extract<Clash, { kind: "missing field" }>,
): Diagnostic | undefined {
  const read = memberCalled(call, clash.name);
  if (read === undefined) return undefined;
  const { span } = read.property;
  const near = nearest(clash.name, fieldNames(clash.found));
  const edits = near?.sure ? [{ span, text: near.name }] : [];
  return {
    code: "E0204",
    severity: "error",
    span,
    message: `the rows have no field \`${clash.name}\``,
    ...fieldHint(clash, near?.name),
    ...(near && edits.length > 0 ? { fix: { description: `write \`${near.name}\``, edits } } : {}),
  };
}

/** Which fields there are, or the near one. */
function fieldHint(
  { name: label, found }: Extract<Clash, { kind: "missing field" }>,
  near = nearest(label, fieldNames(found))?.name,
): { hint?: string } {
  const names = fieldNames(found);
  if (near !== undefined) return { hint: `did you mean \`${near}\`?` };
  return names.length > 0 && names.length <= 8 ? { hint: `they have ${list(names)}` } : {};
}

/** `x.label` in a node. */
function memberCalled(node: Node, label: string): MemberExpression | undefined {
  const isIt = node.kind === "MemberExpression" && keyName(node.property) === label;
  if (isIt && node.object.kind === "Identifier") return node;
  for (const part of nodesIn(node)) {
    const found = memberCalled(part, label);
    if (found !== undefined) return found;
  }
  return undefined;
}

function describeWhole(
  world: World,
  mistake: ArgumentMistake,
  at: { readonly place: Place; readonly subject: string; readonly clash: Clash },
): Diagnostic {
  const { place, subject, clash } = at;
  const base = { severity: "error", span: place.span } as const;
  const finding = {
    kind: "mismatch",
    role: "argument",
    node: place.value ?? mistake.call,
    whole: mistake.call,
    problems: mistake.problems,
  } as const;
  if (clash.kind === "kind") {
    const message = `${subject} is ${say(clash.found)}, which ${lacking[clash.needed]}`;
    const advice = adviseKind({ ...finding, found: clash.found }, clash.needed, clash.found);
    return { code: "E0206", ...base, message, ...advice };
  }
  if (clash.kind !== "types") {
    return {
      code: "E0205",
      ...base,
      message: `${subject} does not fit${detail(mistake.problems, 1)}`,
    };
  }
  const { expected, found } = clash;
  const message = `${subject} must be ${say(expected)}, found ${say(found)}`;
  const advice =
    calledTooSoon(world, place.value, expected) ??
    withoutRow(world, place.value, expected) ??
    functionInQuotes(world, place.value, expected) ??
    adviseMismatch({ ...finding, expected, found });
  return { code: "E0205", ...base, message, ...advice };
}

/** `fn: mean()` where the function itself is meant. */
function calledTooSoon(
  world: World,
  value: Expression | undefined,
  expected: Type,
): Advice | undefined {
  const inner = value && withoutParens(value);
  if (inner?.kind !== "CallExpression" || resolve(expected).kind !== "function") return undefined;
  const hint = `give the function itself: ${name(inner.callee)}`;
  if (inner.arguments.length > 0) return { hint: "give a function, like `(tables=<-) => …`" };
  world.explain(inner, "E0207");
  const edits = [{ span: { start: inner.callee.span.end, end: inner.span.end }, text: "" }];
  return { hint, fix: { description: "leave `()` out", edits } };
}

/** `mapFn: ({…})` and `crit: r._value > 90`: what is to be done with a row, but no function of it. */
function withoutRow(
  world: World,
  value: Expression | undefined,
  expected: Type,
): Advice | undefined {
  const wanted = resolve(expected);
  if (wanted.kind !== "function" || value === undefined || wanted.parameters.length !== 1)
    return undefined;
  const [{ name: parameter, mode }] = wanted.parameters;
  const rows = uses(value, parameter);
  if (mode !== "required" || rows.length === 0) return undefined;
  for (const use of rows) world.explain(use, "E0229");
  const bare = withoutParens(value).kind === "RecordExpression" && value.kind !== "ParenExpression";
  const { start, end } = value.span;
  const edits = [{ span: { start, end: start }, text: `(${parameter}) => ${bare ? "(" : ""}` }];
  if (bare) edits.push({ span: { start: end, end }, text: ")" });
  return {
    hint: `write \`(${parameter}) =>\` before it: it is done anew for each row`,
    fix: { description: `make it a function of \`${parameter}\``, edits },
  };
}

function uses(node: Node, name: string): Node[] {
  if (node.kind === "FunctionExpression") return [];
  if (node.kind === "Identifier") return node.name === name ? [node] : [];
  return nodesIn(node).flatMap((part) => uses(part, name));
}

/** `fn: "mean"`: the name of a function in quotes. */
function functionInQuotes(
  world: World,
  value: Expression | undefined,
  expected: Type,
): Advice | undefined {
  if (value?.kind !== "StringLiteral" || resolve(expected).kind !== "function") return undefined;
  if (!world.library.preludeNames().includes(value.value)) return undefined;
  const edits = [{ span: value.span, text: value.value }];
  return {
    hint: `give the function itself: \`${value.value}\``,
    fix: { description: "leave the quotes out", edits },
  };
}

/** The part of an argument's value that a path leads to, as far as it is written out. */
function locate(value: Expression | undefined, path: readonly Step[]): Expression | undefined {
  let node = value && withoutParens(value);
  for (const step of path) {
    const next = node && partAt(node, step);
    if (!next) return node;
    node = withoutParens(next);
  }
  return node;
}

function partAt(node: Expression, step: Step): Expression | undefined {
  if (step.kind === "result" && node.kind === "FunctionExpression") return returned(node);
  if (step.kind === "element" && node.kind === "ArrayExpression") return node.elements[0];
  if (step.kind !== "field" || node.kind !== "RecordExpression") return undefined;
  return node.properties.find((each) => keyName(each.key) === step.name)?.value;
}
