import type { Diagnostic } from "@tocsin/language/syntax";
import type { Abstract, Source } from "./abstract/value.ts";
import { allParts } from "./entity.ts";
import { oncePerPlace, placedValues, type PlanLint } from "./plan-lint.ts";

/** Columns that change while the trouble is the same. */
const changing: Readonly<Record<string, string>> = {
  _time: "the time",
  _start: "the start of the range",
  _stop: "the end of the range",
  _value: "the value",
  _level: "the level",
  _message: "the message",
  _source_timestamp: "the time",
  _status_timestamp: "the time",
};

/** A severity as the first or the last word of a text, or as a message type between others. */
const severity = "critical|crit|warning|warn|recovery|recovered|resolved|emergency|severe";
const severityWord = new RegExp(
  `^(?:${severity})(?=[-_./: ])|(?<=[-_./: ])(?:${severity})$|^(?:${severity})$`,
  "iu",
);
const messageTypeWord = /(?<=[-_./: ])(?:CRITICAL|WARNING|RECOVERY)(?=[-_./: ])/u;

/** `entityID` that is another one for the same trouble: with the severity, a time or a value in it. */
export const unstableEntity: PlanLint = {
  codes: ["W0307"],
  look: (seen) =>
    oncePerPlace(
      seen.events.flatMap((request) => {
        for (const { value, span } of placedValues(seen, request, "entityID")) {
          const reason = reasonIn(value);
          if (reason !== undefined) return [said(reason, span)];
        }
        return [];
      }),
    ),
};

function said(reason: string, span: Diagnostic["span"]): Diagnostic {
  return {
    code: "W0307",
    severity: "warning",
    span,
    message: `the entityID holds ${reason}, so the same trouble gets another entity each time it changes`,
    hint: "name only what is in trouble, such as the host and what is measured: On-Call tells incidents apart by entityID, and a RECOVERY with another one resolves nothing",
  };
}

function reasonIn(value: Abstract): string | undefined {
  const parts = allParts(value);
  for (const part of parts) {
    const reason = typeof part === "string" ? severityIn(part) : changeIn(part);
    if (reason !== undefined) return reason;
  }
  return undefined;
}

function severityIn(part: string): string | undefined {
  const found = severityWord.exec(part.trim()) ?? messageTypeWord.exec(part);
  return found === null ? undefined : `the severity (${found[0]})`;
}

function changeIn(part: Abstract): string | undefined {
  if (part.kind !== "unknown" || part.among?.length === 1) return undefined;
  for (const source of part.from) {
    const reason = changeOf(source);
    if (reason !== undefined) return reason;
  }
  return undefined;
}

function changeOf(source: Source): string | undefined {
  if (source.kind === "now") return "the time of the run (`now()`)";
  if (source.kind !== "column" || source.role === "tag") {
    return source.kind === "column" && source.label === "_level"
      ? "the level (`r._level`)"
      : undefined;
  }
  const { label, role } = source;
  if (role === "time" || role === "field")
    return `${changing[label] ?? "the value"} (\`r.${label}\`)`;
  return changing[label] === undefined || label === "_value"
    ? undefined
    : `${changing[label]} (\`r.${label}\`)`;
}
