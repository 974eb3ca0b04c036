import type {
  Attribute,
  Expression,
  File,
  ImportDeclaration,
  PackageClause,
  Statement,
} from "./ast.ts";
import { Comments } from "./format-comments.ts";
import { ExpressionFormat } from "./format-expression.ts";
import { typeLayout } from "./format-type.ts";
import { group, hardLine, indent, type Layout, line, print } from "./layout.ts";

/** Columns of a line, as upstream's formatter has them. */
const maximumWidth = 100;

/**
 * The text of a file in the house style: indentation of four, 100 columns, pipes on lines of their
 * own, one item a line where a list does not fit. Comments and parentheses stay; formatting twice
 * changes nothing more. A file that is not well formed comes back as it is.
 */
export function format(file: File): string {
  if (!file.wellFormed) return file.source.text;
  const text = print(new FileFormat(file).whole(), maximumWidth);
  return text === "" ? "" : `${text}\n`;
}

/** Something on a line of its own, with where it stood. */
type Entry = {
  readonly layout: Layout;
  readonly start: number;
  readonly end: number;
  /** Statements of different kinds are set apart; comments belong to what follows. */
  readonly kind: string;
};

class FileFormat {
  readonly #file: File;
  readonly #comments: Comments;
  readonly #expressions: ExpressionFormat;

  constructor(file: File) {
    this.#file = file;
    this.#comments = new Comments(file);
    this.#expressions = new ExpressionFormat(file, this.#comments, (body, end) =>
      this.#statements(body, end),
    );
  }

  whole(): Layout {
    const file = this.#file;
    const entries: Entry[] = [];
    if (file.package) this.#entry(entries, file.package, () => this.#package(file.package));
    for (const declaration of file.imports) {
      this.#entry(entries, declaration, () => this.#import(declaration));
    }
    for (const statement of file.body) {
      this.#entry(entries, statement, () => this.#statement(statement));
    }
    this.#loose(entries, file.source.text.length + 1);
    return this.#lines(entries);
  }

  #statements(body: readonly Statement[], end: number): Layout {
    const entries: Entry[] = [];
    for (const statement of body) {
      this.#entry(entries, statement, () => this.#statement(statement));
    }
    this.#loose(entries, end);
    return this.#lines(entries);
  }

  #statement(statement: Statement): Layout {
    const attributes = this.#attributes(statement.attributes);
    return [...attributes, this.#plainStatement(statement)];
  }

  #plainStatement(statement: Statement): Layout {
    switch (statement.kind) {
      case "OptionStatement": {
        const { target } = statement;
        const name = target.kind === "Identifier" ? target : target.object;
        const member = target.kind === "Identifier" ? "" : `.${target.property.name}`;
        return this.#assigned(`option ${name.name}${member}`, statement.value);
      }
      case "BuiltinStatement":
        return group([
          "builtin ",
          statement.name.name,
          " : ",
          indent(typeLayout(this.#expressions, statement.type)),
        ]);
      case "TestcaseStatement": {
        const base = statement.extends
          ? ` extends ${this.#expressions.source(statement.extends)}`
          : "";
        return [`testcase ${statement.name.name}${base} `, this.#expressions.block(statement.body)];
      }
      case "ReturnStatement":
        return ["return ", this.#expressions.top(statement.argument)];
      case "VariableAssignment":
        return this.#assigned(statement.name.name, statement.value);
      case "ExpressionStatement":
        return this.#expressions.top(statement.expression);
      case "BadStatement":
        return this.#expressions.source(statement);
      default:
        return statement satisfies never;
    }
  }

  #package(clause: PackageClause | undefined): Layout {
    if (!clause) return "";
    return [...this.#attributes(clause.attributes), `package ${clause.name.name}`];
  }

  #import(declaration: ImportDeclaration): Layout {
    const alias = declaration.alias ? `${declaration.alias.name} ` : "";
    const path = `import ${alias}${this.#expressions.source(declaration.path)}`;
    return [...this.#attributes(declaration.attributes), path];
  }

  #attributes(attributes: readonly Attribute[]): Layout[] {
    return attributes.flatMap((attribute) => [
      ...this.#comments.leading(attribute.span.start),
      `@${attribute.name}`,
      attribute.parameters.length > 0
        ? ["(", this.#expressions.inline(attribute.parameters), ")"]
        : this.#expressions.source(attribute).includes("(")
          ? "()"
          : "",
      ...this.#comments.trailing(attribute.span.end),
      hardLine,
    ]);
  }

  /** The comments before something, then the thing with the comment behind it. */
  #entry(
    entries: Entry[],
    node: Statement | ImportDeclaration | PackageClause,
    make: () => Layout,
  ): void {
    const start = node.attributes[0]?.span.start ?? node.span.start;
    this.#loose(entries, start);
    const layout = make();
    entries.push({
      layout: [layout, ...this.#comments.trailing(node.span.end)],
      start,
      end: node.span.end,
      kind: node.kind,
    });
  }

  #loose(entries: Entry[], offset: number): void {
    for (;;) {
      const comment = this.#comments.take(offset);
      if (!comment) return;
      const { start, end } = comment.span;
      entries.push({ layout: comment.text.trimEnd(), start, end, kind: "Comment" });
    }
  }

  #lines(entries: readonly Entry[]): Layout {
    const parts: Layout[] = [];
    let previous: Entry | undefined;
    /** What the last thing was that is no comment. */
    let before: string | undefined;
    for (const entry of entries) {
      if (previous) parts.push(...this.#apart(previous, entry, before));
      parts.push(entry.layout);
      if (entry.kind !== "Comment") before = entry.kind;
      previous = entry;
    }
    return parts;
  }

  /** Line breaks between two entries: an empty line where there was one, or where kinds change. */
  #apart(previous: Entry, entry: Entry, before: string | undefined): Layout[] {
    if (previous.kind === "PackageClause") return [hardLine, hardLine, hardLine];
    const blank =
      this.#comments.blankBetween(previous.end, entry.start) ||
      (previous.kind !== "Comment" && entry.kind !== "Comment" && before !== entry.kind);
    return blank ? [hardLine, hardLine] : [hardLine];
  }

  /** `name = value`, the value on the next line where it takes many. */
  #assigned(name: string, value: Expression): Layout {
    if (this.#expressions.hugs(value)) return [`${name} = `, this.#expressions.expression(value)];
    return group([`${name} =`, indent([line, this.#expressions.top(value)])]);
  }
}
