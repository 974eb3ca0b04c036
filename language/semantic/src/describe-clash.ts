import { withoutParens } from "@tocsin/language/syntax";
import type { Diagnostic, Expression, Fix, Label, Span } from "@tocsin/language/syntax";

import type { Finding } from "./finding.ts";
import { Printer } from "./print.ts";
import { resolve } from "./type.ts";
import type { Type } from "./type.ts";
import type { Clash, Problem } from "./unify.ts";
import { lacking, name, say } from "./words.ts";
import type { World } from "./world.ts";

type Mismatch = Extract<Finding, { kind: "mismatch" }>;

/** Words for a place whose type is not what it must be. One diagnostic for all its problems. */
export function describeMismatch(world: World, finding: Mismatch): Diagnostic {
  const [problem] = finding.problems;
  const { clash } = problem;
  if (clash.kind === "kind" && problem.path.length === 0)
    return describeKind(world, finding, clash);
  if (clash.kind === "endless") return describeEndless(finding.node.span, clash.found);
  const labels = becauseLabel(finding);
  const advice = convert(world, finding);
  return {
    code: "E0205",
    severity: "error",
    span: finding.node.span,
    message: `${sentence(world, finding)}${detail(finding.problems)}`,
    ...(labels.length > 0 ? { labels } : {}),
    ...advice,
  };
}

function becauseLabel({ because, role, whole }: Mismatch): Label[] {
  if (!because) return [];
  if (role === "operand" && whole.kind === "BinaryExpression") {
    return [{ span: because.span, text: `this is ${say(because.type)}` }];
  }
  return [{ span: because.span, text: `${say(because.type)} here` }];
}

/** What was found and what was expected, in the words of the place. */
function sentence(world: World, finding: Mismatch): string {
  const { expected, found, role, whole } = finding;
  const wanted = expected ? say(expected) : "";
  const got = say(found);
  switch (role) {
    case "operand":
      return whole.kind === "BinaryExpression"
        ? `\`${whole.operator}\` needs the same type on both sides, found ${wanted} and ${got}`
        : `expected ${wanted}, found ${got}`;
    case "condition":
      return `the condition after \`if\` must be bool, found ${got}`;
    case "branch":
      return `\`then\` and \`else\` must give the same type, found ${wanted} and ${got}`;
    case "logical":
      return whole.kind === "LogicalExpression"
        ? `\`${whole.operator}\` needs bool on both sides, found ${got}`
        : `\`not\` needs bool, found ${got}`;
    case "element":
      return `the elements of an array must have one type: expected ${wanted}, found ${got}`;
    case "key":
      return `the keys of a dictionary must have one type: expected ${wanted}, found ${got}`;
    case "value":
      return `the values of a dictionary must have one type: expected ${wanted}, found ${got}`;
    case "index":
      return `an index must be int, found ${got}`;
    case "indexed":
      return `only arrays have an index, found ${got}`;
    case "pattern":
      return `a regular expression is expected on the right, found ${got}`;
    case "matched":
      return `only strings can be matched with a regular expression, found ${got}`;
    case "default":
      return `the default must fit how the parameter is used: expected ${wanted}, found ${got}`;
    case "option":
      return `the option must be ${wanted}, found ${got}`;
    case "interpolation":
    case "sign":
    case "compared":
    case "record":
      return `${name(world.source, finding.node)}: expected ${wanted}, found ${got}`;
    default:
      return role satisfies never;
  }
}

/** What differs inside, when it is not the whole. */
export function detail(problems: readonly Problem[], from = 0): string {
  const parts = new Set<string>();
  for (const { path, clash } of problems) {
    if (path.length > from || clash.kind !== "types")
      parts.add(describePart(path.slice(from), clash));
  }
  return parts.size > 0 ? `: ${[...parts].slice(0, 4).join("; ")}` : "";
}

function describePart(path: Problem["path"], clash: Clash): string {
  const place = path
    .filter((step) => step.kind !== "element")
    .map((step) => {
      if (step.kind === "result") return "the result";
      return step.kind === "argument" ? `parameter \`${step.name}\`` : `field \`${step.name}\``;
    });
  const where = place.length > 0 ? `in ${place.join(", ")} ` : "";
  return where + describeClash(clash);
}

/** The heart of a clash, without its place. */
export function describeClash(clash: Clash): string {
  switch (clash.kind) {
    case "types": {
      const printer = new Printer(5);
      const expected = printer.type(clash.expected);
      return `expected \`${expected}\`, found \`${printer.type(clash.found)}\``;
    }
    case "kind":
      return `${say(clash.found)} ${lacking[clash.needed]}`;
    case "endless":
      return "the type would contain itself";
    case "missing field":
      return `the field \`${clash.name}\` is missing`;
    case "extra field":
      return `there is no field \`${clash.name}\``;
    case "missing argument":
      return `the parameter \`${clash.name}\` is missing`;
    case "extra argument":
      return `a parameter \`${clash.name}\` is not known`;
    case "missing pipe":
      return "nothing is piped into it";
    case "pipe names":
      return `the piped parameter must be called \`${clash.expected}\`, found \`${clash.found}\``;
    case "not a label":
      return `${say(clash.found)} is not the name of a column`;
    default:
      return clash satisfies never;
  }
}

