import {
  FluxError,
  invalid,
  loadRegexps,
  type Location,
  type PackageValue,
  record,
  Scope,
  type SourceFile,
  type StreamValue,
  type Value,
} from "@tocsin/data/value";
import { callFunction, evaluate } from "@tocsin/engine/expression";
import type { LogicalNode } from "@tocsin/engine/plan";
import {
  type File,
  type ImportDeclaration,
  type OptionStatement,
  SourceText,
  type Span,
  type Statement,
} from "@tocsin/language/syntax";
import type { PackageInstances } from "./packages.ts";
import type { Program } from "./program.ts";
import type { Run } from "./run.ts";

/** An option that is set from outside: as a whole, or by members. */
interface Given {
  readonly value?: Value;
  /** Members win over those of `value`, and over those that the script sets. */
  readonly members: ReadonlyMap<string, Value>;
}

/** Options given from outside by name: `v.timeRangeStart` and the like, already evaluated. */
export type Definitions = ReadonlyMap<string, Given>;

/**
 * Runs a program's statements in order: imports, options, assignments, calls. Streams that are statements of their own
 * become results of the run. Nothing of them is executed here, except what functions such as `tableFind` read on the
 * way. Throws `FluxError` with its place.
 */
export async function interpret(
  program: Program,
  run: Run,
  packages: PackageInstances,
  definitions: Definitions = new Map(),
): Promise<Scope> {
  if (needsRegexps(program.tree)) await loadRegexps();
  const scope = new Scope(await packages.prelude());
  const interpreter = new Interpreter(program.file, { run, packages, scope, definitions });
  for (const declaration of program.tree.imports) await interpreter.import(declaration);
  for (const [name, given] of definitions) await interpreter.give(name, given);
  for (const statement of program.tree.body) await interpreter.statement(statement);
  return scope;
}

const regexpsKnown = new WeakMap<File, boolean>();

/** Looks once for each program, which may run many times. */
function needsRegexps(tree: File): boolean {
  let known = regexpsKnown.get(tree);
  if (known === undefined) regexpsKnown.set(tree, (known = holdsRegexp(tree)));
  return known;
}

/**
 * Whether a part of a tree has a regular expression: their engine is large, and only loaded by scripts that have one.
 */
function holdsRegexp(part: unknown): boolean {
  if (Array.isArray(part)) return part.some(holdsRegexp);
  if (typeof part !== "object" || part === null || part instanceof SourceText) return false;
  if ("kind" in part && part.kind === "RegexpLiteral") return true;
  return Object.values(part).some(holdsRegexp);
}

class Interpreter {
  readonly #file: SourceFile;
  readonly #run: Run;
  readonly #packages: PackageInstances;
  readonly #scope: Scope;
  readonly #definitions: Definitions;

