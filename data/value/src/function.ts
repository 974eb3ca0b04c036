import type { FunctionExpression } from "@tocsin/language/syntax";
import type { Scope } from "./scope.ts";
import type { ColumnKind, Raw, Value } from "./value.ts";

/**
 * What a call does beside giving a value: nothing (`pure`), it runs a stream and reads its rows
 * (`reads`: the `tableFind` family), or it changes something outside (`acts`: `http.post`).
 */
export type Effect = "pure" | "reads" | "acts";

/** Source text that closures and nodes of a plan point into for messages. */
export interface SourceFile {
  readonly name: string;
  readonly text: string;
  /** Part of Tocsin: what happens in it is told at the place in the script that called it. */
  readonly library?: boolean;
}

/** A place in a script: UTF-16 offsets, end exclusive. */
export interface Location {
  readonly file: SourceFile;
  readonly start: number;
  readonly end: number;
}

/** A function written in Flux, with the scope in which it was written. */
export interface Closure {
  readonly kind: "function";
  readonly form: "closure";
  readonly node: FunctionExpression;
  readonly scope: Scope;
  readonly file: SourceFile;
  /** The name that it was first assigned to, for messages; undefined for a lambda. */
  readonly name: string | undefined;
}

/** A parameter of a native: `pipe` takes what is piped in. */
export interface Parameter {
  readonly name: string;
  readonly pipe: boolean;
  readonly optional: boolean;
}

/** How a call arrives: arguments by name; the piped value under the pipe parameter's name. */
export interface CallSite {
  /** Where the call stands, for messages and for nodes that it adds to the plan. */
  readonly at: Location | undefined;
}

/**
 * A column-wise form of a native: its parameters and result are cells without wrappers. `apply` is
 * never called with a null: a null argument makes the result null.
 */
export interface RawForm {
  readonly parameters: readonly { readonly name: string; readonly kind: ColumnKind }[];
  readonly result: ColumnKind;
  /** May throw a FluxError: the row's error. */
  readonly apply: (...cells: never[]) => Raw;
  /** `apply` never gives null. */
  readonly total?: boolean;
}

/** A function that is part of Tocsin. Natives that act or read are bound to one run. */
export interface Native {
  readonly kind: "function";
  readonly form: "native";
  /** Qualified, for messages: `strings.toUpper`. */
  readonly name: string;
  readonly parameters: readonly Parameter[];
  readonly effect: Effect;
  /** May give a promise only when `effect` is not `pure`. Throws `FluxError`. */
  readonly call: (args: ReadonlyMap<string, Value>, site: CallSite) => Value | Promise<Value>;
  /** One for each list of kinds that it takes. */
  readonly raw?: RawForm | readonly RawForm[];
}

/** Whatever can be called. */
export type FunctionValue = Closure | Native;
