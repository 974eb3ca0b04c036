import { kindsIn } from "./kind.ts";
import { flatten, labelOf, resolve } from "./type.ts";
import type { FunctionType, ParameterOf, RecordType, Type, Variable } from "./type.ts";

/**
 * A type on one line, as upstream prints it: variables `A`, `B`, … in the order of the text, a
 * function's piped parameter first, then the required ones, then the optional ones, each sorted by
 * name. What the variables must be able to do stands behind `where`.
 */
export function printType(type: Type): string {
  const printer = new Printer();
  return printer.type(type) + printer.constraints();
}

/** The same, with long records and long lists of parameters cut short: for messages. */
export function printShort(type: Type): string {
  return new Printer(5, 40).type(type);
}

/** Prints several types so that a variable has one name in all of them. */
export class Printer {
  readonly #most: number;
  #left: number;
  readonly #names = new Map<Variable, string>();

  /**
   * `most` is how many members of a record or parameters are shown, `parts` how many types in all:
   * a type may hold others so often that its text would fill the memory.
   */
  constructor(most = Number.POSITIVE_INFINITY, parts = 5000) {
    this.#most = most;
    this.#left = parts;
  }

  type(type: Type): string {
    const target = resolve(type);
    this.#left -= 1;
    if (this.#left < 0) return "…";
    switch (target.kind) {
      case "basic":
        return target.name;
      case "variable":
        return this.#variable(target);
      case "array":
        return `[${this.type(target.element)}]`;
      case "stream":
        return `stream[${this.type(target.element)}]`;
      case "vector":
        return `vector[${this.type(target.element)}]`;
      case "dict":
        return `[${this.type(target.key)}:${this.type(target.value)}]`;
      case "dynamic":
        return "dynamic";
      case "record":
        return this.#record(flatten(target));
      case "function":
        return this.#function(target);
      case "label":
        return `.${target.name}`;
      case "unknown":
        return "?";
      default:
        return target satisfies never;
    }
  }

  /** ` where A: Kind + Kind, …` for the variables printed so far; empty when none has a kind. */
  constraints(): string {
    const parts: string[] = [];
    for (const [variable, name] of this.#names) {
      if (variable.kinds) parts.push(`${name}: ${kindsIn(variable.kinds).join(" + ")}`);
    }
    return parts.length > 0 ? ` where ${parts.join(", ")}` : "";
  }

  #variable(target: Variable): string {
    const known = this.#names.get(target);
    if (known) return known;
    const at = this.#names.size;
    const name = at < 26 ? String.fromCharCode(65 + at) : `t${at}`;
    this.#names.set(target, name);
    return name;
  }

  #record({ fields, tail }: RecordType): string {
    const base = tail ? `${this.type(tail)} with ` : "";
    const shown = fields.slice(0, this.#most).map((field) => {
      const label = labelOf(field);
      const key = typeof label === "string" ? quoted(label) : this.#variable(label);
      return `${key}: ${this.type(field.type)}`;
    });
    if (fields.length > shown.length) shown.push("…");
    return `{${base}${shown.join(", ")}}`;
  }

  #function(target: FunctionType): string {
    const all = [...target.parameters].sort(byModeAndName);
    const shown = all.slice(0, this.#most).map((each) => this.#parameter(each));
    if (all.length > shown.length) shown.push("…");
    return `(${shown.join(", ")}) => ${this.type(target.result)}`;
  }

  #parameter(each: ParameterOf): string {
    const mark = each.mode === "pipe" ? "<-" : each.mode === "optional" ? "?" : "";
    const otherwise = each.default ? ` = ${this.type(each.default)}` : "";
    return `${mark}${each.name}: ${this.type(each.type)}${otherwise}`;
  }
}

/** Labels that are no names stand in quotes, as a script has to write them. */
function quoted(label: string): string {
  return /^[\p{L}_][\p{L}\p{N}_]*$/u.test(label) ? label : JSON.stringify(label);
}

const order = { pipe: 0, required: 1, optional: 2 } as const;

function byModeAndName(a: ParameterOf, b: ParameterOf): number {
  return order[a.mode] - order[b.mode] || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);
}
