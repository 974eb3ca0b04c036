import { formatDuration, formatTimeNano, type Value } from "@tocsin/data/value";
import { interpolated } from "@tocsin/engine/expression";
import { type Abstract, isValue, type Source } from "./value.ts";

/**
 * A value in a few words, as the script would write it: `"a ${r.host}"`, `"CRITICAL" or "RECOVERY"`. `computed`: what
 * stands in the script for a value that it computes, which is else named after the first column that goes into it.
 */
export function show(
  value: Abstract,
  computed: (value: Abstract) => string | undefined = () => undefined,
): string {
  const shown = (one: Abstract): string => show(one, computed);
  switch (value.kind) {
    case "string":
      return JSON.stringify(value.value);
    case "time":
      return formatTimeNano(value.value);
    case "duration":
      return formatDuration(value.value);
    case "null":
      return "null";
    case "text":
      return `"${value.parts.map((part) => (typeof part === "string" ? part : `\${${shown(part)}}`)).join("")}"`;
    case "choice":
      return [...new Set(value.options.map((option) => shown(option.value)))].join(" or ");
    case "row":
      return `{${[...value.fields].map(([label, field]) => `${label}: ${shown(field)}`).join(", ")}}`;
    case "list":
      return `[${value.elements.map(shown).join(", ")}]`;
    case "unknown": {
      if (value.as !== undefined) return `r.${value.as}`;
      const own = computed(value);
      if (own !== undefined) return own;
      const [source] = value.from;
      return source === undefined ? `some ${value.type ?? "value"}` : showSource(source);
    }
    case "gone":
      return "null";
    default:
      return isValue(value) ? asText(value) : value.kind;
  }
}

function asText(value: Value): string {
  try {
    return interpolated(value);
  } catch {
    return value.kind;
  }
}

/** Where a value comes from, as the script would write it. */
export function showSource(source: Source): string {
  switch (source.kind) {
    case "column":
      return `r.${source.label}`;
    case "now":
      return "now()";
    case "secret":
      return source.key === undefined ? "a secret" : `the secret ${source.key}`;
    case "read":
      return "what is read";
    case "answer":
      return "an answer";
  }
}
