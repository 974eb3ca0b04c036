import {
  array,
  bool,
  bytes,
  duration,
  float,
  int,
  type Location,
  type Native,
  record,
  string,
  time,
  toLower,
  toUpper,
  uint,
  type Value,
  zeroDuration,
} from "@tocsin/data/value";
import type { LogicalNode } from "@tocsin/engine/plan";
import { entryOf } from "./element.ts";
import { row } from "./row.ts";
import {
  type Abstract,
  choice,
  isValue,
  nullCauseOf,
  partsOf,
  type Row,
  type Source,
  sourcesOf,
  standIn,
  text,
  typeOf,
  unknown,
  valueOf,
} from "./value.ts";
import type { Walk } from "./walk.ts";

type Args = ReadonlyMap<string, Abstract>;

/** What calls of natives need to know and to tell of the run that they are part of. */
export interface Natives {
  /** Nanoseconds; stands for the time of the run where a step of the plan needs one. */
  readonly now: bigint;
  /** Told of each step of the plan with the arguments that made it. */
  made(node: LogicalNode, args: Args): void;
  /** A step of which only the inputs are known. */
  opaque(name: string, inputs: readonly LogicalNode[], at: Location | undefined): Abstract;
  /** Told of each stream that the script runs to read it. */
  executed(node: LogicalNode): void;
  /** One row of a stream. */
  rowOf(node: LogicalNode): Row;
}

/** What a call of a native gives. Only pure ones are called, and only with values. */
export function callNative(walk: Walk, fn: Native, args: Args, at: Location | undefined): Abstract {
  const model = models[fn.name];
  const modelled = model?.(args, walk, at);
  if (modelled !== undefined) return modelled;
  if (fn.effect !== "pure") {
    // What reads streams runs them.
    for (const node of [...args.values()].flatMap(streamsIn)) walk.natives.executed(node);
    return unknown({ from: [{ kind: "answer" }] });
  }
  const values = valuesOf(args);
  if (values !== undefined) {
    const result = called(walk, fn, { values, args, at });
    return result ?? unresolved(walk, fn, args, at);
  }
  return perOption(walk, fn, args, at) ?? bySample(walk, fn, args, at);
}

function valuesOf(args: Args): Map<string, Value> | undefined {
  const values = new Map<string, Value>();
  for (const [name, one] of args) {
    const value = valueOf(one);
    if (value === undefined) return undefined;
    values.set(name, value);
  }
  return values;
}

function called(
  walk: Walk,
  fn: Native,
  {
    values,
    args,
    at,
  }: { values: ReadonlyMap<string, Value>; args: Args; at: Location | undefined },
): Value | undefined {
  const known = new Set(fn.parameters.map(({ name }) => name));
  if (fn.parameters.some(({ name, optional }) => !optional && !values.has(name))) return undefined;
  if ([...values.keys()].some((name) => !known.has(name))) return undefined;
  try {
    const result = fn.call(values, { at });
    if (result instanceof Promise) return undefined;
    if (result.kind === "stream") walk.natives.made(result.node as LogicalNode, args);
    return result;
  } catch {
    return undefined;
  }
}

/** The result where one argument is a choice of values: a choice, too. */
function perOption(
  walk: Walk,
  fn: Native,
  args: Args,
  at: Location | undefined,
): Abstract | undefined {
  const choices = [...args].filter(([, value]) => value.kind === "choice");
  const [chosen] = choices;
  if (choices.length !== 1 || chosen[1].kind !== "choice") return undefined;
  const options = chosen[1].options.map(({ value, when }) => ({
    value: callNative(walk, fn, new Map([...args, [chosen[0], value]]), at),
    when,
  }));
  return choice(options);
}

const samples = (now: bigint): readonly Value[] => [
  string(""),
  float(1),
  int(1n),
  time(now),
  duration({ ...zeroDuration, nanoseconds: 60_000_000_000n }),
  bool(true),
  uint(1n),
  array([]),
  record({}),
  bytes(new Uint8Array(0)),
  // For those that refuse an empty text, such as `csv.from`.
  string(" "),
];

/** The result where some arguments are not known, found with others of their type: a step of the plan, or a type. */
function bySample(walk: Walk, fn: Native, args: Args, at: Location | undefined): Abstract {
  const all = samples(walk.natives.now);
  for (const sample of all) {
    const values = new Map<string, Value>();
    for (const [name, one] of args) {
      const type = typeOf(one);
      const fits = type === sample.kind ? sample : all.find(({ kind }) => kind === type);
      values.set(name, standIn(one) ?? fits ?? sample);
    }
    const result = called(walk, fn, { values, args, at });
    if (result?.kind === "stream" || result?.kind === "function") return result;
    if (result !== undefined) return unresolved(walk, fn, args, at, result);
  }
  return unresolved(walk, fn, args, at);
}

