import {
  FluxError,
  invalid,
  loadRegexps,
  type Location,
  type PackageValue,
  Scope,
  type SourceFile,
  type StreamValue,
  type Value,
} from "@tocsin/data/value";
import { callFunction, evaluate } from "@tocsin/engine/expression";
import type { LogicalNode } from "@tocsin/engine/plan";
import {
  type ImportDeclaration,
  type OptionStatement,
  SourceText,
  type Span,
  type Statement,
} from "@tocsin/language/syntax";
import type { PackageInstances } from "./packages.ts";
import type { Program } from "./program.ts";
import type { Run } from "./run.ts";

/** Names given from outside: `v.timeRangeStart` and the like, already evaluated. */
export type Definitions = ReadonlyMap<string, Value>;

/**
 * Runs a program's statements in order: imports, options, assignments, calls. Streams that stand as
 * statements become results of the run; nothing of them is executed here, except what functions like
 * `tableFind` read on the way. Throws `FluxError` with its place.
 */
export async function interpret(
  program: Program,
  run: Run,
  packages: PackageInstances,
  definitions: Definitions = new Map(),
): Promise<Scope> {
  if (holdsRegexp(program.tree)) await loadRegexps();
  const scope = new Scope(await packages.prelude());
  const interpreter = new Interpreter(program.file, run, packages, scope);
  for (const declaration of program.tree.imports) await interpreter.import(declaration);
  for (const [name, value] of definitions) scope.define(name, value, true);
  for (const statement of program.tree.body) await interpreter.statement(statement);
  return scope;
}

/** The engine of regular expressions is large: only scripts that have one load it. */
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

  constructor(file: SourceFile, run: Run, packages: PackageInstances, scope: Scope) {
    this.#file = file;
    this.#run = run;
    this.#packages = packages;
    this.#scope = scope;
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
      const cell = this.#scope.find(target.name);
      if (cell?.option === true) {
        cell.value = named(value, target.name);
        if (target.name === "now") await this.#setNow(cell.value, target.span);
      } else this.#scope.define(target.name, named(value, target.name), true);
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
    cell.value = named(value, target.property.name);
  }
  /** Bounds that are relative, and those that are missing, count from what the script calls now. */
  async #setNow(value: Value, span: Span): Promise<void> {
    if (value.kind !== "function") throw invalid("now should be a function").placed(this.#at(span));
    const now = await callFunction(value, new Map(), { at: this.#at(span) });
    if (now.kind !== "time") throw invalid("now should give a time").placed(this.#at(span));
    this.#run.now = now.value;
  }
  #at(span: Span): Location {
    return { file: this.#file, start: span.start, end: span.end };
  }
}

/** A lambda learns the name that it is first assigned to, for messages. */
function named(value: Value, name: string): Value {
  if (value.kind !== "function" || value.form !== "closure" || value.name !== undefined)
    return value;
  return { ...value, name };
}
