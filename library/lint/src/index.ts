import type { Diagnostic, File } from "@tocsin/language/syntax";
import { applyLints, type Lint } from "./lint.ts";
import { lostSlash } from "./lost-slash.ts";
import { placeholderLeft } from "./placeholder-left.ts";

/** All lints. Each is a file of its own, and a line here. */
const lints: readonly Lint[] = [lostSlash, placeholderLeft];

/** What is wrong with a script beyond grammar and types. */
export function lintScript(tree: File): Diagnostic[] {
  return applyLints(tree, lints);
}
