import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { UsageError } from "./command.ts";

/** Whether a word is the code of a diagnostic, such as `E0107`, and not the name of a file. */
export const isCode = (word: string): boolean => /^[EW]\d{4}$/iu.test(word) && !existsSync(word);

/** The page of a diagnostic's code: cause, example, how to mend it. Throws `UsageError` for an unknown one. */
export function diagnosticPage(code: string): string {
  const path = join(folder(), `${code.toUpperCase()}.md`);
  if (!existsSync(path))
    throw new UsageError(
      `there is no diagnostic ${code}: a code is what check shows, such as E0201`,
    );
  return readFileSync(path, "utf8");
}

/** The build puts the pages beside the bundle; in the repository they are in the docs. */
function folder(): string {
  const built = join(import.meta.dirname, "..", "diagnostics");
  return existsSync(built) ? built : join(import.meta.dirname, "../../../docs/diagnostics");
}
