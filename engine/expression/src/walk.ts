import {
  array,
  bool,
  duration,
  durationOfParts,
  FALSE,
  float,
  type FluxError,
  type FunctionValue,
  int,
  invalid,
  kindName,
  regexp,
  type Scope,
  type SourceFile,
  string,
  time,
  TRUE,
  type Value,
} from "@tocsin/data/value";
import {
  type BinaryExpression,
  type CallExpression,
  type ConditionalExpression,
  type DictExpression,
  type Expression,
  type FunctionExpression,
  type Identifier,
  type IndexExpression,
  keyName,
  type Literal,
  type LogicalExpression,
  type MemberExpression,
  type PipeExpression,
  type Property,
  type RecordExpression,
  type StringExpression,
  type UnaryExpression,
  withoutParens,
} from "@tocsin/language/syntax";
import { type Awaitable, inOrder, after } from "./awaitable.ts";
import { knowsThreeValues } from "./column-form.ts";
import { callFunction, pipeParameter } from "./call.ts";
import {
  binary,
  compareDictKeys,
  decides,
  element,
  exists,
  holds,
  interpolated,
  member,
  operandNames,
  present,
  rightOperand,
  threeValued,
  unary,
} from "./operations.ts";
import { literalPattern } from "./pattern.ts";
import { errorAt, placeOf, tooDeep } from "./place.ts";

/**
 * How deeply expressions and calls may be nested, in units of the stack that the simplest of them takes. The stack of
 * a main thread has room for a fifth more, even where nothing is optimised.
 */
const depthMax = 1800;
const weights: Readonly<Partial<Record<Expression["kind"], number>>> = {
  ArrayExpression: 2,
  CallExpression: 3,
  ConditionalExpression: 2,
  DictExpression: 2,
  IndexExpression: 2,
  LogicalExpression: 2,
  PipeExpression: 3,
  RecordExpression: 3,
  StringExpression: 2,
};
/** The depth of what is being evaluated right now. Whatever waits has left the stack. */
let depth = 0;

/**
 * The value of an expression, found by walking the tree: the reference meaning of the language. Gives a promise only
 * if something on the way acts or reads. Throws `FluxError` with the innermost place in the script. `name`: what
 * messages call a function literal.
 */
export function evaluate(
  expression: Expression,
  scope: Scope,
  file: SourceFile,
  name?: string,
): Awaitable<Value> {
  const weight = weights[expression.kind] ?? 1;
  let result: Awaitable<Value>;
  depth += weight;
  try {
    if (depth > depthMax) throw tooDeep();
    result = dispatch(expression, scope, file, name);
  } catch (thrown) {
    throw errorAt(thrown, placeOf(expression, file, scope));
  } finally {
    depth -= weight;
  }
  if (!(result instanceof Promise)) return result;
  return result.catch((thrown: unknown) => {
    throw errorAt(thrown, placeOf(expression, file, scope));
  });
}

function dispatch(
  node: Expression,
  scope: Scope,
  file: SourceFile,
  name?: string,
): Awaitable<Value> {
  switch (node.kind) {
    case "Identifier":
      return identifier(node, scope);
    case "MemberExpression":
      return memberOf(node, scope, file);
    case "IndexExpression":
      return indexed(node, scope, file);
    case "CallExpression":
      return call(node, scope, file, undefined);
    case "PipeExpression":
      return piped(node, scope, file);
    case "BinaryExpression":
      return binaryOf(node, scope, file);
    case "LogicalExpression":
      return logical(node, scope, file);
    case "UnaryExpression":
      return unaryOf(node, scope, file);
    case "ConditionalExpression":
      return conditional(node, scope, file);
    case "FunctionExpression":
      return { kind: "function", form: "closure", node, scope, file, name };
    case "ArrayExpression":
      return after(all(node.elements, scope, file), array);
    case "DictExpression":
      return dictionary(node, scope, file);
    case "RecordExpression":
      return recordOf(node, scope, file);
    case "StringExpression":
      return text(node, scope, file);
    case "ParenExpression":
      return evaluate(withoutParens(node), scope, file, name);
    case "BadExpression":
      throw invalid("this part of the script could not be understood");
    default:
      return literal(node);
  }
}

/** The value that a literal stands for. */
export function literal(node: Literal): Value {
  switch (node.kind) {
    case "StringLiteral":
      return string(node.value);
    case "IntegerLiteral":
      return int(node.value);
    case "FloatLiteral":
      return float(node.value);
    case "DurationLiteral": {
      const parts = durationOfParts(node.values);
      if (parts === undefined) throw invalid("this duration has an unknown unit");
      return duration(parts);
    }
    case "DateTimeLiteral":
      if (node.value === undefined) throw invalid(`"${node.text}" is not a time`);
      return time(node.value);
    case "RegexpLiteral":
      return regexp(literalPattern(node));
    case "LabelLiteral":
      return string(node.value);
    case "PipeLiteral":
      throw invalid("<- may only stand as the default of a parameter");
  }
}

