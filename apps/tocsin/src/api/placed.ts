import { type Diagnostic as Bare, jsonDiagnostics, type SourceText } from "@tocsin/language/syntax";

/** A mistake in a script: what is wrong, where, and what to do. */
export interface Diagnostic extends Bare {
  /** The name of the script. */
  readonly file: string;
  /** Where `span` begins, 1-based; columns count UTF-16 units, as in `check --format json`. */
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  /** Exclusive. */
  readonly endColumn: number;
}

/** Diagnostics with their places as people and editors count them. */
export function placed(source: SourceText, diagnostics: readonly Bare[]): Diagnostic[] {
  const places = jsonDiagnostics([{ source, diagnostics }]);
  return diagnostics.map((one, index) => {
    const { file, line, column, endLine, endColumn } = places[index];
    return { ...one, file, line, column, endLine, endColumn };
  });
}
