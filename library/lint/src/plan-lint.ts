import type { Location } from "@tocsin/data/value";
import type { Diagnostic, File, Span } from "@tocsin/language/syntax";
import {
  type AbstractRequest,
  type AbstractScript,
  type Possible,
  possibleValues,
} from "./abstract/index.ts";

/** What a lint of the plan sees: the script as it runs on rows that nobody has seen. */
export interface Seen {
  readonly tree: File;
  readonly script: AbstractScript;
  /** All requests that it would make. */
  readonly requests: readonly AbstractRequest[];
  /** Those that are events for On-Call, made by its endpoint or by `victorops.alert`. */
  readonly events: readonly AbstractRequest[];
  /** What has been said already: a lint need not say it again in other words. */
  readonly said: readonly Diagnostic[];
}

/** Looks at a script without errors and says what is wrong with what it would do. */
export interface PlanLint {
  /** Of its diagnostics; each has a page in `docs/diagnostics`. */
  readonly codes: readonly string[];
  readonly look: (seen: Seen) => Diagnostic[];
}

/** The place in the script's own text; undefined for a place elsewhere. */
export function spanIn({ script }: Seen, at: Location | undefined): Span | undefined {
  return at !== undefined && at.file === script.file ? { start: at.start, end: at.end } : undefined;
}

/** The text of the script at a place. */
export const textAt = ({ tree }: Seen, { start, end }: Span): string =>
  tree.source.text.slice(start, end);

/** Where a field of an event is written: its value in `mapFn`'s record, else the call that sends it. */
export function fieldSpan(seen: Seen, request: AbstractRequest, field: string): Span {
  for (const { fields } of request.variants) {
    const span = spanIn(seen, fields.written.get(field)?.value);
    if (span !== undefined) return span;
  }
  return callSpan(seen, request);
}

/** The call that sends, without what is piped into it. */
export function callSpan(seen: Seen, request: AbstractRequest): Span {
  return spanIn(seen, request.at) ?? { start: 0, end: 0 };
}

/** One value that a field may have, and the place to point at for it. */
export interface Placed extends Possible {
  readonly span: Span;
  /** The script writes this very value there, as far as its text goes. */
  readonly own: boolean;
}

/** All that a field of an event may be, each with its place in the script. */
export function placedValues(seen: Seen, request: AbstractRequest, field: string): Placed[] {
  return possibleValues(request, field).map((possible) => {
    const own = spanIn(seen, seen.script.walk.placeOf(possible.value));
    return { ...possible, span: own ?? fieldSpan(seen, request, field), own: own !== undefined };
  });
}

/** What is written at a place is more than a field of events: it is compared, part of a text, or another field. */
export function isUsedOtherwise(seen: Seen, field: string, span: Span): boolean {
  const { trace, walk } = seen.script;
  const isThis = (value: Possible["value"]): boolean => {
    const at = spanIn(seen, walk.placeOf(value));
    return at?.start === span.start && at.end === span.end;
  };
  return (
    trace.comparisons.some(({ left, right }) => isThis(left) || isThis(right)) ||
    trace.interpolations.some(({ value }) => isThis(value)) ||
    eventFields.some(
      (other) =>
        other !== field &&
        seen.events.some((event) =>
          possibleValues(event, other).some(({ value }) => isThis(value)),
        ),
    )
  );
}

/** What an event is made of. */
export const eventFields: readonly string[] = [
  "messageType",
  "entityID",
  "entityDisplayName",
  "stateMessage",
  "timestamp",
  "monitoringTool",
];

/** The first of the diagnostics that are at one place, each place once. */
export function oncePerPlace(found: readonly Diagnostic[]): Diagnostic[] {
  const first = new Map<string, Diagnostic>();
  for (const one of found) {
    const place = `${one.code} ${one.span.start} ${one.span.end}`;
    if (!first.has(place)) first.set(place, one);
  }
  return [...first.values()];
}
