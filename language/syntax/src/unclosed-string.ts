import { type Diagnostic, insertAt } from "./diagnostic.ts";
import type { Span } from "./span.ts";

type Suspects = {
  readonly diagnostics: readonly Diagnostic[];
  readonly unclosedString: number | undefined;
  readonly multilineStrings: readonly number[];
};

/**
 * Quotes do not match. The string that lacks its closing one is rarely the last: it is the one that
 * ran over a line break and after which the first nonsense was found. Gives its opening quote, and
 * where on its line it most likely ends.
 */
export function likelyCut(text: string, found: Suspects): Span {
  const last = found.unclosedString ?? 0;
  const others = found.diagnostics.filter(({ span }) => span.start !== last);
  const nonsense = Math.min(last, ...others.map(({ span }) => span.end));
  const start = found.multilineStrings.findLast((quote) => quote < nonsense) ?? last;
  return { start, end: lineEnd(text, start) };
}

/** Before the brackets and commas at the end of the line that were opened before the string. */
function lineEnd(text: string, start: number): number {
  const newline = text.indexOf("\n", start);
  let end = newline < 0 ? text.length : newline;
  for (; end > start + 1; end -= 1) {
    const last = text[end - 1];
    if (/[\s,]/.test(last)) continue;
    const opener = { ")": "(", "]": "[", "}": "{" }[last];
    if (opener === undefined || text.slice(start, end).includes(opener)) break;
  }
  return end;
}

/** Whether a string's text breaks off in a `${`: there, a quote would open another string. */
export function endsInInterpolation(text: string): boolean {
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    if (text.startsWith("${", at)) depth += 1;
    else if (depth > 0 && text[at] === "{" && text[at - 1] !== "$") depth += 1;
    else if (depth > 0 && text[at] === "}") depth -= 1;
  }
  return depth > 0;
}

/** For a string that was ended by `likelyCut`; the fix only where nothing else is wrong then. */
export function missingQuote(start: number, end: number, certain: boolean): Diagnostic {
  return {
    code: "E0106",
    severity: "error",
    span: { start, end: start + 1 },
    message: "this string is never closed",
    hint: 'put `"` where it ends',
    ...(certain ? { fix: insertAt(end, '"') } : {}),
  };
}
