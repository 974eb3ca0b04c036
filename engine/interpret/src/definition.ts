import type { CallSite, Effect, Native, Value } from "@tocsin/data/value";
import type { Arguments } from "./arguments.ts";
import type { Run } from "./run.ts";

interface Described {
  /** Without the package: `filter`. */
  readonly name: string;
  /** A type expression, as in a `builtin` statement. The checker reads it, and so do errors of arguments. */
  readonly type: string;
  /** What it does, then what may surprise. Shown by hover and in the reference. */
  readonly docs: string;
  /** A script that runs; the tests run it. */
  readonly example?: string;
}

/** A constant, or an option that scripts may assign. */
export interface ValueDefinition extends Described {
  readonly form: "value";
  readonly option?: boolean;
  readonly value: (run: Run) => Value;
}

/** A function that TypeScript computes. */
export interface NativeDefinition extends Described {
  readonly form: "native";
  readonly effect: Effect;
  readonly call: (args: Arguments, run: Run, site: CallSite) => Value | Promise<Value>;
  readonly raw?: NonNullable<Native["raw"]>;
}

/** A value written in Flux: an expression over the package's own names, its imports and the prelude. */
export interface FluxDefinition extends Described {
  readonly form: "flux";
  readonly option?: boolean;
  readonly source: string;
}

/** One member of a package. */
export type Definition = ValueDefinition | NativeDefinition | FluxDefinition;

/** One importable package. */
export interface PackageDefinition {
  /** `influxdata/influxdb/monitor`. */
  readonly path: string;
  /** Name of the package clause, when it is not the path's last part. */
  readonly name?: string;
  readonly docs: string;
  /** What its Flux definitions import: path, or `alias path`. */
  readonly imports?: readonly string[];
  /** Its functions compile regular expressions from text: the engine is loaded with the package. */
  readonly patterns?: boolean;
  readonly members: readonly Definition[];
}

/** Where packages come from. Loads code only for what a script imports. */
export interface Library {
  /** Undefined: no such package. */
  load(path: string): Promise<PackageDefinition> | undefined;
  /** All import paths, sorted. */
  readonly paths: readonly string[];
  /** Packages whose members every script sees without import, outermost first. */
  readonly prelude: readonly string[];
}
