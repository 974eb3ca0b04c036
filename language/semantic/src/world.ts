import type {
  Diagnostic,
  Edit,
  Expression,
  File,
  Identifier,
  ImportDeclaration,
  Node,
  SourceText,
} from "@tocsin/language/syntax";

import type { Inference } from "./inference.ts";
import type { Library } from "./library.ts";
import type { Definition } from "./scope.ts";
import { importName } from "./statement.ts";
import type { Type } from "./type.ts";

/** What a mistake is explained with: the file and all that inference has learned about it. */
export class World {
  readonly file: File;
  readonly source: SourceText;
  readonly library: Library;
  readonly types: ReadonlyMap<Node, Type>;
  readonly #cx: Inference;
  readonly #explained = new Set<string>();

  constructor(file: File, cx: Inference) {
    this.file = file;
    this.source = file.source;
    this.library = cx.library;
    this.types = cx.types;
    this.#cx = cx;
  }

  /** What a name in the script refers to. */
  resolved(node: Expression): Definition | undefined {
    return node.kind === "Identifier" ? this.#cx.resolved.get(node) : undefined;
  }

  /** Writes `text` for a name; where the name stands for `a: a`, for its value. */
  replace(use: Identifier, text: string): Edit {
    const short = this.#cx.short.has(use);
    return { span: use.span, text: short ? `${use.name}: ${text}` : text };
  }

  /** The definition that a parameter makes, found through its uses. */
  usesOf(node: Definition["node"]): readonly Definition["uses"][number][] {
    for (const definition of this.#cx.resolved.values()) {
      if (definition.node === node) return definition.uses;
    }
    return [];
  }

  /** A mistake of that code at a node follows from another one that is reported. */
  explain(node: Node, code: string): void {
    this.#explained.add(`${code} ${node.span.start} ${node.span.end}`);
  }

  isExplained({ code, span }: Diagnostic): boolean {
    return this.#explained.has(`${code} ${span.start} ${span.end}`);
  }

  usesOfImport(node: ImportDeclaration): readonly Identifier[] {
    const definition = this.#cx.scope.own(importName(node));
    return definition?.kind === "import" ? definition.uses : [];
  }

  /** Puts an import behind the last one, or before the first statement. */
  importEdit(path: string): Edit {
    const last = this.file.imports.at(-1);
    if (last) {
      return { span: { start: last.span.end, end: last.span.end }, text: `\nimport "${path}"` };
    }
    const clause = this.file.package;
    if (clause) {
      const { end } = clause.span;
      return { span: { start: end, end }, text: `\n\nimport "${path}"` };
    }
    return { span: { start: 0, end: 0 }, text: `import "${path}"\n\n` };
  }
}
