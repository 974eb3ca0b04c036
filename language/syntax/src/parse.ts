import type {
  Attribute,
  Expression,
  File,
  Identifier,
  ImportDeclaration,
  PackageClause,
  StringLiteral,
  TypeExpression,
} from "./ast.ts";
import { Cursor, type Grammar } from "./cursor.ts";
import { type Diagnostic, replaceBy } from "./diagnostic.ts";
import { expression } from "./expression.ts";
import { Scanner } from "./scanner.ts";
import { SourceText } from "./span.ts";
import { attributes, block, statements } from "./statement.ts";
import { stringLiteral } from "./string.ts";
import { Token } from "./token.ts";
import { typeExpression } from "./type-expression.ts";
import { endsInInterpolation, likelyCut, missingQuote } from "./unclosed-string.ts";

const grammar: Grammar = { expression, block };

/** A tree, and everything that is wrong with the text, in its order. */
export type Parsed = { readonly file: File; readonly diagnostics: readonly Diagnostic[] };

/** What is found when a string was ended at the wrong place. */
const structural: ReadonlySet<string> = new Set(["E0101", "E0103", "E0104", "E0105", "E0106"]);

/** More missing quotes than this in one file are reported at its end only. */
const maximumCuts = 4;

/**
 * Reads a script. Never throws: mistakes are diagnostics (codes E0100 to E0199) and, where nothing
 * can be guessed, `Bad…` nodes. All mistakes are found in one run; warnings only without errors.
 */
export function parse(source: string, name = ""): Parsed {
  const text = new SourceText(source, name);
  const cuts = new Map<number, number>();
  let reading = read(text, cuts);
  // A quote that is missing turns all later strings inside out. The likeliest string is ended at
  // its line and the text read again, so that the other mistakes are found too.
  while (reading.unclosedString !== undefined && cuts.size < maximumCuts) {
    const cut = likelyCut(source, reading);
    if (cuts.has(cut.start)) break;
    cuts.set(cut.start, cut.end);
    reading = read(text, cuts);
  }
  const { diagnostics } = reading;
  const open = [...cuts].some(([start, end]) => endsInInterpolation(source.slice(start, end)));
  const certain = !open && !diagnostics.some(({ code }) => structural.has(code));
  for (const [start, end] of cuts) diagnostics.push(missingQuote(start, end, certain));
  diagnostics.sort((a, b) => a.span.start - b.span.start);
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  const wellFormed = errors.length === 0;
  return {
    file: { ...reading.file, wellFormed },
    diagnostics: wellFormed ? diagnostics : errors,
  };
}

/** Reads a text that is one expression and nothing else; a text: why it is not. */
export function parseExpression(source: string, name = ""): Expression | string {
  const { file, diagnostics } = parse(source, name);
  const [statement] = file.body;
  if (diagnostics.length > 0) return diagnostics[0].message;
  if (file.body.length !== 1 || statement.kind !== "ExpressionStatement")
    return "it is not one expression";
  return statement.expression;
}

type Reading = {
  readonly file: Omit<File, "wellFormed">;
  readonly diagnostics: Diagnostic[];
  /** The opening quote of a string that runs to the end of the file. */
  readonly unclosedString: number | undefined;
  readonly multilineStrings: readonly number[];
};

function read(source: SourceText, cuts: ReadonlyMap<number, number>): Reading {
  const diagnostics: Diagnostic[] = [];
  const scanner = new Scanner(source.text, diagnostics, cuts);
  const cursor = new Cursor(scanner, grammar);
  const first = attributes(cursor);
  const clause = cursor.kind === Token.Package ? packageClause(cursor, first) : undefined;
  const imports: ImportDeclaration[] = [];
  let pending = clause ? attributes(cursor) : first;
  while (cursor.kind === Token.Import) {
    imports.push(importDeclaration(cursor, pending));
    pending = attributes(cursor);
  }
  const body = statements(cursor, pending);
  const span = { start: 0, end: source.text.length };
  const { comments, multilineStrings } = scanner;
  const { name } = source;
  return {
    file: { kind: "File", span, name, source, package: clause, imports, body, comments },
    diagnostics,
    unclosedString: cursor.unclosedString,
    multilineStrings,
  };
}

