import {
  approximateNanoseconds,
  bool as boolValue,
  bytes as bytesValue,
  duration as durationValue,
  float as floatValue,
  floatToInt,
  floatToUint,
  FluxError,
  formatDuration,
  formatFloat,
  formatTime9,
  int as intValue,
  kindName,
  nanosecondDuration,
  nullOf,
  parseDuration,
  parseFloat64,
  parseInt64,
  parseTime,
  parseUint64,
  type ScalarKind,
  string as stringValue,
  time as timeValue,
  uint as uintValue,
  type Value,
  wrapInt,
} from "@tocsin/data/value";
import { native } from "@tocsin/engine/interpret";
import { utf8 } from "@tocsin/platform/host";

/** Null stays null, of the new type; a dynamic value is converted by what is inside of it. */
function converted(value: Value, to: ScalarKind, convert: (value: Value) => Value): Value {
  const inner = value.kind === "dynamic" ? value.inner : value;
  return inner.kind === "null" ? nullOf(to) : convert(inner);
}

function refused(value: Value, to: string): FluxError {
  return new FluxError("invalid", `cannot convert ${kindName(value)} to ${to}`);
}

function badText(text: string, to: string, reason = "invalid syntax"): FluxError {
  return new FluxError(
    "invalid",
    `cannot convert string ${JSON.stringify(text)} to ${to} due to ${reason}`,
  );
}

/** A parsed number, or the error for the text that is none. Out of range counts as bad syntax, as upstream. */
function parsed<T>(result: T | "syntax" | "range", text: string, to: string): T {
  if (result === "syntax") throw badText(text, to);
  if (result === "range") throw badText(text, to, "invalid syntax: value out of range");
  return result as T;
}

export function toStringValue(value: Value): Value {
  return converted(value, "string", (inner) => {
    switch (inner.kind) {
      case "string":
        return inner;
      case "int":
      case "uint":
      case "bool":
        return stringValue(String(inner.value));
      case "float":
        return stringValue(formatFloat(inner.value));
      case "time":
        return stringValue(formatTime9(inner.value));
      case "duration":
        return stringValue(formatDuration(inner.value));
      case "bytes":
        return stringValue(textOf(inner.value));
      default:
        throw refused(inner, "string");
    }
  });
}

function textOf(bytes: Uint8Array): string {
  try {
    return utf8.decodeStrict(bytes);
  } catch (cause) {
    throw new FluxError(
      "invalid",
      "bytes contained non utf8 bytes, cannot be converted into a string",
      { cause },
    );
  }
}

export function toIntValue(value: Value): Value {
  return converted(value, "int", (inner) => {
    switch (inner.kind) {
      case "string":
        return intValue(parsed(parseInt64(inner.value), inner.value, "int"));
      case "int":
        return inner;
      case "uint":
      case "time":
        return intValue(inner.value);
      case "float":
        return intValue(floatToInt(inner.value));
      case "bool":
        return intValue(inner.value ? 1n : 0n);
      case "duration":
        return intValue(approximateNanoseconds(inner.value));
      default:
        throw refused(inner, "int");
    }
  });
}

export function toUintValue(value: Value): Value {
  return converted(value, "uint", (inner) => {
    switch (inner.kind) {
      case "string":
        return uintValue(parsed(parseUint64(inner.value), inner.value, "uint"));
      case "uint":
        return inner;
      case "int":
      case "time":
        return uintValue(inner.value);
      case "float":
        return uintValue(floatToUint(inner.value));
      case "bool":
        return uintValue(inner.value ? 1n : 0n);
      case "duration":
        return uintValue(approximateNanoseconds(inner.value));
      default:
        throw refused(inner, "uint");
    }
  });
}

export function toFloatValue(value: Value): Value {
  return converted(value, "float", (inner) => {
    switch (inner.kind) {
      case "string":
        return floatValue(parsed(parseFloat64(inner.value), inner.value, "float"));
      case "float":
        return inner;
      case "int":
      case "uint":
        return floatValue(Number(inner.value));
      case "bool":
        return floatValue(inner.value ? 1 : 0);
      default:
        throw refused(inner, "float");
    }
  });
}

export function toBoolValue(value: Value): Value {
  return converted(value, "bool", (inner) => {
    switch (inner.kind) {
      case "bool":
        return inner;
      case "string":
        if (inner.value === "true" || inner.value === "false")
          return boolValue(inner.value === "true");
        throw new FluxError(
          "invalid",
          `cannot convert string ${JSON.stringify(inner.value)} to bool`,
        );
      case "int":
      case "uint":
      case "float": {
        const number = Number(inner.value);
        if (number === 0 || number === 1) return boolValue(number === 1);
        const text = inner.kind === "float" ? inner.value.toFixed(6) : String(inner.value);
        throw new FluxError(
          "invalid",
          `cannot convert ${inner.kind} ${text} to bool, must be 0 or 1`,
        );
      }
      default:
        throw refused(inner, "bool");
    }
  });
}

