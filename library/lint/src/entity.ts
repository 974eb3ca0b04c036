import { type Abstract, type Source } from "./abstract/value.ts";
import { show } from "./abstract/show.ts";
import { type AbstractRequest, possibleValues } from "./abstract/index.ts";

/** The entities that a request's events may be about, as the script would write them. */
export function entitiesOf(request: AbstractRequest): Set<string> {
  return new Set(possibleValues(request, "entityID").map(({ value }) => show(single(value))));
}

/** `"${r.host}"` is `r.host`. */
function single(value: Abstract): Abstract {
  const [only] = value.kind === "text" ? value.parts : [];
  return value.kind === "text" && value.parts.length === 1 && typeof only !== "string"
    ? only
    : value;
}

/** The words that a request's `messageType` may be; `undefined` among them for what only a run knows. */
export function messageTypesOf(request: AbstractRequest): Set<string | undefined> {
  return new Set(
    possibleValues(request, "messageType").map(({ value }) =>
      value.kind === "string" ? value.value : undefined,
    ),
  );
}

/** Types that open an incident. */
export const opens = (type: string | undefined): boolean =>
  type === "CRITICAL" || type === "WARNING";

/** All that is in a text: its parts, and those of each option of a part. */
export function allParts(value: Abstract): readonly (string | Abstract)[] {
  if (value.kind === "string") return [value.value];
  if (value.kind === "choice") return value.options.flatMap((option) => allParts(option.value));
  if (value.kind !== "text") return [value];
  return value.parts.flatMap((part) => (typeof part === "string" ? [part] : allParts(part)));
}

/** Columns that a text is made of and that differ from row to row: those with one possible value do not. */
export function columnsIn(value: Abstract): string[] {
  const labels = allParts(value).flatMap((part) =>
    typeof part === "string" || part.kind !== "unknown" || part.among?.length === 1
      ? []
      : part.from.flatMap((source) => (source.kind === "column" ? [source.label] : [])),
  );
  return [...new Set(labels)];
}

/** Whether a text holds something of which not even the source is known. */
export const holdsMystery = (value: Abstract): boolean =>
  allParts(value).some(
    (part) =>
      typeof part !== "string" &&
      part.kind !== "string" &&
      !(
        part.kind === "unknown" && part.from.some(({ kind }) => kind === "column" || kind === "now")
      ),
  );

/** Where the parts of a text come from. */
export function sourcesIn(value: Abstract): readonly Source[] {
  return allParts(value).flatMap((part) =>
    typeof part !== "string" && part.kind === "unknown" ? part.from : [],
  );
}
