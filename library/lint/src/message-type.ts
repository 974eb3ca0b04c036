import { messageTypes } from "@tocsin/alerting/oncall";
import { nearest } from "@tocsin/language/semantic";
import type { Diagnostic, Fix, Span } from "@tocsin/language/syntax";
import type { AbstractRequest } from "./abstract/index.ts";
import { typeOf } from "./abstract/value.ts";
import { sourcesIn } from "./entity.ts";
import {
  fieldSpan,
  isUsedOtherwise,
  oncePerPlace,
  type Placed,
  placedValues,
  type PlanLint,
  type Seen,
  textAt,
} from "./plan-lint.ts";

/** Words of other systems, and what they mean here. Those that are sure are mended. */
const words: Readonly<Record<string, { readonly type: string; readonly sure: boolean }>> = {
  ...Object.fromEntries(
    ["crit", "critial"].map((word) => [word, { type: "CRITICAL", sure: true }]),
  ),
  ...Object.fromEntries(["warn", "warning"].map((word) => [word, { type: "WARNING", sure: true }])),
  ...Object.fromEntries(
    ["recover", "recovered", "resolve", "resolved", "ok", "okay"].map((word) => [
      word,
      { type: "RECOVERY", sure: true },
    ]),
  ),
  ...Object.fromEntries(
    ["ack", "acknowledged", "acknowledge"].map((word) => [
      word,
      { type: "ACKNOWLEDGEMENT", sure: true },
    ]),
  ),
  ...Object.fromEntries(
    [
      "trigger",
      "triggered",
      "emergency",
      "alert",
      "error",
      "err",
      "major",
      "fatal",
      "panic",
      "high",
      "down",
      "page",
    ].map((word) => [word, { type: "CRITICAL", sure: false }]),
  ),
  minor: { type: "WARNING", sure: false },
  ...Object.fromEntries(
    ["up", "clear", "cleared", "normal", "green"].map((word) => [
      word,
      { type: "RECOVERY", sure: false },
    ]),
  ),
  ...Object.fromEntries(
    ["debug", "notice", "unknown"].map((word) => [word, { type: "INFO", sure: false }]),
  ),
};

/** `messageType` in any branch: a word that On-Call does not know, or a level of InfluxDB. */
export const messageType: PlanLint = {
  codes: ["W0305"],
  look: (seen) =>
    oncePerPlace(
      seen.events.flatMap((request) => {
        const values = placedValues(seen, request, "messageType");
        return [
          ...wrongWords(seen, request, values),
          ...noWords(values),
          ...levels(seen, request, values),
        ];
      }),
    ),
};

function wrongWords(seen: Seen, request: AbstractRequest, values: readonly Placed[]): Diagnostic[] {
  const wrong = values.filter(
    ({ value }) => value.kind === "string" && !messageTypes.some((type) => type === value.value),
  );
  return wrong.map((one) => {
    const word = one.value.kind === "string" ? one.value.value : "";
    const meant = meaningOf(word);
    const span = one.span;
    return {
      code: "W0305",
      severity: "warning",
      span,
      message: complaint(word),
      hint: hintFor(meant),
      ...labelled(seen, request, span),
      ...(meant?.sure === true ? fixOf(seen, one, meant.type) : {}),
    };
  });
}

/** On-Call's message types are words: numbers, such as the severities of syslog, are none. */
function noWords(values: readonly Placed[]): Diagnostic[] {
  return values.flatMap(({ value, span }) => {
    const type = typeOf(value);
    if (type === undefined || type === "string") return [];
    return {
      code: "W0305",
      severity: "warning",
      span,
      message: `the message type is of type ${type}, and On-Call knows words alone: it takes the event for INFO, so that nobody is paged`,
      hint: `it is one of ${messageTypes.join(", ")}`,
    } as const;
  });
}

function complaint(word: string): string {
  if (word === "") return "the message type is empty: On-Call refuses the event";
  const upper = word.toUpperCase();
  if (messageTypes.some((type) => type === upper))
    return `On-Call writes its message types in capitals: ${upper}, not ${word}`;
  return `On-Call does not know the message type ${JSON.stringify(word)} and takes it for INFO: nobody is paged, nothing is resolved`;
}

const hintFor = (meant: { type: string } | undefined): string =>
  meant === undefined
    ? `it is one of ${messageTypes.join(", ")}`
    : `did you mean ${meant.type}? On-Call acts on ${messageTypes.join(", ")}`;

function meaningOf(word: string): { type: string; sure: boolean } | undefined {
  const upper = word.toUpperCase();
  if (messageTypes.some((type) => type === upper)) return { type: upper, sure: true };
  const known = words[word.toLowerCase().trim()];
  if (known !== undefined) return known;
  const near = nearest(upper, messageTypes);
  return near && { type: near.name, sure: near.sure };
}

/** Points from the word to the event that it is for, when it stands elsewhere. */
function labelled(seen: Seen, request: AbstractRequest, span: Span): Pick<Diagnostic, "labels"> {
  const field = fieldSpan(seen, request, "messageType");
  const inside = field.start <= span.start && span.end <= field.end;
  const around = span.start <= field.start && field.end <= span.end;
  return inside || around ? {} : { labels: [{ span: field, text: "the message type is this" }] };
}

/** A literal that is nothing but this message type can be written right. */
function fixOf(seen: Seen, { span, own, value }: Placed, type: string): { fix?: Fix } {
  if (!own || textAt(seen, span) !== JSON.stringify(value.kind === "string" ? value.value : ""))
    return {};
  if (isUsedOtherwise(seen, "messageType", span)) return {};
  const edits = [{ span, text: JSON.stringify(type) }];
  return { fix: { description: `write ${type}`, edits } };
}

/** `r._level` holds the words of InfluxDB's checks. */
function levels(seen: Seen, request: AbstractRequest, values: readonly Placed[]): Diagnostic[] {
  const level = values.find(({ value }) => {
    const sources = value.kind === "unknown" && value.among === undefined ? sourcesIn(value) : [];
    return (
      sources.length > 0 && sources.every((one) => one.kind === "column" && one.label === "_level")
    );
  });
  if (level === undefined) return [];
  return [
    {
      code: "W0305",
      severity: "warning",
      span: fieldSpan(seen, request, "messageType"),
      message:
        "`r._level` is crit, warn, info or ok, which are no message types of On-Call: it takes them for INFO, so that nobody is paged",
      hint: 'say what each level means: if r._level == "crit" then "CRITICAL" else if r._level == "warn" then "WARNING" else if r._level == "ok" then "RECOVERY" else "INFO"',
    },
  ];
}