function describeKind(
  world: World,
  finding: Mismatch,
  clash: Extract<Clash, { kind: "kind" }>,
): Diagnostic {
  const { node, role, whole } = finding;
  const found = say(clash.found);
  const span = role === "operand" ? whole.span : node.span;
  const operator = "operator" in whole ? whole.operator : "";
  let message = `${found} ${lacking[clash.needed]}`;
  if (role === "compared") message = `${found} cannot be compared with \`${operator}\``;
  else if (role === "operand") message = `\`${operator}\` does not work on ${found}`;
  else if (role === "interpolation") message = `${found} cannot be put into a string`;
  else if (role === "sign") message = `${found} cannot take a sign`;
  const hint = kindHint(finding, clash);
  return {
    code: "E0206",
    severity: "error",
    span,
    message,
    ...(hint ? { hint } : {}),
    ...callFix(world, finding),
  };
}

function kindHint(finding: Mismatch, clash: Extract<Clash, { kind: "kind" }>): string | undefined {
  const found = resolve(clash.found);
  const { role } = finding;
  if (found.kind === "function") return "call the function: write `()` behind it";
  if (found.kind === "stream") {
    return "take one row with `findRecord()`, or work on each row with `map(fn: (r) => …)`";
  }
  if (found.kind === "basic" && role === "operand") {
    if (found.name === "time" || found.name === "duration") {
      return "use `date.add()`, `date.sub()` or `date.scale()` of the package `date`";
    }
    if (found.name === "string")
      return "only `+` joins strings; `float(v: …)` makes a number of one";
    if (found.name === "bool") return "join conditions with `and` and `or`";
  }
  if (found.kind === "record" && role === "interpolation") return "name one field of the record";
  if (found.kind === "array" && role === "interpolation") {
    return "join its elements with `strings.joinStr()`, or show it with `display(v: …)`";
  }
  if (role === "interpolation") return "`display(v: …)` makes a string of anything";
  return undefined;
}

export function describeEndless(span: Span, found: Type): Diagnostic {
  return {
    code: "E0211",
    severity: "error",
    span,
    message: `the type of this would contain itself: \`${new Printer(5).type(found)}\``,
    hint: "a function cannot be given to itself, and a record cannot be its own field",
  };
}

/** How to make the found type the expected one: certain only for a number as it is written. */
function convert(world: World, finding: Mismatch): { hint?: string; fix?: Fix } {
  const call = callFix(world, finding);
  if (call.hint) return call;
  const expected = finding.expected && resolve(finding.expected);
  const found = resolve(finding.found);
  if (found.kind === "stream") {
    return {
      hint: "a stream holds tables of rows: take one row with `findRecord()`, or use `map()`",
    };
  }
  if (expected?.kind !== "basic" || found.kind !== "basic") return {};
  const literal = numberFix(finding, expected.name, found.name);
  if (literal) return literal;
  const names = [expected.name, found.name];
  if (finding.role === "operand" && names.includes("string")) {
    return { hint: 'write `string(v: …)`, or put the value into the text: `"… ${value}"`' };
  }
  if (conversions.has(expected.name)) return { hint: `\`${expected.name}(v: …)\` converts it` };
  return {};
}

const conversions = new Set([
  "bool",
  "int",
  "uint",
  "float",
  "string",
  "duration",
  "time",
  "bytes",
]);

/** `5` beside a float is `5.0`. */
function numberFix(
  finding: Mismatch,
  expected: string,
  found: string,
): { hint: string; fix: Fix } | undefined {
  if (finding.role === "operand" && finding.whole.kind !== "BinaryExpression") return undefined;
  const node = withoutParens(finding.node);
  if (expected === "float" && found === "int") return toFloat(node);
  if (finding.role !== "operand" || expected !== "int" || found !== "float") return undefined;
  if (finding.whole.kind !== "BinaryExpression") return undefined;
  return toFloat(withoutParens(finding.whole.left));
}

function toFloat(node: Expression): { hint: string; fix: Fix } | undefined {
  if (node.kind !== "IntegerLiteral") return undefined;
  const { end } = node.span;
  const text = `${node.value}.0`;
  return {
    hint: `as a float this is \`${text}\``,
    fix: { description: `write \`${text}\``, edits: [{ span: { start: end, end }, text: ".0" }] },
  };
}

/** A function where its result is meant: `now` for `now()`. */
function callFix(world: World, finding: Mismatch): { hint?: string; fix?: Fix } {
  const found = resolve(finding.found);
  if (found.kind !== "function") return {};
  if (found.parameters.some((each) => each.mode !== "optional")) return {};
  if (finding.expected) {
    const wanted = resolve(finding.expected);
    const result = resolve(found.result);
    if (wanted.kind !== "basic" || result !== wanted) return {};
  }
  const { end } = finding.node.span;
  const called = name(world.source, finding.node);
  return {
    hint: `${called} is a function: write \`()\` behind it to call it`,
    fix: { description: "call the function", edits: [{ span: { start: end, end }, text: "()" }] },
  };
}
