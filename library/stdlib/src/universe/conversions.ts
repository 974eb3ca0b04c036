import {
  approximateNanoseconds,
  bytes as bytesValue,
  type ColumnKind,
  type Duration,
  floatToInt,
  floatToUint,
  FluxError,
  formatDuration,
  formatFloat,
  formatTime9,
  isColumnKind,
  kindName,
  nanosecondDuration,
  nullOf,
  parseDuration,
  parseFloat64,
  parseInt64,
  parseTime,
  parseUint64,
  type RawForm,
  type ScalarKind,
  type Value,
  wrapInt,
  wrapUint,
} from "@tocsin/data/value";
import { native } from "@tocsin/engine/interpret";
import { utf8 } from "@tocsin/platform/host";

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

/** What a value of each kind becomes. */
type Cells = { readonly [K in ScalarKind]?: (cell: never) => unknown };

/** Null stays null, of the new type; a dynamic value is converted by what is inside it. */
function conversion(to: ScalarKind, cells: Cells): (value: Value) => Value {
  return (value) => {
    const inner = value.kind === "dynamic" ? value.inner : value;
    if (inner.kind === "null") return nullOf(to);
    const cell = (cells as Record<string, ((cell: unknown) => unknown) | undefined>)[inner.kind];
    if (cell === undefined) throw refused(inner, to);
    return { kind: to, value: cell((inner as { value: unknown }).value) } as Value;
  };
}

/** The same for cells of columns. */
function rawForms(to: ColumnKind, cells: Cells): RawForm[] {
  const kinds = Object.keys(cells).filter((kind) => isColumnKind(kind));
  return kinds.map((kind) => ({
    parameters: [{ name: "v", kind }],
    result: to,
    apply: cells[kind] as RawForm["apply"],
    total: true,
  }));
}

const same = <T>(cell: T): T => cell;

const strings: Cells = {
  string: same,
  int: String,
  uint: String,
  bool: String,
  float: formatFloat,
  time: formatTime9,
  duration: formatDuration,
  bytes: textOf,
};
const ints: Cells = {
  string: (text: string) => parsed(parseInt64(text), text, "int"),
  int: same,
  uint: wrapInt,
  time: same,
  float: floatToInt,
  bool: (value: boolean) => (value ? 1n : 0n),
  duration: (value: Duration) => wrapInt(approximateNanoseconds(value)),
};
const uints: Cells = {
  string: (text: string) => parsed(parseUint64(text), text, "uint"),
  uint: same,
  int: wrapUint,
  time: wrapUint,
  float: floatToUint,
  bool: (value: boolean) => (value ? 1n : 0n),
  duration: (value: Duration) => wrapUint(approximateNanoseconds(value)),
};
const floats: Cells = {
  string: (text: string) => parsed(parseFloat64(text), text, "float"),
  float: same,
  int: Number,
  uint: Number,
  bool: Number,
};
const bools: Cells = {
  bool: same,
  string: (text: string) => {
    if (text === "true" || text === "false") return text === "true";
    throw new FluxError("invalid", `cannot convert string ${JSON.stringify(text)} to bool`);
  },
  int: (value: bigint) => zeroOrOne("int", value, String),
  uint: (value: bigint) => zeroOrOne("uint", value, String),
  float: (value: number) => zeroOrOne("float", value, (not) => not.toFixed(6)),
};
const times: Cells = {
  time: same,
  string: (text: string) => {
    const result = parseTime(text);
    if (typeof result === "bigint") return result;
    throw badText(text, "time", `invalid syntax: ${result.reason}`);
  },
  int: same,
  uint: wrapInt,
};
const durations: Cells = {
  duration: same,
  string: (text: string) => {
    const result = parseDuration(text);
    if (result === undefined) throw badText(text, "duration");
    return result;
  },
  int: nanosecondDuration,
  uint: (value: bigint) => nanosecondDuration(wrapInt(value)),
};

const toStringValue = conversion("string", strings);
const toIntValue = conversion("int", ints);
const toUintValue = conversion("uint", uints);
const toFloatValue = conversion("float", floats);
const toBoolValue = conversion("bool", bools);
const toTimeValue = conversion("time", times);
const toDurationValue = conversion("duration", durations);

function zeroOrOne<T extends bigint | number>(
  kind: string,
  value: T,
  text: (value: T) => string,
): boolean {
  const number = Number(value);
  if (number === 0 || number === 1) return number === 1;
  throw new FluxError("invalid", `cannot convert ${kind} ${text(value)} to bool, must be 0 or 1`);
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
  raw: rawForms("string", strings),
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
  raw: rawForms("int", ints),
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
  raw: rawForms("uint", uints),
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
  raw: rawForms("float", floats),
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
  raw: rawForms("bool", bools),
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
  raw: rawForms("time", times),
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
