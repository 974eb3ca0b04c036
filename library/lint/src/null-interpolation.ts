import type { Diagnostic, Label, Span } from "@tocsin/language/syntax";
import { possibleValues } from "./abstract/index.ts";
import type { Abstract, NullCause, Source, Unknown } from "./abstract/value.ts";
import { oncePerPlace, type PlanLint, type Seen, spanIn } from "./plan-lint.ts";

/** A value that may be null is put into a text: that row makes no event. */
export const nullInterpolation: PlanLint = {
  codes: ["W0314"],
  look: (seen) => {
    const tested = testedSources(seen);
    const found = new Map<number, { text: Span; parts: Part[] }>();
    for (const { at, text, value } of seen.script.trace.interpolations) {
      const [span, whole] = [spanIn(seen, at), spanIn(seen, text)];
      if (span === undefined || whole === undefined || !mayBeNull(value, tested)) continue;
      const parts: Part[] = found.get(whole.start)?.parts ?? [];
      if (!parts.some((part) => part.span.start === span.start)) parts.push({ span, value });
      found.set(whole.start, { text: whole, parts });
    }
    const texts = [...found.values()].map(({ parts }) => said(seen, parts));
    const told = [...found.values()].map(({ text }) => text);
    return oncePerPlace([...texts, ...inFields(seen, told)]);
  },
};

/** A part of a text that may be null. */
interface Part {
  readonly span: Span;
  readonly value: Unknown;
}

const nameOf = (value: Unknown): string => {
  if (value.as !== undefined) return `r.${value.as}`;
  const column = value.from.find((source) => source.kind === "column");
  return column?.kind === "column" ? `r.${column.label}` : "the value";
};

const lost = "then no event can be made of the row";
/** What a null as a whole field does: On-Call takes an event without these. */
const withoutField: Readonly<Record<string, string>> = {
  entityID: "then On-Call makes up an id, and nothing can ever resolve the incident",
  entityDisplayName: "then the page has no title",
  stateMessage: "then the page has no message",
};

function said(seen: Seen, parts: readonly Part[], consequence = lost): Diagnostic {
  const [first, ...others] = parts;
  const names = [...new Set(parts.map(({ value }) => nameOf(value)))];
  const cause = first.value.mayBeNull;
  return {
    code: "W0314",
    severity: "warning",
    span: first.span,
    message: `${names.map((name) => `\`${name}\``).join(" and ")} may be null here${because(cause)}: ${consequence}`,
    hint: `test it first: if exists ${names[0]} then string(v: ${names[0]}) else "none"`,
    labels: [
      ...others.map(({ span }): Label => ({ span, text: "may be null, too" })),
      ...causeLabel(seen, cause),
    ],
  };
}

function because(cause: NullCause | undefined): string {
  switch (cause?.why) {
    case "pivot":
      return ", where a row has not all the fields";
    case "empty window":
      return ", in a window without data (aggregateWindow gives it a row; createEmpty: false does not)";
    case "outer join":
      return ", where the join finds no match";
    case "first difference":
      return ", in the first row of each table";
    case undefined:
      return ", as the script itself expects elsewhere";
  }
}

function causeLabel(seen: Seen, cause: NullCause | undefined): Label[] {
  const span = spanIn(seen, cause?.at);
  return span === undefined ? [] : [{ span, text: "this step makes the nulls" }];
}

/** Sources of the values whose existence the script tests somewhere. Tags are told apart by it, not missed. */
function testedSources(seen: Seen): ReadonlySet<Source> {
  const sources = [...seen.script.trace.tested].flatMap((value) =>
    value.kind === "unknown" ? value.from : [],
  );
  return new Set(sources.filter((source) => source.kind === "column" && source.role !== "tag"));
}

function mayBeNull(value: Abstract, tested: ReadonlySet<Source>): value is Unknown {
  if (value.kind !== "unknown" || value.sure) return false;
  return value.mayBeNull !== undefined || value.from.some((source) => tested.has(source));
}

/** Fields of an event that are such a value themselves, or joined with one by `+`. */
function inFields(seen: Seen, told: readonly Span[]): Diagnostic[] {
  return seen.events.flatMap((request) =>
    ["messageType", "entityID", "entityDisplayName", "stateMessage", "timestamp"].flatMap((field) =>
      possibleValues(request, field).flatMap(({ value }): Diagnostic[] => {
        const parts = value.kind === "text" ? value.parts : [value];
        const missing = parts.find(
          (part) =>
            typeof part !== "string" && part.kind === "unknown" && !part.sure && part.mayBeNull,
        );
        const span = spanIn(seen, request.variants[0]?.fields.written.get(field)?.value);
        if (
          missing === undefined ||
          typeof missing === "string" ||
          missing.kind !== "unknown" ||
          span === undefined
        )
          return [];
        const within = told.some((text) => text.start >= span.start && text.end <= span.end);
        return within || told.some((text) => text.start === placeStart(seen, value))
          ? []
          : [said(seen, [{ span, value: missing }], withoutField[field])];
      }),
    ),
  );
}

const placeStart = (seen: Seen, value: Abstract): number | undefined =>
  spanIn(seen, seen.script.walk.placeOf(value))?.start;