function identifier(node: Identifier, scope: Scope): Value {
  const cell = scope.find(node.name);
  if (cell === undefined) throw undefinedIdentifier(node.name);
  return cell.value;
}

export const undefinedIdentifier = (name: string): FluxError =>
  invalid(`undefined identifier ${name}`);

function memberOf(node: MemberExpression, scope: Scope, file: SourceFile): Awaitable<Value> {
  return after(evaluate(node.object, scope, file), (object) => {
    const value = member(object, keyName(node.property));
    if (value.kind !== "null" || object.kind !== "record" || object.absent === undefined)
      return value;
    return { ...value, missing: emptiness(node, object.absent, file) };
  });
}

/** Why a record for which no row was found has no such member. */
function emptiness(node: MemberExpression, absent: string, file: SourceFile): string {
  const textOf = ({ span }: Expression): string => file.text.slice(span.start, span.end);
  const owner = node.object.kind === "Identifier" ? `\`${textOf(node.object)}\`` : "the record";
  return `${owner} is empty, because ${absent}: there is no \`${textOf(node)}\``;
}

function indexed(node: IndexExpression, scope: Scope, file: SourceFile): Awaitable<Value> {
  return after(evaluate(node.object, scope, file), (object) =>
    after(evaluate(node.index, scope, file), (index) => element(object, index)),
  );
}

function binaryOf(node: BinaryExpression, scope: Scope, file: SourceFile): Awaitable<Value> {
  const left = evaluate(node.left, scope, file);
  if (left instanceof Promise) {
    return left.then((value) =>
      after(evaluate(node.right, scope, file), (right) =>
        binary(node.operator, present(value), present(right)),
      ),
    );
  }
  const right = evaluate(node.right, scope, file);
  if (right instanceof Promise)
    return right.then((value) => binary(node.operator, present(left), present(value)));
  return binary(node.operator, present(left), present(right));
}

function logical(node: LogicalExpression, scope: Scope, file: SourceFile): Awaitable<Value> {
  return after(evaluate(node.left, scope, file), (left) => {
    if (knowsThreeValues(node)) {
      if (decides(node.operator, left)) return left;
      return after(evaluate(node.right, scope, file), (right) =>
        threeValued(node.operator, left, right),
      );
    }
    if (holds(left, operandNames.left) !== (node.operator === "and")) {
      return node.operator === "and" ? FALSE : TRUE;
    }
    return after(evaluate(node.right, scope, file), rightOperand);
  });
}

function unaryOf(node: UnaryExpression, scope: Scope, file: SourceFile): Awaitable<Value> {
  const { operator } = node;
  return after(evaluate(node.argument, scope, file), (value) =>
    operator === "exists" ? bool(exists(value)) : unary(operator, present(value)),
  );
}

function conditional(
  node: ConditionalExpression,
  scope: Scope,
  file: SourceFile,
): Awaitable<Value> {
  return after(evaluate(node.test, scope, file), (test) =>
    evaluate(
      holds(present(test), operandNames.test) ? node.consequent : node.alternate,
      scope,
      file,
    ),
  );
}

function all(nodes: readonly Expression[], scope: Scope, file: SourceFile): Awaitable<Value[]> {
  const values: Value[] = [];
  const done = inOrder(nodes, (node) =>
    after(evaluate(node, scope, file), (value) => void values.push(value)),
  );
  return after(done, () => values);
}

function dictionary(node: DictExpression, scope: Scope, file: SourceFile): Awaitable<Value> {
  const nodes = node.entries.flatMap((entry) => [entry.key, entry.value]);
  return after(all(nodes, scope, file), dictOfPairs);
}

/** A dictionary of keys and values in turn; of two equal keys the later one counts. */
export function dictOfPairs(flat: readonly Value[]): Value {
  const entries: (readonly [Value, Value])[] = [];
  for (let i = 0; i < flat.length; i += 2) {
    const entry = [flat[i], flat[i + 1]] as const;
    const same = entries.findIndex(([key]) => compareDictKeys(key, flat[i]) === 0);
    if (same < 0) entries.push(entry);
    else entries[same] = entry;
  }
  entries.sort((a, b) => compareDictKeys(a[0], b[0]));
  return { kind: "dict", entries };
}

