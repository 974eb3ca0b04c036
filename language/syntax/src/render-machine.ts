import { syntaxCodes } from "./codes.ts";
import type { Diagnostic, Fix, Report } from "./diagnostic.ts";
import type { SourceText, Span } from "./span.ts";

/** A stretch of text by 1-based lines and 1-based columns in UTF-16 units, the end exclusive. */
export type JsonRange = {
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
};

/** A diagnostic as `check --format json` prints it. */
export type JsonDiagnostic = { readonly file: string } & JsonRange & {
    readonly severity: Diagnostic["severity"];
    readonly code: string;
    readonly message: string;
    readonly hint?: string;
    readonly fix?: {
      readonly description?: string;
      readonly edits: readonly (JsonRange & { readonly text: string })[];
    };
  };

/** The diagnostics of all files in one array, ready for `JSON.stringify`. */
export function jsonDiagnostics(reports: readonly Report[]): JsonDiagnostic[] {
  return reports.flatMap(({ source, diagnostics }) =>
    diagnostics.map((diagnostic) => ({
      file: source.name,
      ...range(source, diagnostic.span),
      severity: diagnostic.severity,
      code: diagnostic.code,
      message: diagnostic.message,
      ...(diagnostic.hint === undefined ? {} : { hint: diagnostic.hint }),
      ...(diagnostic.fix === undefined ? {} : { fix: jsonFix(source, diagnostic.fix) }),
    })),
  );
}

function jsonFix(source: SourceText, fix: Fix): NonNullable<JsonDiagnostic["fix"]> {
  const edits = fix.edits.map(({ span, text }) => ({ ...range(source, span), text }));
  return fix.description === undefined ? { edits } : { description: fix.description, edits };
}

function range(source: SourceText, span: Span): JsonRange {
  const start = source.position(span.start);
  const end = source.position(span.end);
  return { line: start.line, column: start.column, endLine: end.line, endColumn: end.column };
}

/**
 * A SARIF 2.1.0 log as a plain object, with fixes. `titles` adds the titles of other rooms' codes.
 */
export function sarifLog(
  reports: readonly Report[],
  tool: { readonly version: string; readonly titles?: Readonly<Record<string, string>> },
): object {
  const titles: Readonly<Record<string, string>> = { ...syntaxCodes, ...tool.titles };
  const codes = new Set(reports.flatMap((report) => report.diagnostics.map(({ code }) => code)));
  const rules = [...codes].toSorted().map((id) => ({
    id,
    shortDescription: { text: titles[id] ?? id },
  }));
  return {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: { driver: { name: "tocsin", version: tool.version, rules } },
        columnKind: "utf16CodeUnits",
        results: reports.flatMap(({ source, diagnostics }) =>
          diagnostics.map((diagnostic) => sarifResult(source, diagnostic)),
        ),
      },
    ],
  };
}

function sarifResult(source: SourceText, diagnostic: Diagnostic): object {
  const { hint, fix, labels } = diagnostic;
  const artifactLocation = { uri: source.name.split("/").map(encodeURIComponent).join("/") };
  const replacements = (fix?.edits ?? []).map(({ span, text }) => ({
    deletedRegion: region(source, span),
    insertedContent: { text },
  }));
  const description = { text: fix?.description ?? hint ?? diagnostic.message };
  return {
    ruleId: diagnostic.code,
    level: diagnostic.severity,
    message: { text: hint === undefined ? diagnostic.message : `${diagnostic.message} (${hint})` },
    locations: [
      { physicalLocation: { artifactLocation, region: region(source, diagnostic.span) } },
    ],
    ...(labels === undefined || labels.length === 0
      ? {}
      : {
          relatedLocations: labels.map((label, id) => ({
            id,
            message: { text: label.text },
            physicalLocation: { artifactLocation, region: region(source, label.span) },
          })),
        }),
    ...(fix
      ? { fixes: [{ description, artifactChanges: [{ artifactLocation, replacements }] }] }
      : {}),
  };
}

function region(source: SourceText, span: Span): object {
  const { line, column, endLine, endColumn } = range(source, span);
  return { startLine: line, startColumn: column, endLine, endColumn };
}

/** Workflow commands that GitHub shows as annotations, one line each. */
export function renderGithub(reports: readonly Report[]): string {
  return jsonDiagnostics(reports)
    .map((found) => {
      const { file, line, endLine, column, endColumn, code, severity, message, hint } = found;
      const properties = `file=${escapeProperty(file)},line=${line},endLine=${endLine}`;
      const columns = line === endLine ? `,col=${column},endColumn=${endColumn}` : "";
      const text = hint === undefined ? message : `${message}\n${hint}`;
      return `::${severity} ${properties}${columns},title=${code}::${escapeText(text)}\n`;
    })
    .join("");
}

function escapeText(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function escapeProperty(text: string): string {
  return escapeText(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}
