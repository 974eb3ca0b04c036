import { keyName, withoutParens } from "@tocsin/language/syntax";
import type {
  Diagnostic,
  Edit,
  Expression,
  FunctionExpression,
  Property,
  Span,
} from "@tocsin/language/syntax";

import { argumentOf } from "./describe-call.ts";
import { describeMismatch, detail } from "./describe-clash.ts";
import { parameterName } from "./describe-parameter.ts";
import type { Finding } from "./finding.ts";
import { nearest } from "./near.ts";
import { parameterOf, resolve } from "./type.ts";
import type { Type } from "./type.ts";
import type { Problem, Step } from "./unify.ts";
import { functionIn, lacking, list, name, returned, say } from "./words.ts";
import type { World } from "./world.ts";

/** What is wrong with the value of one argument; `argument` is "" for a call as a whole. */
export type ArgumentMistake = Extract<Finding, { kind: "call" }> & { readonly argument: string };

type Rest = { readonly value: Expression | undefined; readonly span: Span };

/** The mistakes in the value of one argument: misnamed parameters, missing fields, other types. */
export function describeArgument(world: World, mistake: ArgumentMistake): Diagnostic[] {
  const property = argumentOf(mistake.call, mistake.argument);
  const value = property && (property.value ?? expressionOf(property));
  const rest: Rest = {
    value: value ?? mistake.input,
    span: value?.span ?? mistake.input?.span ?? mistake.call.span,
  };
  const out: Diagnostic[] = [];
  let open = mistake.problems;
  const literal = functionIn(value);
  if (literal) {
    const renamed = misnamedParameters(world, literal, open);
    out.push(...renamed.diagnostics);
    open = renamed.rest;
    const fields = missingFields(world, { ...mistake, problems: open }, literal);
    if (fields) {
      out.push(fields);
      open = open.filter((each) => !isMissingField(each));
    }
  }
  if (open.length > 0) out.push(describeValue(world, { ...mistake, problems: open }, rest));
  return out;
}

function expressionOf(property: Property): Expression | undefined {
  return property.key.kind === "Identifier" ? property.key : undefined;
}

/** `(row) => …` where the function is called with `r`: one extra and one missing name. */
function misnamedParameters(
  world: World,
  literal: FunctionExpression,
  problems: readonly Problem[],
): { readonly diagnostics: Diagnostic[]; readonly rest: readonly Problem[] } {
  const here = problems.filter(({ path }) => path.length === 1);
  const missing = here.flatMap(({ clash }) =>
    clash.kind === "missing argument" ? [clash.name] : [],
  );
  const extra = here.flatMap(({ clash }) => (clash.kind === "extra argument" ? [clash.name] : []));
  // Of the caller's view: what it passes and the literal lacks is "missing" on the literal's side.
  if (missing.length !== 1 || extra.length !== 1) return { diagnostics: [], rest: problems };
  const parameter = literal.parameters.find((each) => each.key.name === extra[0]);
  if (!parameter) return { diagnostics: [], rest: problems };
  const [wanted] = missing;
  // Under its right name the parameter may fit or not: only the next check can tell.
  return { diagnostics: [parameterName(world, { parameter, wanted })], rest: [] };
}

/** All the fields that a returned record lacks, with the names it has instead. */
function missingFields(
  world: World,
  mistake: ArgumentMistake,
  literal: FunctionExpression,
): Diagnostic | undefined {
  const missing = mistake.problems.filter(isMissingField);
  if (missing.length === 0) return undefined;
  const names = missing.flatMap(({ clash }) =>
    clash.kind === "missing field" ? [clash.name] : [],
  );
  const result = returned(literal);
  const inner = result && withoutParens(result);
  const properties = inner?.kind === "RecordExpression" ? inner.properties : [];
  const wanted = fieldsWanted(mistake);
  const slips = properties.flatMap((property) => {
    const found = keyName(property.key);
    if (wanted.includes(found)) return [];
    const near = nearest(found, names);
    return near ? [{ property, found, near }] : [];
  });
  const edits: Edit[] = slips.flatMap(({ property, near }) =>
    near.sure ? [renameField(property, near.name)] : [],
  );
  const callee = name(world.source, mistake.call.callee);
  const given = slips.map(({ found, near }) => `\`${found}\` should be \`${near.name}\``);
  const certain = edits.length > 0 && edits.length === slips.length;
  return {
    code: "E0227",
    severity: "error",
    span: inner?.span ?? literal.span,
    message: `\`${mistake.argument}\` of ${callee} must return ${fieldWord(names)} ${list(names)}`,
    labels: slips.map(({ property, near }) => ({
      span: property.key.span,
      text: `did you mean \`${near.name}\`?`,
    })),
    hint: given.length > 0 ? given.join(", ") : "add what is missing to the record",
    ...(certain ? { fix: { description: "rename the fields", edits } } : {}),
  };
}

