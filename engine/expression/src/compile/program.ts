import type { Batch, Schema } from "@tocsin/data/column";
import type { Cell, FunctionValue, Value } from "@tocsin/data/value";
import { quoted } from "./logic.ts";
import { runtime, type Runtime } from "./runtime.ts";
import { TooLarge, type Unit } from "./unit.ts";

/** Generated code that was made into a function. */
type Generated = (...args: readonly never[]) => unknown;

/** For tests only: lets them break the generated code, to see that they notice. */
export interface Tampering {
  readonly source?: (source: string) => string;
  readonly runtime?: Partial<Runtime>;
}

/** Makes functions of source text, each text once. */
export class Sources {
  readonly #made = new Map<string, Generated>();
  readonly #tampering: Tampering;
  readonly #runtime: Runtime;

  constructor(tampering: Tampering = {}) {
    this.#tampering = tampering;
    this.#runtime = { ...runtime, ...tampering.runtime };
  }
  function(source: string): Generated {
    let made = this.#made.get(source);
    if (made === undefined) {
      const text = this.#tampering.source?.(source) ?? source;
      const names = Object.keys(runtime).join(", ");
      // The text holds nothing of a script but names and numbers of things: strings are constants.
      const factory = new Function(
        "runtime",
        `"use strict";\nconst { ${names} } = runtime;\nreturn ${text}`,
      );
      made = factory(this.#runtime) as Generated;
      this.#made.set(source, made);
    }
    return made;
  }
  /** All source texts, in the order in which they were made. */
  texts(): readonly string[] {
    return [...this.#made.keys()];
  }
}

/** What was compiled of one function for one shape of batches. */
interface Variant<T> {
  readonly guards: readonly { readonly cell: Cell; readonly value: Value }[];
  readonly made: T;
}

/** The code of one function, made anew for each shape of batches. */
export class Variants<T> {
  readonly #fn: FunctionValue;
  readonly #make: (batch: Batch) => { unit: Unit; made: T } | undefined;
  readonly #known = new Map<string, Variant<T | undefined>>();

  constructor(fn: FunctionValue, make: (batch: Batch) => { unit: Unit; made: T } | undefined) {
    this.#fn = fn;
    this.#make = make;
  }
  /** Undefined: this function is better walked. */
  for(batch: Batch): T | undefined {
    if (this.#fn.form !== "closure") return undefined;
    const shape = shapeOf(batch);
    const known = this.#known.get(shape);
    if (known !== undefined && known.guards.every(({ cell, value }) => cell.value === value)) {
      return known.made;
    }
    const compiled = this.#compile(batch);
    this.#known.set(shape, { guards: compiled?.unit.guards ?? [], made: compiled?.made });
    return compiled?.made;
  }
  #compile(batch: Batch): { unit: Unit; made: T } | undefined {
    try {
      return this.#make(batch);
    } catch (thrown) {
      // Too large or nested too deeply for code: the walk has its own words for that.
      if (thrown instanceof TooLarge) return undefined;
      if (thrown instanceof RangeError && thrown.message.includes("call stack")) return undefined;
      throw thrown;
    }
  }
}

const schemaTexts = new WeakMap<Schema, string>();

/** All that generated code takes for granted of a batch: columns, their types, forms and nulls. */
function shapeOf(batch: Batch): string {
  let text = schemaTexts.get(batch.schema);
  if (text === undefined) {
    text = batch.schema.map(({ label, kind, key }) => `${quoted(label)}:${kind}:${key}`).join();
    schemaTexts.set(batch.schema, text);
  }
  for (const column of batch.columns) {
    const flat = column.form === "table" ? column.values : column;
    text += `${column.form === "table" ? "t" : ""}${flat.form[0]}${flat.valid === undefined ? "" : "?"}`;
  }
  return text;
}

/** Lines of source text, each `by` steps further in. */
export const indented = (lines: readonly string[], by: number): string[] =>
  lines.map((line) => "  ".repeat(by) + line);

/** Declares the constants of a unit. */
export const constantLines = ({ constants }: Unit): string[] =>
  constants.length === 0 ? [] : [`const [${constants.map((_, i) => `k${i}`).join(", ")}] = k;`];
