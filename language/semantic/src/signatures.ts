/**
 * The standard library as the checker sees it: types as text, so that only those a script uses
 * are ever parsed.
 */
export interface Signatures {
  /** The package at an import path; undefined when there is none. */
  package(path: string): PackageSignatures | undefined;
  /** All import paths: for suggestions. */
  paths(): Iterable<string>;
  /** Paths of packages that upstream has and this library has not. */
  readonly absent?: ReadonlySet<string>;
  /** The packages whose members need no import; the later one counts when two have a name. */
  readonly prelude: readonly string[];
}

/** One package: its name and what it exports. */
export type PackageSignatures = {
  /** The name of its package clause. */
  readonly name: string;
  readonly values: Readonly<Record<string, ValueSignature>>;
};

/** One exported value: its type as text, and what else is known of it. */
export type ValueSignature = {
  /** A type expression, as it stands behind `builtin name:`. */
  readonly type: string;
  /** It may be set with `option package.name = …`. */
  readonly option?: boolean;
  readonly effect?: string;
};
