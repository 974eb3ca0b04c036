import {
  type Closure,
  FALSE,
  type FunctionValue,
  type Location,
  NULL,
  Scope,
  type SourceFile,
  TRUE,
  type Value,
} from "@tocsin/data/value";
import {
  dictOfPairs,
  interpolated,
  literal,
  member,
  pipeParameter,
  placeOf,
  unary,
} from "@tocsin/engine/expression";
import type { LogicalNode } from "@tocsin/engine/plan";
import {
  type CallExpression,
  type ConditionalExpression,
  type Expression,
  type FunctionExpression,
  type IndexExpression,
  keyName,
  type LogicalExpression,
  type MemberExpression,
  type Property,
  type RecordExpression,
  type StringExpression,
  type UnaryExpression,
  withoutParens,
} from "@tocsin/language/syntax";
import { elementOf } from "./element.ts";
import { both, either, narrowed, notNull, otherwise, provesNothing } from "./narrowing.ts";
import { callNative, type Natives } from "./native.ts";
import { operation } from "./operation.ts";
import { fieldOf, row, withFields } from "./row.ts";
import { emptyTrace, type Trace } from "./trace.ts";
import {
  type Abstract,
  choice,
  isValue,
  type Narrowing,
  NO_NARROWING,
  nullCauseOf,
  type Option,
  optionsOf,
  type Proof,
  type Row,
  sourcesOf,
  text,
  typeOf,
  unknown,
  valueOf,
} from "./value.ts";

/** Thrown where evaluation takes longer than a check may: nothing is known of the script then. */
export class Exhausted extends Error {}

/** Evaluations in one run: a large script has a few thousand expressions. */
const STEPS_MAX = 100_000;
/** Levels of nested expressions; each step of a pipeline is one. */
const DEPTH_MAX = 500;

/** The value that a name holds. Scopes hold abstract values here: only this and `hold` treat them so. */
const held = (scope: Scope, name: string): Abstract | undefined => scope.find(name)?.value;

/** Gives a name to a value that need not be known. */
export function hold(scope: Scope, name: string, value: Abstract, option = false): void {
  // Scopes are made for values. While a script is evaluated abstractly, they are only read in this folder, and by pure
  // natives whose errors are caught.
  scope.define(name, value as Value, option);
}

/**
 * Evaluates expressions whose parts need not be known, by the rules of `engine/expression`, for all possible values at
 * once. Throws nothing but `Exhausted`, whatever the script.
 */
export class Walk {
  readonly trace: Trace = emptyTrace();
  readonly natives: Natives;
  /** The step whose function is being evaluated. */
  node: LogicalNode | undefined;
  /** What the script calls its streams. */
  readonly names = new Map<object, string>();
  #within: FunctionExpression | undefined;
  readonly #places = new WeakMap<object, Location>();
  /** The expressions, as they are written, of values that the script computes in texts. */
  readonly #computed = new WeakMap<object, string>();
  #narrowing: Narrowing = NO_NARROWING;
  #steps = 0;
  #depth = 0;

