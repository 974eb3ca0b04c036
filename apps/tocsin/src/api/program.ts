import type { Program } from "@tocsin/engine/interpret";
import { checkScript, compileScript } from "@tocsin/library/runtime";
import { ScriptError } from "./errors.ts";
import { type Diagnostic, placed } from "./placed.ts";

/** How a script is read. */
export interface CompileOptions {
  /** How messages name the script. Default: `script`. */
  readonly name?: string;
  /** `false`: no code is generated for row functions. For hosts that forbid `new Function`. */
  readonly generate?: boolean;
  readonly signal?: AbortSignal;
}

/**
 * Reads a script. The program is immutable and can run many times, even at the same time. Throws `ScriptError`
 * when the text is not valid Flux.
 */
export function compile(source: string, options: CompileOptions = {}): Program {
  options.signal?.throwIfAborted();
  refuseOther(source);
  const { tree, diagnostics, program } = compileScript(source, options.name ?? "script", {
    generate: options.generate ?? true,
  });
  if (program === undefined) throw new ScriptError(tree.source, diagnostics);
  return Object.freeze(program);
}

/** Finds all mistakes of grammar and types in a script. Never throws for a bad script. */
export async function check(
  source: string,
  options: Pick<CompileOptions, "name" | "signal"> = {},
): Promise<readonly Diagnostic[]> {
  options.signal?.throwIfAborted();
  refuseOther(source);
  const { tree, diagnostics } = await checkScript(source, options.name ?? "script");
  return placed(tree.source, diagnostics);
}

/** The compiler checks only programs in TypeScript. */
function refuseOther(source: unknown): void {
  if (typeof source !== "string")
    throw new TypeError(
      `a script is a string of Flux, not ${source === null ? "null" : typeof source}`,
    );
}