function unresolved(
  walk: Walk,
  fn: Native,
  args: Args,
  ...[at, like]: readonly [at: Location | undefined, like?: Value]
): Abstract {
  const inputs = [...args.values()].flatMap(streamsIn);
  if (inputs.length > 0) {
    const stream = walk.natives.opaque(fn.name, inputs, at);
    if (stream.kind === "stream") walk.natives.made(stream.node as LogicalNode, args);
    return stream;
  }
  const values = [...args.values()];
  return unknown({
    type: [fn.raw].flat()[0]?.result ?? (like && typeOf(like)),
    from: sourcesOf(...values),
    as: columnOf(values.filter((one) => !isValue(one))),
    mayBeNull: nullCauseOf(...values),
    sure: values.every(isSure),
    stands: values.every((one) => standIn(one) !== undefined) ? like : undefined,
  });
}

/** The streams that an argument is, or is made of. */
function streamsIn(one: Abstract): LogicalNode[] {
  switch (one.kind) {
    case "stream":
      return [one.node as LogicalNode];
    case "array":
    case "list":
      return (one.elements as readonly Abstract[]).flatMap(streamsIn);
    case "record":
    case "row":
      return [...one.fields.values()].flatMap(streamsIn);
    default:
      return [];
  }
}

/** The column that gives its name to what is made of these: the only one among them. */
function columnOf(unknowns: readonly Abstract[]): string | undefined {
  const [only, ...others] = unknowns;
  return only?.kind === "unknown" && others.length === 0 ? only.as : undefined;
}

const isSure = (one: Abstract): boolean => one.kind !== "unknown" || one.sure;

type Model = (args: Args, walk: Walk, at: Location | undefined) => Abstract | undefined;

const argument = (args: Args, name: string): Abstract => args.get(name) ?? unknown();

/** `int(v:)` and the like, of something that is not known. */
const conversion =
  (type: Value["kind"]): Model =>
  (args) => {
    const value = argument(args, "v");
    if (isValue(value) || value.kind === "choice") return undefined;
    if (type === "string" && partsOf(value) !== undefined && typeOf(value) === "string")
      return value;
    const counts = type === "int" || type === "uint" || type === "float";
    const unit = value.kind === "unknown" ? value.unit : undefined;
    return unknown({
      type,
      from: sourcesOf(value),
      as: columnOf([value]),
      mayBeNull: nullCauseOf(value) ?? fieldCauseOf(value),
      sure: value.kind === "unknown" ? value.sure : value.kind !== "gone",
      stands: standing(type, value),
      unit: counts ? (typeOf(value) === "time" ? "ns" : unit) : undefined,
    });
  };

/** Why a converted value may be null: it is hardly a tag, as those are text already. */
const fieldCauseOf = (value: Abstract) =>
  value.kind === "unknown" && !value.sure ? value.perhapsNull : undefined;

/** The conversion of what stands for a value. Only those of times to numbers are needed. */
function standing(type: Value["kind"], value: Abstract): Value | undefined {
  const stands = standIn(value);
  if (stands?.kind === type) return stands;
  if (stands?.kind === "time" && type === "int") return int(stands.value);
  return stands?.kind === "time" && type === "uint" ? uint(stands.value) : undefined;
}

const source = (kind: "read" | "answer"): readonly Source[] => [{ kind }];

/** One row of the stream that is read. Only a run knows whether there is one. */
const oneRow =
  (name: string): Model =>
  (args, walk) => {
    const stream = argument(args, name);
    if (stream.kind !== "stream") return unknown({ from: source("read") });
    walk.natives.executed(stream.node as LogicalNode);
    return walk.natives.rowOf(stream.node as LogicalNode);
  };

