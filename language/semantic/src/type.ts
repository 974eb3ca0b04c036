/** The types without parts. */
export const basicNames = [
  "bool",
  "int",
  "uint",
  "float",
  "string",
  "duration",
  "time",
  "regexp",
  "bytes",
] as const;

export type BasicName = (typeof basicNames)[number];

/** What is known about a value before the script runs. */
export type Type =
  | BasicType
  | Variable
  | CollectionType
  | DictType
  | DynamicType
  | RecordType
  | FunctionType
  | LabelType
  | UnknownType;

export type BasicType = { readonly kind: "basic"; readonly name: BasicName };

/**
 * A type that is not known yet. It is written to in place: once known, `link` leads on to what it
 * turned out to be. `level` says how deep in assignments it was made; a variable that belongs to
 * nothing outside an assignment becomes generic there: each use of the name gets a fresh copy.
 */
export type Variable = {
  readonly kind: "variable";
  readonly id: number;
  level: number;
  /** Bits of `kind.ts`: what its type must be able to do. */
  kinds: number;
  link: Type | undefined;
};

type CollectionType = {
  readonly kind: "array" | "stream" | "vector";
  readonly element: Type;
};

type DictType = { readonly kind: "dict"; readonly key: Type; readonly value: Type };

type DynamicType = { readonly kind: "dynamic" };

/**
 * Fields and what comes behind them: nothing (`tail` undefined: the record is closed), a variable
 * (any further fields), or whatever that variable became. A label may occur twice: the first
 * counts, `{r with x: …}` simply puts one more in front.
 */
export type RecordType = {
  readonly kind: "record";
  readonly fields: readonly Field[];
  readonly tail: Type | undefined;
};

/** A label is a variable only in the signature of a builtin that is generic in its columns. */
export type Field = { readonly label: string | Variable; readonly type: Type };

export type FunctionType = {
  readonly kind: "function";
  readonly parameters: readonly ParameterOf[];
  readonly result: Type;
};

/** One parameter of a function type, or one argument of a call: then all are required. */
export type ParameterOf = {
  readonly mode: "required" | "optional" | "pipe";
  /** `""` for a piped value whose parameter's name is not known. */
  readonly name: string;
  readonly type: Type;
  /** The type that counts when the argument is left out; only labels in signatures have one. */
  readonly default?: Type | undefined;
};

type LabelType = { readonly kind: "label"; readonly name: string };

/** The type of a mistake that has been reported: it fits everywhere, so nothing follows from it. */
type UnknownType = { readonly kind: "unknown" };

const basics = new Map<BasicName, BasicType>(
  basicNames.map((name) => [name, { kind: "basic", name }]),
);

/** The one object for a basic type. */
export function basic(name: BasicName): BasicType {
  const found = basics.get(name);
  if (!found) throw new Error(`no basic type ${name}`);
  return found;
}

export const bool = basic("bool");
export const int = basic("int");
export const float = basic("float");
export const string = basic("string");
export const duration = basic("duration");
export const time = basic("time");
export const regexp = basic("regexp");
export const dynamic: DynamicType = { kind: "dynamic" };
export const unknown: UnknownType = { kind: "unknown" };
export const emptyRecord: RecordType = { kind: "record", fields: [], tail: undefined };

/** The level of a variable that stands for any type, anew at each use. */
export const generic = Number.POSITIVE_INFINITY;

let made = 0;

/** A variable that nothing is known about. */
export function variable(level: number, kinds = 0): Variable {
  made += 1;
  return { kind: "variable", id: made, level, kinds, link: undefined };
}

/** What a type is as far as is known by now: never a variable that has been solved. */
export function resolve(type: Type): Type {
  if (type.kind !== "variable" || type.link === undefined) return type;
  const target = resolve(type.link);
  type.link = target;
  return target;
}

export function record(fields: readonly Field[], tail?: Type): RecordType {
  return { kind: "record", fields, tail };
}

/** A record's fields in order, through all the records behind it, and its final tail. */
export function flatten(type: RecordType): RecordType {
  const tail = type.tail && resolve(type.tail);
  if (tail?.kind !== "record") return tail === type.tail ? type : { ...type, tail };
  const fields = [...type.fields];
  let rest: Type | undefined = tail;
  while (rest?.kind === "record") {
    fields.push(...rest.fields);
    rest = rest.tail && resolve(rest.tail);
  }
  return { kind: "record", fields, tail: rest };
}

/** The label of a field, or the variable that stands for it while it is not known. */
export function labelOf(field: Field): string | Variable {
  if (typeof field.label === "string") return field.label;
  const target = resolve(field.label);
  if (target.kind === "label") return target.name;
  return target.kind === "variable" ? target : field.label;
}

/** The type of the first field of that name; undefined when there is none, so far. */
export function fieldOf(type: Type, name: string): Type | undefined {
  const target = resolve(type);
  if (target.kind !== "record") return undefined;
  return flatten(target).fields.find((field) => labelOf(field) === name)?.type;
}

/** The parameter of that name which can be given by name. */
export function parameterOf(type: FunctionType, name: string): ParameterOf | undefined {
  return type.parameters.find((each) => each.name === name && name !== "");
}

export function pipeOf(type: FunctionType): ParameterOf | undefined {
  return type.parameters.find((each) => each.mode === "pipe");
}
