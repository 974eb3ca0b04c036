import type { SourceFile } from "@tocsin/data/value";
import { rowCompiler } from "@tocsin/engine/expression";
import type { Program } from "@tocsin/engine/interpret";
import { type Diagnostic, type File, parse } from "@tocsin/language/syntax";

/** A script that was read: its program, unless it has errors. */
export interface Compiled {
  readonly tree: File;
  readonly diagnostics: readonly Diagnostic[];
  /** Undefined when `diagnostics` has an error. */
  readonly program: Program | undefined;
}

/** Reads a script. `generate: false` walks the tree instead of generating code for row functions. */
export function compileScript(
  text: string,
  name: string,
  options: { generate?: boolean } = {},
): Compiled {
  const { file: tree, diagnostics } = parse(text, name);
  if (diagnostics.some((one) => one.severity === "error"))
    return { tree, diagnostics, program: undefined };
  return { tree, diagnostics, program: programOf(tree, { name, text }, options) };
}

/** A program from a tree that has no errors. */
export function programOf(
  tree: File,
  file: SourceFile,
  options: { generate?: boolean } = {},
): Program {
  return { tree, file, rows: rowCompiler({ compile: options.generate ?? true }) };
}
