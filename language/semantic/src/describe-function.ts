import { keyName, nodesIn, withoutParens } from "@tocsin/language/syntax";
import { renameKey } from "./finding.ts";
import type {
  Diagnostic,
  Expression,
  FunctionExpression,
  MemberExpression,
} from "@tocsin/language/syntax";

import { isBroken } from "./broken.ts";
import type { ArgumentMistake } from "./describe-argument.ts";
import { describeClash } from "./describe-clash.ts";
import { parameterName } from "./describe-parameter.ts";
import { nearest } from "./near.ts";
import { parameterOf, resolve } from "./type.ts";
import type { Problem } from "./unify.ts";
import { functionIn, list, name, returned, say } from "./words.ts";
import type { World } from "./world.ts";

type Described = { readonly diagnostics: Diagnostic[]; readonly rest: readonly Problem[] };

/** Mistakes of a function that is given as an argument: what it takes, reads and returns. */
export function describeFunctionArgument(
  world: World,
  mistake: ArgumentMistake,
  value: Expression | undefined,
): Described {
  const literal = functionIn(value) ?? functionIn(behind(world, value));
  if (!literal) return { diagnostics: [], rest: mistake.problems };
  const renamed = misnamedParameter(world, literal, mistake.problems);
  // Under its right name the parameter may fit or not: only the next check can tell.
  if (renamed) return { diagnostics: [renamed], rest: [] };
  const diagnostics: Diagnostic[] = [];
  const missing = mistake.problems.filter(isMissingField);
  if (missing.length > 0 && !isBroken(literal.body)) {
    diagnostics.push(missingFields(mistake, { literal, missing, value }));
  }
  const rest = mistake.problems.filter((problem) => {
    if (missing.includes(problem)) return false;
    const found = rowField(world, literal, problem) ?? wrongResult(mistake, literal, problem);
    if (found) diagnostics.push(found);
    return found === undefined;
  });
  return { diagnostics, rest };
}

/** The value that a name was given. */
function behind(world: World, value: Expression | undefined): Expression | undefined {
  const definition = value && world.resolved(withoutParens(value));
  const node = definition?.node;
  return node?.kind === "VariableAssignment" ? node.value : undefined;
}

/** `(row) => …` where the function is called with `r`: one extra and one missing name. */
function misnamedParameter(
  world: World,
  literal: FunctionExpression,
  problems: readonly Problem[],
): Diagnostic | undefined {
  const here = problems.filter(({ path }) => path.length === 1);
  const missing = here.flatMap(({ clash }) =>
    clash.kind === "missing argument" ? [clash.name] : [],
  );
  const extra = here.flatMap(({ clash }) => (clash.kind === "extra argument" ? [clash.name] : []));
  if (missing.length !== 1 || extra.length !== 1) return undefined;
  const parameter = literal.parameters.find((each) => each.key.name === extra[0]);
  return parameter && parameterName(world, { parameter, wanted: missing[0] });
}

/** All the fields that a returned record lacks, with the names it has instead. */
function missingFields(
  mistake: ArgumentMistake,
  at: {
    readonly literal: FunctionExpression;
    readonly missing: readonly Problem[];
    readonly value: Expression | undefined;
  },
): Diagnostic {
  const { literal, missing, value } = at;
  const names = missing.flatMap(({ clash }) =>
    clash.kind === "missing field" ? [clash.name] : [],
  );
  const result = returned(literal);
  const inner = result && withoutParens(result);
  const properties = inner?.kind === "RecordExpression" ? inner.properties : [];
  const wanted = fieldsWanted(mistake);
  const slips = properties.flatMap((property) => {
    const found = keyName(property.key);
    const near = wanted.includes(found) ? undefined : nearest(found, names);
    return near ? [{ property, found, near }] : [];
  });
  const edits = slips.flatMap(({ property, near }) =>
    near.sure ? [renameKey(property, near.name)] : [],
  );
  const callee = name(mistake.call.callee);
  const given = slips.map(({ found, near }) => `\`${found}\` should be \`${near.name}\``);
  const written = functionIn(value) !== undefined;
  const labels = slips.map(({ property, near }) => ({
    span: property.key.span,
    text: `should be \`${near.name}\``,
  }));
  if (!written && inner) labels.unshift({ span: inner.span, text: "the record it returns" });
  return {
    code: "E0227",
    severity: "error",
    span: written ? (inner?.span ?? literal.span) : (value?.span ?? literal.span),
    message: `the record that \`${mistake.argument}\` of ${callee} returns lacks ${list(names)}`,
    ...(labels.length > 0 ? { labels } : {}),
    hint: given.length > 0 ? given.join(", ") : "add what is missing to the record",
    ...(edits.length > 0 ? { fix: { description: "rename the fields", edits } } : {}),
  };
}