function packageClause(cursor: Cursor, attached: readonly Attribute[]): PackageClause {
  const { start } = cursor;
  cursor.next();
  const name = cursor.name("the name of the package");
  return { kind: "PackageClause", span: cursor.spanFrom(start), attributes: attached, name };
}

function importDeclaration(cursor: Cursor, attached: readonly Attribute[]): ImportDeclaration {
  const { start } = cursor;
  cursor.next();
  const bare = barePath(cursor);
  const alias = !bare && namesImport(cursor) ? cursor.name("the name of the import") : undefined;
  const path = bare ?? importPath(cursor);
  const behind = alias ?? aliasBehind(cursor, path);
  const span = cursor.spanFrom(start);
  return { kind: "ImportDeclaration", span, attributes: attached, alias: behind, path };
}

/** Whether the alias of an import comes; a name on the next line without a path behind it begins a statement. */
function namesImport({ kind, scanner }: Cursor): boolean {
  if (kind !== Token.Identifier) return false;
  if (!scanner.newlineBefore) return true;
  const after = scanner.peek();
  return after === Token.String || after === Token.Quote;
}

/** `import "a/b" as c`: the alias stands before the path. */
function aliasBehind(cursor: Cursor, path: StringLiteral): Identifier | undefined {
  if (!cursor.isWord("as") || cursor.scanner.newlineBefore) return undefined;
  if (cursor.scanner.peek() !== Token.Identifier) return undefined;
  const { span } = cursor;
  cursor.next();
  const written = cursor.lexeme;
  const edits = [
    { span: { start: path.span.start, end: path.span.start }, text: `${written} ` },
    { span: { start: path.span.end, end: cursor.span.end }, text: "" },
  ];
  cursor.error("E0128", span, "the name of an import stands before its path", {
    hint: `write \`import ${written} "${path.value}"\``,
    fix: { edits },
  });
  return cursor.name("the name of the import");
}

function importPath(cursor: Cursor): StringLiteral {
  if (cursor.kind === Token.String) return stringLiteral(cursor);
  const ended = cursor.scanner.newlineBefore || cursor.kind === Token.Eof;
  const end = cursor.previousEnd;
  const span = ended ? { start: end, end } : cursor.span;
  const found = ended ? "the end of the line" : cursor.found;
  if (cursor.kind === Token.Quote) {
    cursor.error("E0128", span, "the path of an import is plain text in quotes");
    cursor.grammar.expression(cursor);
  } else {
    cursor.error("E0128", span, `expected the path of the import in quotes, found ${found}`);
  }
  return { kind: "StringLiteral", span: { start: span.start, end: span.start }, value: "" };
}

/** `import a/b`: a path that lacks its quotes. */
function barePath(cursor: Cursor): StringLiteral | undefined {
  if (cursor.kind !== Token.Identifier || cursor.scanner.newlineBefore) return undefined;
  const after = cursor.scanner.peek();
  if (after === Token.String || after === Token.Quote) return undefined;
  const { start } = cursor;
  const rest = cursor.scanner.text.slice(start, start + 200);
  const value = /^[\w./-]*/.exec(rest)?.[0] ?? "";
  const span = { start, end: start + value.length };
  cursor.error("E0128", span, "the path of an import stands in quotes", {
    fix: replaceBy(span, `"${value}"`),
  });
  cursor.scanner.restart(span.end);
  cursor.next();
  return { kind: "StringLiteral", span, value };
}

/** The type of a builtin on its own, as in the signature of a function of the standard library. */
export function parseTypeExpression(source: string): {
  readonly type: TypeExpression;
  readonly diagnostics: readonly Diagnostic[];
} {
  const diagnostics: Diagnostic[] = [];
  const cursor = new Cursor(new Scanner(source, diagnostics), grammar);
  const type = typeExpression(cursor);
  if (cursor.kind !== Token.Eof) cursor.unexpected("the end of the type");
  return { type, diagnostics };
}
