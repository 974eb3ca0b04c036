import type { Closure, FunctionValue, Value } from "@tocsin/data/value";
import type { StorageComparison, StoragePredicate } from "@tocsin/engine/plan";
import {
  type BinaryExpression,
  type Expression,
  type FunctionExpression,
  keyName,
  type LogicalExpression,
  withoutParens,
} from "@tocsin/language/syntax";

/** A row function split into what storage evaluates and what is left for the engine. */
interface SplitFilter {
  readonly pushed: StoragePredicate;
  /** Undefined: storage does all of it. */
  readonly rest: FunctionValue | undefined;
}

const comparisons = new Set(["==", "!=", "<", "<=", ">", ">=", "=~", "!~"]);
const engineColumns = new Set(["_time", "_start", "_stop"]);

/**
 * What of `fn` InfluxDB's storage would evaluate: `r.x OP literal` with the literal (or a captured
 * constant) on the right, and `exists r.tag`, joined by `and` and `or`; of an `and`, the parts that
 * qualify. Undefined: nothing of it. (Storage evaluates differently: a missing tag counts as "".)
 */
export function splitFilter(fn: FunctionValue): SplitFilter | undefined {
  if (fn.form !== "closure" || fn.node.parameters.length !== 1) return undefined;
  const { body, parameters } = fn.node;
  const expression = body.kind === "Block" ? returned(body) : body;
  if (expression === undefined) return undefined;
  const row = parameters[0].key.name;
  const pushed: StoragePredicate[] = [];
  const rest: Expression[] = [];
  for (const part of conjuncts(expression)) {
    const predicate = predicateOf(part, row, fn);
    if (predicate === undefined) rest.push(part);
    else pushed.push(predicate);
  }
  if (pushed.length === 0) return undefined;
  return {
    pushed: pushed.reduce((left, right): StoragePredicate => ({ kind: "and", left, right })),
    rest: rest.length === 0 ? undefined : withBody(fn, rest),
  };
}

function returned(
  body: Extract<FunctionExpression["body"], { kind: "Block" }>,
): Expression | undefined {
  const [only] = body.body;
  return body.body.length === 1 && only.kind === "ReturnStatement" ? only.argument : undefined;
}

function conjuncts(expression: Expression): Expression[] {
  const inner = withoutParens(expression);
  if (inner.kind !== "LogicalExpression" || inner.operator !== "and") return [inner];
  return [...conjuncts(inner.left), ...conjuncts(inner.right)];
}

function predicateOf(
  expression: Expression,
  row: string,
  fn: Closure,
): StoragePredicate | undefined {
  const inner = withoutParens(expression);
  if (inner.kind === "BinaryExpression") return comparisonOf(inner, row, fn);
  if (inner.kind === "UnaryExpression" && inner.operator === "exists") {
    const column = columnOf(inner.argument, row);
    return column === undefined ? undefined : { kind: "exists", column };
  }
  if (inner.kind !== "LogicalExpression") return undefined;
  const left = predicateOf(inner.left, row, fn);
  const right = left === undefined ? undefined : predicateOf(inner.right, row, fn);
  if (left === undefined || right === undefined) return undefined;
  return { kind: inner.operator, left, right };
}

function comparisonOf(
  expression: BinaryExpression,
  row: string,
  fn: Closure,
): StorageComparison | undefined {
  if (!comparisons.has(expression.operator)) return undefined;
  const column = columnOf(expression.left, row);
  const literal = column === undefined ? undefined : literalOf(expression.right, fn);
  if (column === undefined || literal === undefined) return undefined;
  const operator = expression.operator as StorageComparison["operator"];
  const matching = operator === "=~" || operator === "!~";
  if (matching !== (literal.kind === "regexp")) return undefined;
  if (column !== "_value" && literal.kind !== "string" && literal.kind !== "regexp")
    return undefined;
  return { kind: "comparison", column, operator, literal };
}

function columnOf(expression: Expression, row: string): string | undefined {
  const inner = withoutParens(expression);
  if (inner.kind !== "MemberExpression") return undefined;
  const object = withoutParens(inner.object);
  if (object.kind !== "Identifier" || object.name !== row) return undefined;
  const column = keyName(inner.property);
  return engineColumns.has(column) ? undefined : column;
}

function literalOf(expression: Expression, fn: Closure): StorageComparison["literal"] | undefined {
  const inner = withoutParens(expression);
  switch (inner.kind) {
    case "StringLiteral":
      return { kind: "string", value: inner.value };
    case "IntegerLiteral":
      return { kind: "int", value: inner.value };
    case "FloatLiteral":
      return { kind: "float", value: inner.value };
    case "RegexpLiteral":
      return { kind: "regexp", value: inner.pattern };
    case "Identifier":
      return constantOf(fn.scope.find(inner.name)?.value);
    case "MemberExpression":
      return constantOf(memberOf(inner.object, keyName(inner.property), fn));
    default:
      return undefined;
  }
}

function memberOf(object: Expression, name: string, fn: Closure): Value | undefined {
  const inner = withoutParens(object);
  if (inner.kind !== "Identifier") return undefined;
  const owner = fn.scope.find(inner.name)?.value;
  if (owner?.kind === "record") return owner.fields.get(name);
  return owner?.kind === "package" ? owner.cells.get(name)?.value : undefined;
}

function constantOf(value: Value | undefined): StorageComparison["literal"] | undefined {
  switch (value?.kind) {
    case "string":
    case "int":
    case "float":
    case "bool":
      return { kind: value.kind, value: value.value };
    case "regexp":
      return { kind: "regexp", value: value.value.source };
    default:
      return undefined;
  }
}

function withBody(fn: Closure, parts: readonly Expression[]): Closure {
  const body = parts.reduce((left, right): LogicalExpression => ({
    kind: "LogicalExpression",
    operator: "and",
    span: { start: left.span.start, end: right.span.end },
    left,
    right,
  }));
  return { ...fn, node: { ...fn.node, body } };
}
