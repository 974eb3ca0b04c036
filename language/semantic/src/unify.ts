import { kindBits, kindsIn, kindsOf, labelKinds } from "./kind.ts";
import type { Kind } from "./kind.ts";
import {
  emptyRecord,
  flatten,
  generic,
  labelOf,
  record,
  resolve,
  unknown,
  variable,
} from "./type.ts";
import type { Field, FunctionType, ParameterOf, RecordType, Type, Variable } from "./type.ts";
import { PairVisits, Visits } from "./visits.ts";

/** Why two types are not the same, at the place inside them where they part. */
export type Clash =
  | { readonly kind: "types"; readonly expected: Type; readonly found: Type }
  | { readonly kind: "kind"; readonly needed: Kind; readonly found: Type }
  | { readonly kind: "endless"; readonly found: Type }
  | { readonly kind: "missing field"; readonly name: string; readonly found: Type }
  | { readonly kind: "extra field"; readonly name: string; readonly expected: Type }
  | { readonly kind: "missing argument"; readonly name: string }
  | { readonly kind: "extra argument"; readonly name: string; readonly free: readonly string[] }
  | { readonly kind: "missing pipe"; readonly side: "expected" | "found" }
  | { readonly kind: "pipe names"; readonly expected: string; readonly found: string }
  | { readonly kind: "not a label"; readonly found: Type };

/** The way from the whole type to the place of a clash. */
export type Step =
  | { readonly kind: "argument"; readonly name: string }
  | { readonly kind: "result"; readonly expected: Type; readonly found: Type }
  | { readonly kind: "field"; readonly name: string }
  | { readonly kind: "element" };

export type Problem = { readonly path: readonly Step[]; readonly clash: Clash };

const equatable = kindBits("Equatable");
const recordKinds = kindBits("Equatable", "Record");
const dynamicKinds = kindBits("Basic");

/** Makes `expected` and `found` the same type. What is not possible comes back as problems. */
export function unify(expected: Type, found: Type): readonly Problem[] {
  const unifier = new Unifier();
  unifier.types(expected, found);
  unifier.finish();
  return unifier.problems;
}

/** Demands that a type can do something. */
export function constrain(type: Type, kind: Kind): readonly Problem[] {
  const unifier = new Unifier();
  unifier.kinds(type, kindBits(kind));
  return unifier.problems;
}

const none: readonly Problem[] = [];

class Unifier {
  #problems: Problem[] | undefined;
  readonly #path: Step[] = [];
  readonly #visits = new PairVisits();
  readonly #kindVisits = new Visits();
  /** Records with labels that are not known yet wait until everything else is. */
  #delayed: { path: readonly Step[]; expected: RecordType; found: RecordType }[] | undefined;

  get problems(): readonly Problem[] {
    return this.#problems ?? none;
  }

  finish(): void {
    for (let next = this.#delayed?.pop(); next; next = this.#delayed?.pop()) {
      this.#path.splice(0, this.#path.length, ...next.path);
      this.#rows(flatten(next.expected), flatten(next.found));
    }
  }

  types(expected: Type, found: Type): void {
    const a = resolve(expected);
    const b = resolve(found);
    if (a === b || a.kind === "unknown" || b.kind === "unknown") return;
    if (a.kind === "variable") this.#bind(a, b);
    else if (b.kind === "variable") this.#bind(b, a);
    else if (this.#visits.isNew(a, b)) this.#wholes(a, b);
  }

  #wholes(a: Exclude<Type, Variable>, b: Exclude<Type, Variable>): void {
    if (a.kind === "record" && b.kind === "record") this.#records(a, b);
    else if (a.kind === "function" && b.kind === "function") this.#functions(a, b);
    else if (a.kind === "dict" && b.kind === "dict") {
      this.#within({ kind: "element" }, a.key, b.key);
      this.#within({ kind: "element" }, a.value, b.value);
    } else if ("element" in a && "element" in b) {
      if (a.kind !== b.kind) this.#clash({ kind: "types", expected: a, found: b });
      else this.#within({ kind: "element" }, a.element, b.element);
    } else if (!sameLeaf(a, b)) this.#clash({ kind: "types", expected: a, found: b });
  }

