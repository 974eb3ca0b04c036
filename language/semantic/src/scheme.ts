import { generic, resolve, variable } from "./type.ts";
import type { Field, ParameterOf, Type, Variable } from "./type.ts";

/**
 * Makes the variables that are deeper than `level` generic: they belong to nothing outside of the
 * assignment that has just been read. Tells whether there were any.
 */
export function generalize(type: Type, level: number): boolean {
  const target = resolve(type);
  switch (target.kind) {
    case "variable":
      if (target.level > level) target.level = generic;
      return target.level === generic;
    case "array":
    case "stream":
    case "vector":
      return generalize(target.element, level);
    case "dict": {
      const key = generalize(target.key, level);
      return generalize(target.value, level) || key;
    }
    case "record": {
      let found = target.tail !== undefined && generalize(target.tail, level);
      for (const field of target.fields) {
        if (generalize(field.type, level)) found = true;
        if (typeof field.label !== "string" && generalize(field.label, level)) found = true;
      }
      return found;
    }
    case "function": {
      let found = generalize(target.result, level);
      for (const parameter of target.parameters) {
        if (generalize(parameter.type, level)) found = true;
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

  constructor(above: number, level: number) {
    this.#above = above;
    this.#level = level;
  }

  copy(type: Type): Type {
    const target = resolve(type);
    switch (target.kind) {
      case "variable":
        return this.#variable(target);
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
      case "basic":
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
