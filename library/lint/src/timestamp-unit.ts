import type { Diagnostic, Fix, Span } from "@tocsin/language/syntax";
import type { AbstractRequest } from "./abstract/index.ts";
import { type Abstract, type Source, sourcesOf, typeOf } from "./abstract/value.ts";
import {
  fieldSpan,
  isUsedOtherwise,
  oncePerPlace,
  placedValues,
  type PlanLint,
  type Seen,
  textAt,
} from "./plan-lint.ts";

/** `timestamp` in another unit than nanoseconds, as text, or as the time of sending under `monitor.notify`. */
export const timestampUnit: PlanLint = {
  codes: ["W0309"],
  look: (seen) =>
    oncePerPlace(
      seen.events.flatMap((request) =>
        placedValues(seen, request, "timestamp").flatMap(({ value, span }) => {
          const wrong = wrongUnit(value) ?? timeOfSending(value, request);
          return wrong === undefined ? [] : [said(seen, request, { ...wrong, span })];
        }),
      ),
    ),
};

interface Wrong {
  readonly message: string;
  readonly hint: string;
  /** What to leave out, if that gives what was meant. */
  readonly spoiledBy?: "division" | "text";
}

function said(
  seen: Seen,
  request: AbstractRequest,
  wrong: Wrong & { readonly span: Span },
): Diagnostic {
  const { message, hint, spoiledBy, span } = wrong;
  const fix =
    spoiledBy === undefined
      ? undefined
      : (unspoiled(seen, span, spoiledBy) ??
        unspoiled(seen, fieldSpan(seen, request, "timestamp"), spoiledBy));
  return { code: "W0309", severity: "warning", span, message, hint, ...(fix && { fix }) };
}

const units: Readonly<Record<string, string>> = {
  us: "microseconds",
  ms: "milliseconds",
  s: "seconds",
};
const hint =
  "give it a time, such as r._time, or an int of nanoseconds: seconds for On-Call are made of it";

function wrongUnit(value: Abstract): Wrong | undefined {
  const type = typeOf(value);
  if (type === "duration" || type === "bool")
    return { message: unusable(type), hint: "a moment is made with date.add(d: -1h, to: now())" };
  if (type === "string") {
    // The text of a time is one that was a time before.
    const isTime = value.kind === "unknown" && value.from.every(isTimeSource);
    const ofTime = isTime ? ({ spoiledBy: "text" } as const) : {};
    return {
      message: unusable(type),
      hint: "give it the time itself, without string(v:)",
      ...ofTime,
    };
  }
  if (value.kind === "unknown" && value.unit !== undefined && value.unit !== "ns")
    return { message: complaint(units[value.unit]), hint, spoiledBy: "division" };
  if (value.kind !== "int" && value.kind !== "uint") return undefined;
  const unit = unitOf(value.value);
  return unit === undefined ? undefined : { message: complaint(unit), hint };
}

const isTimeSource = (source: Source): boolean =>
  source.kind === "now" || (source.kind === "column" && source.role === "time");

const unusable = (type: string): string =>
  `timestamp is a ${type}, and no event can be made of it: it has to be a time or an int of nanoseconds`;

const complaint = (unit: string): string =>
  `timestamp is in ${unit}, but nanoseconds are expected: On-Call would show a time in January 1970`;

/** The unit in which a count since 1970 is a date of our days; undefined for nanoseconds. */
function unitOf(count: bigint): string | undefined {
  if (count < 100_000_000_000n) return "seconds";
  if (count < 100_000_000_000_000n) return "milliseconds";
  return count < 100_000_000_000_000_000n ? "microseconds" : undefined;
}

const spoilers = {
  division: /^(.+?)\s*\/\s*(?:u?int\(v: )?1(?:000)+\)?$/su,
  text: /^string\(v:\s*(.+)\)$/su,
} as const;

/** `int(v: r._time) / 1000000000` without its division, `string(v: r._time)` without its conversion. */
function unspoiled(seen: Seen, span: Span, by: keyof typeof spoilers): Fix | undefined {
  if (isUsedOtherwise(seen, "timestamp", span)) return undefined;
  const text = spoilers[by].exec(textAt(seen, span))?.[1];
  if (text === undefined || /[/+*?]| - /u.test(text.replaceAll(/"[^"]*"/gu, ""))) return undefined;
  const description = by === "division" ? "leave out the division" : "give the time itself";
  return { description, edits: [{ span, text }] };
}

/** `r._time` where `monitor.notify` has set it to the time of sending. */
function timeOfSending(value: Abstract, { rows }: AbstractRequest): Wrong | undefined {
  const time = rows?.row.fields.get("_time");
  if (time === undefined || rows?.row.fields.has("_status_timestamp") !== true) return undefined;
  const [now] = sourcesOf(time);
  if (now?.kind !== "now" || !sourcesOf(value).includes(now)) return undefined;
  return {
    message:
      "`r._time` is the time of sending here, because `monitor.notify` sets it: On-Call is not told when the trouble began",
    hint: "use r._source_timestamp (when the data was measured) or r._status_timestamp (when the check saw it)",
  };
}