function recordOf(node: RecordExpression, scope: Scope, file: SourceFile): Awaitable<Value> {
  const fields = new Map<string, Value>();
  if (node.with !== undefined) {
    const base = evaluate(node.with, scope, file) as Value;
    if (base.kind !== "record") throw invalid(`"with" needs a record, got ${kindName(base)}`);
    for (const [label, value] of base.fields) fields.set(label, value);
  }
  const given = new Set<string>();
  const done = inOrder(node.properties, (property) =>
    after(propertyValue(property, scope, file), (value) => {
      const label = keyName(property.key);
      if (given.has(label)) throw invalid(`duplicate key in object: "${label}"`);
      given.add(label);
      fields.set(label, value);
    }),
  );
  return after(done, () => ({ kind: "record", fields }));
}

/** The value of a property; one without a value stands for the variable of its name. */
function propertyValue(property: Property, scope: Scope, file: SourceFile): Awaitable<Value> {
  const node = property.value ?? shorthand(property);
  return evaluate(node, scope, file, keyName(property.key));
}

/** `a` of `{a}`: the variable of that name. */
function shorthand(property: Property): Identifier {
  if (property.key.kind === "Identifier") return property.key;
  throw invalid(`string literal key "${property.key.value}" must have a value`);
}

function text(node: StringExpression, scope: Scope, file: SourceFile): Awaitable<Value> {
  let out = "";
  const done = inOrder(node.parts, (part) => {
    if (part.kind === "TextPart") {
      out += part.value;
      return;
    }
    return after(evaluate(part.expression, scope, file), (value) => {
      try {
        out += interpolated(present(value));
      } catch (thrown) {
        throw errorAt(thrown, placeOf(part, file, scope));
      }
    });
  });
  return after(done, () => string(out));
}

function piped(node: PipeExpression, scope: Scope, file: SourceFile): Awaitable<Value> {
  return after(evaluate(node.input, scope, file), (input) => call(node.call, scope, file, input));
}

function call(
  node: CallExpression,
  scope: Scope,
  file: SourceFile,
  input: Value | undefined,
): Awaitable<Value> {
  const args = new Map<string, Value>();
  const callee = evaluate(node.callee, scope, file);
  // Written out instead of `after`: calls nest deeply, and each frame counts.
  if (callee instanceof Promise) {
    return callee.then((value) => {
      const fn = callable(value, node, file);
      return after(argumentsOf(node, scope, file, receiving(args, fn, input)), () =>
        callFunction(fn, args, { at: placeOf(node, file, scope) }),
      );
    });
  }
  const fn = callable(callee, node, file);
  const pending = argumentsOf(node, scope, file, receiving(args, fn, input));
  if (pending instanceof Promise) {
    return pending.then(() => callFunction(fn, args, { at: placeOf(node, file, scope) }));
  }
  return callFunction(fn, args, { at: placeOf(node, file, scope) });
}

/** `args` with the piped value in it, if there is one. */
function receiving(
  args: Map<string, Value>,
  fn: FunctionValue,
  input: Value | undefined,
): Map<string, Value> {
  return input === undefined ? args : args.set(pipeParameter(fn), input);
}

function argumentsOf(
  node: CallExpression,
  scope: Scope,
  file: SourceFile,
  args: Map<string, Value>,
): Awaitable<void> {
  return inOrder(node.arguments, (property) =>
    after(propertyValue(property, scope, file), (value) => {
      const label = keyName(property.key);
      if (args.has(label)) throw invalid(`duplicate keyword parameter specified: "${label}"`);
      args.set(label, value);
    }),
  );
}

function callable(value: Value, node: CallExpression, file: SourceFile): FunctionValue {
  if (value.kind === "function") return value;
  const { start, end } = node.callee.span;
  const what = value.kind === "null" ? "nothing" : `a value of type ${kindName(value)}`;
  throw invalid(`cannot call ${file.text.slice(start, end)}: it is ${what}, not a function`);
}

/** Runs the body of a function whose parameters `scope` already holds. */
export function runBody(
  node: FunctionExpression,
  scope: Scope,
  file: SourceFile,
): Awaitable<Value> {
  const { body } = node;
  if (body.kind !== "Block") return evaluate(body, scope, file);
  let result: Value | undefined;
  const done = inOrder(body.body, (statement) => {
    switch (statement.kind) {
      case "VariableAssignment": {
        const { name } = statement.name;
        return after(
          evaluate(statement.value, scope, file, name),
          (value) => void scope.define(name, value),
        );
      }
      case "ExpressionStatement":
        return after(evaluate(statement.expression, scope, file), () => undefined);
      case "ReturnStatement":
        return after(evaluate(statement.argument, scope, file), (value) => void (result = value));
      default:
        throw errorAt(
          invalid(`a function's body cannot hold a ${statementName(statement.kind)}`),
          placeOf(statement, file, scope),
        );
    }
  });
  return after(done, () => {
    if (result === undefined)
      throw errorAt(invalid("missing return statement in block"), placeOf(body, file, scope));
    return result;
  });
}

const statementName = (kind: string): string =>
  kind.replace("Statement", "").toLowerCase() + " statement";