function fieldWord(names: readonly string[]): string {
  return names.length > 1 ? "also the fields" : "also the field";
}

function renameField(property: Property, to: string): Edit {
  const text = property.value ? to : `${to}: ${keyName(property.key)}`;
  return { span: property.key.span, text };
}

function isMissingField({ path, clash }: Problem): boolean {
  const [argument, result] = path;
  return (
    clash.kind === "missing field" &&
    path.length === 2 &&
    argument.kind === "argument" &&
    result.kind === "result"
  );
}

/** The names of all fields that the function given for an argument has to return. */
function fieldsWanted({ callee, argument }: ArgumentMistake): string[] {
  const target = resolve(callee);
  const parameter = target.kind === "function" ? parameterOf(target, argument) : undefined;
  const wanted = parameter && resolve(parameter.type);
  const result = wanted?.kind === "function" ? resolve(wanted.result) : undefined;
  if (result?.kind !== "record") return [];
  return result.fields.flatMap((field) => (typeof field.label === "string" ? [field.label] : []));
}

/** Any other mistake in an argument's value: as near to its cause as can be. */
function describeValue(world: World, mistake: ArgumentMistake, rest: Rest): Diagnostic {
  const { argument, call, problems } = mistake;
  const [{ path, clash }] = problems;
  const callee = name(world.source, call.callee);
  const inner = path.slice(argument === "" ? 0 : 1);
  if (clash.kind === "types" && inner.length === 0 && rest.value) {
    const base = describeMismatch(world, {
      kind: "mismatch",
      role: "value",
      node: rest.value,
      whole: call,
      expected: clash.expected,
      found: clash.found,
      problems: [{ path: [], clash }],
    });
    const what = argumentOf(call, argument)
      ? `\`${argument}\` of ${callee}`
      : `what ${callee} takes`;
    return {
      ...base,
      message: `${what} must be ${say(clash.expected)}, found ${say(clash.found)}`,
    };
  }
  const place = locate(rest.value, inner);
  const subject = argument === "" ? `the result of ${callee}` : `\`${argument}\` of ${callee}`;
  const code = clash.kind === "kind" ? "E0206" : clash.kind === "missing field" ? "E0204" : "E0205";
  if (clash.kind === "kind" && inner.length === 0) {
    const message = `${subject}: ${say(clash.found)} ${lacking[clash.needed]}`;
    return { code, severity: "error", span: rest.span, message };
  }
  const hint = hintFor(inner, clash.kind === "types" ? clash.found : undefined);
  return {
    code,
    severity: "error",
    span: place?.span ?? rest.span,
    message: `${subject} does not fit${detail(problems, argument === "" ? 0 : 1)}`,
    ...(hint ? { hint } : {}),
  };
}

function hintFor(path: readonly Step[], found: Type | undefined): string | undefined {
  const [first] = path;
  if (first?.kind !== "result" || !found) return undefined;
  const target = resolve(found);
  return target.kind === "function" ? "call the function: write `()` behind it" : undefined;
}

/** The part of an argument's value that a path leads to, as far as it is written out. */
function locate(value: Expression | undefined, path: readonly Step[]): Expression | undefined {
  let node = value && withoutParens(value);
  for (const step of path) {
    let next: Expression | undefined;
    if (step.kind === "result")
      next = node?.kind === "FunctionExpression" ? returned(node) : undefined;
    else if (step.kind === "field" && node?.kind === "RecordExpression") {
      next = node.properties.find((each) => keyName(each.key) === step.name)?.value;
    }
    if (!next) return node;
    node = withoutParens(next);
  }
  return node;
}
