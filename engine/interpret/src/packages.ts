import {
  type CallSite,
  type Cell,
  FluxError,
  loadRegexps,
  type Native,
  type PackageValue,
  type Parameter,
  Scope,
  type SourceFile,
  type Value,
} from "@tocsin/data/value";
import { evaluate } from "@tocsin/engine/expression";
import { type Expression, parseExpression, parseTypeExpression } from "@tocsin/language/syntax";
import { Arguments } from "./arguments.ts";
import type {
  Definition,
  FluxDefinition,
  NativeDefinition,
  PackageDefinition,
} from "./definition.ts";
import type { Run } from "./run.ts";

/** A cell whose value is made when it is first read, as most members of a package are never used. */
class LazyCell implements Cell {
  readonly option: boolean;
  #make: (() => Value) | undefined;
  #value: Value | undefined;

  constructor(option: boolean, make: () => Value) {
    this.option = option;
    this.#make = make;
  }
  get value(): Value {
    if (this.#value === undefined) {
      const make = this.#make;
      if (make === undefined) throw new FluxError("internal", "a package member needs itself");
      this.#make = undefined;
      this.#value = make();
    }
    return this.#value;
  }
  set value(value: Value) {
    this.#value = value;
  }
}

/** The package instances of one run: each path is instantiated once. */
export class PackageInstances {
  readonly #run: Run;
  readonly #instances = new Map<string, Promise<PackageValue>>();
  readonly #cells = new Map<string, Map<string, Cell>>();
  #prelude: Promise<Scope> | undefined;

  constructor(run: Run) {
    this.#run = run;
  }
  /** The instance of `path`; undefined if the library has no such package. */
  get(path: string): Promise<PackageValue> | undefined {
    const found = this.#instances.get(path);
    if (found !== undefined) return found;
    const definition = this.#run.library.load(path);
    if (definition === undefined) return undefined;
    const at = this.#run.library.prelude.indexOf(path);
    const made = definition.then(async (one) => this.#instantiate(one, await this.#scopeBelow(at)));
    this.#instances.set(path, made);
    return made;
  }
  /** The instance of `path`, if the script or one of its packages has imported it. Loads nothing. */
  async imported(path: string): Promise<PackageValue | undefined> {
    return this.#instances.get(path);
  }
  /** What every script sees without an import. */
  prelude(): Promise<Scope> {
    this.#prelude ??= this.#scopeBelow(-1);
    return this.#prelude;
  }
  /** The prelude, or for a package of the prelude what comes before it there. */
  async #scopeBelow(at: number): Promise<Scope> {
    const paths = at < 0 ? this.#run.library.prelude : this.#run.library.prelude.slice(0, at);
    let scope = new Scope();
    for (const path of paths) {
      await this.get(path);
      // The cells of the package, not copies: it has some hundred, of which a script uses ten.
      scope = new Scope(scope, undefined, this.#cells.get(path));
    }
    return scope;
  }
  async #instantiate(definition: PackageDefinition, outer: Scope): Promise<PackageValue> {
    const imports = new Scope(outer);
    const cells = new Map<string, Cell>();
    const scope = new Scope(imports, undefined, cells);
    this.#cells.set(definition.path, cells);
    if (needsRegexps(definition)) await loadRegexps();
    for (const text of definition.imports ?? []) {
      const [first, second] = text.split(" ");
      const imported = await this.get(second ?? first);
      if (imported === undefined)
        throw new FluxError("internal", `package ${definition.path} imports ${text}`);
      imports.define(second === undefined ? imported.name : first, imported);
    }
    const name = definition.name ?? definition.path.slice(definition.path.lastIndexOf("/") + 1);
    for (const member of definition.members) {
      const cell = new LazyCell(isOption(member), () => this.#make(member, name, scope));
      cells.set(member.name, cell);
    }
    return { kind: "package", path: definition.path, name, cells };
  }
  #make(member: Definition, packageName: string, scope: Scope): Value {
    switch (member.form) {
      case "value":
        return member.value(this.#run);
      case "native":
        return bound(member, packageName, this.#run);
      case "flux":
        return evaluateSource(member, packageName, scope);
    }
  }
}

/** Whether functions of the package use regular expressions. */
function needsRegexps({ patterns, members }: PackageDefinition): boolean {
  const matches = (source: string): boolean => source.includes("=~") || source.includes("!~");
  return patterns === true || members.some((one) => one.form === "flux" && matches(one.source));
}

function isOption(member: Definition): boolean {
  return member.form !== "native" && member.option === true;
}

// What is parsed of a definition is the same in every run of a process.
const parametersKnown = new WeakMap<NativeDefinition, readonly Parameter[]>();
const expressionsKnown = new WeakMap<
  FluxDefinition,
  { file: SourceFile; expression: Expression }
>();

function bound(definition: NativeDefinition, packageName: string, run: Run): Native {
  const name = packageName === "universe" ? definition.name : `${packageName}.${definition.name}`;
  const call = (values: ReadonlyMap<string, Value>, site: CallSite): Value | Promise<Value> =>
    definition.call(new Arguments(name, values, site), run, site);
  return {
    kind: "function",
    form: "native",
    name,
    effect: definition.effect,
    call,
    ...(definition.raw === undefined ? {} : { raw: definition.raw }),
    // Parsed on first use, as most members of a package are never called.
    get parameters() {
      let known = parametersKnown.get(definition);
      if (known === undefined)
        parametersKnown.set(definition, (known = parametersOf(definition.type)));
      return known;
    },
  };
}

/** The parameters of a function type; none for other types. */
function parametersOf(type: string): readonly Parameter[] {
  const { type: parsed } = parseTypeExpression(type).type;
  if (parsed.kind !== "FunctionType") return [];
  return parsed.parameters.map((one) => ({
    name: one.name?.name ?? "<-",
    pipe: one.mode === "pipe",
    optional: one.mode === "optional",
  }));
}

function evaluateSource(definition: FluxDefinition, packageName: string, scope: Scope): Value {
  let known = expressionsKnown.get(definition);
  if (known === undefined) {
    const named = { name: `${packageName}.${definition.name}`, text: definition.source };
    const read: SourceFile = { ...named, library: true };
    known = { file: read, expression: expressionOf(definition, read) };
    expressionsKnown.set(definition, known);
  }
  const { file, expression } = known;
  const value = evaluate(expression, scope, file);
  if (value instanceof Promise)
    throw new FluxError("internal", `${file.name} acts while it is defined`);
  if (value.kind === "function" && value.form === "closure" && value.name === undefined) {
    return { ...value, name: file.name };
  }
  return value;
}

function expressionOf(definition: FluxDefinition, file: SourceFile): Expression {
  const expression = parseExpression(definition.source, file.name);
  if (typeof expression === "string")
    throw new FluxError("internal", `${file.name} does not parse: ${expression}`);
  return expression;
}