  constructor(natives: Natives) {
    this.natives = natives;
  }
  /** Where the script writes a value: its literal, its text, its `if`. */
  placeOf(value: Abstract): Location | undefined {
    return this.#places.get(value);
  }
  /** The expression in a text that computes a value. Undefined: the value is a column's, or not in a text. */
  computedIn(value: Abstract): string | undefined {
    return this.#computed.get(value);
  }
  /** What is known of a value at this point of evaluation. */
  see(value: Abstract): Abstract {
    return this.#narrowing.size === 0 ? value : narrowed(value, this.#narrowing);
  }
  /** Gives a name to a value, as a statement of the script does. */
  assign(scope: Scope, name: string, value: Abstract): void {
    if (value.kind === "stream" && !this.names.has(value.node)) this.names.set(value.node, name);
    hold(scope, name, value);
  }
  evaluate(node: Expression, scope: Scope, file: SourceFile): Abstract {
    this.#steps += 1;
    if (this.#steps > STEPS_MAX || this.#depth > DEPTH_MAX) throw new Exhausted();
    this.#depth += 1;
    const value = this.#dispatch(node, scope, file);
    this.#depth -= 1;
    return value;
  }
  /** What a call gives; `args` by name, a piped value under its parameter's name. */
  call(fn: Abstract, args: ReadonlyMap<string, Abstract>, at: Location | undefined): Abstract {
    if (fn.kind === "choice")
      return choice(
        fn.options.map(({ value, when }) => ({ value: this.call(value, args, at), when })),
      );
    if (fn.kind !== "function") return unknown({ from: sourcesOf(fn) });
    return fn.form === "closure" ? this.#callClosure(fn, args, at) : callNative(this, fn, args, at);
  }

  #dispatch(node: Expression, scope: Scope, file: SourceFile): Abstract {
    switch (node.kind) {
      case "Identifier":
        return this.see(held(scope, node.name) ?? unknown());
      case "MemberExpression":
        return this.#member(node, scope, file);
      case "IndexExpression":
        return this.#index(node, scope, file);
      case "CallExpression":
        return this.#called(node, scope, file, undefined);
      case "PipeExpression":
        return this.#called(node.call, scope, file, this.evaluate(node.input, scope, file));
      case "BinaryExpression": {
        const left = this.evaluate(node.left, scope, file);
        const right = this.evaluate(node.right, scope, file);
        if (file.library !== true) this.#compared(node, left, right, file);
        return this.#placed(operation(node.operator, left, right), node, file);
      }
      case "LogicalExpression":
        return this.#logical(node, scope, file);
      case "UnaryExpression":
        return this.#unary(node, scope, file);
      case "ConditionalExpression":
        return this.#conditional(node, scope, file);
      case "FunctionExpression":
        return { kind: "function", form: "closure", node, scope, file, name: undefined };
      case "ArrayExpression": {
        const elements = node.elements.map((one) => this.evaluate(one, scope, file));
        return valueOf({ kind: "list", elements }) ?? { kind: "list", elements };
      }
      case "DictExpression": {
        const entries = node.entries.map(
          ({ key, value }) =>
            [this.evaluate(key, scope, file), this.evaluate(value, scope, file)] as const,
        );
        const values = entries.flat();
        return values.every(isValue) ? dictOfPairs(values) : { kind: "entries", entries };
      }
      case "RecordExpression":
        return this.#record(node, scope, file);
      case "StringExpression":
        return this.#text(node, scope, file);
      case "ParenExpression":
        return this.evaluate(withoutParens(node), scope, file);
      case "BadExpression":
        return unknown();
      default:
        return this.#placed(
          attempt(() => literal(node)),
          node,
          file,
        );
    }
  }
  /** Notes where the script writes a value, unless that is known already. */
  #placed(value: Abstract, { span }: Expression, file: SourceFile): Abstract {
    const shared = value === TRUE || value === FALSE || value.kind === "null";
    if (file.library !== true && !shared && !this.#places.has(value))
      this.#places.set(value, { file, start: span.start, end: span.end });
    return value;
  }
  #compared(
    node: Expression & { kind: "BinaryExpression" },
    left: Abstract,
    right: Abstract,
    file: SourceFile,
  ): void {
    const { operator, span } = node;
    const at = { file, start: span.start, end: span.end };
    const types = [comparedType(left), comparedType(right)] as const;
    this.trace.comparisons.push({ at, operator, left, right, types, node: this.node });
  }

  #member(node: MemberExpression, scope: Scope, file: SourceFile, tested = false): Abstract {
    const object = this.evaluate(node.object, scope, file);
    const label = keyName(node.property);
    const value = this.see(this.#fieldOf(object, label));
    if (object.kind === "row" && !tested && file.library !== true) {
      const at = { file, start: node.span.start, end: node.span.end };
      this.trace.reads.push({
        at,
        row: object,
        label,
        value,
        node: this.node,
        within: this.#within,
      });
    }
    return value;
  }
  #fieldOf(object: Abstract, label: string): Abstract {
    switch (object.kind) {
      case "row":
        return fieldOf(object, label);
      case "record":
        return object.fields.get(label) ?? NULL;
      case "choice":
        return choice(
          object.options.map(({ value, when }) => ({
            value: this.see(this.#fieldOf(value, label)),
            when,
          })),
        );
      case "package":
        return object.cells.get(label)?.value ?? unknown();
      case "null":
      case "gone":
        return NULL;
      case "unknown":
        return unknown({ from: object.from, mayBeNull: object.mayBeNull });
      default:
        return isValue(object)
          ? attempt(() => member(object, label))
          : unknown({ from: sourcesOf(object) });
    }
  }
  #index(node: IndexExpression, scope: Scope, file: SourceFile): Abstract {
    const object = this.evaluate(node.object, scope, file);
    return this.see(elementOf(object, this.evaluate(node.index, scope, file)));
  }

  #logical(node: LogicalExpression, scope: Scope, file: SourceFile): Abstract {
    const left = this.evaluate(node.left, scope, file);
    const proof = proofOf(left);
    const and = node.operator === "and";
    if (left.kind === "null") return and ? FALSE : this.evaluate(node.right, scope, file);
    if (left.kind === "bool")
      return left.value === and ? this.evaluate(node.right, scope, file) : left;
    const before = and ? proof.yes : otherwise(proof);
    const right = this.#under(before, () => this.evaluate(node.right, scope, file));
    if (right.kind === "bool" && right.value !== and) return right;
    const second = proofOf(right);
    const joint = both(before, and ? second.yes : otherwise(second));
    const proves: Proof = and
      ? { yes: joint, no: NO_NARROWING, nullable: second.nullable }
      : { yes: either(proof.yes, both(before, second.yes)), no: joint, nullable: second.nullable };
    return this.#placed(
      unknown({ type: "bool", from: sourcesOf(left, right), proves }),
      node,
      file,
    );
  }
  #unary(node: UnaryExpression, scope: Scope, file: SourceFile): Abstract {
    const { operator, argument } = node;
    if (operator === "exists") return this.#exists(argument, scope, file);
    const value = this.evaluate(argument, scope, file);
    if (isValue(value)) return attempt(() => unary(operator, value));
    const { yes, no, nullable } = proofOf(value);
    return unknown({
      type: operator === "not" ? "bool" : typeOf(value),
      from: sourcesOf(value),
      mayBeNull: nullCauseOf(value),
      proves: operator === "not" ? { yes: no, no: yes, nullable } : undefined,
    });
  }
  #exists(argument: Expression, scope: Scope, file: SourceFile): Abstract {
    const inner = withoutParens(argument);
    const value =
      inner.kind === "MemberExpression"
        ? this.#member(inner, scope, file, true)
        : this.evaluate(inner, scope, file);
    if (file.library !== true) this.trace.tested.add(value);
    if (value.kind === "null" || value.kind === "gone") return FALSE;
    if (value.kind === "choice") return unknown({ type: "bool", from: sourcesOf(value) });
    if (value.kind !== "unknown" || value.sure) return TRUE;
    const proves: Proof = {
      yes: new Map([[value, notNull(value)]]),
      no: new Map([[value, NULL]]),
      nullable: false,
    };
    return unknown({ type: "bool", from: value.from, proves });
  }
  #conditional(node: ConditionalExpression, scope: Scope, file: SourceFile): Abstract {
    const test = this.evaluate(node.test, scope, file);
    if (test.kind === "bool" || test.kind === "null") {
      const holds = test.kind === "bool" && test.value;
      return this.evaluate(holds ? node.consequent : node.alternate, scope, file);
    }
    const proof = proofOf(test);
    const at = file.library === true ? undefined : { file, ...node.test.span };
    const branch = (holds: boolean): Option => ({
      value: this.#under(holds ? proof.yes : otherwise(proof), () =>
        this.evaluate(holds ? node.consequent : node.alternate, scope, file),
      ),
      when: [{ test, holds, at }],
    });
    const branches = [branch(true), branch(false)];
    return this.#eitherStream(branches, at) ?? choice(branches);
  }
  /**
   * Two streams of which a run takes one, as one stream, so that what follows is seen once. Undefined: they are none.
   */
  #eitherStream(branches: readonly Option[], at: Location | undefined): Abstract | undefined {
    const nodes = branches.map(({ value }) =>
      value.kind === "stream" ? (value.node as LogicalNode) : undefined,
    );
    const [yes, no] = nodes;
    if (yes === undefined || no === undefined) return undefined;
    if (yes === no) return branches[0].value;
    return this.natives.opaque("if", [yes, no], at);
  }
  /** Runs `evaluate` with more knowledge than before. */
  #under<T>(narrowing: Narrowing, evaluate: () => T): T {
    const before = this.#narrowing;
    this.#narrowing = both(before, narrowing);
    const value = evaluate();
    this.#narrowing = before;
    return value;
  }

  #record(node: RecordExpression, scope: Scope, file: SourceFile): Row {
    const base = node.with === undefined ? row([]) : asRow(this.evaluate(node.with, scope, file));
    const fields = new Map<string, Abstract>();
    const written = new Map(base.written);
    for (const property of node.properties) {
      const label = keyName(property.key);
      fields.set(label, this.#property(property, scope, file));
      if (file.library === true) continue;
      const { span } = property.value ?? property.key;
      written.set(label, { key: { file, ...property.key.span }, value: { file, ...span } });
    }
    const made: Row = { ...withFields(base, fields), written };
    return this.#placed(made, node, file) as Row;
  }
  #property({ key, value }: Property, scope: Scope, file: SourceFile): Abstract {
    if (value !== undefined) return this.evaluate(value, scope, file);
    return this.see(held(scope, keyName(key)) ?? unknown());
  }
  #text(node: StringExpression, scope: Scope, file: SourceFile): Abstract {
    const parts = node.parts.map((part): string | Abstract => {
      if (part.kind === "TextPart") return part.value;
      const value = this.evaluate(part.expression, scope, file);
      const at = { file, ...part.span };
      if (file.library !== true)
        this.trace.interpolations.push({
          at,
          value,
          text: { file, ...node.span },
          node: this.node,
        });
      const made = textOf(value);
      if (typeof made === "string" || made.kind !== "unknown" || file.library === true) return made;
      if (made.as !== undefined || !isComputed(part.expression, scope)) return made;
      const own = { ...made };
      const { start, end } = part.expression.span;
      this.#computed.set(own, file.text.slice(start, end).replace(/\s+/gu, " "));
      return own;
    });
    return this.#placed(text(parts), node, file);
  }

  #called(
    node: CallExpression,
    scope: Scope,
    file: SourceFile,
    input: Abstract | undefined,
  ): Abstract {
    const callee = this.evaluate(node.callee, scope, file);
    const args = new Map<string, Abstract>();
    if (input !== undefined) args.set(pipedInto(callee), input);
    for (const property of node.arguments)
      args.set(keyName(property.key), this.#property(property, scope, file));
    return this.call(callee, args, placeOf(node, file, scope));
  }
  #callClosure(
    fn: Closure,
    args: ReadonlyMap<string, Abstract>,
    at: Location | undefined,
  ): Abstract {
    const { node, file } = fn;
    const scope = new Scope(fn.scope, file.library === true ? at : undefined);
    for (const { key, default: preset } of node.parameters) {
      const given = args.get(key.name);
      if (given !== undefined) hold(scope, key.name, given);
      else if (preset === undefined) hold(scope, key.name, unknown());
      else hold(scope, key.name, this.evaluate(preset, fn.scope, file));
    }
    const outer = this.#within;
    if (file.library !== true) this.#within = node;
    const result = this.#body(node, scope, file);
    this.#within = outer;
    return result;
  }
  #body({ body }: FunctionExpression, scope: Scope, file: SourceFile): Abstract {
    if (body.kind !== "Block") return this.evaluate(body, scope, file);
    for (const statement of body.body) {
      if (statement.kind === "VariableAssignment")
        this.assign(scope, statement.name.name, this.evaluate(statement.value, scope, file));
      else if (statement.kind === "ExpressionStatement")
        this.evaluate(statement.expression, scope, file);
      else if (statement.kind === "ReturnStatement")
        return this.evaluate(statement.argument, scope, file);
    }
    return unknown();
  }
}