  kinds(type: Type, kinds: number): void {
    const target = resolve(type);
    switch (target.kind) {
      case "unknown":
        return;
      case "variable":
        target.kinds |= kinds;
        return;
      case "basic":
        return this.#lacking(target, kinds & ~kindsOf[target.name]);
      case "label":
        return this.#lacking(target, kinds & ~labelKinds);
      case "dynamic":
        return this.#lacking(target, kinds & ~dynamicKinds);
      case "vector":
        return this.kinds(target.element, kinds);
      case "array":
      case "stream":
        this.#lacking(target, kinds & ~equatable);
        if (kinds & equatable) this.kinds(target.element, equatable);
        return;
      case "record":
        return this.#kindVisits.isNew(target) ? this.#recordKinds(target, kinds) : undefined;
      case "dict":
      case "function":
        return this.#lacking(target, kinds);
      default:
        return target satisfies never;
    }
  }

  #recordKinds(target: RecordType, kinds: number): void {
    this.#lacking(target, kinds & ~recordKinds);
    if (!(kinds & equatable)) return;
    const { fields, tail } = flatten(target);
    for (const field of fields) this.kinds(field.type, equatable);
    if (tail) this.kinds(tail, equatable);
  }

  #lacking(found: Type, kinds: number): void {
    for (const needed of kindsIn(kinds)) this.#clash({ kind: "kind", needed, found });
  }

  #clash(clash: Clash): void {
    this.#problems ??= [];
    this.#problems.push({ path: [...this.#path], clash });
  }

  #within(step: Step, expected: Type, found: Type): void {
    this.#path.push(step);
    this.types(expected, found);
    this.#path.pop();
  }

  #bind(target: Variable, type: Type): void {
    if (type.kind === "variable") {
      type.level = Math.min(type.level, target.level);
      type.kinds |= target.kinds;
      target.link = type;
      return;
    }
    if (!sink(type, target)) {
      this.#clash({ kind: "endless", found: type });
      return;
    }
    target.link = type;
    if (target.kinds) this.kinds(type, target.kinds);
  }

  #records(expected: RecordType, found: RecordType): void {
    const a = flatten(expected);
    const b = flatten(found);
    if (hasOpenLabel(a) || hasOpenLabel(b)) {
      this.#delayed ??= [];
      this.#delayed.push({ path: [...this.#path], expected: a, found: b });
    } else this.#rows(a, b);
  }

  /**
   * Fields of the same label meet, the first with the first; those of only one side must be in
   * the other side's tail.
   */
  #rows(a: RecordType, b: RecordType): void {
    const rest = b.fields.slice();
    const onlyA: Field[] = [];
    for (const field of a.fields) {
      const label = labelOf(field);
      const at = rest.findIndex((other) => labelOf(other) === label);
      if (at < 0) onlyA.push(field);
      else {
        const [other] = rest.splice(at, 1);
        const name = typeof label === "string" ? label : "";
        this.#within({ kind: "field", name }, field.type, other.type);
      }
    }
    if (onlyA.length === 0 && rest.length === 0) this.#tails(a.tail, b.tail);
    else if (onlyA.length === 0) this.#intoExpected(a, rest, b.tail);
    else if (rest.length === 0) this.#intoFound(onlyA, a.tail, b);
    else if (a.tail?.kind === "variable" && a.tail === b.tail) {
      this.#clash({ kind: "types", expected: a, found: b });
    } else {
      const level = Math.min(levelOf(a.tail), levelOf(b.tail));
      const common = variable(level === generic ? 0 : level);
      this.#intoExpected(a, rest, common);
      this.#intoFound(onlyA, common, b);
    }
  }

  #tails(a: Type | undefined, b: Type | undefined): void {
    if (a === undefined && b === undefined) return;
    this.types(a ?? emptyRecord, b ?? emptyRecord);
  }

  #intoExpected(a: RecordType, fields: readonly Field[], tail: Type | undefined): void {
    if (a.tail !== undefined) this.types(a.tail, record(fields, tail));
    else {
      for (const field of fields) {
        const label = labelOf(field);
        if (typeof label === "string") {
          this.#clash({ kind: "extra field", name: label, expected: a });
        } else this.#noLabel(label);
      }
    }
  }

  #intoFound(fields: readonly Field[], tail: Type | undefined, b: RecordType): void {
    if (b.tail !== undefined) this.types(record(fields, tail), b.tail);
    else {
      for (const field of fields) {
        const label = labelOf(field);
        if (typeof label === "string") {
          this.#clash({ kind: "missing field", name: label, found: b });
        } else this.#noLabel(label);
      }
      if (tail) this.types(tail, emptyRecord);
    }
  }

  #noLabel(label: Variable): void {
    const found = resolve(label);
    if (found.kind === "unknown") return;
    this.#clash({ kind: "not a label", found });
    if (found.kind === "variable") found.link = unknown;
  }

  /** `expected` is what is called, or what a parameter wants; `found` is the call, or the value. */
  #functions(expected: FunctionType, found: FunctionType): void {
    const wanted = new Map<string, ParameterOf>();
    const given = new Map<string, ParameterOf>();
    // The piped value first: what the rows hold decides what a row function may do with them.
    this.#pipes(expected, found, { wanted, given });
    for (const each of expected.parameters) addNamed(wanted, each);
    for (const each of found.parameters) addNamed(given, each);
    for (const [name, { mode }] of given) {
      if (mode === "optional" || wanted.has(name)) continue;
      const free = [...wanted.keys()].filter((key) => key !== "" && !given.has(key));
      this.#clash({ kind: "extra argument", name, free });
    }
    for (const [name, each] of wanted) {
      const value = given.get(name)?.type ?? each.default;
      if (value !== undefined) this.#within({ kind: "argument", name }, each.type, value);
      else if (each.mode === "required") this.#clash({ kind: "missing argument", name });
    }
    const step = { kind: "result", expected: expected.result, found: found.result } as const;
    this.#within(step, expected.result, found.result);
  }

  /** A piped value and the parameter it goes to become ordinary ones of the same name. */
  #pipes(
    expected: FunctionType,
    found: FunctionType,
    named: { wanted: Map<string, ParameterOf>; given: Map<string, ParameterOf> },
  ): void {
    const a = expected.parameters.find((each) => each.mode === "pipe");
    const b = found.parameters.find((each) => each.mode === "pipe");
    if (a && b) {
      if (a.name !== "" && b.name !== "" && a.name !== b.name) {
        this.#clash({ kind: "pipe names", expected: a.name, found: b.name });
        return;
      }
      named.wanted.set(a.name, { ...a, mode: "required" });
      named.given.set(a.name, { ...b, mode: "required" });
    } else if (a) {
      if (a.name === "") this.#clash({ kind: "missing pipe", side: "found" });
      else named.wanted.set(a.name, { ...a, mode: "required" });
    } else if (b) {
      if (b.name === "") this.#clash({ kind: "missing pipe", side: "expected" });
      else named.given.set(b.name, { ...b, mode: "required" });
    }
  }
}