const models: Readonly<Record<string, Model>> = {
  now: (_, walk) =>
    unknown({ type: "time", from: [{ kind: "now" }], sure: true, stands: time(walk.natives.now) }),
  string: conversion("string"),
  int: conversion("int"),
  uint: conversion("uint"),
  float: conversion("float"),
  bool: conversion("bool"),
  time: conversion("time"),
  duration: conversion("duration"),
  "secrets.get": (args) => {
    const key = argument(args, "key");
    const from = [{ kind: "secret", key: key.kind === "string" ? key.value : undefined }] as const;
    return unknown({ type: "string", from, sure: true });
  },
  // It shows null as a word.
  display: (args) => {
    const value = argument(args, "v");
    return unknown({ type: "string", from: sourcesOf(value), as: columnOf([value]), sure: true });
  },
  "experimental.chain": (args, walk) => {
    for (const node of streamsIn(argument(args, "first"))) walk.natives.executed(node);
    return args.get("second");
  },
  "array.map": (args, walk, at) =>
    eachElement(walk, argument(args, "arr"), argument(args, "fn"), at),
  "dict.get": (args) =>
    entryOf(argument(args, "dict"), argument(args, "key"), argument(args, "default")),
  contains: (args) => contained(argument(args, "value"), argument(args, "set")),
  "strings.toUpper": (args) => cased(argument(args, "v"), toUpper),
  "strings.toLower": (args) => cased(argument(args, "v"), toLower),
  "strings.joinStr": (args) => joined(argument(args, "arr"), argument(args, "v")),
  tableFind: (args, walk) => {
    const stream = argument(args, "tables");
    if (stream.kind === "stream") walk.natives.executed(stream.node as LogicalNode);
    return stream;
  },
  getRecord: oneRow("table"),
  findRecord: oneRow("tables"),
  getColumn: (args) => column(argument(args, "column")),
  findColumn: (args, walk) => {
    const stream = argument(args, "tables");
    if (stream.kind === "stream") walk.natives.executed(stream.node as LogicalNode);
    return column(argument(args, "column"));
  },
  "victorops._request": (args) => {
    const tool = argument(args, "monitoringTool");
    const data = { kind: "body", form: "event", of: argument(args, "event"), tool } as const;
    return row([
      ["url", argument(args, "url")],
      ["headers", unknown()],
      ["data", data],
    ]);
  },
  "json.encode": (args) => ({
    kind: "body",
    form: "json",
    of: argument(args, "v"),
    tool: undefined,
  }),
  "delivery.send": (args, walk, at) => {
    const integration = args.get("integration");
    walk.trace.sent.push({
      at,
      node: walk.node,
      integration: integration?.kind === "string" ? integration.value : undefined,
      method: methodOf(args),
      url: argument(args, "url"),
      data: args.get("data"),
    });
    const from = source("answer");
    return row([
      ["status", unknown({ type: "int", from, sure: true })],
      ["body", unknown({ type: "string", from, sure: true })],
    ]);
  },
  "requests._do": (args, walk, at) => answered(args, walk, { at, method: methodOf(args) }),
  "http.get": (args, walk, at) => answered(args, walk, { at, method: "GET" }),
};

/** A request that the script sends and whose answer it reads. */
function answered(
  args: Args,
  walk: Walk,
  how: { at: Location | undefined; method: string },
): Abstract {
  const sent = { ...how, node: walk.node, integration: undefined };
  walk.trace.sent.push({ ...sent, url: argument(args, "url"), data: args.get("body") });
  return unknown({ type: "record", from: source("answer"), sure: true });
}

/** More elements than this are as good as unknown. */
const ELEMENTS_MAX = 64;

/** A function called with each element of an array. */
function eachElement(
  walk: Walk,
  values: Abstract,
  fn: Abstract,
  at: Location | undefined,
): Abstract | undefined {
  if (values.kind !== "array" && values.kind !== "list") return undefined;
  const elements: readonly Abstract[] = values.elements;
  if (elements.length > ELEMENTS_MAX) return undefined;
  const made = elements.map((x) => walk.call(fn, new Map([["x", x]]), at));
  return valueOf({ kind: "list", elements: made }) ?? { kind: "list", elements: made };
}

function methodOf(args: Args): string {
  const method = args.get("method");
  return method?.kind === "string" ? method.value : "POST";
}

function column(label: Abstract): Abstract {
  const from =
    label.kind === "string"
      ? [{ kind: "column", label: label.value, role: "other" } as const]
      : source("read");
  return unknown({ type: "array", from, sure: true });
}

/** `contains` of something unknown: when it holds, the value is one of the set. */
function contained(value: Abstract, set: Abstract): Abstract | undefined {
  if (value.kind !== "unknown" || set.kind !== "array") return undefined;
  const narrowed = { ...value, sure: true, mayBeNull: undefined, among: set.elements };
  const proves = { yes: new Map([[value, narrowed]]), no: new Map(), nullable: true };
  return unknown({ type: "bool", from: value.from, proves });
}

/** The known parts of a text in another case; the others become unknown texts of the same columns. */
function cased(value: Abstract, change: (text: string) => string): Abstract | undefined {
  if (value.kind !== "text") return undefined;
  return text(
    value.parts.map((part) =>
      typeof part === "string"
        ? change(part)
        : unknown({ type: "string", from: sourcesOf(part), mayBeNull: nullCauseOf(part) }),
    ),
  );
}

function joined(list: Abstract, between: Abstract): Abstract | undefined {
  if (list.kind !== "list" && list.kind !== "array") return undefined;
  const elements: readonly Abstract[] = list.elements;
  return text(elements.flatMap((one, i) => (i === 0 ? [one] : [between, one])));
}
