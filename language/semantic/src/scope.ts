import type {
  FunctionExpression,
  Identifier,
  Parameter,
  Span,
  Statement,
} from "@tocsin/language/syntax";

import type { Type } from "./type.ts";

/** Something that has a name, and where it got it. */
export type Definition = {
  readonly name: string;
  readonly kind: "variable" | "option" | "parameter" | "builtin" | "import" | "library" | "given";
  /** The place of the name; absent for what the script does not define itself. */
  readonly span?: Span | undefined;
  readonly type: Type;
  /** Each use gets its own copy of the type. */
  readonly generic: boolean;
  /** What defines it: a statement of the script, or a parameter. */
  readonly node?: Statement | Parameter | undefined;
  /** The import path of a package, or of the package that a library value is from. */
  readonly path?: string | undefined;
  readonly uses: Identifier[];
};

/** Names that are known in a stretch of a script: the file, a testcase, or a function. */
export class Scope {
  readonly parent: Scope | undefined;
  /** The function whose parameters and block this is. */
  readonly function: FunctionExpression | undefined;
  readonly #own = new Map<string, Definition>();

  constructor(parent?: Scope, owner?: FunctionExpression) {
    this.parent = parent;
    this.function = owner;
  }

  own(name: string): Definition | undefined {
    return this.#own.get(name);
  }

  define(definition: Definition): void {
    this.#own.set(definition.name, definition);
  }

  find(name: string): Definition | undefined {
    for (let scope: Scope | undefined = this; scope; scope = scope.parent) {
      const found = scope.#own.get(name);
      if (found) return found;
    }
    return undefined;
  }

  /** What this scope itself defines, in order. */
  definitions(): Iterable<Definition> {
    return this.#own.values();
  }

  /** Everything that can be named here, the nearest first. */
  *visible(): Iterable<Definition> {
    for (let scope: Scope | undefined = this; scope; scope = scope.parent) {
      yield* scope.#own.values();
    }
  }
}
