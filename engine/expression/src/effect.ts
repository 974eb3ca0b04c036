import type { Cell, Closure, Effect, FunctionValue, Scope, Value } from "@tocsin/data/value";
import {
  type Expression,
  type FunctionExpression,
  keyName,
  type Statement,
  withoutParens,
} from "@tocsin/language/syntax";

const rank: Readonly<Record<Effect, number>> = { pure: 0, reads: 1, acts: 2 };
const stronger = (a: Effect, b: Effect): Effect => (rank[a] >= rank[b] ? a : b);

/** What a closure can reach: the effect of what is fixed, and the options that a script may still set. */
interface Reach {
  readonly fixed: Effect;
  readonly options: ReadonlySet<Cell>;
}

const known = new WeakMap<Closure, Reach>();

/**
 * What a call of `fn` does at most: found from the function and all values that it captured, since
 * any function that its body names may be called. Cells of options are looked through each time,
 * because a script may have set them since.
 */
export function effectOf(fn: FunctionValue): Effect {
  if (fn.form === "native") return fn.effect;
  return withOptions(reachOf(fn), new Set());
}

function withOptions(reach: Reach, seen: Set<Cell>): Effect {
  let effect = reach.fixed;
  for (const cell of reach.options) {
    if (effect === "acts") return effect;
    if (seen.has(cell)) continue;
    seen.add(cell);
    const finder = new Finder();
    finder.value(cell.value);
    effect = stronger(effect, withOptions(finder.reach(), seen));
  }
  return effect;
}

function reachOf(closure: Closure): Reach {
  let reach = known.get(closure);
  if (reach === undefined) {
    const finder = new Finder();
    finder.functionBody(closure.node, closure.scope, new Set());
    known.set(closure, (reach = finder.reach()));
  }
  return reach;
}

type Names = ReadonlySet<string>;

/** Collects the effect of everything that an expression names. */
class Finder {
  #fixed: Effect = "pure";
  readonly #options = new Set<Cell>();
  readonly #seen = new Set<Value>();

  reach(): Reach {
    return { fixed: this.#fixed, options: this.#options };
  }
  value(value: Value): void {
    switch (value.kind) {
      case "function":
        return this.#function(value);
      case "array":
        return value.elements.forEach((one) => this.value(one));
      case "record":
        return value.fields.forEach((one) => this.value(one));
      case "dict":
        return value.entries.forEach(([, one]) => this.value(one));
      case "dynamic":
        return this.value(value.inner);
      case "package":
        if (this.#seen.has(value)) return;
        this.#seen.add(value);
        return value.cells.forEach((cell) => this.#cell(cell));
    }
  }
  #function(fn: FunctionValue): void {
    if (fn.form === "native") {
      this.#fixed = stronger(this.#fixed, fn.effect);
      return;
    }
    const reach = reachOf(fn);
    this.#fixed = stronger(this.#fixed, reach.fixed);
    for (const cell of reach.options) this.#options.add(cell);
  }
  #cell(cell: Cell): void {
    if (cell.option) this.#options.add(cell);
    else this.value(cell.value);
  }
  functionBody(node: FunctionExpression, scope: Scope, outer: Names): void {
    for (const { default: preset } of node.parameters) {
      if (preset !== undefined) this.#expression(preset, scope, outer);
    }
    const local = new Set(outer);
    for (const { key } of node.parameters) local.add(key.name);
    if (node.body.kind !== "Block") return this.#expression(node.body, scope, local);
    for (const statement of node.body.body) {
      this.#statement(statement, scope, local);
      if (statement.kind === "VariableAssignment") local.add(statement.name.name);
    }
  }
  #statement(statement: Statement, scope: Scope, local: Names): void {
    if (statement.kind === "VariableAssignment") this.#expression(statement.value, scope, local);
    else if (statement.kind === "ExpressionStatement") {
      this.#expression(statement.expression, scope, local);
    } else if (statement.kind === "ReturnStatement") {
      this.#expression(statement.argument, scope, local);
    }
  }
  #expression(node: Expression, scope: Scope, local: Names): void {
    switch (node.kind) {
      case "Identifier": {
        const cell = local.has(node.name) ? undefined : scope.find(node.name);
        if (cell !== undefined) this.#cell(cell);
        return;
      }
      case "MemberExpression":
        return this.#member(node, scope, local);
      case "FunctionExpression":
        return this.functionBody(node, scope, local);
      default:
        for (const child of childrenOf(node)) this.#expression(child, scope, local);
    }
  }
  /** Of a package or record only the member that is named counts. */
  #member(node: Expression & { kind: "MemberExpression" }, scope: Scope, local: Names): void {
    const object = withoutParens(node.object);
    const cell =
      object.kind === "Identifier" && !local.has(object.name) ? scope.find(object.name) : undefined;
    if (cell === undefined || cell.option) return this.#expression(node.object, scope, local);
    const label = keyName(node.property);
    if (cell.value.kind === "package") {
      const found = cell.value.cells.get(label);
      if (found !== undefined) this.#cell(found);
    } else if (cell.value.kind === "record") {
      const found = cell.value.fields.get(label);
      if (found !== undefined) this.value(found);
    } else this.#cell(cell);
  }
}

/** The expressions directly inside `node`, in the order in which they are evaluated. */
export function childrenOf(node: Expression): readonly Expression[] {
  switch (node.kind) {
    case "MemberExpression":
      return [node.object];
    case "IndexExpression":
      return [node.object, node.index];
    case "CallExpression":
      return [node.callee, ...node.arguments.map(propertyExpression)];
    case "PipeExpression":
      return [node.input, node.call];
    case "BinaryExpression":
    case "LogicalExpression":
      return [node.left, node.right];
    case "UnaryExpression":
      return [node.argument];
    case "ConditionalExpression":
      return [node.test, node.consequent, node.alternate];
    case "ArrayExpression":
      return node.elements;
    case "DictExpression":
      return node.entries.flatMap((entry) => [entry.key, entry.value]);
    case "RecordExpression": {
      const values = node.properties.map(propertyExpression);
      return node.with === undefined ? values : [node.with, ...values];
    }
    case "StringExpression":
      return node.parts.flatMap((part) => (part.kind === "TextPart" ? [] : [part.expression]));
    case "ParenExpression":
      return [node.expression];
    default:
      return [];
  }
}

function propertyExpression(property: {
  readonly key: Expression & { kind: "Identifier" | "StringLiteral" };
  readonly value?: Expression | undefined;
}): Expression {
  return property.value ?? property.key;
}
