import type { SourceFile } from "@tocsin/data/value";
import type { RowCompiler } from "@tocsin/engine/expression";
import type { File } from "@tocsin/language/syntax";

/**
 * A script that is ready to run: its tree, and the code that was generated for its row functions so
 * far. Nothing of a run is in it, so one Program can run many times, also at once.
 */
export interface Program {
  readonly tree: File;
  readonly file: SourceFile;
  readonly rows: RowCompiler;
}
