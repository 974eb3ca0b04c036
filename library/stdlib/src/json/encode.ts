import {
  bytes,
  compareUtf8,
  FluxError,
  formatDuration,
  formatTimeNano,
  invalid,
  jsonFloat,
  jsonString,
  type Value,
} from "@tocsin/data/value";
import { native } from "@tocsin/engine/interpret";
import { utf8 } from "@tocsin/platform/host";
import { displayText } from "../universe/display.ts";
import { base64 } from "./base64.ts";

/** A value as JSON text: no spaces, keys in order, `<`, `>` and `&` escaped. */
export function jsonText(value: Value): string {
  switch (value.kind) {
    case "null":
      return "null";
    case "bool":
    case "int":
    case "uint":
      return String(value.value);
    case "float":
      if (Number.isFinite(value.value)) return jsonFloat(value.value);
      throw invalid(
        `json: unsupported value: ${displayText(value)}`,
        "JSON has no NaN and no infinity: test for them, or encode string(v:) of the number",
      );
    case "string":
      return jsonString(value.value);
    case "time":
      return `"${formatTimeNano(value.value)}"`;
    case "duration":
      return `"${formatDuration(value.value)}"`;
    case "regexp":
      return jsonString(value.value.source);
    case "bytes":
      return `"${base64(value.value)}"`;
    case "array":
      return `[${value.elements.map(jsonText).join(",")}]`;
    case "record":
      return objectText([...value.fields]);
    case "dict":
      return objectText(value.entries.map(([key, one]) => [displayText(key), one]));
    case "dynamic":
      return jsonText(value.inner);
    case "stream":
      throw invalid(
        "got table stream instead of array. Try using tableFind() or findRecord() to extract data from stream",
      );
    case "function":
      throw invalid("cannot encode a function value");
    case "package":
      throw new FluxError("invalid", "cannot encode a package");
  }
}

function objectText(pairs: (readonly [string, Value])[]): string {
  pairs.sort(([a], [b]) => compareUtf8(a, b));
  return `{${pairs.map(([key, value]) => `${jsonString(key)}:${jsonText(value)}`).join(",")}}`;
}

export const encode = native({
  name: "encode",
  type: "(v: A) => bytes",
  docs:
    "A value as JSON, in bytes. Keys are sorted; times and durations become strings, bytes base64. NaN, the " +
    "infinities, functions and streams cannot be encoded.",
  example: `import "array"
import "json"
array.from(rows: [{text: string(v: json.encode(v: {host: "a", values: [1, 2]}))}])`,
  call: (args) => bytes(utf8.encode(jsonText(args.value("v")))),
});
