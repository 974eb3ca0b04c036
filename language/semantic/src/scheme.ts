import { generic, resolve, unknown, variable } from "./type.ts";
import type { BasicType, Field, ParameterOf, Type, Variable } from "./type.ts";
import { Visits } from "./visits.ts";

/**
 * Makes the variables that are deeper than `level` generic: they belong to nothing outside the
 * assignment that has just been read. Tells whether there were any.
 */
export function generalize(type: Type, level: number): boolean {
  return new Generalizer(level).walk(type);
}

class Generalizer {
  readonly #level: number;
  readonly #visits = new Visits();

  constructor(level: number) {
    this.#level = level;
  }

  walk(type: Type): boolean {
    const target = resolve(type);
    // What it has been to has told already.
    if (!this.#visits.isNew(target)) return false;
    switch (target.kind) {
      case "variable":
        if (target.level > this.#level) target.level = generic;
        return target.level === generic;
      case "array":
      case "stream":
      case "vector":
        return this.walk(target.element);
      case "dict": {
        const key = this.walk(target.key);
        return this.walk(target.value) || key;
      }
      case "record": {
        let found = target.tail !== undefined && this.walk(target.tail);
        for (const field of target.fields) {
          if (this.walk(field.type)) found = true;
          if (typeof field.label !== "string" && this.walk(field.label)) found = true;
        }
        return found;
      }
      case "function": {
        let found = this.walk(target.result);
        for (const parameter of target.parameters) {
          if (this.walk(parameter.type)) found = true;
        }
        return found;
      }
      case "basic":
      case "dynamic":
      case "label":
      case "unknown":
        return false;
      default:
        return target satisfies never;
    }
  }
}

/**
 * A type with this many parts comes from functions that double it again and again. What goes beyond
 * is not checked, so that a check ends.
 */
const enormous = 50_000;

/** A copy of a generic type for one use: its variables are new ones of `level`. */
export function instantiate(type: Type, level: number): Type {
  return new Copier(Number.MAX_VALUE, level).copy(type);
}

/**
 * A copy in which the variables deeper than `above` are new ones of `level`. Copies of one copier
 * share their new variables.
 */
export class Copier {
  readonly #above: number;
  readonly #level: number;
  readonly #made = new Map<Variable, Variable>();
  /** What has been copied: a type that is used twice stays one type. */
  #copies: Map<Type, Type> | undefined;
  #steps = 0;

  constructor(above: number, level: number) {
    this.#above = above;
    this.#level = level;
  }

  copy(type: Type): Type {
    const target = resolve(type);
    if (target.kind === "variable") return this.#variable(target);
    if (target.kind === "basic") return target;
    this.#steps += 1;
    // Most types are small: remembering them would cost more than it saves.
    if (this.#steps < 64) return this.#parts(target);
    const known = this.#copies?.get(target);
    if (known) return known;
    if (this.#steps > enormous) return unknown;
    const made = this.#parts(target);
    this.#copies ??= new Map();
    this.#copies.set(target, made);
    return made;
  }

  #parts(target: Exclude<Type, Variable | BasicType>): Type {
    switch (target.kind) {
      case "array":
      case "stream":
      case "vector": {
        const element = this.copy(target.element);
        return element === target.element ? target : { kind: target.kind, element };
      }
      case "dict": {
        const key = this.copy(target.key);
        const value = this.copy(target.value);
        const same = key === target.key && value === target.value;
        return same ? target : { kind: "dict", key, value };
      }
      case "record": {
        const fields = mapSame(target.fields, (field) => this.#field(field));
        const tail = target.tail && this.copy(target.tail);
        const same = fields === target.fields && tail === target.tail;
        return same ? target : { kind: "record", fields, tail };
      }
      case "function": {
        const parameters = mapSame(target.parameters, (each) => this.#parameter(each));
        const result = this.copy(target.result);
        const same = parameters === target.parameters && result === target.result;
        return same ? target : { kind: "function", parameters, result };
      }
      case "dynamic":
      case "label":
      case "unknown":
        return target;
      default:
        return target satisfies never;
    }
  }

  #variable(target: Variable): Variable {
    if (target.level <= this.#above) return target;
    const known = this.#made.get(target);
    if (known) return known;
    const fresh = variable(this.#level, target.kinds);
    this.#made.set(target, fresh);
    return fresh;
  }

  #field(field: Field): Field {
    const type = this.copy(field.type);
    if (typeof field.label === "string") {
      return type === field.type ? field : { label: field.label, type };
    }
    const label = resolve(field.label);
    if (label.kind === "label") return { label: label.name, type };
    if (label.kind !== "variable") return { label: field.label, type };
    return { label: this.#variable(label), type };
  }

  #parameter(parameter: ParameterOf): ParameterOf {
    const type = this.copy(parameter.type);
    return type === parameter.type ? parameter : { ...parameter, type };
  }
}

/** `map` that gives back the same array when nothing in it changed. */
function mapSame<T>(values: readonly T[], change: (value: T) => T): readonly T[] {
  let changed: T[] | undefined;
  for (let at = 0; at < values.length; at += 1) {
    const value = change(values[at]);
    if (changed) changed.push(value);
    else if (value !== values[at]) changed = [...values.slice(0, at), value];
  }
  return changed ?? values;
}
