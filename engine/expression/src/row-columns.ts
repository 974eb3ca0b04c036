import type { FunctionValue } from "@tocsin/data/value";
import {
  type Expression,
  type FunctionExpression,
  keyName,
  withoutParens,
} from "@tocsin/language/syntax";
import { childrenOf } from "./effect.ts";

/** What a row function does with the columns of its row. */
export interface RowUse {
  /** The columns that it names. */
  readonly columns: ReadonlySet<string>;
  /** Whether it returns the row itself, perhaps with changes. */
  readonly passes: boolean;
  /** Columns of what it returns that certainly are not those of the row. */
  readonly made: ReadonlySet<string>;
}

/**
 * Which columns a function reads of the row in its parameter `row`, as its text shows. Undefined: the row is handed to
 * something that the text does not show.
 */
export function rowUse(fn: FunctionValue, row = "r"): RowUse | undefined {
  if (fn.form !== "closure" || !fn.node.parameters.some(({ key }) => key.name === row))
    return undefined;
  const reader = new Reader(row);
  reader.body(fn.node, true);
  return reader.lost ? undefined : reader;
}

class Reader implements RowUse {
  readonly columns = new Set<string>();
  passes = false;
  made: ReadonlySet<string> = new Set();
  /** Whether the row is handed to something else. */
  lost = false;
  readonly #row: string;

  constructor(row: string) {
    this.#row = row;
  }
  body({ parameters, body }: FunctionExpression, isResult: boolean): void {
    for (const { default: preset } of parameters) if (preset !== undefined) this.#look(preset);
    if (body.kind !== "Block") return this.#given(body, isResult);
    for (const statement of body.body) {
      switch (statement.kind) {
        case "VariableAssignment":
          if (statement.name.name === this.#row) this.lost = true;
          this.#look(statement.value);
          break;
        case "ExpressionStatement":
          this.#look(statement.expression);
          break;
        case "ReturnStatement":
          this.#given(statement.argument, isResult);
          break;
        default:
          this.lost = true;
      }
    }
  }

  #given(node: Expression, isResult: boolean): void {
    if (isResult) this.#result(withoutParens(node));
    else this.#look(node);
  }
  #result(node: Expression): void {
    if (node.kind === "Identifier" && node.name === this.#row) return this.#pass(new Set());
    if (node.kind === "ConditionalExpression") {
      this.#look(node.test);
      this.#result(withoutParens(node.consequent));
      this.#result(withoutParens(node.alternate));
      return;
    }
    if (node.kind !== "RecordExpression" || node.with?.name !== this.#row) return this.#look(node);
    for (const { key, value } of node.properties) this.#look(value ?? key);
    this.#pass(new Set(node.properties.map(({ key }) => keyName(key))));
  }
  #pass(made: ReadonlySet<string>): void {
    this.made = this.passes ? new Set([...made].filter((label) => this.made.has(label))) : made;
    this.passes = true;
  }
  #look(node: Expression): void {
    switch (node.kind) {
      case "Identifier":
        if (node.name === this.#row) this.lost = true;
        return;
      case "MemberExpression": {
        const object = withoutParens(node.object);
        if (object.kind === "Identifier" && object.name === this.#row)
          this.columns.add(keyName(node.property));
        else this.#look(object);
        return;
      }
      case "FunctionExpression":
        if (node.parameters.some(({ key }) => key.name === this.#row)) this.lost = true;
        return this.body(node, false);
      default:
        for (const child of childrenOf(node)) this.#look(child);
    }
  }
}
