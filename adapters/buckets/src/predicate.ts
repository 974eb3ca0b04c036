import { compareUtf8, compileRegexp, invalid, type Raw, Regexp } from "@tocsin/data/value";
import type { FieldKind } from "@tocsin/data/codec";
import type { StorageComparison, StoragePredicate } from "@tocsin/engine/plan";

/** A series and one of its fields: what a storage condition can be asked about without reading points. */
export interface FieldOfSeries {
  readonly measurement: string;
  /** Sorted by key. */
  readonly tags: readonly (readonly [key: string, value: string])[];
  readonly field: string;
  readonly kind: FieldKind;
}

/** Asks the value of one point. */
export type ValueTest = (value: Raw) => boolean;

/** All points, none, or those whose value passes. */
type Verdict = boolean | ValueTest;

/**
 * Decides a storage condition for a field of a series, as InfluxDB's storage does, which differs from
 * the same text in the engine: a missing tag counts as `""` for `!=`, `=~` and `!~`; `_value` against
 * a literal of another type holds for no point and is no error. Where InfluxDB breaks on its own the
 * sane answer is given: unsigned values compare with numbers, and strings have an order.
 */
export class Condition {
  readonly #predicate: StoragePredicate;
  readonly #patterns = new Map<string, Regexp>();

  /** `loadRegexps()` must have finished where the predicate has a pattern. */
  constructor(predicate: StoragePredicate) {
    this.#predicate = predicate;
    this.#prepare(predicate);
  }
  verdict(series: FieldOfSeries): Verdict {
    return this.#decide(this.#predicate, series);
  }

  #prepare(predicate: StoragePredicate): void {
    if (predicate.kind === "and" || predicate.kind === "or") {
      this.#prepare(predicate.left);
      this.#prepare(predicate.right);
    } else if (predicate.kind === "comparison" && predicate.literal.kind === "regexp") {
      const source = String(predicate.literal.value);
      const pattern = compileRegexp(source);
      if (!(pattern instanceof Regexp))
        throw invalid(`regular expression /${source}/: ${pattern.reason}`);
      this.#patterns.set(source, pattern);
    }
  }
  #decide(predicate: StoragePredicate, series: FieldOfSeries): Verdict {
    switch (predicate.kind) {
      case "and":
        return both(this.#decide(predicate.left, series), this.#decide(predicate.right, series));
      case "or":
        return either(this.#decide(predicate.left, series), this.#decide(predicate.right, series));
      case "exists":
        return predicate.column === "_value" || textOf(series, predicate.column) !== undefined;
      case "comparison":
        return predicate.column === "_value"
          ? this.#value(predicate, series.kind)
          : this.#text(predicate, textOf(series, predicate.column));
    }
  }
  /** A measurement, field or tag against a literal. */
  #text({ operator, literal }: StorageComparison, text: string | undefined): boolean {
    if (literal.kind === "regexp") {
      const found = this.#matches(String(literal.value), text ?? "");
      return operator === "=~" ? found : operator === "!~" && !found;
    }
    if (literal.kind !== "string") return false;
    if (text === undefined) return operator === "!=" && literal.value !== "";
    return compares(operator, order(text, literal.value as string));
  }
  /** The value of a point of a field of type `kind` against a literal. */
  #value({ operator, literal }: StorageComparison, kind: FieldKind): Verdict {
    if (literal.kind === "regexp") {
      if (kind !== "string") return false;
      const source = String(literal.value);
      return (value) => this.#matches(source, value as string) === (operator === "=~");
    }
    const wanted = literal.value;
    if (wanted === null) return false;
    if (isNumber(literal.kind) !== isNumber(kind)) return false;
    if (!isNumber(kind) && literal.kind !== kind) return false;
    if (kind === "bool" && operator !== "==" && operator !== "!=") return false;
    if (kind === "string") {
      return (value) => compares(operator, order(value as string, wanted as string));
    }
    // Comparing a double with a BigInt is exact in JavaScript, as it should be.
    return (value) => value !== null && comparesNumbers(operator, value, wanted);
  }
  #matches(source: string, text: string): boolean {
    return this.#patterns.get(source)?.test(text) ?? false;
  }
}

function textOf(series: FieldOfSeries, column: string): string | undefined {
  if (column === "_measurement") return series.measurement;
  if (column === "_field") return series.field;
  return series.tags.find(([key]) => key === column)?.[1];
}

const isNumber = (kind: string): boolean => kind === "float" || kind === "int" || kind === "uint";

function both(left: Verdict, right: Verdict): Verdict {
  if (left === false || right === false) return false;
  if (left === true) return right;
  if (right === true) return left;
  return (value) => left(value) && right(value);
}

function either(left: Verdict, right: Verdict): Verdict {
  if (left === true || right === true) return true;
  if (left === false) return right;
  if (right === false) return left;
  return (value) => left(value) || right(value);
}

/** Order of two texts by their UTF-8 bytes; -1, 0 or 1. */
function order(a: string, b: string): number {
  return Math.sign(compareUtf8(a, b));
}

function compares(operator: StorageComparison["operator"], sign: number): boolean {
  switch (operator) {
    case "==":
      return sign === 0;
    case "!=":
      return sign !== 0;
    case "<":
      return sign < 0;
    case "<=":
      return sign <= 0;
    case ">":
      return sign > 0;
    case ">=":
      return sign >= 0;
    default:
      return false;
  }
}

function comparesNumbers(
  operator: StorageComparison["operator"],
  a: Exclude<Raw, null>,
  b: Exclude<Raw, null>,
): boolean {
  switch (operator) {
    // An integer equals a float of the same value, which === does not say.
    case "==":
      return !(a < b) && !(a > b);
    case "!=":
      return !(a >= b) || !(a <= b);
    case "<":
      return a < b;
    case "<=":
      return a <= b;
    case ">":
      return a > b;
    case ">=":
      return a >= b;
    default:
      return false;
  }
}

/** Whether a predicate has a pattern, so that the engine for them must be loaded first. */
export function hasPattern(predicate: StoragePredicate | undefined): boolean {
  if (predicate === undefined) return false;
  if (predicate.kind === "exists") return false;
  if (predicate.kind === "comparison") return predicate.literal.kind === "regexp";
  return hasPattern(predicate.left) || hasPattern(predicate.right);
}
