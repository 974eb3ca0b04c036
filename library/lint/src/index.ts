import type { Diagnostic, File } from "@tocsin/language/syntax";
import { applyLints, type Lint } from "./lint.ts";
import { lostSlash } from "./lost-slash.ts";
import { placeholderLeft } from "./placeholder-left.ts";
import type { LintWorld } from "./advise.ts";

export { lintCodes } from "./codes.ts";
export { allowed } from "./allowed.ts";
export type { LintWorld } from "./advise.ts";

export type { AbstractRequest, Possible, Variant } from "./abstract/events.ts";
export type { AbstractScript } from "./abstract/script.ts";

/** All lints that look at the text alone. Each is a file of its own, and a line here. */
const lints: readonly Lint[] = [lostSlash, placeholderLeft];

/** What is wrong with a script beyond grammar and types. */
export function lintScript(tree: File): Diagnostic[] {
  return applyLints(tree, lints);
}

/**
 * What a script without errors would do that its author hardly means: it is run on rows that nobody has
 * seen. Loaded when it is needed, because it takes in the engine. Never throws: advice that cannot be given must not
 * keep a script from being checked.
 */
export async function adviseScript(tree: File, world: LintWorld): Promise<Diagnostic[]> {
  const { adviseOn } = await import("./advise.ts");
  return adviseOn(tree, world).catch(() => []);
}

/**
 * Scripts run on rows that nobody has seen, for lints and for what explains scripts; loaded when it is
 * needed. `runAbstractly(tree, {library})` gives an `AbstractScript`: its plan, what is known of the rows
 * of each step (`rowsOf`), and what functions do with them. `requestsOf(script)` gives what it would send:
 * for each endpoint or call the URL, and the records that `mapFn` may return, each with the conditions
 * that lead to it. `possibleValues(request, "messageType")` lists all that a field may be; a condition's
 * text is `at.file.text.slice(at.start, at.end)`; `show(value)` puts a value into words. Nothing is read,
 * asked for or sent. `Exhausted` is thrown for a script that is too large.
 */
export const abstraction = (): Promise<typeof import("./abstract/index.ts")> =>
  import("./abstract/index.ts");