export function toTimeValue(value: Value): Value {
  return converted(value, "time", (inner) => {
    switch (inner.kind) {
      case "time":
        return inner;
      case "string": {
        const result = parseTime(inner.value);
        if (typeof result !== "bigint")
          throw badText(inner.value, "time", `invalid syntax: ${result.reason}`);
        return timeValue(result);
      }
      case "int":
      case "uint":
        return timeValue(inner.value);
      default:
        throw refused(inner, "time");
    }
  });
}

export function toDurationValue(value: Value): Value {
  return converted(value, "duration", (inner) => {
    switch (inner.kind) {
      case "duration":
        return inner;
      case "string": {
        const result = parseDuration(inner.value);
        if (result === undefined) throw badText(inner.value, "duration");
        return durationValue(result);
      }
      case "int":
      case "uint":
        return durationValue(nanosecondDuration(wrapInt(inner.value)));
      default:
        throw refused(inner, "duration");
    }
  });
}

function toBytesValue(value: Value): Value {
  const inner = value.kind === "dynamic" ? value.inner : value;
  if (inner.kind === "bytes") return inner;
  if (inner.kind === "string") return bytesValue(utf8.encode(inner.value));
  throw inner.kind === "null"
    ? new FluxError("invalid", "cannot convert null to bytes")
    : refused(inner, "bytes");
}

export const stringConversion = native({
  name: "string",
  type: "(v: A) => string",
  docs:
    "The text of a value: floats without an exponent, times with nine digits of fraction, durations as they " +
    "are written, bytes as UTF-8. Null gives null; records, arrays and functions have no text (see `display`).",
  example: `import "array"
array.from(rows: [{text: string(v: 1000000.5), time: string(v: 2024-01-01T00:00:00Z)}])`,
  call: (args) => toStringValue(args.value("v")),
});

export const intConversion = native({
  name: "int",
  type: "(v: A) => int",
  docs:
    "A value as int: text in decimal notation, floats without their fraction, times and durations as " +
    "nanoseconds, true as 1. Null gives null. Values of uint that do not fit wrap around.",
  example: `import "array"
array.from(rows: [{a: int(v: "12"), b: int(v: 3.9), c: int(v: 1m)}])`,
  call: (args) => toIntValue(args.value("v")),
});

export const uintConversion = native({
  name: "uint",
  type: "(v: A) => uint",
  docs:
    "A value as uint, the counterpart of `int`. Null gives null. Negative numbers wrap around: " +
    "`uint(v: -1)` is 18446744073709551615.",
  example: `import "array"
array.from(rows: [{a: uint(v: "12"), b: uint(v: true)}])`,
  call: (args) => toUintValue(args.value("v")),
});

export const floatConversion = native({
  name: "float",
  type: "(v: A) => float",
  docs:
    "A value as float: text in any usual notation (also `1e3`, `NaN`, `+Inf`), ints, uints, true as 1. " +
    "Null gives null.",
  example: `import "array"
array.from(rows: [{a: float(v: "1.5e3"), b: float(v: 7)}])`,
  call: (args) => toFloatValue(args.value("v")),
});

export const vectorizedFloat = native({
  name: "_vectorizedFloat",
  type: "(v: vector[A]) => vector[float]",
  docs: "The name under which upstream's optimizer calls `float` for whole columns. Scripts use `float`.",
  call: (args) => toFloatValue(args.value("v")),
});

export const boolConversion = native({
  name: "bool",
  type: "(v: A) => bool",
  docs: 'A value as bool: `"true"` and `"false"`, and the numbers 1 and 0. Null gives null.',
  example: `import "array"
array.from(rows: [{a: bool(v: "true"), b: bool(v: 0)}])`,
  call: (args) => toBoolValue(args.value("v")),
});

export const timeConversion = native({
  name: "time",
  type: "(v: A) => time",
  docs:
    "A value as time: text as RFC 3339 (`2024-05-06T07:08:09.5+02:00`) or a date alone, an int or uint as " +
    "nanoseconds since 1970. Null gives null.",
  example: `import "array"
array.from(rows: [{a: time(v: "2024-05-06"), b: time(v: 1)}])`,
  call: (args) => toTimeValue(args.value("v")),
});

export const durationConversion = native({
  name: "duration",
  type: "(v: A) => duration",
  docs: "A value as duration: text such as `1h30m`, an int or uint as nanoseconds. Null gives null.",
  example: `import "array"
array.from(rows: [{a: string(v: duration(v: 90000000000))}])`,
  call: (args) => toDurationValue(args.value("v")),
});

export const bytesConversion = native({
  name: "bytes",
  type: "(v: A) => bytes",
  docs: "A string as its UTF-8 bytes. Unlike the other conversions it fails for null.",
  example: `import "array"
array.from(rows: [{a: display(v: bytes(v: "hi"))}])`,
  call: (args) => toBytesValue(args.value("v")),
});
