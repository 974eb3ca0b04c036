import type { Closure, FunctionValue } from "@tocsin/data/value";
import {
  type Block,
  type CallExpression,
  type Expression,
  keyName,
  withoutParens,
} from "@tocsin/language/syntax";

/** Deeper chains of calls are not followed: their columns count as changed. */
const depthMax = 8;

/**
 * Whether the column `label` of the row certainly leaves a map function unchanged and under the same name. Seen from the
 * function's text, so that it holds for every row.
 */
export function keepsColumn(fn: FunctionValue, label: string): boolean {
  return fn.form === "closure" && keeps(fn, { row: "r", label, depth: 0 });
}

interface Question {
  /** The parameter that holds the row. */
  readonly row: string;
  readonly label: string;
  readonly depth: number;
}

function keeps(fn: FunctionValue, question: Question): boolean {
  if (fn.form !== "closure" || question.depth > depthMax) return false;
  const { body } = fn.node;
  const result = body.kind === "Block" ? returned(body, question.row) : body;
  return result !== undefined && keepsIn(withoutParens(result), fn, question);
}

/** Whether a name in a function's body is one of its parameters or variables. */
function isLocal({ node: { parameters, body } }: Closure, name: string): boolean {
  if (parameters.some(({ key }) => key.name === name)) return true;
  return (
    body.kind === "Block" &&
    body.body.some((one) => one.kind === "VariableAssignment" && one.name.name === name)
  );
}

/** What a block returns, unless it gives the row's name to something else. */
function returned(block: Block, row: string): Expression | undefined {
  let result: Expression | undefined;
  for (const statement of block.body) {
    if (statement.kind === "VariableAssignment" && statement.name.name === row) return undefined;
    if (statement.kind === "ReturnStatement") result = statement.argument;
  }
  return result;
}

function keepsIn(node: Expression, fn: Closure, question: Question): boolean {
  switch (node.kind) {
    case "Identifier":
      return node.name === question.row;
    case "RecordExpression": {
      const own = node.properties.find((one) => keyName(one.key) === question.label);
      if (own === undefined) return node.with?.name === question.row;
      return own.value !== undefined && isColumn(withoutParens(own.value), question);
    }
    case "ConditionalExpression":
      return (
        keepsIn(withoutParens(node.consequent), fn, question) &&
        keepsIn(withoutParens(node.alternate), fn, question)
      );
    case "CallExpression":
      return keepsInCall(node, fn, question);
    default:
      return false;
  }
}

function isColumn(node: Expression, { row, label }: Question): boolean {
  if (node.kind !== "MemberExpression" || keyName(node.property) !== label) return false;
  const object = withoutParens(node.object);
  return object.kind === "Identifier" && object.name === row;
}

/** `f(r: r)`: what `f` keeps, if it is a function from outside. Options do not count, as they may be set again. */
function keepsInCall(node: CallExpression, fn: Closure, question: Question): boolean {
  const callee = withoutParens(node.callee);
  if (callee.kind !== "Identifier" || isLocal(fn, callee.name)) return false;
  const cell = fn.scope.find(callee.name);
  if (cell === undefined || cell.option || cell.value.kind !== "function") return false;
  const given = node.arguments.find(
    ({ value, key }) => (value === undefined ? keyName(key) : rowName(value)) === question.row,
  );
  if (given === undefined) return false;
  return keeps(cell.value, { ...question, row: keyName(given.key), depth: question.depth + 1 });
}

function rowName(value: Expression): string | undefined {
  const inner = withoutParens(value);
  return inner.kind === "Identifier" ? inner.name : undefined;
}
