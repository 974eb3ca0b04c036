import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { UsageError } from "./command.ts";

/** Whether a word is the code of a diagnostic, such as `E0107`, and not also the name of a file. */
export const isCode = (word: string): boolean => /^[EW]\d{4}$/iu.test(word) && !existsSync(word);

/** The page about a diagnostic: cause, example, how to fix it. Throws `UsageError` for an unknown code. */
export function diagnosticPage(code: string): string {
  const path = join(folder(), `${code.toUpperCase()}.md`);
  if (!existsSync(path))
    throw new UsageError(
      `there is no diagnostic ${code}; codes are those that check shows, such as E0201`,
    );
  return readFileSync(path, "utf8");
}

/** The build puts the pages beside the bundle; the sources find them in the docs. */
function folder(): string {
  const built = join(import.meta.dirname, "..", "diagnostics");
  return existsSync(built) ? built : join(import.meta.dirname, "../../../docs/diagnostics");
}
