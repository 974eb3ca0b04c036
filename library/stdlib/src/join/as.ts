import { sameSchema, type Schema } from "@tocsin/data/column";
import { type FunctionValue, invalid, type Location, Scope } from "@tocsin/data/value";
import { evaluate, type Mapper, type RowCompiler } from "@tocsin/engine/expression";
import { type FunctionExpression, keyName, parse } from "@tocsin/language/syntax";

/** The two rows that `as` is given, as its parameters name them. */
export type Side = "l" | "r";

/** Columns of one side that a function reads; undefined: any of them. */
export type ColumnsRead = ReadonlySet<string> | undefined;

/** What a function of `l` and `r` reads of each, seen from its text. */
export function columnsRead(fn: FunctionValue): Readonly<Record<Side, ColumnsRead>> {
  const read = { l: new Set<string>(), r: new Set<string>() };
  const whole = new Set<string>();
  if (fn.form !== "closure") return { l: undefined, r: undefined };
  collect(fn.node.body, read, whole);
  return { l: whole.has("l") ? undefined : read.l, r: whole.has("r") ? undefined : read.r };
}

/** Notes columns by name, and sides that are used in any other way than `l.column`. */
function collect(node: unknown, read: Record<Side, Set<string>>, whole: Set<string>): void {
  if (Array.isArray(node)) return node.forEach((one) => collect(one, read, whole));
  if (typeof node !== "object" || node === null) return;
  if (isMember(node)) {
    const name = node.object.name;
    if (name === "l" || name === "r") {
      read[name].add(keyName(node.property));
      return;
    }
  }
  if (isNamed(node)) whole.add(node.name);
  for (const part of Object.values(node)) collect(part, read, whole);
}

function isMember(node: object): node is {
  readonly object: { readonly name: string };
  readonly property: Parameters<typeof keyName>[0];
} {
  const { kind, object } = node as { kind?: unknown; object?: { kind?: unknown } };
  return kind === "MemberExpression" && object?.kind === "Identifier";
}

function isNamed(node: object): node is { readonly name: string } {
  return (node as { kind?: unknown }).kind === "Identifier";
}

/** What a column of one side is called in the batch that `JoinedRows` maps. */
export const sideLabel = (side: Side, label: string): string => `${side}.${label}`;

/**
 * `as`, as a function of one row that has the columns of both sides: so it runs as other row functions
 * do, in loops over columns. One mapper for each pair of schemas.
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
