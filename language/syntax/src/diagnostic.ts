import type { SourceText, Span } from "./span.ts";

/** What cannot run is an error; what upstream would accept is at most a warning. */
export type Severity = "error" | "warning";

/** Another place that explains the diagnostic, with what to see there. */
export type Label = { readonly span: Span; readonly text: string };

/** Replace `span` by `text`; an empty span inserts, an empty text deletes. */
export type Edit = { readonly span: Span; readonly text: string };

/** Only where it is certain what was meant. The edits belong together and do not overlap. */
export type Fix = { readonly description?: string; readonly edits: readonly Edit[] };

/** Insert `text` at an offset. */
export function insertAt(offset: number, text: string): Fix {
  return { edits: [{ span: { start: offset, end: offset }, text }] };
}

/** Put `text` in the place of a span. */
export function replaceBy(span: Span, text: string): Fix {
  return { edits: [{ span, text }] };
}

/** Something to tell the author of a script. */
export type Diagnostic = {
  /** Stable, like `E0107`; has a page `docs/diagnostics/E0107.md`. */
  readonly code: string;
  readonly severity: Severity;
  readonly span: Span;
  /** What was found and what was expected: one sentence without a full stop. */
  readonly message: string;
  readonly labels?: readonly Label[];
  /** What to do about it. */
  readonly hint?: string;
  readonly fix?: Fix;
};

/** The diagnostics of one source, as the renderers take them. */
export type Report = { readonly source: SourceText; readonly diagnostics: readonly Diagnostic[] };

/**
 * Makes every fix that does not collide with an earlier one, and gives the new text. Running the
 * check and this again may mend more: one mistake can hide another.
 */
export function applyFixes(source: string, diagnostics: readonly Diagnostic[]): string {
  const edits: Edit[] = [];
  for (const { fix } of diagnostics) {
    if (!fix) continue;
    if (fix.edits.some((edit) => edits.some((made) => collides(edit, made)))) continue;
    edits.push(...fix.edits);
  }
  edits.sort((a, b) => a.span.start - b.span.start || a.span.end - b.span.end);
  let out = "";
  let at = 0;
  for (const { span, text } of edits) {
    out += source.slice(at, span.start) + text;
    at = span.end;
  }
  return out + source.slice(at);
}

/** Insertions at one place do not collide: they are made in the order they were reported. */
function collides(a: Edit, b: Edit): boolean {
  const aInserts = a.span.start === a.span.end;
  const bInserts = b.span.start === b.span.end;
  if (aInserts && bInserts) return false;
  if (a.span.start === b.span.start) return true;
  return a.span.start < b.span.end && b.span.start < a.span.end;
}
