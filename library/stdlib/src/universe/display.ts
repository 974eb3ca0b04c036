import {
  compareUtf8,
  displayFloat,
  formatDuration,
  formatTime9,
  string,
  type Value,
} from "@tocsin/data/value";
import { native } from "@tocsin/engine/interpret";

/** Longer lists are written one item a line. */
const ITEMS_ON_ONE_LINE = 3;
const INDENT = "    ";

/** The text that `display` gives for a value of any type. */
export function displayText(value: Value, depth = 0): string {
  switch (value.kind) {
    case "null":
      return "<null>";
    case "string":
      return value.value;
    case "bool":
    case "int":
    case "uint":
      return String(value.value);
    case "float":
      return displayFloat(value.value);
    case "time":
      return formatTime9(value.value);
    case "duration":
      return formatDuration(value.value);
    case "regexp":
      return value.value.source;
    case "bytes":
      return `0x${hexadecimal(value.value)}`;
    case "dynamic":
      return `dynamic(${displayText(opened(value.inner), depth)})`;
    case "stream":
      return "<stream>";
    case "function":
      return `<function ${value.name ?? "without a name"}>`;
    case "array":
      return listed(
        "[]",
        value.elements.map((one) => displayText(one, depth + 1)),
        depth,
      );
    case "record":
      return listed("{}", fieldsOf(value.fields, depth), depth);
    case "package":
      return `<package ${value.name}>`;
    case "dict":
      return dictText(value.entries, depth);
  }
}

/** The parts of a dynamic value are dynamic themselves. */
function opened(inner: Value): Value {
  const part = (value: Value): Value => ({ kind: "dynamic", inner: value });
  if (inner.kind === "array") return { kind: "array", elements: inner.elements.map(part) };
  if (inner.kind !== "record") return inner;
  return {
    kind: "record",
    fields: new Map([...inner.fields].map(([label, value]) => [label, part(value)])),
  };
}

function hexadecimal(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function fieldsOf(fields: ReadonlyMap<string, Value>, depth: number): string[] {
  return [...fields]
    .sort(([a], [b]) => compareUtf8(a, b))
    .map(([label, value]) => `${label}: ${displayText(value, depth + 1)}`);
}

function dictText(entries: readonly (readonly [Value, Value])[], depth: number): string {
  if (entries.length === 0) return "[:]";
  const texts = entries.map(
    ([key, value]) => `${displayText(key, depth + 1)}: ${displayText(value, depth + 1)}`,
  );
  // Upstream leaves a blank behind each comma of a long dictionary, and scripts compare such texts.
  return listed("[]", texts, depth, ", ");
}

function listed(brackets: string, items: readonly string[], depth: number, comma = ","): string {
  const [open, close] = brackets;
  if (items.length <= ITEMS_ON_ONE_LINE) return open + items.join(", ") + close;
  const inner = `\n${INDENT.repeat(depth + 1)}`;
  return `${open}${inner}${items.join(`${comma}${inner}`)}\n${INDENT.repeat(depth)}${close}`;
}

export const display = native({
  name: "display",
  type: "(v: A) => string",
  docs:
    "A text of any value for people to read: records with their fields in order, lists of more than three " +
    "items over several lines, bytes in hexadecimal, `<null>` for null. It is not meant to be parsed.",
  example: `import "array"
array.from(rows: [{text: display(v: {b: [1, 2], a: 1h})}])`,
  call: (args) => string(displayText(args.value("v"))),
});
