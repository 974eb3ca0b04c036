import { parseTypeExpression } from "@tocsin/language/syntax";

import { convertType } from "./convert.ts";
import type { PackageSignatures, Signatures, ValueSignature } from "./signatures.ts";
import { record, unknown } from "./type.ts";
import type { Field, Type } from "./type.ts";

/** The standard library's types; each is parsed when a script first uses it. */
export class Library {
  readonly signatures: Signatures;
  readonly #members = new Map<string, Type>();
  readonly #packages = new Map<string, Type>();

  constructor(signatures: Signatures) {
    this.signatures = signatures;
  }

  /** The generic type of `name` in the package at `path`; undefined when it has none. */
  member(path: string, name: string): Type | undefined {
    const key = `${path}:${name}`;
    const known = this.#members.get(key);
    if (known) return known;
    const value = this.value(path, name);
    if (!value) return undefined;
    const type = readType(value.type);
    this.#members.set(key, type);
    return type;
  }

  value(path: string, name: string): ValueSignature | undefined {
    return ownValue(this.signatures.package(path), name);
  }

  /** The package as a record, for a script that passes it on as a value. */
  packageRecord(path: string): Type {
    const known = this.#packages.get(path);
    if (known) return known;
    const fields: Field[] = this.names(path).map((label) => ({
      label,
      type: this.member(path, label) ?? unknown,
    }));
    const type = record(fields);
    this.#packages.set(path, type);
    return type;
  }

  names(path: string): string[] {
    return Object.keys(this.signatures.package(path)?.values ?? {});
  }

  /** The package that gives a name to every script. */
  preludePath(name: string): string | undefined {
    return this.signatures.prelude.findLast((path) => this.value(path, name) !== undefined);
  }

  preludeNames(): string[] {
    return this.signatures.prelude.flatMap((path) => this.names(path));
  }
}

/** A type from its text. Text that cannot be read gives a type that fits everywhere. */
export function readType(text: string): Type {
  const { type, diagnostics } = parseTypeExpression(text);
  if (diagnostics.length > 0) return unknown;
  return convertType(type).type;
}

const libraries = new WeakMap<Signatures, Library>();

/** The library of a table: kept, so that the next script finds its types parsed. */
export function libraryOf(signatures: Signatures): Library {
  const known = libraries.get(signatures);
  if (known) return known;
  const library = new Library(signatures);
  libraries.set(signatures, library);
  return library;
}

function ownValue(found: PackageSignatures | undefined, name: string): ValueSignature | undefined {
  return found && Object.hasOwn(found.values, name) ? found.values[name] : undefined;
}
