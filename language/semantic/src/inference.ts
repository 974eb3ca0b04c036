import type { Expression, FunctionExpression, Identifier, Node } from "@tocsin/language/syntax";

import type { Finding, Role } from "./finding.ts";
import type { Kind } from "./kind.ts";
import type { Library } from "./library.ts";
import { Scope } from "./scope.ts";
import type { Definition } from "./scope.ts";
import { instantiate } from "./scheme.ts";
import { unknown, variable } from "./type.ts";
import type { Type } from "./type.ts";
import { constrain, unify } from "./unify.ts";

/** Where an expectation is not met, and what to call the place. */
type Expectation = {
  readonly role: Role;
  readonly node: Expression;
  readonly whole: Extract<Finding, { kind: "mismatch" }>["whole"];
  /** The other place that the expectation comes from. */
  readonly because?: Expression | undefined;
};

/** How an identifier is used: that decides what may be meant when it is undefined. */
type Use = { readonly member?: string; readonly called?: boolean };

/** One reading of a file: the names in scope, the types so far, and the mistakes met. */
export class Inference {
  readonly library: Library;
  readonly labels: boolean;
  readonly types = new Map<Node, Type>();
  readonly resolved = new Map<Identifier, Definition>();
  readonly findings: Finding[] = [];
  /** Identifiers that stand for a whole property: `a` for `a: a`. */
  readonly short = new Set<Identifier>();
  /** The options of the file itself by name: they must not depend on each other. */
  readonly options = new Map<string, Identifier>();
  /** The option whose value is being read, and the scope it stands in. */
  inOption: { readonly name: string; readonly scope: Scope } | undefined;
  /** How deep in assignments; see `Variable`. */
  level = 0;
  /** What the script finds set from outside. */
  readonly given = new Scope();
  /** The names of the place that is being read; at first those of the file. */
  scope = new Scope(this.given);
  readonly #library = new Map<string, Definition>();

  constructor(library: Library, labels: boolean) {
    this.library = library;
    this.labels = labels;
  }

  fresh(): Type {
    return variable(this.level);
  }

  report(finding: Finding): void {
    this.findings.push(finding);
  }

  /** Runs `read` with the names of a new scope inside the present one. */
  within<T>(owner: FunctionExpression | undefined, read: () => T): T {
    const outer = this.scope;
    this.scope = new Scope(outer, owner);
    try {
      return read();
    } finally {
      this.scope = outer;
    }
  }

  /** Runs `read` one assignment deeper. */
  deeper<T>(read: () => T): T {
    this.level += 1;
    try {
      return read();
    } finally {
      this.level -= 1;
    }
  }

  /** Makes the type of a place what it must be; false after a report that it cannot be. */
  expect(expected: Type, found: Type, place: Expectation): boolean {
    const problems = unify(expected, found);
    if (problems.length === 0) return true;
    const { because, ...rest } = place;
    this.report({
      kind: "mismatch",
      ...rest,
      expected,
      found,
      because: because && { span: because.span, type: this.types.get(because) ?? unknown },
      problems,
    });
    return false;
  }

  /** Demands that the type of a place can do something. */
  demand(type: Type, kind: Kind, place: Expectation): boolean {
    const problems = constrain(type, kind);
    if (problems.length === 0) return true;
    const { because: _, ...rest } = place;
    this.report({ kind: "mismatch", ...rest, found: type, problems });
    return false;
  }

  /** The type of a name where it is used: a copy of its own when it is generic. */
  use(identifier: Identifier, use: Use = {}): Type {
    // A missing name has been reported by the parser.
    if (identifier.name === "") return unknown;
    const definition = this.lookup(identifier.name);
    const reported = this.#reportDependency(identifier);
    if (!definition) {
      const { member, called = false } = use;
      const found = { identifier, scope: this.scope, member, called };
      // A later option is no name yet; that it is an option is the better explanation.
      if (!reported) this.report({ kind: "undefined", use: found });
      return unknown;
    }
    definition.uses.push(identifier);
    this.resolved.set(identifier, definition);
    return definition.generic ? instantiate(definition.type, this.level) : definition.type;
  }

  lookup(name: string): Definition | undefined {
    return this.scope.find(name) ?? this.#fromLibrary(name);
  }

  #fromLibrary(name: string): Definition | undefined {
    const known = this.#library.get(name);
    if (known) return known;
    const path = this.library.preludePath(name);
    const type = path === undefined ? undefined : this.library.member(path, name);
    if (!type) return undefined;
    const definition: Definition = { name, kind: "library", type, generic: true, path, uses: [] };
    this.#library.set(name, definition);
    return definition;
  }

  /** The value of an option must not use another option of the same file. */
  #reportDependency(identifier: Identifier): boolean {
    if (!this.inOption || identifier.name === this.inOption.name) return false;
    const other = this.options.get(identifier.name);
    if (!other) return false;
    let scope = this.scope;
    while (scope !== this.inOption.scope && scope.parent) {
      if (scope.own(identifier.name)) return false;
      scope = scope.parent;
    }
    const option = this.inOption.name;
    this.report({ kind: "option dependency", option, use: identifier, other: other.span });
    return true;
  }
}
