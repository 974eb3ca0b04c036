import type { Duration } from "./duration.ts";
import type { FunctionValue } from "./function.ts";
import type { PackageValue } from "./scope.ts";
import type { Regexp } from "./regexp.ts";

/** Types that a table's column can have. */
export type ColumnKind = "bool" | "int" | "uint" | "float" | "string" | "time";

/** Types of values without parts. */
export type ScalarKind = ColumnKind | "duration" | "regexp" | "bytes";

/**
 * No value. `of` is the type that it would have had: a null read from a float column keeps `"float"`,
 * a column that does not exist gives undefined.
 */
export interface NullValue {
  readonly kind: "null";
  readonly of: ScalarKind | undefined;
  /** Why there is no value, where using it as one is a mistake: "`last` is empty: …". */
  readonly missing?: string;
}
export interface BoolValue {
  readonly kind: "bool";
  readonly value: boolean;
}
/** 64-bit signed; arithmetic wraps. */
export interface IntValue {
  readonly kind: "int";
  readonly value: bigint;
}
/** 64-bit unsigned; arithmetic wraps. */
export interface UintValue {
  readonly kind: "uint";
  readonly value: bigint;
}
export interface FloatValue {
  readonly kind: "float";
  readonly value: number;
}
export interface StringValue {
  readonly kind: "string";
  readonly value: string;
}
/** Nanoseconds since 1970-01-01T00:00:00Z. */
export interface TimeValue {
  readonly kind: "time";
  readonly value: bigint;
}
export interface DurationValue {
  readonly kind: "duration";
  readonly value: Duration;
}
export interface RegexpValue {
  readonly kind: "regexp";
  readonly value: Regexp;
}
export interface BytesValue {
  readonly kind: "bytes";
  readonly value: Uint8Array;
}
export interface ArrayValue {
  readonly kind: "array";
  readonly elements: readonly Value[];
}
/** Fields in the order in which they were written. */
export interface RecordValue {
  readonly kind: "record";
  readonly fields: ReadonlyMap<string, Value>;
  /** Of a record that stands for a row that was not found: what found none. */
  readonly absent?: string;
}
/** Entries sorted by key, as upstream keeps them. Keys are all of one scalar type. */
export interface DictValue {
  readonly kind: "dict";
  readonly entries: readonly (readonly [key: Value, value: Value])[];
}
/** A value whose type is known only at run time (`experimental/dynamic`). Never nested in itself. */
export interface DynamicValue {
  readonly kind: "dynamic";
  readonly inner: Value;
}
/** A stream of tables: a node of the logical plan, opaque on this floor. */
export interface StreamValue {
  readonly kind: "stream";
  readonly node: object;
}

/** Everything that a Flux expression can be. */
export type Value =
  | NullValue
  | BoolValue
  | IntValue
  | UintValue
  | FloatValue
  | StringValue
  | TimeValue
  | DurationValue
  | RegexpValue
  | BytesValue
  | ArrayValue
  | RecordValue
  | DictValue
  | DynamicValue
  | StreamValue
  | FunctionValue
  | PackageValue;

/** The null of a column that does not exist. */
export const NULL: NullValue = { kind: "null", of: undefined };
export const TRUE: BoolValue = { kind: "bool", value: true };
export const FALSE: BoolValue = { kind: "bool", value: false };

const typedNulls = new Map<ScalarKind, NullValue>();

/** The null of a value that would have had the type `of`. */
export function nullOf(of: ScalarKind | undefined): NullValue {
  if (of === undefined) return NULL;
  let value = typedNulls.get(of);
  if (value === undefined) typedNulls.set(of, (value = { kind: "null", of }));
  return value;
}
export const bool = (value: boolean): BoolValue => (value ? TRUE : FALSE);
/** Wraps to 64 bits. */
export const int = (value: bigint): IntValue => ({ kind: "int", value: BigInt.asIntN(64, value) });
/** Wraps to 64 bits. */
export const uint = (value: bigint): UintValue => ({
  kind: "uint",
  value: BigInt.asUintN(64, value),
});
export const float = (value: number): FloatValue => ({ kind: "float", value });
export const string = (value: string): StringValue => ({ kind: "string", value });
/** Nanoseconds since the epoch; wraps to 64 bits. */
export const time = (value: bigint): TimeValue => ({
  kind: "time",
  value: BigInt.asIntN(64, value),
});
export const duration = (value: Duration): DurationValue => ({ kind: "duration", value });
export const regexp = (value: Regexp): RegexpValue => ({ kind: "regexp", value });
export const bytes = (value: Uint8Array): BytesValue => ({ kind: "bytes", value });
export const array = (elements: readonly Value[]): ArrayValue => ({ kind: "array", elements });
/** From a plain object (or pairs), keeping its order. */
export function record(
  fields: Readonly<Record<string, Value>> | Iterable<[string, Value]>,
): RecordValue {
  const pairs =
    Symbol.iterator in fields ? (fields as Iterable<[string, Value]>) : Object.entries(fields);
  return { kind: "record", fields: new Map(pairs) };
}

/** What a JavaScript loop works on: the value of a column's cell without its wrapper; null is null. */
export type Raw = boolean | bigint | number | string | null;

/** Wraps a cell of a column of type `kind`. */
export function boxed(kind: ColumnKind, raw: Raw): Value {
  if (raw === null) return nullOf(kind);
  switch (kind) {
    case "bool":
      return raw === true ? TRUE : FALSE;
    case "float":
      return { kind, value: raw as number };
    case "string":
      return { kind, value: raw as string };
    case "int":
    case "uint":
    case "time":
      return { kind, value: raw as bigint };
  }
}

/** The cell that `value` makes in a column, or undefined when no column can hold it. Null gives null. */
export function unboxed(value: Value): Raw | undefined {
  switch (value.kind) {
    case "null":
      return null;
    case "bool":
    case "int":
    case "uint":
    case "float":
    case "string":
    case "time":
      return value.value;
    default:
      return undefined;
  }
}

/** Whether columns of this type exist. */
export function isColumnKind(kind: string): kind is ColumnKind {
  return (
    kind === "float" ||
    kind === "string" ||
    kind === "int" ||
    kind === "time" ||
    kind === "bool" ||
    kind === "uint"
  );
}

/** The name of a value's type for messages: `record`, `array`, `int`, … */
export function kindName(value: Value): string {
  if (value.kind === "null") return value.of === undefined ? "null" : `null ${value.of}`;
  return value.kind === "record" || value.kind === "package" ? "record" : value.kind;
}
