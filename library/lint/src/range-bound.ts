import type { LogicalNode } from "@tocsin/engine/plan";
import type { Diagnostic } from "@tocsin/language/syntax";
import { type Abstract, typeOf, valueOf } from "./abstract/value.ts";
import { oncePerPlace, type PlanLint, type Seen, spanIn, textAt } from "./plan-lint.ts";

/** A bound of a range that is no time, such as `range(start: "-1m")`: the run fails there. */
export const rangeBound: PlanLint = {
  codes: ["W0326"],
  look: (seen) =>
    oncePerPlace(
      seen.script.nodes
        .filter(({ kind, spec }) => kind.name === "range" && spec === undefined)
        .flatMap((node) => ["start", "stop"].flatMap((name) => look(seen, node, name))),
    ),
};

const bounds: ReadonlySet<string> = new Set(["time", "duration", "int"]);
const examples =
  "a bound is a duration such as -1h, a time such as 2026-01-31T09:30:00Z, or an int of seconds since the epoch";

function look(seen: Seen, node: LogicalNode, name: string): Diagnostic[] {
  const bound = seen.script.argsOf(node).get(name);
  const type = bound && typeOf(bound);
  if (bound === undefined || type === undefined || bounds.has(type)) return [];
  const own = spanIn(seen, seen.script.walk.placeOf(bound));
  const span = own ?? spanIn(seen, node.at);
  if (span === undefined) return [];
  const meant = textOf(bound);
  const literal = own !== undefined && textAt(seen, own) === JSON.stringify(meant);
  return [
    {
      code: "W0326",
      severity: "warning",
      span,
      message: `\`${name}\` of the range is ${type === "string" ? "text" : `of type ${type}`}, not a time: the run fails here`,
      hint: meant !== undefined && isBound(meant) ? `without quotes: ${meant}` : examples,
      ...(literal && isBound(meant)
        ? { fix: { description: "take the quotes away", edits: [{ span, text: meant }] } }
        : {}),
    },
  ];
}

function textOf(bound: Abstract): string | undefined {
  const value = valueOf(bound);
  return value?.kind === "string" ? value.value : undefined;
}

/** Whether a text is what would be a bound without its quotes. */
function isBound(text: string | undefined): text is string {
  return (
    text !== undefined &&
    /^(now\(\)|-?(\d+(ns|us|µs|ms|s|mo|m|h|d|w|y))+|\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d))?)$/u.test(
      text,
    )
  );
}
