import type { Diagnostic } from "@tocsin/language/syntax";
import { type AbstractRequest, possibleValues } from "./abstract/index.ts";
import { type Abstract, type Source, sourcesOf } from "./abstract/value.ts";
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
        const deciding = decidingColumns(request);
        for (const { value, span } of placedValues(seen, request, "entityID")) {
          const reason = reasonIn(value, deciding);
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

function reasonIn(value: Abstract, deciding: ReadonlySet<string>): string | undefined {
  for (const part of allParts(value)) {
    const reason = typeof part === "string" ? severityIn(part) : changeIn(part, deciding);
    if (reason !== undefined) return reason;
  }
  return undefined;
}

function severityIn(part: string): string | undefined {
  const found = severityWord.exec(part.trim()) ?? messageTypeWord.exec(part);
  return found === null ? undefined : `the severity (${found[0]})`;
}

function changeIn(part: Abstract, deciding: ReadonlySet<string>): string | undefined {
  if (part.kind !== "unknown" || part.among?.length === 1) return undefined;
  for (const source of part.from) {
    const reason = changeOf(source, deciding);
    if (reason !== undefined) return reason;
  }
  return undefined;
}

/** Columns that decide which message type it is. */
function decidingColumns(request: AbstractRequest): ReadonlySet<string> {
  const tests = possibleValues(request, "messageType").flatMap(({ when }) => when);
  return new Set(
    tests.flatMap(({ test }) =>
      sourcesOf(test).flatMap((source) => (source.kind === "column" ? [source.label] : [])),
    ),
  );
}

/** Tags that say how bad it is, where they decide the message type. */
const ofSeverity = /^(?:status|state|level|severity|alert_?level)$/iu;

function changeOf(source: Source, deciding: ReadonlySet<string>): string | undefined {
  if (source.kind === "now") return "the time of the run (`now()`)";
  if (source.kind !== "column") return undefined;
  const { label, role } = source;
  const shown = `(\`r.${label}\`)`;
  if (label === "_level" || (ofSeverity.test(label) && deciding.has(label)))
    return `the level ${shown}`;
  if (role === "tag") return undefined;
  // Of the fields that a pivot has made, some are names of things: only those that decide are values.
  if (role === "field" && label !== "_value")
    return deciding.has(label) ? `the value ${shown}` : undefined;
  if (role === "field" || role === "time") return `${changing[label] ?? "the value"} ${shown}`;
  return changing[label] === undefined || label === "_value"
    ? undefined
    : `${changing[label]} ${shown}`;
}
