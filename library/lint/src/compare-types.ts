import { comparable } from "@tocsin/engine/expression";
import { formatDuration } from "@tocsin/data/value";
import type { Diagnostic, Fix, Span } from "@tocsin/language/syntax";
import type { Comparison } from "./abstract/trace.ts";
import { show } from "./abstract/show.ts";
import type { Abstract, Unknown } from "./abstract/value.ts";
import { oncePerPlace, type PlanLint, type Seen, spanIn, textAt } from "./plan-lint.ts";

/** Two values of types that cannot be compared: upstream, too, finds it only when a row comes. */
export const compareTypes: PlanLint = {
  codes: ["W0321"],
  look: (seen) =>
    oncePerPlace(
      seen.script.trace.comparisons.flatMap((comparison): Diagnostic[] => {
        const span = spanIn(seen, comparison.at);
        if (span === undefined || !clashes(comparison)) return [];
        return [{ ...said(comparison, span), ...fixOf(seen, comparison, span) }];
      }),
    ),
};

const operators = ["==", "!=", "<", "<=", ">", ">="] as const;

function clashes({ operator, types: [left, right] }: Comparison): boolean {
  const compared = operators.find((one) => one === operator);
  if (compared === undefined || left === undefined || right === undefined) return false;
  if (left === "null" || right === "null" || left === right) return false;
  return !comparable(compared, left, right);
}

function said({ left, right, types }: Comparison, span: Diagnostic["span"]): Diagnostic {
  const [one, other] = [article(types[0]), article(types[1])];
  return {
    code: "W0321",
    severity: "warning",
    span,
    message: `\`${show(left)}\` is ${one} and \`${show(right)}\` ${other}: they cannot be compared, so this fails or never holds when the script runs`,
    hint:
      hintFor(left, right) ??
      hintFor(right, left) ??
      `make both the same type, for example with ${types[0] ?? "string"}(v: …)`,
  };
}

const article = (type: string | undefined): string =>
  `${/^[aeiou]/u.test(type ?? "") && type !== "uint" ? "an" : "a"} ${type}`;

/** What to write instead, where a column of a known kind is compared with a literal. */
function hintFor(column: Abstract, literal: Abstract): string | undefined {
  const source =
    column.kind === "unknown" ? column.from.find((one) => one.kind === "column") : undefined;
  if (column.kind !== "unknown" || source?.kind !== "column") return undefined;
  if (
    column.type === "string" &&
    (literal.kind === "bool" || literal.kind === "int" || literal.kind === "float")
  )
    return literal.kind === "bool" || source.label === "_status"
      ? `it is text: compare it with "${String(literal.value)}"`
      : `${source.role === "tag" ? "tags are always text" : "it is text"}: int(v: r.${source.label}) makes a number of it`;
  if (column.type === "time" && literal.kind === "string") return "write the time without quotes";
  if (column.type === "time" && literal.kind === "duration")
    return `make a time of the duration: date.add(d: ${formatDuration(literal.value)}, to: now())`;
  if (column.type === "bool" && literal.kind === "string")
    return `it is a bool: compare it with ${literal.value}, without quotes`;
  return undefined;
}

/** `r._sent == true` for `"true"`, and the other way round: what was meant is certain. */
function fixOf(seen: Seen, { left, right, operator }: Comparison, span: Span): { fix?: Fix } {
  const [column, literal] = left.kind === "unknown" ? [left, right] : [right, left];
  const place = spanIn(seen, seen.script.walk.placeOf(literal)) ?? lastWord(seen, span, literal);
  // `exists r.x == true` binds otherwise than it looks: there, another thing is meant.
  const before = seen.tree.source.text.slice(Math.max(0, span.start - 50), span.start);
  if (column.kind !== "unknown" || place === undefined || /\bexists\s*$/u.test(before)) return {};
  if (operator !== "==" && operator !== "!=") return {};
  // A function may be called with values of other types, too.
  const here = seen.script.trace.comparisons.filter(({ at }) => at.start === span.start);
  if (!here.every(clashes)) return {};
  const text = rewritten(column, literal);
  if (text === undefined || place.start < span.start || place.end > span.end) return {};
  return { fix: { description: `write ${text}`, edits: [{ span: place, text }] } };
}

/** `true` and `false` are values that all share: their place is the end of the comparison. */
function lastWord(seen: Seen, { start, end }: Span, literal: Abstract): Span | undefined {
  const word = literal.kind === "bool" ? String(literal.value) : "";
  if (word === "" || !textAt(seen, { start, end }).endsWith(word)) return undefined;
  return { start: end - word.length, end };
}

function rewritten({ type, from }: Unknown, literal: Abstract): string | undefined {
  if (type === "string" && literal.kind === "bool") return `"${String(literal.value)}"`;
  const isStatus = from.some((one) => one.kind === "column" && one.label === "_status");
  if (type === "string" && isStatus && literal.kind === "int") return `"${String(literal.value)}"`;
  const isBool = literal.kind === "string" && ["true", "false"].includes(literal.value);
  return type === "bool" && isBool ? literal.value : undefined;
}
