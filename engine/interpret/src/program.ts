import type { SourceFile } from "@tocsin/data/value";
import type { RowCompiler } from "@tocsin/engine/expression";
import type { File } from "@tocsin/language/syntax";

/**
 * A script that is ready to run: its tree, and the code generated for its row functions so far. It holds nothing of a
 * run, so that it can run many times, even at once.
 */
export interface Program {
  readonly tree: File;
  readonly file: SourceFile;
  readonly rows: RowCompiler;
}
