import {
  type ArrayValue,
  type CallSite,
  type DictValue,
  type FunctionValue,
  invalid,
  kindName,
  type RecordValue,
  type Value,
} from "@tocsin/data/value";
import type { Duration, Regexp } from "@tocsin/data/value";
import type { LogicalNode } from "@tocsin/engine/plan";

/**
 * The arguments of one call of a native, by name and checked. A getter without a fallback is for a required argument,
 * one with a fallback for an optional one. Errors name the function and the argument.
 */
export class Arguments {
  readonly function: string;
  readonly site: CallSite;
  readonly #values: ReadonlyMap<string, Value>;

  constructor(name: string, values: ReadonlyMap<string, Value>, site: CallSite) {
    this.function = name;
    this.site = site;
    this.#values = values;
  }
  has(name: string): boolean {
    return this.#values.has(name);
  }
  /** The argument as it was given; undefined if it was not. */
  optional(name: string): Value | undefined {
    return this.#values.get(name);
  }
  value(name: string): Value {
    const value = this.#values.get(name);
    if (value === undefined)
      throw invalid(`${this.function}: missing required keyword argument "${name}"`);
    return value;
  }
  int(name: string, fallback?: bigint): bigint {
    return this.#scalar(name, "int", fallback);
  }
  uint(name: string, fallback?: bigint): bigint {
    return this.#scalar(name, "uint", fallback);
  }
  /** An int that is used as a count or position in JavaScript. */
  count(name: string, fallback?: number): number {
    return Number(this.int(name, fallback === undefined ? undefined : BigInt(fallback)));
  }
  float(name: string, fallback?: number): number {
    return this.#scalar(name, "float", fallback);
  }
  string(name: string, fallback?: string): string {
    return this.#scalar(name, "string", fallback);
  }
  bool(name: string, fallback?: boolean): boolean {
    return this.#scalar(name, "bool", fallback);
  }
  /** Nanoseconds since the epoch. A duration is relative to `now`. */
  time(name: string): bigint {
    return this.#scalar<bigint>(name, "time", undefined);
  }
  duration(name: string, fallback?: Duration): Duration {
    return this.#scalar(name, "duration", fallback);
  }
  regexp(name: string): Regexp {
    return this.#scalar<Regexp>(name, "regexp", undefined);
  }
  bytes(name: string): Uint8Array {
    return this.#scalar<Uint8Array>(name, "bytes", undefined);
  }
  func(name: string): FunctionValue {
    return this.#of(name, "function");
  }
  record(name: string): RecordValue {
    return this.#of(name, "record");
  }
  array(name: string): ArrayValue {
    return this.#of(name, "array");
  }
  dict(name: string): DictValue {
    return this.#of(name, "dict");
  }
  strings(name: string, fallback?: readonly string[]): readonly string[] {
    if (fallback !== undefined && !this.has(name)) return fallback;
    return this.array(name).elements.map((element) => {
      if (element.kind === "string") return element.value;
      throw this.#mismatch(name, "an array of strings", element);
    });
  }
  floats(name: string): readonly number[] {
    return this.array(name).elements.map((element) => {
      if (element.kind === "float") return element.value;
      throw this.#mismatch(name, "an array of floats", element);
    });
  }
  /** The node of a stream argument; the piped one is called `tables`. */
  stream(name = "tables"): LogicalNode {
    return this.#of(name, "stream").node as LogicalNode;
  }

  #scalar<T>(name: string, kind: string, fallback: T | undefined): T {
    if (fallback !== undefined && !this.has(name)) return fallback;
    const value = this.value(name);
    if (value.kind !== kind) throw this.#mismatch(name, kind, value);
    return (value as unknown as { readonly value: T }).value;
  }
  #of<K extends Value["kind"]>(name: string, kind: K): Extract<Value, { kind: K }> {
    const value = this.value(name);
    if (value.kind !== kind) throw this.#mismatch(name, kind, value);
    return value as Extract<Value, { kind: K }>;
  }
  #mismatch(name: string, expected: string, found: Value): Error {
    return invalid(
      `${this.function}: argument "${name}" should be ${expected}, but is ${kindName(found)}`,
    );
  }
}
