import { keyName, nodesIn } from "@tocsin/language/syntax";
import type {
  CallExpression,
  Diagnostic,
  ExpressionStatement,
  File,
  MemberExpression,
  Node,
  Property,
  RecordExpression,
} from "@tocsin/language/syntax";

import type { Inference } from "./inference.ts";
import { pipeOf, resolve } from "./type.ts";
import { name } from "./words.ts";

/** What upstream accepts, but hardly means: for a file without errors. */
export function warnings(file: File, cx: Inference): Diagnostic[] {
  const found: Diagnostic[] = [];
  for (const statement of file.body) {
    if (statement.kind === "ExpressionStatement") {
      const warning = uncalled(cx, statement);
      if (warning) found.push(warning);
    }
  }
  // A package gives its names to others; only a script is the last one to use them.
  if (!file.package || file.package.name.name === "main") found.push(...unusedStreams(cx));
  for (const node of cx.types.keys()) found.push(...duplicates(node));
  return found.sort((a, b) => a.span.start - b.span.start);
}

/** `endpoint(mapFn: …)` on a line of its own: a function that waits for its tables. */
function uncalled(cx: Inference, { expression }: ExpressionStatement): Diagnostic | undefined {
  const type = cx.types.get(expression);
  const target = type && resolve(type);
  if (target?.kind !== "function") return undefined;
  const what = name(expression);
  return {
    code: "W0301",
    severity: "warning",
    span: expression.span,
    message: `${what} is a function that is never called: this line does nothing`,
    hint: pipeOf(target)
      ? "pipe the tables into it and call it: `tables |> …()`"
      : "call it: write `()` behind it, with its arguments",
  };
}

/** A stream in a variable that nothing uses: it is never read, and nothing is sent. */
function unusedStreams(cx: Inference): Diagnostic[] {
  const found: Diagnostic[] = [];
  for (const definition of cx.scope.definitions()) {
    const { kind, name: unused, span, uses, node } = definition;
    if (kind !== "variable" || uses.length > 0 || !span) continue;
    if (resolve(definition.type).kind !== "stream" || (node && new Effects(cx).in(node))) continue;
    found.push({
      code: "W0302",
      severity: "warning",
      span,
      message: `the stream \`${unused}\` is never used, so it never runs`,
      hint: `leave \`${unused} =\` out, or pipe it on: \`${unused} |> yield(name: "${unused}")\``,
    });
  }
  return found;
}

/** Functions whose call alone makes a stream run. */
const running: ReadonlySet<string> = new Set(["yield", "to", "wideTo"]);

/** Looks for calls that run a stream although its result is in a variable that nobody reads. */
class Effects {
  readonly #cx: Inference;
  readonly #seen = new Set<Node>();

  constructor(cx: Inference) {
    this.#cx = cx;
  }

  /** Whether such a call is in a node, or in what the names in it stand for. */
  in(node: Node): boolean {
    if (this.#seen.has(node)) return false;
    this.#seen.add(node);
    if (node.kind === "MemberExpression" && this.#isRunning(node)) return true;
    if (node.kind === "Identifier") {
      const definition = this.#cx.resolved.get(node);
      if (definition?.kind === "library") return running.has(definition.name);
      return definition?.node !== undefined && this.in(definition.node);
    }
    return nodesIn(node).some((part) => this.in(part));
  }

  /** A member of a package that runs streams: all of `testing` compares them. */
  #isRunning({ object, property }: MemberExpression): boolean {
    const definition = object.kind === "Identifier" ? this.#cx.resolved.get(object) : undefined;
    if (definition?.kind !== "import") return false;
    return definition.path === "testing" || running.has(keyName(property));
  }
}

function duplicates(node: Node): Diagnostic[] {
  if (node.kind === "RecordExpression") return repeated(node, "W0303");
  return node.kind === "CallExpression" ? repeated(node, "W0304") : [];
}

function repeated(node: RecordExpression | CallExpression, code: string): Diagnostic[] {
  const isRecord = node.kind === "RecordExpression";
  const first = new Map<string, Property>();
  const found: Diagnostic[] = [];
  for (const property of isRecord ? node.properties : node.arguments) {
    const key = keyName(property.key);
    const earlier = first.get(key);
    if (!earlier) {
      first.set(key, property);
      continue;
    }
    found.push({
      code,
      severity: "warning",
      span: property.key.span,
      message: isRecord
        ? `the field \`${key}\` is given twice: the run will fail here`
        : `the argument \`${key}\` is given twice: the run will fail here`,
      labels: [{ span: earlier.key.span, text: "first given here" }],
      hint: "leave one of them out",
    });
  }
  return found;
}
