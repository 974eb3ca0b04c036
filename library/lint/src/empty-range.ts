import { formatDuration } from "@tocsin/data/value";
import type { LogicalNode } from "@tocsin/engine/plan";
import type { Diagnostic } from "@tocsin/language/syntax";
import { valueOf } from "./abstract/value.ts";
import { oncePerPlace, type PlanLint, type Seen, spanIn, textAt } from "./plan-lint.ts";

/** A range that ends before it begins, such as `range(start: 1h)`: the run fails there. */
export const emptyRange: PlanLint = {
  codes: ["W0324"],
  look: (seen) =>
    oncePerPlace(
      seen.script.nodes
        .filter(({ kind, spec }) => kind.name === "range" && spec === undefined)
        .flatMap((node) => look(seen, node)),
    ),
};

function look(seen: Seen, node: LogicalNode): Diagnostic[] {
  const args = seen.script.argsOf(node);
  const [start, stop] = ["start", "stop"].map((name) => args.get(name));
  const value = start && valueOf(start);
  if (start === undefined || value?.kind !== "duration") return [];
  const span = spanIn(seen, seen.script.walk.placeOf(start)) ?? spanIn(seen, node.at);
  if (span === undefined) return [];
  const shown = formatDuration(value.value);
  const common = { code: "W0324", severity: "warning", span } as const;
  if (stop !== undefined) {
    const until = valueOf(stop);
    if (until?.kind !== "duration") return [];
    const message = `the range from ${shown} to ${formatDuration(until.value)} is empty: the run fails here`;
    return [{ ...common, message, hint: "start comes before stop: range(start: -2h, stop: -1h)" }];
  }
  const literal = /^\d/u.test(textAt(seen, span));
  return [
    {
      ...common,
      message: `a range that starts at ${shown} begins in the future: it is empty, and the run fails here`,
      hint: `the past is negative: -${shown}`,
      ...(literal
        ? {
            fix: {
              description: "look back",
              edits: [{ span: { start: span.start, end: span.start }, text: "-" }],
            },
          }
        : {}),
    },
  ];
}
