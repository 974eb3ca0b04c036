import type { Diagnostic, File, Identifier, Node, Span } from "@tocsin/language/syntax";

import { describe } from "./describe.ts";
import { Inference } from "./inference.ts";
import { libraryOf, readType } from "./library.ts";
import { printType } from "./print.ts";
import type { Definition } from "./scope.ts";
import type { Signatures } from "./signatures.ts";
import { inferFile } from "./statement.ts";
import { warnings } from "./warnings.ts";
import { World } from "./world.ts";

/** What a check is told besides the script. */
export type CheckOptions = {
  /**
   * Names that are set from outside the script, with their types as type expressions: `A` fits
   * everywhere, `{A with timeRangeStart: duration}` is a record of which one field is known.
   */
  readonly defined?: Readonly<Record<string, string>>;
  /** Labels such as `.column` are known, as in upstream's own tests. */
  readonly labels?: boolean;
};

/** What a check gives: the mistakes, and the file with its types. */
export type Checked = {
  /** In the order of the text. Warnings only for a file without errors. */
  readonly diagnostics: readonly Diagnostic[];
  readonly typed: TypedProgram;
};

/** A name of the file itself: a variable, an option or a builtin. */
export type TypedName = {
  readonly name: string;
  readonly kind: "variable" | "option" | "builtin";
  readonly span: Span;
  /** As upstream prints types, on one line. */
  readonly type: string;
};

/** What a use of a name refers to. */
export type Resolved = {
  readonly name: string;
  readonly kind: Definition["kind"];
  /** Where the script defines it; absent for names of the standard library. */
  readonly span?: Span | undefined;
  /** The import path of the package it is, or is from. */
  readonly path?: string | undefined;
  readonly type: string;
};

/** A file with the types of everything in it. Types are printed when asked for. */
export class TypedProgram {
  readonly file: File;
  readonly #cx: Inference;

  constructor(file: File, cx: Inference) {
    this.file = file;
    this.#cx = cx;
  }

  /** The names of the file in the order of their definitions. */
  names(): TypedName[] {
    const found: TypedName[] = [];
    for (const definition of this.#cx.scope.definitions()) {
      const { name, kind, span } = definition;
      if (kind !== "variable" && kind !== "option" && kind !== "builtin") continue;
      if (span) found.push({ name, kind, span, type: printType(definition.type) });
    }
    return found.sort((a, b) => a.span.start - b.span.start);
  }

  /** The type of an expression, a parameter, or a name that is being defined. */
  typeOf(node: Node): string | undefined {
    const type = this.#cx.types.get(node);
    return type && printType(type);
  }

  resolve(use: Identifier): Resolved | undefined {
    const found = this.#cx.resolved.get(use);
    if (!found) return undefined;
    const { name, kind, span, path, type } = found;
    return { name, kind, span, path, type: printType(type) };
  }
}

/**
 * Finds all mistakes of a file that its text alone shows (codes E0201 to E0299, W0301 to W0399),
 * and the types of everything in it. Never throws. A file with parse errors is read as far as its
 * tree goes: what is missing in it leads to no further mistakes.
 */
export function check(file: File, signatures: Signatures, options: CheckOptions = {}): Checked {
  const cx = new Inference(libraryOf(signatures), options.labels ?? false);
  for (const [name, text] of Object.entries(options.defined ?? {})) {
    cx.given.define({ name, kind: "given", type: readType(text), generic: true, uses: [] });
  }
  inferFile(cx, file);
  const found = describe(new World(file, cx), cx.findings);
  const clean = file.wellFormed && found.length === 0;
  const diagnostics = clean ? warnings(file, cx) : found;
  return { diagnostics, typed: new TypedProgram(file, cx) };
}
