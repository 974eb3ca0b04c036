import { type LogicalNode, nodesOf } from "@tocsin/engine/plan";
import type { Diagnostic } from "@tocsin/language/syntax";
import type { Comparison } from "./abstract/trace.ts";
import type { Abstract } from "./abstract/value.ts";
import { oncePerPlace, type PlanLint, type Seen, spanIn } from "./plan-lint.ts";

/** Rows that were not sent are sent to an endpoint once more. */
export const resend: PlanLint = {
  codes: ["W0319"],
  look: (seen) => {
    const { nodes } = seen.script;
    const onward = new Set(
      nodes
        .filter(({ kind }) => kind.delivers === true)
        .flatMap((node) => nodesOf(node.inputs.map((input) => ({ name: "", node: input })))),
    );
    const filters = [...onward].filter(({ kind }) => kind.name === "filter");
    return oncePerPlace(filters.flatMap((node) => look(seen, node)));
  },
};

/** The first comparison of a filter that leaves only rows whose event was not accepted. */
function look(seen: Seen, filter: LogicalNode): Diagnostic[] {
  const about = seen.script.trace.comparisons.filter(
    ({ node, left, right }) => node === filter && (isAnswer(left) || isAnswer(right)),
  );
  const unsent = isUnsent(seen.script.rowsOf(filter).row.fields.get("_sent"));
  const found = about.find((one) => unsent || keepsUnsent(one));
  const span = found && spanIn(seen, found.at);
  return span === undefined ? [] : [said(span)];
}

const said = (span: Diagnostic["span"]): Diagnostic => ({
  code: "W0319",
  severity: "warning",
  span,
  message:
    'rows with `_sent` "false" are sent again, but Tocsin has recorded their events and sends them again itself',
  hint: "leave this out: the outbox tries until On-Call has answered, and a second event may page twice",
});

const isWord = (value: Abstract, word: string): boolean =>
  value.kind === "string" && value.value === word;

/** Known of the rows that are left: they were not sent. */
function isUnsent(sent: Abstract | undefined): boolean {
  if (sent?.kind !== "unknown") return false;
  if (sent.except.some((value) => isWord(value, "true"))) return true;
  return sent.among !== undefined && sent.among.every((value) => isWord(value, "false"));
}

/** The words of one comparison, which may be one of several in the condition. */
function keepsUnsent({ operator, left, right }: Comparison): boolean {
  const word = isAnswer(left) ? right : left;
  if (operator === "==") return isWord(word, "false");
  return operator === "!=" && (isWord(word, "true") || isWord(word, "200"));
}

const isAnswer = (value: Abstract): boolean =>
  value.kind === "unknown" &&
  value.from.some(
    (source) =>
      source.kind === "column" && (source.label === "_sent" || source.label === "_status"),
  );
