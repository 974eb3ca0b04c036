import {
  bytes,
  formatDuration,
  formatFloat,
  formatTime9,
  int,
  int64Max,
  int64Min,
  invalid,
  kindName,
  nullOf,
  string,
  uint,
  uint64Max,
  type Value,
} from "@tocsin/data/value";
import { type Arguments, definePackage, native } from "@tocsin/engine/interpret";

const digits = (value: Uint8Array): string =>
  Array.from(value, (byte) => byte.toString(16).padStart(2, "0")).join("");

function hexText(value: Value): Value {
  switch (value.kind) {
    case "null":
      return nullOf("string");
    case "string":
      return value;
    case "int":
    case "uint":
      return string(value.value.toString(16));
    case "float":
      return string(formatFloat(value.value));
    case "bool":
      return string(String(value.value));
    case "time":
      return string(formatTime9(value.value));
    case "duration":
      return string(formatDuration(value.value));
    case "bytes":
      return string(digits(value.value));
    default:
      throw invalid(`cannot convert ${kindName(value)} to string`);
  }
}

/** The number of `0x1f`, `1f`, `-0x1f` and the like, when it lies between the bounds. */
function number(text: string, signed: boolean, bounds: readonly [bigint, bigint]): bigint {
  const found = /^([+-]?)(?:0x)?([0-9a-fA-F]+)$/u.exec(text);
  if (found !== null && (signed || found[1] === "")) {
    const value = BigInt(`0x${found[2]}`) * (found[1] === "-" ? -1n : 1n);
    if (value >= bounds[0] && value <= bounds[1]) return value;
  }
  throw invalid(
    `cannot convert string "${text}" to ${signed ? "int" : "uint"} due to invalid syntax`,
  );
}

function fromText(
  args: Arguments,
  kind: "int" | "uint" | "bytes",
  make: (text: string) => Value,
): Value {
  const value = args.value("v");
  if (value.kind === "null") return nullOf(kind);
  if (value.kind === "string") return make(value.value);
  throw invalid(`hex cannot convert ${kindName(value)} to ${kind}`);
}

function byteValues(text: string): Uint8Array {
  const wrong = /[^0-9a-fA-F]/u.test(text)
    ? "there is something else than 0-9 and a-f"
    : text.length % 2 === 1
      ? "encoding/hex: odd length hex string"
      : undefined;
  if (wrong !== undefined)
    throw invalid(`cannot convert string "${text}" to bytes due to hex decoding error: ${wrong}`);
  return Uint8Array.from({ length: text.length / 2 }, (_, i) =>
    Number.parseInt(text.slice(2 * i, 2 * i + 2), 16),
  );
}

const example = (expression: string): string => `import "array"
import "contrib/bonitoo-io/hex"
array.from(rows: [{v: ${expression}}])`;

export const packageDefinition = definePackage({
  path: "contrib/bonitoo-io/hex",
  docs: "Hexadecimal text.",
  members: [
    native({
      name: "bytes",
      type: "(v: string) => bytes",
      docs: "The bytes that pairs of hexadecimal digits stand for.",
      example: example('hex.string(v: hex.bytes(v: "FF5733"))'),
      call: (args) => fromText(args, "bytes", (text) => bytes(byteValues(text))),
    }),
    native({
      name: "int",
      type: "(v: string) => int",
      docs: "The int of hexadecimal text, with or without sign and `0x`.",
      example: example('hex.int(v: "4d2")'),
      call: (args) =>
        fromText(args, "int", (text) => int(number(text, true, [int64Min, int64Max]))),
    }),
    native({
      name: "string",
      type: "(v: A) => string",
      docs: "Ints, uints and bytes as hexadecimal text; other values as `string()` gives them.",
      example: example("hex.string(v: 1234)"),
      call: (args) => hexText(args.value("v")),
    }),
    native({
      name: "uint",
      type: "(v: string) => uint",
      docs: "The uint of hexadecimal text, with or without `0x`.",
      example: example('hex.uint(v: "0x162e")'),
      call: (args) => fromText(args, "uint", (text) => uint(number(text, false, [0n, uint64Max]))),
    }),
  ],
});
