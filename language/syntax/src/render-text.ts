import type { Diagnostic, Report } from "./diagnostic.ts";
import type { SourceText, Span } from "./span.ts";

/** How diagnostics are drawn for people. */
export type TextOptions = {
  /** With ANSI colours, for a terminal. */
  readonly color?: boolean;
  /** Hides secrets in a line of source; must keep its length, or carets point elsewhere. */
  readonly mask?: (line: string) => string;
};

/** One line of a diagnostic's drawing that points at something. */
type Pointer = {
  readonly line: number;
  /** Offsets within the line, in UTF-16 units. */
  readonly from: number;
  readonly to: number;
  readonly text: string;
  readonly primary: boolean;
};

type Paint = (text: string) => string;

/** Columns of a source line that are shown; longer lines are cut around what matters. */
const maximumWidth = 120;

/** Each diagnostic with the lines that it speaks about, as compilers print them. */
export function renderText(report: Report, options: TextOptions = {}): string {
  const { source, diagnostics } = report;
  const lines = linesOf(source, options.mask);
  const color = options.color ?? false;
  return diagnostics.map((diagnostic) => one(source, diagnostic, { color, lines })).join("\n");
}

/** The text of a line, as it may be shown. */
type Lines = (line: number) => string;

/** Many diagnostics may point into one line of megabytes, so that the last line is remembered. */
function linesOf(source: SourceText, mask: TextOptions["mask"]): Lines {
  if (mask === undefined) return (line) => source.lineText(line);
  let last = { line: -1, text: "" };
  return (line) => {
    if (line !== last.line) last = { line, text: mask(source.lineText(line)) };
    return last.text;
  };
}

function one(
  source: SourceText,
  diagnostic: Diagnostic,
  { color, lines }: { readonly color: boolean; readonly lines: Lines },
): string {
  const paint = painter(color, diagnostic.severity);
  const { line, column } = source.position(diagnostic.span.start);
  const pointers = pointersOf(source, diagnostic);
  const gutter = String(Math.max(...pointers.map((pointer) => pointer.line))).length;
  const margin = " ".repeat(gutter);
  const bar = paint.frame("│");
  const out = [
    paint.severity(`${diagnostic.severity}[${diagnostic.code}]`) +
      paint.bold(`: ${diagnostic.message}`),
    `${margin} ${paint.frame("┌─")} ${source.name || "script"}:${line}:${column}`,
    `${margin} ${bar}`,
  ];
  let last = 0;
  for (const pointer of pointers) {
    if (last > 0 && pointer.line > last + 1) out.push(`${margin} ${paint.frame("·")}`);
    const shown = window(lines(pointer.line), pointer);
    if (pointer.line !== last) {
      const number = paint.frame(String(pointer.line).padStart(gutter));
      out.push(`${number} ${bar} ${shown.text}`.trimEnd());
    }
    const ink = pointer.primary ? paint.severity : paint.frame;
    const marks = (pointer.primary ? "^" : "-").repeat(shown.width);
    const note = pointer.text === "" ? "" : ` ${pointer.text}`;
    out.push(`${margin} ${bar} ${" ".repeat(shown.before)}${ink(marks + note)}`);
    last = pointer.line;
  }
  if (diagnostic.hint !== undefined) {
    out.push(`${margin} ${bar}`, `${margin} ${paint.frame("=")} Hint: ${diagnostic.hint}`);
  }
  return `${out.join("\n")}\n`;
}

/** The lines in the order of the text; a span over many lines is shown at its first. */
function pointersOf(source: SourceText, { span, labels }: Diagnostic): Pointer[] {
  const found = [pointer(source, span, "", true)];
  for (const label of labels ?? []) found.push(pointer(source, label.span, label.text, false));
  return found.toSorted((a, b) => a.line - b.line || a.from - b.from);
}

function pointer(source: SourceText, span: Span, text: string, primary: boolean): Pointer {
  const line = source.lineAt(span.start);
  const { start, end } = source.lineSpan(line);
  const from = Math.min(span.start, end) - start;
  return { line, from, to: Math.max(from, Math.min(span.end, end) - start), text, primary };
}

/** The part of a line that is shown, and where in it, in columns of a terminal, the marks go. */
function window(
  text: string,
  { from, to }: Pointer,
): { text: string; before: number; width: number } {
  let start = 0;
  let end = text.length;
  if (text.length > maximumWidth) {
    start = Math.max(0, Math.min(from - 40, text.length - maximumWidth));
    end = Math.min(text.length, start + maximumWidth);
  }
  const lead = start > 0 ? "… " : "";
  const trail = end < text.length ? " …" : "";
  return {
    text: lead + printable(text.slice(start, end)) + trail,
    before: lead.length + width(printable(text.slice(start, from))),
    width: Math.max(1, width(printable(text.slice(from, Math.min(to, end))))),
  };
}

/** Tabs as four blanks, control characters as a visible sign of the same width. */
function printable(text: string): string {
  // oxlint-disable-next-line no-control-regex
  return text.replaceAll("\t", "    ").replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, "\ufffd");
}

/** Columns on a terminal: two for the wide characters of East Asia and for pictures. */
function width(text: string): number {
  let columns = 0;
  for (const character of text) {
    if (/^\p{M}$/u.test(character)) continue;
    columns += isWide(character.codePointAt(0) ?? 0) ? 2 : 1;
  }
  return columns;
}

function isWide(code: number): boolean {
  if (code < 0x1100) return false;
  return (
    code <= 0x115f ||
    (code >= 0x2e80 && code <= 0xa4cf) ||
    (code >= 0xac00 && code <= 0xd7a3) ||
    (code >= 0xf900 && code <= 0xfaff) ||
    (code >= 0xfe30 && code <= 0xfe6f) ||
    (code >= 0xff00 && code <= 0xff60) ||
    (code >= 0x1f300 && code <= 0x1faff) ||
    (code >= 0x20000 && code <= 0x3fffd)
  );
}

function painter(
  color: boolean,
  severity: Diagnostic["severity"],
): { severity: Paint; bold: Paint; frame: Paint } {
  const ink =
    (code: string): Paint =>
    (text) =>
      color ? `\u001b[${code}m${text}\u001b[0m` : text;
  return {
    severity: ink(severity === "error" ? "1;31" : "1;33"),
    bold: ink("1"),
    frame: ink("34"),
  };
}