/** What `compute` gives; unknown where it fails. */
function attempt(compute: () => Value): Abstract {
  try {
    return compute();
  } catch {
    return unknown();
  }
}

function proofOf(test: Abstract): Proof {
  return test.kind === "unknown" ? (test.proves ?? provesNothing) : provesNothing;
}

/** The type of a value as far as it is known; `float` stands for any number. */
function comparedType(value: Abstract): Value["kind"] | undefined {
  const type = typeOf(value);
  if (type !== undefined || value.kind !== "unknown") return type;
  return value.bounds === undefined ? value.among?.[0]?.kind : "float";
}

/** A value as the record that `with` extends. */
function asRow(base: Abstract): Row {
  if (base.kind === "row") return base;
  if (base.kind === "record") return row(base.fields);
  const options = optionsOf(base).map(({ value }) => value);
  const [first] = options;
  if (options.length > 1 && first.kind === "row" && options.every((one) => one.kind === "row"))
    return mergedRow(options as readonly Row[]);
  return row([], { rest: "unknown" });
}

/** A row that is one of several: each field is that of one of them. */
export function mergedRow(rows: readonly Row[]): Row {
  const labels = new Set(rows.flatMap(({ fields }) => [...fields.keys()]));
  const fields = [...labels].map((label): [string, Abstract] => [
    label,
    choice(rows.map((one) => ({ value: fieldOf(one, label), when: [] }))),
  ]);
  const rest = rows.every((one) => one.rest === rows[0].rest) ? rows[0].rest : "unknown";
  return row(fields, { rest });
}

function textOf(value: Abstract): string | Abstract {
  if (!isValue(value)) return value;
  try {
    return interpolated(value);
  } catch {
    return unknown({ type: "string" });
  }
}

function pipedInto(callee: Abstract): string {
  const fn = optionsOf(callee)[0]?.value;
  if (fn?.kind !== "function") return "tables";
  try {
    return pipeParameter(fn as FunctionValue);
  } catch {
    return "tables";
  }
}

/** Whether an expression computes a value: it is neither a column of a row nor one that is merely turned into text. */
function isComputed(expression: Expression, scope: Scope): boolean {
  const inner = withoutParens(expression);
  if (inner.kind === "MemberExpression" && inner.object.kind === "Identifier") {
    const owner = held(scope, inner.object.name);
    return owner?.kind !== "row" || owner.written.has(keyName(inner.property));
  }
  if (inner.kind !== "CallExpression") return inner.kind !== "Identifier";
  return inner.callee.kind !== "Identifier" || !["string", "display"].includes(inner.callee.name);
}
