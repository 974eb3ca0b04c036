import { type Diagnostic, type Expression, type File, forEachNode } from "@tocsin/language/syntax";

/** Looks at one expression of a script and says what is wrong with it, if something is. */
export interface Lint {
  /** Of its diagnostics; each has a page in `docs/diagnostics`. */
  readonly code: string;
  readonly look: (expression: Expression) => Diagnostic | undefined;
}

/** Applies lints to every expression of a script, in the order of the text. */
export function applyLints(tree: File, lints: readonly Lint[]): Diagnostic[] {
  const found: Diagnostic[] = [];
  forEachNode(tree.body, (node) => {
    for (const { look } of lints) {
      const diagnostic = look(node as Expression);
      if (diagnostic !== undefined) found.push(diagnostic);
    }
  });
  return found;
}
