import { sameSchema, type Schema } from "@tocsin/data/column";
import { type FunctionValue, invalid, type Location, Scope } from "@tocsin/data/value";
import { evaluate, type Mapper, type RowCompiler } from "@tocsin/engine/expression";
import { type FunctionExpression, parse } from "@tocsin/language/syntax";

/** The two rows that `as` is given, as its parameters name them. */
export type Side = "l" | "r";

/** What a column of one side is called in the batch that `JoinedRows` maps. */
export const sideLabel = (side: Side, label: string): string => `${side}.${label}`;

/**
 * `as`, as a function of one row that has the columns of both sides: so it runs as other row
 * functions do, in loops over columns. One mapper for each pair of schemas.
 */
export class JoinedRows {
  readonly #as: FunctionValue;
  readonly #rows: RowCompiler;
  readonly #at: Location | undefined;
  readonly #made: { left: Schema; right: Schema; mapper: Mapper }[] = [];

  constructor(as: FunctionValue, rows: RowCompiler, at: Location | undefined) {
    this.#as = as;
    this.#rows = rows;
    this.#at = at;
  }
  /** The mapper for rows of these columns. */
  mapper(left: Schema, right: Schema): Mapper {
    const known = this.#made.find(
      (one) => sameSchema(one.left, left) && sameSchema(one.right, right),
    );
    if (known !== undefined) return known.mapper;
    const mapper = this.#rows.mapper(this.#wrapped(left, right));
    this.#made.push({ left, right, mapper });
    return mapper;
  }
  #wrapped(left: Schema, right: Schema): FunctionValue {
    const text = `(r) => as(l: ${recordText("l", left)}, r: ${recordText("r", right)})`;
    const file = { name: "join.tables", text, library: true };
    const scope = new Scope(undefined, this.#at);
    scope.define("as", this.#as);
    const value = evaluate(functionOf(text), scope, file);
    if (value instanceof Promise || value.kind !== "function")
      throw invalid("join.tables: as is not a function");
    return value;
  }
}

function functionOf(text: string): FunctionExpression {
  const [statement] = parse(text, "join.tables").file.body;
  if (statement.kind === "ExpressionStatement") {
    const { expression } = statement;
    if (expression.kind === "FunctionExpression") return expression;
  }
  throw new Error(`the text made for a join is no function: ${text}`);
}

function recordText(side: Side, schema: Schema): string {
  const fields = schema.map(
    ({ label }) => `${fluxText(label)}: r[${fluxText(sideLabel(side, label))}]`,
  );
  return `{${fields.join(", ")}}`;
}

/** A string literal of Flux. */
const fluxText = (text: string): string => `"${text.replaceAll(/[\\"$]/gu, String.raw`\$&`)}"`;
