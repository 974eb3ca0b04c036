import type {
  Block,
  Expression,
  File,
  FunctionExpression,
  ParenExpression,
  Parameter,
  PipeExpression,
  Property,
  Statement,
  StringExpression,
} from "./ast.ts";
import type { Comments } from "./format-comments.ts";
import { bracketed, type Item } from "./format-list.ts";
import { group, hardLine, indent, isForced, joined, type Layout, line, print } from "./layout.ts";
import type { Span } from "./span.ts";

type Conditional = Extract<Expression, { kind: "ConditionalExpression" }>;
type Operation = Extract<Expression, { kind: "BinaryExpression" | "LogicalExpression" }>;
type RecordExpression = Extract<Expression, { kind: "RecordExpression" }>;

/** Lays expressions out. What is in a block is laid out by `statements`, given its end. */
export class ExpressionFormat {
  readonly tree: File;
  readonly comments: Comments;
  readonly #statements: (body: readonly Statement[], end: number) => Layout;

  constructor(
    tree: File,
    comments: Comments,
    statements: (body: readonly Statement[], end: number) => Layout,
  ) {
    this.tree = tree;
    this.comments = comments;
    this.#statements = statements;
  }

  /** The text of a node as it was written. */
  source(node: { readonly span: Span }): string {
    return this.tree.source.slice(node.span);
  }

  /** `.name`, whatever blanks and comments stood behind the dot. */
  label(node: { readonly span: Span }): string {
    return this.source(node).replace(/^\.(?:\s|\/\/[^\n]*\n)*/, ".");
  }

  /** An expression that has a statement to itself: two pipes are enough to break them. */
  top(expression: Expression): Layout {
    if (expression.kind !== "PipeExpression") return this.expression(expression);
    const lead = this.comments.leading(expression.span.start);
    return [lead, this.#pipes(expression, expression.input.kind === "PipeExpression")];
  }

  /** With the comments before it on lines of their own. */
  expression(expression: Expression): Layout {
    const lead = this.comments.leading(expression.span.start);
    const layout = this.#plain(expression);
    return lead.length > 0 ? [lead, layout] : layout;
  }

  /** Whether a value begins on the line of its name even when it takes many. */
  hugs(value: Expression): boolean {
    if (this.comments.waits(value.span.start)) return false;
    switch (value.kind) {
      case "PipeExpression":
      case "BinaryExpression":
      case "LogicalExpression":
      case "ConditionalExpression":
      case "CallExpression":
      case "MemberExpression":
      case "IndexExpression":
        return false;
      default:
        return true;
    }
  }

  block(block: Block): Layout {
    const inner = this.#statements(block.body, block.span.end - 1);
    const empty = block.body.length === 0 && !isForced(inner);
    if (empty && Array.isArray(inner) && inner.length === 0) return "{}";
    return ["{", indent([hardLine, inner]), hardLine, "}"];
  }

  #plain(expression: Expression): Layout {
    switch (expression.kind) {
      case "Identifier":
        return expression.name;
      case "MemberExpression":
        return this.#member(expression);
      case "IndexExpression":
        return [this.expression(expression.object), "[", this.expression(expression.index), "]"];
      case "CallExpression": {
        const callee = this.expression(expression.callee);
        const end = expression.span.end - 1;
        return [callee, this.#properties({ open: "(", close: ")", end }, expression.arguments)];
      }
      case "PipeExpression":
        return this.#pipes(expression, false);
      case "BinaryExpression":
      case "LogicalExpression":
        return this.#operation(expression);
      case "UnaryExpression": {
        const blank = expression.operator === "not" || expression.operator === "exists" ? " " : "";
        return [expression.operator, blank, this.expression(expression.argument)];
      }
      case "ConditionalExpression":
        return group(this.#conditional(expression));
      case "FunctionExpression":
        return this.#function(expression);
      case "ArrayExpression":
        return this.#array(expression.elements, expression.span);
      case "DictExpression":
        return this.#dict(expression);
      case "RecordExpression":
        return this.#record(expression);
      case "StringExpression":
        return this.#string(expression);
      case "ParenExpression":
        return this.#paren(expression);
      case "LabelLiteral":
        return this.label(expression);
      default:
        return this.source(expression);
    }
  }

  #member(expression: Extract<Expression, { kind: "MemberExpression" }>): Layout {
    const object = this.expression(expression.object);
    const { property } = expression;
    // `1.x` would be a float and a name.
    const dot = expression.object.kind === "IntegerLiteral" ? " ." : ".";
    if (property.kind === "Identifier") return [object, dot, property.name];
    return [object, "[", this.source(property), "]"];
  }

  /** A chain of pipes is one thing: all of them break or none. */
  #pipes(expression: PipeExpression, broken: boolean): Layout {
    const steps: PipeExpression[] = [];
    let input: Expression = expression;
    for (; input.kind === "PipeExpression"; input = input.input) steps.push(input);
    const first = this.expression(input);
    let apart = broken;
    const calls = steps.toReversed().map((pipe) => {
      const { start } = pipe.call.span;
      const gap = this.tree.source.text.slice(pipe.input.span.end, start);
      if (gap.includes("\n")) apart = true;
      const behind = this.comments.trailing(pipe.input.span.end);
      if (behind.length > 0) apart = true;
      const lead = this.comments.leading(start);
      return [behind, line, lead, "|> ", this.expression(pipe.call)];
    });
    return group([first, indent(calls)], apart);
  }

