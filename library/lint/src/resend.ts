import { nodesOf } from "@tocsin/engine/plan";
import type { Diagnostic } from "@tocsin/language/syntax";
import type { Comparison } from "./abstract/trace.ts";
import type { Abstract } from "./abstract/value.ts";
import { oncePerPlace, type PlanLint, spanIn } from "./plan-lint.ts";

/** Rows that were not sent are sent to an endpoint once more. */
export const resend: PlanLint = {
  codes: ["W0319"],
  look: (seen) => {
    const { nodes, trace } = seen.script;
    const onward = new Set(
      nodes
        .filter(({ kind }) => kind.delivers === true)
        .flatMap((node) => nodesOf(node.inputs.map((input) => ({ name: "", node: input })))),
    );
    return oncePerPlace(
      trace.comparisons.flatMap((comparison): Diagnostic[] => {
        const span = spanIn(seen, comparison.at);
        const { node } = comparison;
        if (span === undefined || node?.kind.name !== "filter" || !onward.has(node)) return [];
        return keepsUnsent(comparison) ? [said(span)] : [];
      }),
    );
  },
};

const said = (span: Diagnostic["span"]): Diagnostic => ({
  code: "W0319",
  severity: "warning",
  span,
  message:
    'rows with `_sent` "false" are sent again, but Tocsin has recorded their events and sends them again itself',
  hint: "leave this out: the outbox tries until On-Call has answered, and a second event may page twice",
});

function keepsUnsent({ operator, left, right }: Comparison): boolean {
  const [column, word] = isSent(left) ? [left, right] : [right, left];
  if (!isSent(column) || word.kind !== "string") return false;
  return (
    (operator === "==" && word.value === "false") || (operator === "!=" && word.value === "true")
  );
}

const isSent = (value: Abstract): boolean =>
  value.kind === "unknown" &&
  value.from.some((source) => source.kind === "column" && source.label === "_sent");
