import { keyName } from "@tocsin/language/syntax";
import type {
  CallExpression,
  Diagnostic,
  ExpressionStatement,
  File,
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
      const warning = uncalled(file, cx, statement);
      if (warning) found.push(warning);
    }
  }
  // A package gives its names to others; only a script is the last one to use them.
  if (!file.package || file.package.name.name === "main") found.push(...unusedStreams(cx));
  for (const node of cx.types.keys()) found.push(...duplicates(node));
  return found.sort((a, b) => a.span.start - b.span.start);
}

/** `endpoint(mapFn: …)` on a line of its own: a function that waits for its tables. */
function uncalled(
  file: File,
  cx: Inference,
  { expression }: ExpressionStatement,
): Diagnostic | undefined {
  const type = cx.types.get(expression);
  const target = type && resolve(type);
  if (target?.kind !== "function") return undefined;
  const what = name(file.source, expression);
  return {
    code: "W0301",
    severity: "warning",
    span: expression.span,
    message: `${what} is a function, and nothing calls it: this line does nothing`,
    hint: pipeOf(target)
      ? "pipe the tables into it and call it: `tables |> …()`"
      : "call it: write `()` behind it, with its arguments",
  };
}

/** A stream in a variable that nothing uses: it is never read, and nothing is sent. */
function unusedStreams(cx: Inference): Diagnostic[] {
  const found: Diagnostic[] = [];
  for (const { kind, name: unused, span, type, uses } of cx.scope.definitions()) {
    if (kind !== "variable" || uses.length > 0 || !span) continue;
    if (resolve(type).kind !== "stream") continue;
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
