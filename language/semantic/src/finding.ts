import {
  type CallExpression,
  type Edit,
  type Expression,
  type FunctionExpression,
  type Identifier,
  type ImportDeclaration,
  keyName,
  type MemberExpression,
  type OptionTarget,
  type Property,
  type Span,
  type Statement,
} from "@tocsin/language/syntax";

import type { TypeMistake } from "./convert.ts";
import type { Definition, Scope } from "./scope.ts";
import type { Type } from "./type.ts";
import type { Problem } from "./unify.ts";

/** A name that nothing defines, at one of the places where it is used. */
export type UndefinedUse = {
  readonly identifier: Identifier;
  readonly scope: Scope;
  /** The member that is taken from it, when it stands before a dot. */
  readonly member?: string | undefined;
  readonly called: boolean;
};

/** What the place of a clash is to its surroundings; decides the words. */
export type Role =
  | "operand"
  | "condition"
  | "branch"
  | "logical"
  | "element"
  | "key"
  | "value"
  | "index"
  | "indexed"
  | "interpolation"
  | "sign"
  | "default"
  | "option"
  | "pattern"
  | "matched"
  | "compared"
  | "argument";

/**
 * A mistake as inference meets it. It is put into words when all types are known, because what
 * comes later in a script may still tell what a variable is.
 */
export type Finding =
  | { readonly kind: "undefined"; readonly use: UndefinedUse }
  | { readonly kind: "import"; readonly node: ImportDeclaration }
  | {
      readonly kind: "package member";
      readonly object: Identifier;
      readonly property: { readonly name: string; readonly span: Span };
      readonly path: string;
    }
  | {
      readonly kind: "member";
      readonly node: MemberExpression | OptionTarget;
      readonly object: Type;
      readonly property: { readonly name: string; readonly span: Span };
      readonly problems: readonly Problem[];
    }
  | {
      readonly kind: "mismatch";
      readonly role: Role;
      /** The place, and what holds it: `a + b` for an operand. */
      readonly node: Expression;
      readonly whole: Expression | Statement;
      readonly expected?: Type | undefined;
      readonly found: Type;
      /** What made the expectation, when that is another place. */
      readonly because?: { readonly span: Span; readonly type: Type } | undefined;
      readonly problems: readonly Problem[];
    }
  | {
      readonly kind: "call";
      readonly call: CallExpression;
      readonly input?: Expression | undefined;
      readonly callee: Type;
      readonly problems: readonly Problem[];
    }
  | { readonly kind: "not a function"; readonly call: CallExpression; readonly found: Type }
  | {
      readonly kind: "assigned twice";
      readonly name: Identifier;
      readonly first: Definition;
    }
  | {
      readonly kind: "option twice";
      readonly name: string;
      readonly span: Span;
      readonly first: Span;
    }
  | {
      readonly kind: "option conflict";
      readonly name: Identifier;
      readonly option: Span;
    }
  | {
      readonly kind: "option dependency";
      readonly option: string;
      readonly use: Identifier;
      readonly other: Span;
    }
  | { readonly kind: "missing return"; readonly function: FunctionExpression }
  | { readonly kind: "statement in function"; readonly statement: Statement }
  | { readonly kind: "early return"; readonly statement: Statement }
  | { readonly kind: "return outside"; readonly statement: Statement }
  | { readonly kind: "pipe literal"; readonly span: Span }
  | { readonly kind: "second pipe"; readonly span: Span }
  | { readonly kind: "label literal"; readonly span: Span }
  | { readonly kind: "type mistake"; readonly mistake: TypeMistake };

/** Gives a property another name; what it says stays. */
export function renameKey(property: Property, to: string): Edit {
  const text = property.value ? to : `${to}: ${keyName(property.key)}`;
  return { span: property.key.span, text };
}

/** The argument that a call gives under a name; of several the last one. */
export function argumentOf(call: CallExpression, wanted: string): Property | undefined {
  return call.arguments.findLast((each) => keyName(each.key) === wanted);
}
