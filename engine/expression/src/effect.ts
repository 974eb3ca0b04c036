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

/**
 * What the text of one closure names: the strongest effect of its natives, and closures and options to be followed.
 */
interface Names {
  readonly natives: Effect;
  readonly closures: ReadonlySet<Closure>;
  readonly options: ReadonlySet<Cell>;
}

const known = new WeakMap<Closure, Names>();
/** The effects of closures that reach no option, which never change. */
const settled = new WeakMap<Closure, Effect>();

/**
 * What a call of `fn` does at most. It is found from the function and all values that it has captured, since it may
 * call any function that its body names. Options are looked at each time, as a script may have set them meanwhile.
 */
export function effectOf(fn: FunctionValue): Effect {
  if (fn.form === "native") return fn.effect;
  const before = settled.get(fn);
  if (before !== undefined) return before;
  let effect: Effect = "pure";
  const options = new Set<Cell>();
  const closures = new Set([fn]);
  const look = (names: Names): void => {
    effect = stronger(effect, names.natives);
    for (const closure of names.closures) closures.add(closure);
    for (const cell of names.options) {
      if (options.has(cell)) continue;
      options.add(cell);
      const finder = new Finder();
      finder.value(cell.value);
      look(finder.names());
    }
  };
  // The set grows while it is iterated: chains of functions may be too long for recursion.
  for (const closure of closures) look(namesIn(closure));
  if (options.size === 0) settled.set(fn, effect);
  return effect;
}

function namesIn(closure: Closure): Names {
  let names = known.get(closure);
  if (names === undefined) {
    const finder = new Finder();
    finder.functionBody(closure.node, closure.scope, new Set());
    known.set(closure, (names = finder.names()));
  }
  return names;
}

type Locals = ReadonlySet<string>;

/** Collects the functions and options that an expression or a value names. */
class Finder {
  #natives: Effect = "pure";
  readonly #closures = new Set<Closure>();
  readonly #options = new Set<Cell>();
  readonly #seen = new Set<Value>();

  names(): Names {
    return { natives: this.#natives, closures: this.#closures, options: this.#options };
  }
  value(value: Value): void {
    switch (value.kind) {
      case "function":
        if (value.form === "closure") this.#closures.add(value);
        else this.#natives = stronger(this.#natives, value.effect);
        return;
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
  #cell(cell: Cell): void {
    if (cell.option) this.#options.add(cell);
    else this.value(cell.value);
  }
  functionBody(node: FunctionExpression, scope: Scope, outer: Locals): void {
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
  #statement(statement: Statement, scope: Scope, local: Locals): void {
    if (statement.kind === "VariableAssignment") this.#expression(statement.value, scope, local);
    else if (statement.kind === "ExpressionStatement") {
      this.#expression(statement.expression, scope, local);
    } else if (statement.kind === "ReturnStatement") {
      this.#expression(statement.argument, scope, local);
    }
  }
  #expression(node: Expression, scope: Scope, local: Locals): void {
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
  /** Only the named member of a package or record counts. */
  #member(node: Expression & { kind: "MemberExpression" }, scope: Scope, local: Locals): void {
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

/** The direct subexpressions of `node`, in the order in which they are evaluated. */
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