  constructor(
    file: SourceFile,
    world: { run: Run; packages: PackageInstances; scope: Scope; definitions: Definitions },
  ) {
    this.#file = file;
    this.#run = world.run;
    this.#packages = world.packages;
    this.#scope = world.scope;
    this.#definitions = world.definitions;
  }
  /** Sets an option, or options of an imported package, before the script does anything. */
  async give(name: string, given: Given): Promise<void> {
    const owner = this.#scope.find(name)?.value;
    if (owner?.kind !== "package") {
      await this.#setOption(name, over(undefined, given));
      return;
    }
    for (const [member, value] of given.members) {
      const cell = owner.cells.get(member);
      if (cell?.option !== true)
        throw invalid(
          `${name}.${member} is set from outside, but package ${name} has no such option`,
        );
      cell.value = value;
    }
  }
  async import(declaration: ImportDeclaration): Promise<void> {
    const path = declaration.path.value;
    const instance: PackageValue | undefined = await this.#packages.get(path);
    if (instance === undefined) {
      throw invalid(`there is no package "${path}"`).placed(this.#at(declaration.path.span));
    }
    this.#scope.define(declaration.alias?.name ?? instance.name, instance);
  }
  async statement(statement: Statement): Promise<void> {
    switch (statement.kind) {
      case "VariableAssignment": {
        if (this.#definitions.has(statement.name.name)) {
          throw new FluxError(
            "invalid",
            `${statement.name.name} is set from outside, but the script assigns it itself`,
            {
              at: this.#at(statement.span),
              hint: `only options can be set: write option ${statement.name.name} = …`,
            },
          );
        }
        const value = await evaluate(statement.value, this.#scope, this.#file);
        this.#scope.define(statement.name.name, named(value, statement.name.name));
        return;
      }
      case "ExpressionStatement": {
        const value = await evaluate(statement.expression, this.#scope, this.#file);
        if (value.kind === "stream") this.#result(value, statement.span);
        return;
      }
      case "OptionStatement":
        return this.#option(statement);
      case "TestcaseStatement":
      case "BuiltinStatement":
        return;
      case "ReturnStatement":
        throw invalid("return is only valid inside of a function").placed(this.#at(statement.span));
      case "BadStatement":
        throw invalid("this is no statement").placed(this.#at(statement.span));
    }
  }
  #result(stream: StreamValue, span: Span): void {
    const node = stream.node as LogicalNode;
    if (node.yields !== undefined) return;
    try {
      this.#run.addResult(node.kind.effect === true ? node.kind.name : "_result", node);
    } catch (error) {
      throw error instanceof FluxError ? error.placed(this.#at(span)) : error;
    }
  }
  async #option(statement: OptionStatement): Promise<void> {
    const value = await evaluate(statement.value, this.#scope, this.#file);
    const { target } = statement;
    if (target.kind === "Identifier") {
      const { name, span } = target;
      await this.#setOption(name, over(value, this.#definitions.get(name)), span);
      return;
    }
    const owner = this.#scope.find(target.object.name)?.value;
    if (owner?.kind !== "package") {
      throw invalid(`${target.object.name} is not an imported package`).placed(
        this.#at(target.object.span),
      );
    }
    const cell = owner.cells.get(target.property.name);
    if (cell?.option !== true) {
      throw invalid(`package ${owner.name} has no option ${target.property.name}`).placed(
        this.#at(target.property.span),
      );
    }
    const given = this.#definitions.get(target.object.name)?.members.get(target.property.name);
    cell.value = given ?? named(value, target.property.name);
  }
  async #setOption(name: string, value: Value, span?: Span): Promise<void> {
    const cell = this.#scope.find(name);
    if (cell?.option === true) {
      cell.value = named(value, name);
      if (name === "now") await this.#setNow(cell.value, span);
    } else this.#scope.define(name, named(value, name), true);
  }
  /** Sets what relative and missing bounds count from: what the script calls now. */
  async #setNow(value: Value, span: Span | undefined): Promise<void> {
    const at = span === undefined ? undefined : this.#at(span);
    if (value.kind !== "function")
      throw new FluxError("invalid", "now should be a function", { at });
    const now = await callFunction(value, new Map(), { at });
    if (now.kind !== "time") throw new FluxError("invalid", "now should give a time", { at });
    this.#run.now = now.value;
  }
  #at(span: Span): Location {
    return { file: this.#file, start: span.start, end: span.end };
  }
}

/** The value of an option: what is set from outside wins over what the script says. */
function over(value: Value | undefined, given: Given | undefined): Value {
  const whole = given?.value ?? value;
  if (given === undefined || given.members.size === 0) return whole ?? record(new Map());
  if (whole !== undefined && whole.kind !== "record")
    throw invalid(`members of an option are set from outside, but it is no record`);
  return record(new Map([...(whole?.fields ?? []), ...given.members]));
}

/** A function literal gets the name that it is first assigned to, for messages. */
function named(value: Value, name: string): Value {
  if (value.kind !== "function" || value.form !== "closure" || value.name !== undefined)
    return value;
  return { ...value, name };
}