function addNamed(named: Map<string, ParameterOf>, each: ParameterOf): void {
  const known = named.get(each.name);
  const isWeaker = known?.mode === "optional" && each.mode === "required";
  if (each.mode !== "pipe" && (!known || isWeaker)) named.set(each.name, each);
}

function hasOpenLabel(type: RecordType): boolean {
  return type.fields.some((field) => typeof labelOf(field) !== "string");
}

function levelOf(type: Type | undefined): number {
  return type?.kind === "variable" ? type.level : generic;
}

function sameLeaf(a: Type, b: Type): boolean {
  if (a.kind === "basic" && b.kind === "basic") return a.name === b.name;
  if (a.kind === "label" && b.kind === "label") return a.name === b.name;
  if (a.kind === "dynamic") return b.kind === "dynamic" || b.kind === "record";
  return a.kind === "record" && b.kind === "dynamic";
}

/**
 * Takes all variables of `type` down to the level of `target`, whose type it is about to become.
 * False when `target` is among them: the type would be endless.
 */
function sink(type: Type, target: Variable, visits = new Visits()): boolean {
  const each = resolve(type);
  if (each.kind === "basic" || !visits.isNew(each)) return true;
  const into = (part: Type) => sink(part, target, visits);
  switch (each.kind) {
    case "variable":
      if (each === target) return false;
      if (each.level > target.level) each.level = target.level;
      return true;
    case "array":
    case "stream":
    case "vector":
      return into(each.element);
    case "dict":
      return into(each.key) && into(each.value);
    case "record": {
      const { fields, tail } = each;
      const labels = fields.every(({ label }) => typeof label === "string" || into(label));
      return labels && fields.every((field) => into(field.type)) && (!tail || into(tail));
    }
    case "function":
      return each.parameters.every((parameter) => into(parameter.type)) && into(each.result);
    case "dynamic":
    case "label":
    case "unknown":
      return true;
    default:
      return each satisfies never;
  }
}