  /** Operators of one chain and one level stand at the beginning of their lines. */
  #operation(expression: Operation): Layout {
    const steps: Operation[] = [];
    let first: Expression = expression;
    while (isOperation(first) && level(first.operator) === level(expression.operator)) {
      steps.push(first);
      first = first.left;
    }
    const start = this.expression(first);
    let apart = false;
    const rest = steps.toReversed().map((step) => {
      const behind = this.comments.trailing(step.left.span.end);
      if (behind.length > 0) apart = true;
      const lead = this.comments.leading(step.right.span.start);
      return [behind, line, lead, `${step.operator} `, this.expression(step.right)];
    });
    return group([start, indent(rest)], apart);
  }

  #conditional(expression: Conditional): Layout[] {
    const parts: Layout[] = [
      "if ",
      this.expression(expression.test),
      " then",
      indent([line, this.expression(expression.consequent)]),
      line,
      "else",
    ];
    const { alternate } = expression;
    if (alternate.kind === "ConditionalExpression" && !this.comments.waits(alternate.span.start)) {
      return [...parts, " ", ...this.#conditional(alternate)];
    }
    return [...parts, indent([line, this.expression(alternate)])];
  }

  #function({ parameters, body, span }: FunctionExpression): Layout {
    const items = parameters.map((parameter) => ({
      span: parameter.span,
      make: () => this.#parameter(parameter),
    }));
    const end = this.parenthesis(parameters.at(-1)?.span.end ?? span.start + 1, body.span.start);
    const [only] = parameters;
    const plain = parameters.length === 1 && !only.default && !this.comments.waits(end);
    const head = plain
      ? ["(", this.#parameter(only), ")"]
      : bracketed(this.comments, { open: "(", close: ")", end }, items);
    if (body.kind === "Block") {
      return [head, " => ", ...this.comments.leading(body.span.start), this.block(body)];
    }
    if (this.hugs(body)) return [head, " => ", this.expression(body)];
    return [head, " =>", group(indent([line, this.expression(body)]))];
  }

  /** Where the parenthesis behind the last parameter stands: comments before it belong inside. */
  parenthesis(from: number, limit: number): number {
    const { text } = this.tree.source;
    let at = from;
    while (at < limit && text[at] !== ")") {
      at = text.startsWith("//", at) ? text.indexOf("\n", at) : at + 1;
    }
    return at;
  }

  #parameter(parameter: Parameter): Layout {
    const { key } = parameter;
    if (parameter.pipe) return `${key.name}=<-`;
    if (!parameter.default) return key.name;
    return [`${key.name}=`, this.expression(parameter.default)];
  }

  #array(elements: readonly Expression[], span: Span): Layout {
    const items = elements.map((element) => ({
      span: element.span,
      make: () => this.expression(element),
    }));
    return bracketed(this.comments, { open: "[", close: "]", end: span.end - 1 }, items);
  }

  #dict(expression: Extract<Expression, { kind: "DictExpression" }>): Layout {
    const end = expression.span.end - 1;
    if (expression.entries.length === 0 && !this.comments.waits(end)) return "[:]";
    if (expression.entries.length === 0) {
      return ["[", indent([hardLine, this.comments.leading(end), ":"]), hardLine, "]"];
    }
    const items = expression.entries.map((entry) => ({
      span: entry.span,
      make: () => [this.expression(entry.key), ":", this.#value(entry.value)],
    }));
    return bracketed(this.comments, { open: "[", close: "]", end }, items);
  }

  /** A record stays in lines when its first property was written on one of its own. */
  #record(expression: RecordExpression): Layout {
    const { span, properties } = expression;
    const base = expression.with ? `${expression.with.name} with` : "";
    const start = expression.with?.span.end ?? span.start + 1;
    const gap = this.tree.source.text.slice(start, properties[0]?.span.start ?? start);
    const brackets = { open: "{", close: "}", end: span.end - 1, base, broken: gap.includes("\n") };
    return this.#properties(brackets, properties);
  }

  #properties(brackets: Parameters<typeof bracketed>[1], properties: readonly Property[]): Layout {
    const items: Item[] = properties.map((property) => ({
      span: property.span,
      make: () => this.#property(property),
    }));
    return bracketed(this.comments, brackets, items);
  }

  #property(property: Property): Layout {
    const key = this.source(property.key);
    return property.value ? [key, ":", this.#value(property.value)] : key;
  }

  /** Behind a colon: on the same line, or deeper on the next when it cannot begin there. */
  #value(value: Expression): Layout {
    const chain = value.kind === "PipeExpression" || isOperation(value);
    const alone = chain || value.kind === "ConditionalExpression";
    if (!alone && !this.comments.waits(value.span.start)) return [" ", this.expression(value)];
    return group(indent([line, this.expression(value)]));
  }

  /** A string never gains a line break; what cannot be put on one line stays as it was. */
  #string(expression: StringExpression): Layout {
    const parts = expression.parts.map((part) => {
      if (part.kind === "TextPart") return this.source(part);
      if (this.comments.waits(part.span.end)) {
        this.comments.skip(part.span.end);
        return this.source(part);
      }
      const text = print(this.expression(part.expression), Number.POSITIVE_INFINITY);
      return text.includes("\n") ? this.source(part) : `\${${text}}`;
    });
    return ['"', ...parts, '"'];
  }

  #paren(expression: ParenExpression): Layout {
    const inner = expression.expression;
    const commented = this.comments.waits(inner.span.start);
    const layout = this.expression(inner);
    const behind = this.comments.trailing(inner.span.end);
    const rest = this.comments.leading(expression.span.end - 1);
    if (!commented && behind.length === 0 && rest.length === 0) return ["(", layout, ")"];
    const last = rest.length > 0 ? [hardLine, rest.slice(0, -1)] : [];
    return ["(", indent([hardLine, layout, behind, last]), hardLine, ")"];
  }

  /** Expressions with commas that stay on one line: the parameters of an attribute. */
  inline(expressions: readonly Expression[]): Layout {
    return joined(
      expressions.map((expression) => this.expression(expression)),
      ", ",
    );
  }
}

function isOperation(expression: Expression): expression is Operation {
  return expression.kind === "BinaryExpression" || expression.kind === "LogicalExpression";
}

/** The same for operators on one level of the grammar. */
function level(operator: Operation["operator"]): string {
  switch (operator) {
    case "and":
    case "or":
    case "^":
      return operator;
    case "+":
    case "-":
      return "+";
    case "*":
    case "/":
    case "%":
      return "*";
    default:
      return "==";
  }
}
