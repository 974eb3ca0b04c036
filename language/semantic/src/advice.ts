import { withoutParens } from "@tocsin/language/syntax";
import type { BinaryExpression, Expression, Fix } from "@tocsin/language/syntax";

import type { Finding } from "./finding.ts";
import type { Kind } from "./kind.ts";
import { resolve } from "./type.ts";
import type { BasicName, Type } from "./type.ts";
import { name, nameText } from "./words.ts";

type Mismatch = Extract<Finding, { kind: "mismatch" }>;

/** What to do about a mistake, and the mend where it is certain. */
export type Advice = { readonly hint?: string; readonly fix?: Fix };

/** How to make the found type the expected one. */
export function adviseMismatch(finding: Mismatch): Advice {
  return (
    uncalled(finding) ??
    fieldByName(finding) ??
    rowsOfStream(finding) ??
    oneOfMany(finding) ??
    durationInQuotes(finding) ??
    patternInQuotes(finding) ??
    wholeNumber(finding) ??
    unitMissing(finding) ??
    timeArithmetic(finding) ??
    comparison(finding) ??
    conversion(finding) ??
    {}
  );
}

/** A function where its result is meant: `now` for `now()`. */
function uncalled(finding: Mismatch): Advice | undefined {
  const { node, role, whole, found, expected } = finding;
  if (expected) {
    const value = callable(found);
    if (value && sameBasic(value, expected)) return addCall(node);
  }
  if (role !== "operand" || whole.kind !== "BinaryExpression" || !expected) return undefined;
  const left = callable(expected);
  return left && basicName(left) ? addCall(whole.left) : undefined;
}

/** What a function gives back, when it can be called with nothing. */
function callable(type: Type): Type | undefined {
  const target = resolve(type);
  if (target.kind !== "function") return undefined;
  return target.parameters.every((each) => each.mode === "optional") ? target.result : undefined;
}

/** Advice to call a function that is used as if it were its result. */
function addCall(node: Expression): Advice {
  const { end } = node.span;
  return {
    hint: `${name(node)} is a function: write \`()\` behind it to call it`,
    fix: { description: "call the function", edits: [{ span: { start: end, end }, text: "()" }] },
  };
}

/** `record[name]`: which field it is must be known before the script runs. */
function fieldByName({ found, role }: Mismatch): Advice | undefined {
  if (role !== "indexed") return undefined;
  const { kind } = resolve(found);
  if (kind === "record")
    return { hint: 'the name of a field is written out: `x.name` or `x["name"]`' };
  return kind === "dict" ? { hint: "use `dict.get()` of the package `dict`" } : undefined;
}

function rowsOfStream({ found, role }: Mismatch): Advice | undefined {
  if (resolve(found).kind !== "stream") return undefined;
  if (role === "indexed") return { hint: "`findRecord(fn: (key) => true, idx: 0)` gives one row" };
  return {
    hint: "a stream holds tables of rows: take one row with `findRecord()`, or use `map()`",
  };
}

/** `columns: "host"`: an array of one is an array, too. */
function oneOfMany({ node, role, found, expected }: Mismatch): Advice | undefined {
  const wanted = expected && resolve(expected);
  if (role !== "argument" || wanted?.kind !== "array" || !sameBasic(found, wanted.element))
    return undefined;
  const { start, end } = node.span;
  const edits = [
    { span: { start, end: start }, text: "[" },
    { span: { start: end, end }, text: "]" },
  ];
  return {
    hint: "an array stands in brackets, also when it has one element",
    fix: { description: "put brackets around it", edits },
  };
}

/** `every: "5m"`. */
function durationInQuotes({ node, role, expected }: Mismatch): Advice | undefined {
  const literal = withoutParens(node);
  if (role === "operand" || literal.kind !== "StringLiteral") return undefined;
  if (!expected || basicName(expected) !== "duration") return undefined;
  if (!/^-?(?:\d+(?:y|mo|w|d|h|m|s|ms|us|ns))+$/u.test(literal.value)) return undefined;
  const edits = [{ span: literal.span, text: literal.value }];
  return {
    hint: `a duration has no quotes: \`${literal.value}\``,
    fix: { description: "leave the quotes out", edits },
  };
}

/** `r.host =~ "web.*"`. */
function patternInQuotes({ node, role }: Mismatch): Advice | undefined {
  const literal = withoutParens(node);
  if (role !== "pattern" || literal.kind !== "StringLiteral") return undefined;
  if (literal.value === "" || /[\\/\n]/u.test(literal.value))
    return { hint: "a regular expression stands between slashes: `/…/`" };
  const text = `/${literal.value}/`;
  return {
    hint: `a regular expression stands between slashes: \`${text}\``,
    fix: { description: "write slashes for the quotes", edits: [{ span: literal.span, text }] },
  };
}

/** `5` beside a float is `5.0`. */
function wholeNumber({ node, role, whole, found, expected }: Mismatch): Advice | undefined {
  const names = [expected && basicName(expected), basicName(found)];
  if (names[0] === "float" && names[1] === "int") return toFloat(node);
  if (names[0] !== "int" || names[1] !== "float" || role !== "operand") return undefined;
  return whole.kind === "BinaryExpression" ? toFloat(whole.left) : undefined;
}

/** `every: 5`: a number where a duration is needed lacks its unit. */
function unitMissing({ node, role, found, expected }: Mismatch): Advice | undefined {
  const literal = withoutParens(node);
  const isNumber =
    literal.kind === "IntegerLiteral" && basicName(found) === "int" && role !== "operand";
  if (!isNumber || !expected || basicName(expected) !== "duration") return undefined;
  return {
    hint: `a duration has a unit: \`${literal.value}s\`, \`${literal.value}m\` or \`${literal.value}h\``,
  };
}

