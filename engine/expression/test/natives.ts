import {
  array,
  FALSE,
  float,
  formatFloat,
  type FunctionValue,
  int,
  invalid,
  type Native,
  NULL,
  nullOf,
  type Raw,
  type RawForm,
  string,
  time,
  TRUE,
  uint,
  type Value,
} from "@tocsin/data/value";
import { callFunction } from "@tocsin/engine/expression";

type Call = (args: ReadonlyMap<string, Value>) => Value;

function native(name: string, parameters: readonly string[], call: Call): Native {
  return {
    kind: "function",
    form: "native",
    name,
    parameters: parameters.map((one) => ({
      name: one.replace(/^[<?]/, ""),
      pipe: one.startsWith("<"),
      optional: one.startsWith("?"),
    })),
    effect: "pure",
    call,
  };
}

/** A native that has a form for cells as well as for values. */
function rawNative(name: string, raw: RawForm, wrap: (cell: never) => Value): Native {
  const names = raw.parameters.map((one) => one.name);
  const call: Call = (args) => {
    const cells: Raw[] = [];
    for (const one of raw.parameters) {
      const value = args.get(one.name) ?? NULL;
      if (value.kind === "null") return nullOf(raw.result);
      if (value.kind !== one.kind)
        throw invalid(`${name}: expected ${one.kind}, got ${value.kind}`);
      cells.push(value.value);
    }
    const cell = raw.apply(...(cells as never[]));
    return cell === null ? nullOf(raw.result) : wrap(cell as never);
  };
  return { ...native(name, names, call), raw };
}

const value = (args: ReadonlyMap<string, Value>, name = "v"): Value => args.get(name) ?? NULL;

/** Gives what it is given: its type is known only when it has run. */
const same = native("same", ["v"], (args) => value(args));

const piped = native("piped", ["<tables", "?add"], (args) => {
  const input = value(args, "tables");
  if (input.kind !== "int") throw invalid(`piped: not an int, but ${input.kind}`);
  const add = value(args, "add");
  return int(input.value + (add.kind === "int" ? add.value : 1n));
});

const toFloat = native("toFloat", ["v"], (args) => {
  const one = value(args);
  if (one.kind === "null") return nullOf("float");
  if (one.kind === "int" || one.kind === "uint") return float(Number(one.value));
  if (one.kind === "float") return one;
  throw invalid(`cannot convert ${one.kind} to float`);
});

const toText = native("toText", ["v"], (args) => {
  const one = value(args);
  if (one.kind === "null") return nullOf("string");
  if (one.kind === "float") return string(formatFloat(one.value));
  if (one.kind === "int" || one.kind === "uint" || one.kind === "bool" || one.kind === "string") {
    return string(String(one.value));
  }
  throw invalid(`cannot convert ${one.kind} to string`);
});

const dyn = native("dyn", ["v"], (args) => ({ kind: "dynamic", inner: value(args) }));

const size = native("size", ["v"], (args) => {
  const one = value(args);
  if (one.kind === "dict") return int(BigInt(one.entries.length));
  if (one.kind === "array") return int(BigInt(one.elements.length));
  if (one.kind === "record") return int(BigInt(one.fields.size));
  throw invalid(`size: ${one.kind} has none`);
});

const each = native("each", ["v", "fn"], (args) => {
  const list = value(args);
  const fn = value(args, "fn");
  if (list.kind !== "array" || fn.kind !== "function")
    throw invalid("each: an array and a function");
  const call = (x: Value): Value =>
    callFunction(fn as FunctionValue, new Map([["x", x]]), { at: undefined }) as Value;
  return array(list.elements.map(call));
});

const upper = rawNative(
  "upper",
  {
    parameters: [{ name: "v", kind: "string" }],
    result: "string",
    apply: (text: string) => {
      if (text === "b") throw invalid("upper: not of b");
      return text.toUpperCase();
    },
  },
  string,
);

const starts = rawNative(
  "starts",
  {
    parameters: [
      { name: "v", kind: "string" },
      { name: "prefix", kind: "string" },
    ],
    result: "bool",
    apply: (text: string, prefix: string) => text.startsWith(prefix),
  },
  (cell: boolean) => (cell ? TRUE : FALSE),
);

const half = rawNative(
  "half",
  {
    parameters: [{ name: "x", kind: "int" }],
    result: "int",
    apply: (x: bigint) => (x === 7n ? null : x / 2n),
  },
  int,
);

const root = rawNative(
  "root",
  { parameters: [{ name: "x", kind: "float" }], result: "float", apply: Math.sqrt },
  float,
);

/** What random expressions may call and capture. */
export const surroundings: Readonly<Record<string, Value>> = {
  same,
  piped,
  toFloat,
  toText,
  dyn,
  size,
  each,
  upper,
  starts,
  half,
  root,
  cb: TRUE,
  ci: int(7n),
  cu: uint(3n),
  cf: float(-0),
  cs: string("b"),
  ct: time(1_000_000_000n),
  cn: nullOf("int"),
  cnone: NULL,
};
