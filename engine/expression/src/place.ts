import type { Span } from "@tocsin/language/syntax";
import { FluxError, type Location, type Scope, type SourceFile } from "@tocsin/data/value";

/** The place of a node of the tree; inside the library, the place of the script's call into it. */
export function placeOf(
  node: { readonly span: Span },
  file: SourceFile,
  scope: Scope,
): Location | undefined {
  if (file.library === true) return scope.entry();
  return { file, start: node.span.start, end: node.span.end };
}

/**
 * What evaluation threw, as an error of the script at `at`, unless it has a place further in already. An exhausted
 * stack becomes such an error, too; any other bug is left as it is.
 */
export function errorAt(thrown: unknown, at: Location | undefined): unknown {
  if (thrown instanceof FluxError) return thrown.placed(at);
  if (thrown instanceof RangeError && thrown.message.includes("call stack")) {
    return tooDeep().placed(at);
  }
  return thrown;
}

/** The error for expressions that are nested too deeply. */
export const tooDeep = (): FluxError =>
  new FluxError("resource exhausted", "expression is nested too deeply", {
    hint: "split it into variables or into a shorter chain of functions",
  });

/** What was thrown, as the error of a row. Throws anything else, which is a bug. */
export function rowError(thrown: unknown): FluxError {
  const error = errorAt(thrown, undefined);
  if (error instanceof FluxError) return error;
  throw error;
}
