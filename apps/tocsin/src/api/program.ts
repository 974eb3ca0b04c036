import type { Program } from "@tocsin/engine/interpret";
import { checkScript, compileScript } from "@tocsin/library/runtime";
import { ScriptError } from "./errors.ts";
import { type Diagnostic, placed } from "./placed.ts";

/** How a script is read. */
export interface CompileOptions {
  /** What messages call it. Default `script`. */
  readonly name?: string;
  /** `false` never generates code for row functions: for hosts that forbid `new Function`. */
  readonly generate?: boolean;
  readonly signal?: AbortSignal;
}

/**
 * Reads a script. The program is immutable and can run many times, also at once. Throws
 * `ScriptError` when the text is no Flux.
 */
export function compile(source: string, options: CompileOptions = {}): Program {
  options.signal?.throwIfAborted();
  const { tree, diagnostics, program } = compileScript(source, options.name ?? "script", {
    generate: options.generate ?? true,
  });
  if (program === undefined) throw new ScriptError(tree.source, diagnostics);
  return Object.freeze(program);
}

/** Finds all mistakes of a script, of grammar and of types. Never throws for bad scripts. */
export async function check(
  source: string,
  options: Pick<CompileOptions, "name" | "signal"> = {},
): Promise<readonly Diagnostic[]> {
  options.signal?.throwIfAborted();
  const { tree, diagnostics } = await checkScript(source, options.name ?? "script");
  return placed(tree.source, diagnostics);
}
