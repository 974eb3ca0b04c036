import type { Diagnostic, Label, Span } from "@tocsin/language/syntax";

import { adviseKind, adviseMismatch } from "./advice.ts";
import type { Finding } from "./finding.ts";
import { Printer } from "./print.ts";
import type { Type } from "./type.ts";
import type { Clash, Problem } from "./unify.ts";
import { lacking, name, say } from "./words.ts";

type Mismatch = Extract<Finding, { kind: "mismatch" }>;

/** Words for a place whose type is not what it must be. One diagnostic for all its problems. */
export function describeMismatch(finding: Mismatch): Diagnostic {
  const [{ path, clash }] = finding.problems;
  if (clash.kind === "kind" && path.length === 0) return describeKind(finding, clash);
  if (clash.kind === "endless") return describeEndless(finding.node.span, clash.found);
  const labels = becauseLabel(finding);
  return {
    code: "E0205",
    severity: "error",
    span: finding.node.span,
    message: `${sentence(finding)}${detail(finding.problems)}`,
    ...(labels.length > 0 ? { labels } : {}),
    ...adviseMismatch(finding),
  };
}

function becauseLabel({ because }: Mismatch): Label[] {
  return because ? [{ span: because.span, text: `this is ${say(because.type)}` }] : [];
}

/** What was found and what was expected, in the words of the place. */
function sentence({ expected, found, role, whole }: Mismatch): string {
  const wanted = expected ? say(expected) : "";
  const got = say(found);
  const operator = "operator" in whole ? whole.operator : "";
  switch (role) {
    case "operand":
      return `\`${operator}\` needs the same type on both sides, found ${wanted} and ${got}`;
    case "condition":
      return `the condition after \`if\` must be bool, found ${got}`;
    case "branch":
      return `\`then\` and \`else\` must give the same type, found ${wanted} and ${got}`;
    case "logical":
      return operator === "not"
        ? `\`not\` needs bool, found ${got}`
        : `\`${operator}\` needs bool on both sides, found ${got}`;
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
    case "argument":
    case "interpolation":
    case "sign":
    case "compared":
      return `expected ${wanted}, found ${got}`;
    default:
      return role satisfies never;
  }
}

/** What differs inside, from the given step of the paths on; empty when the wholes differ. */
export function detail(problems: readonly Problem[], from = 0): string {
  const parts = new Set<string>();
  for (const { path, clash } of problems) {
    if (path.length <= from && clash.kind === "types") continue;
    parts.add(describePart(path.slice(from), clash));
  }
  return parts.size > 0 ? `: ${[...parts].slice(0, 4).join("; ")}` : "";
}

function describePart(path: Problem["path"], clash: Clash): string {
  const place = path.flatMap((step) => {
    if (step.kind === "result") return ["its result"];
    if (step.kind === "argument") return [`its parameter \`${step.name}\``];
    return step.kind === "field" ? [`the field \`${step.name}\``] : [];
  });
  const where = place.length > 0 ? `in ${place.join(", ")}, ` : "";
  return where + describeClash(clash);
}

/** The heart of a clash, without its place. */
export function describeClash(clash: Clash): string {
  switch (clash.kind) {
    case "types": {
      const printer = new Printer(5, 40);
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
      return `it lacks the parameter \`${clash.name}\``;
    case "extra argument":
      return `it is not called with a parameter \`${clash.name}\``;
    case "missing pipe":
      return clash.side === "found"
        ? "it must take a piped value, like `(tables=<-) => …`"
        : "it takes a piped value where none is given";
    case "pipe names":
      return `the piped parameter must be called \`${clash.expected}\`, found \`${clash.found}\``;
    case "not a label":
      return `${say(clash.found)} is not the name of a column`;
    default:
      return clash satisfies never;
  }
}

function describeKind(finding: Mismatch, clash: Extract<Clash, { kind: "kind" }>): Diagnostic {
  const { node, role, whole } = finding;
  const found = say(clash.found);
  const operator = "operator" in whole ? whole.operator : "";
  let message = `${found} ${lacking[clash.needed]}`;
  if (role === "compared") message = `${found} cannot be compared with \`${operator}\``;
  else if (role === "operand") message = `\`${operator}\` does not work on ${found}`;
  else if (role === "key") message = `${found} cannot be the key of a dictionary`;
  return {
    code: "E0206",
    severity: "error",
    span: role === "operand" ? whole.span : node.span,
    message: role === "compared" ? message : subject(finding, message),
    ...adviseKind(finding, clash.needed, clash.found),
  };
}

function subject({ role, node }: Mismatch, message: string): string {
  if (role !== "interpolation" && role !== "sign") return message;
  return `${name(node)} is ${message.replace(" cannot", " and cannot")}`;
}

export function describeEndless(span: Span, found: Type): Diagnostic {
  return {
    code: "E0211",
    severity: "error",
    span,
    message: `the type of this would contain itself: \`${new Printer(5, 40).type(found)}\``,
    hint: "a function cannot be given to itself, and a record cannot be its own field",
  };
}