function toFloat(node: Expression): Advice | undefined {
  const literal = withoutParens(node);
  if (literal.kind !== "IntegerLiteral") return undefined;
  const { end } = literal.span;
  const text = `${literal.value}.0`;
  return {
    hint: `as a float this is \`${text}\``,
    fix: { description: `write \`${text}\``, edits: [{ span: { start: end, end }, text: ".0" }] },
  };
}

function timeArithmetic({ role, whole, found, expected }: Mismatch): Advice | undefined {
  if (role !== "operand" || whole.kind !== "BinaryExpression" || !expected) return undefined;
  const names = [basicName(expected), basicName(found)];
  if (!names.includes("time") && !names.includes("duration")) return undefined;
  if (names.includes("string")) return undefined;
  return { hint: dateHint(whole.operator) };
}

function dateHint(operator: string): string {
  if (operator === "+") return "use `date.add(d: 1h, to: …)` of the package `date`";
  if (operator === "-") return "use `date.sub(d: 1h, from: …)` of the package `date`";
  return "use `date.scale(d: 1h, n: 2)` of the package `date`";
}

function comparison({ role }: Mismatch): Advice | undefined {
  if (role !== "condition" && role !== "logical") return undefined;
  return { hint: "a condition is a comparison, like `r._value > 80.0`, or `exists r.field`" };
}

const converters: ReadonlySet<BasicName> = new Set([
  "bool",
  "int",
  "uint",
  "float",
  "string",
  "duration",
  "time",
  "bytes",
]);

function conversion(finding: Mismatch): Advice | undefined {
  const wanted = finding.expected && basicName(finding.expected);
  const given = basicName(finding.found);
  if (!wanted || !given) return undefined;
  if (finding.role === "matched") return { hint: `\`string(v: …)\` makes text of it` };
  if (finding.because || finding.role === "operand") return bothSides(finding, wanted, given);
  return converters.has(wanted) ? { hint: `\`${wanted}(v: …)\` converts it` } : undefined;
}

/** Two places that must agree: either may be changed, the usual way is named. */
function bothSides(
  { node, whole, role }: Mismatch,
  wanted: BasicName,
  given: BasicName,
): Advice | undefined {
  if (wanted === "string" || given === "string") {
    const text = "`string(v: …)` makes text of a value";
    return { hint: role === "operand" ? `${text}, and so does \`"… \${value}"\`` : text };
  }
  const numbers: readonly BasicName[] = ["int", "uint", "float"];
  if (!numbers.includes(wanted) || !numbers.includes(given)) return undefined;
  if (role !== "operand" || whole.kind !== "BinaryExpression") {
    return { hint: `\`${wanted}(v: …)\` converts it` };
  }
  const target = wanted === "float" || given === "float" ? "float" : wanted;
  const odd = wanted === target ? node : whole.left;
  const shown = nameText(withoutParens(odd)) ?? "…";
  return { hint: `\`${target}(v: ${shown})\` makes both ${target}` };
}

/** What to do where a type lacks the ability that an operator or an interpolation needs. */
export function adviseKind(finding: Mismatch, needed: Kind, lacks: Type): Advice {
  const { role, node } = finding;
  const target = resolve(lacks);
  if (role !== "operand" && callable(finding.found)) return addCall(node);
  switch (target.kind) {
    case "function":
      return { hint: "call the function to get a value" };
    case "stream":
      return { hint: "take one row with `findRecord()`, or work on each row with `map()`" };
    case "record":
      return { hint: "name one of its fields" };
    case "array":
      if (role !== "interpolation") return { hint: "take one element: `x[0]`" };
      return { hint: "`display(v: …)` makes text of anything" };
    case "basic":
      return adviseBasic(finding, target.name);
    case "variable":
    case "vector":
    case "dict":
    case "dynamic":
    case "label":
    case "unknown":
      return needed === "Stringable" ? { hint: "`display(v: …)` makes text of anything" } : {};
    default:
      return target satisfies never;
  }
}

function adviseBasic({ role, whole }: Mismatch, found: BasicName): Advice {
  if (role === "interpolation") return { hint: "`display(v: …)` makes text of anything" };
  if (whole.kind !== "BinaryExpression") return {};
  if (role === "compared") return found === "bool" ? hinted(between(whole)) : {};
  if (role !== "operand") return {};
  if (found === "time" || found === "duration") return { hint: dateHint(whole.operator) };
  if (found === "string")
    return { hint: "strings are joined with `+`; `float(v: …)` makes a number" };
  if (found !== "bool") return {};
  return { hint: between(whole) ?? "conditions are joined with `and` and `or`" };
}

function hinted(hint: string | undefined): Advice {
  return hint === undefined ? {} : { hint };
}

const comparisons: readonly string[] = ["<", "<=", ">", ">="];

/** `10 < x < 20`, which compares the answer of the first with the last. */
function between({ left, operator }: BinaryExpression): string | undefined {
  const first = withoutParens(left);
  if (first.kind !== "BinaryExpression" || first !== left) return undefined;
  if (!comparisons.includes(first.operator) || !comparisons.includes(operator)) return undefined;
  const middle = nameText(first.right) ?? "x";
  return `compare twice: \`… ${first.operator} ${middle} and ${middle} ${operator} …\``;
}

function basicName(type: Type): BasicName | undefined {
  const target = resolve(type);
  return target.kind === "basic" ? target.name : undefined;
}

function sameBasic(a: Type, b: Type): boolean {
  const found = basicName(a);
  return found !== undefined && found === basicName(b);
}
