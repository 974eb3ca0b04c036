import type { LogicalNode } from "@tocsin/engine/plan";
import { nodesOf } from "@tocsin/engine/plan";
import type { Diagnostic, Statement, VariableAssignment } from "@tocsin/language/syntax";
import { oncePerPlace, type PlanLint, type Seen, spanIn, textAt } from "./plan-lint.ts";

/** Something that would send, and that nothing ever runs. */
export const neverYielded: PlanLint = {
  codes: ["W0315"],
  look: (seen) => oncePerPlace([...streams(seen), ...functions(seen)]),
};

/** Deliveries in streams that no result reads. */
function streams(seen: Seen): Diagnostic[] {
  const { script } = seen;
  const sending = new Set(script.trace.sent.map(({ node }) => node));
  const ends = script.nodes.filter((node) => node.kind.delivers === true || sending.has(node));
  return ends.flatMap((node): Diagnostic[] => {
    const span = spanIn(seen, node.at);
    if (script.reached.has(node) || span === undefined) return [];
    const name = nameOf(seen, node);
    if (name !== undefined && saidAlready(seen, name)) return [];
    const stream = name === undefined ? "this stream" : `the stream \`${name}\``;
    return [
      {
        code: "W0315",
        severity: "warning",
        span,
        message: `${stream} sends its rows to an endpoint, but nothing uses it: it never runs, and nothing is ever sent`,
        hint: `return it, or end it with |> yield(name: "${name ?? "sent"}")`,
      },
    ];
  });
}

/** What the script calls the stream, or one made of it. */
function nameOf({ script }: Seen, node: LogicalNode): string | undefined {
  const own = script.walk.names.get(node);
  if (own !== undefined) return own;
  const above = script.nodes.filter((one) => nodesOf([{ name: "", node: one }]).includes(node));
  return above.map((one) => script.walk.names.get(one)).find((name) => name !== undefined);
}

const saidAlready = (seen: Seen, name: string): boolean =>
  seen.said.some(({ code, span }) => code === "W0302" && textAt(seen, span) === name);

/** Functions that would send and that nothing calls, and endpoints that no rows go to. */
function functions(seen: Seen): Diagnostic[] {
  if (seen.tree.package !== undefined && seen.tree.package.name.name !== "main") return [];
  const uses = namesUsed(seen.tree.body);
  return seen.tree.body.flatMap((statement): Diagnostic[] => {
    if (statement.kind !== "VariableAssignment" || uses.has(statement.name.name)) return [];
    const value = seen.script.variable(statement.name.name);
    if (value?.kind !== "function" || !seen.script.wouldSend(value)) return [];
    return [saidOfFunction(statement)];
  });
}

function saidOfFunction({ name }: VariableAssignment): Diagnostic {
  return {
    code: "W0315",
    severity: "warning",
    span: name.span,
    message: `\`${name.name}\` would send events, but nothing calls it: nothing is ever sent`,
    hint: `call it, or pipe rows into it: rows |> ${name.name}(…)`,
  };
}

/** Names that stand anywhere but where they are defined. */
function namesUsed(body: readonly Statement[]): ReadonlySet<string> {
  const names = new Set<string>();
  const visit = (part: unknown): void => {
    if (Array.isArray(part)) return part.forEach(visit);
    if (typeof part !== "object" || part === null || !("kind" in part)) return;
    if (part.kind === "Identifier" && "name" in part) names.add(String(part.name));
    else if (part.kind === "VariableAssignment" && "value" in part) visit(part.value);
    else if (part.kind === "Parameter" && "default" in part) visit(part.default);
    else if (part.kind === "MemberExpression" && "object" in part) visit(part.object);
    else Object.values(part).forEach(visit);
  };
  visit(body);
  return names;
}
