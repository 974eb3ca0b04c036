import { type FluxError, type FunctionValue, invalid } from "@tocsin/data/value";
import {
  type Expression,
  keyName,
  type MemberExpression,
  withoutParens,
} from "@tocsin/language/syntax";

/** Columns whose cells must be equal in rows that belong together. */
export interface ColumnPair {
  readonly left: string;
  readonly right: string;
}

/**
 * The pairs of columns that the condition of a join compares: `l.a == r.b`, joined by `and`.
 * Anything else is refused, as upstream does, because only equal cells can be found without
 * comparing each row with each.
 */
export function columnPairs(fn: FunctionValue): readonly ColumnPair[] {
  if (fn.form !== "closure") throw refused("the condition must be written in Flux");
  const { body } = fn.node;
  if (body.kind !== "Block") return pairsIn(body);
  const [statement] = body.body;
  if (body.body.length !== 1 || statement.kind !== "ReturnStatement") {
    throw refused(
      "function body should be a single logical expression that compares columns from each table",
    );
  }
  return pairsIn(statement.argument);
}

function pairsIn(expression: Expression): readonly ColumnPair[] {
  const node = withoutParens(expression);
  if (node.kind === "LogicalExpression") {
    if (node.operator !== "and")
      throw refused(`unsupported operator in join predicate: ${node.operator}`);
    return [...pairsIn(node.left), ...pairsIn(node.right)];
  }
  if (node.kind !== "BinaryExpression")
    throw refused(`illegal expression type in join predicate: ${typeName(node)}`);
  if (node.operator !== "==")
    throw refused(`unsupported operator in join predicate: ${node.operator}`);
  return [pairOf(sideOf(node.left, "left"), sideOf(node.right, "right"))];
}

const typeName = (node: Expression): string =>
  node.kind === "Identifier" && (node.name === "true" || node.name === "false")
    ? "BooleanLiteral"
    : node.kind;

function sideOf(expression: Expression, side: string): MemberExpression {
  const node = withoutParens(expression);
  if (node.kind === "MemberExpression") return node;
  throw refused(`${side} side of comparison is not a member expression`);
}

function pairOf(one: MemberExpression, other: MemberExpression): ColumnPair {
  const names = [one, other].map(({ object }) =>
    object.kind === "Identifier" ? object.name : undefined,
  );
  const first = keyName(one.property);
  const second = keyName(other.property);
  if (names[0] === "l" && names[1] === "r") return { left: first, right: second };
  if (names[0] === "r" && names[1] === "l") return { left: second, right: first };
  throw refused(
    "binary expression operands must reference `l` or `r` only, and may not reference the same object",
  );
}

function refused(why: string): FluxError {
  return invalid(
    `error in join function - some expressions are not yet supported in the \`on\` parameter: ${why}`,
    "write l.column == r.column, several of them joined by `and`; filter rows before or after the join",
  );
}
