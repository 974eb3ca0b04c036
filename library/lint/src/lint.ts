import type { Diagnostic, Expression, File, Node } from "@tocsin/language/syntax";

/** Looks at one expression of a script and says what is wrong with it, if something is. */
export interface Lint {
  /** Of its diagnostics; each has a page in `docs/diagnostics`. */
  readonly code: string;
  readonly look: (expression: Expression) => Diagnostic | undefined;
}

/** Applies lints to every expression of a script, in the order of the text. */
export function applyLints(tree: File, lints: readonly Lint[]): Diagnostic[] {
  const found: Diagnostic[] = [];
  const visit = (part: unknown): void => {
    if (Array.isArray(part)) return part.forEach(visit);
    if (!isNode(part)) return;
    for (const { look } of lints) {
      const diagnostic = look(part as Expression);
      if (diagnostic !== undefined) found.push(diagnostic);
    }
    Object.values(part).forEach(visit);
  };
  visit(tree.body);
  return found;
}

function isNode(part: unknown): part is Node {
  return typeof part === "object" && part !== null && "kind" in part && "span" in part;
}