function isMissingField({ path, clash }: Problem): boolean {
  const isReturned = path.length === 2 && path[1].kind === "result";
  return isReturned && clash.kind === "missing field";
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

/** `r.name` in a row function whose rows have no such field, or have it with another type. */
function rowField(
  world: World,
  literal: FunctionExpression,
  { path, clash }: Problem,
): Diagnostic | undefined {
  const [, row, field] = path;
  if (row?.kind !== "argument") return undefined;
  if (clash.kind === "extra field" && path.length === 2) {
    const { expected } = clash;
    const known = resolve(expected);
    const names = known.kind === "record" ? known.fields.map((each) => String(each.label)) : [];
    const use = memberIn(world, literal, row.name, clash.name);
    const near = nearest(clash.name, names);
    const hint = near
      ? `did you mean \`${near.name}\`?`
      : names.length <= 8 && `they have ${list(names)}`;
    return {
      code: "E0204",
      severity: "error",
      span: use?.property.span ?? literal.span,
      message: `the rows have no field \`${clash.name}\``,
      ...(hint ? { hint } : {}),
    };
  }
  if (field?.kind !== "field" || path.length !== 3) return undefined;
  const use = memberIn(world, literal, row.name, field.name);
  const subject = `\`${row.name}.${field.name}\``;
  const message =
    clash.kind === "types"
      ? `${subject} is ${say(clash.expected)} in the rows, and is used as ${say(clash.found)}`
      : `${subject} does not fit the rows: ${describeClash(clash)}`;
  const code = clash.kind === "kind" ? "E0206" : "E0205";
  return { code, severity: "error", span: use?.span ?? literal.span, message };
}

/** The first use of a field of a parameter inside a function. */
function memberIn(
  world: World,
  literal: FunctionExpression,
  parameter: string,
  field: string,
): MemberExpression | undefined {
  const own = literal.parameters.find((each) => each.key.name === parameter);
  const search = (node: Parameters<typeof nodesIn>[0]): MemberExpression | undefined => {
    if (node.kind === "MemberExpression" && keyName(node.property) === field) {
      if (world.resolved(node.object)?.node === own) return node;
    }
    for (const part of nodesIn(node)) {
      const found = search(part);
      if (found) return found;
    }
    return undefined;
  };
  return own && search(literal.body);
}

/** A function that gives back something else than its caller needs. */
function wrongResult(
  mistake: ArgumentMistake,
  literal: FunctionExpression,
  { path, clash }: Problem,
): Diagnostic | undefined {
  if (path.length !== 2 || path[1].kind !== "result" || clash.kind !== "types") return undefined;
  const result = returned(literal);
  const subject = `\`${mistake.argument}\` of ${name(mistake.call.callee)}`;
  const wanted = resolve(clash.expected);
  const isCondition = wanted.kind === "basic" && wanted.name === "bool";
  return {
    code: "E0205",
    severity: "error",
    span: result?.span ?? literal.span,
    message: `${subject} must return ${say(wanted)}, found ${say(clash.found)}`,
    ...(isCondition ? { hint: "a condition is a comparison, like `r._value > 80.0`" } : {}),
  };
}
