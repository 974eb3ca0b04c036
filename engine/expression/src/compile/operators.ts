import type { BinaryExpression, BinaryOperator } from "@tocsin/language/syntax";
import { arithmeticKind, comparable } from "../operations.ts";
import { boxed } from "./boxing.ts";
import type { Env } from "./env.ts";
import { and, or, quoted, wrapped } from "./logic.ts";
import { type Constant, nullScalar, NULL_TERM, type Scalar, scalar, type Term } from "./term.ts";
import { unboxedScalar, type Unit } from "./unit.ts";

type Arithmetic = "+" | "-" | "*" | "/" | "%" | "^";
type Comparison = "==" | "!=" | "<" | "<=" | ">" | ">=";

/** The term of a binary operator on two terms. */
export function binaryTerm(
  node: BinaryExpression,
  left: Term,
  right: Term,
  { unit, env }: { unit: Unit; env: Env },
): Term {
  const { operator } = node;
  const place = { node, unit, env };
  switch (operator) {
    case "+":
    case "-":
    case "*":
    case "/":
    case "%":
    case "^":
      return arithmetic(operator, left, right, place);
    case "=~":
    case "!~":
      return match(operator, left, right, place);
    default:
      return comparison(operator, left, right, place);
  }
}

interface Place {
  readonly node: BinaryExpression;
  readonly unit: Unit;
  readonly env: Env;
}

function arithmetic(operator: Arithmetic, left: Term, right: Term, place: Place): Term {
  if (left.form === "null" || right.form === "null") {
    const other = left.form === "null" ? right : left;
    if (other.form !== "scalar")
      return boxedUnless(other, () => viaWalk(operator, left, right, place));
    const kind = arithmeticKind(operator, other.kind, other.kind);
    return kind === undefined ? NULL_TERM : nullScalar(kind);
  }
  if (left.form !== "scalar" || right.form !== "scalar") {
    const known = left.form === "scalar" ? left : right.form === "scalar" ? right : undefined;
    const kind = known && arithmeticKind(operator, known.kind, known.kind);
    const value = viaWalk(operator, left, right, place);
    return kind === undefined
      ? { form: "boxed", code: value.code }
      : unboxedScalar(kind, value.code, place.unit);
  }
  const kind = arithmeticKind(operator, left.kind, right.kind);
  if (kind === undefined) return misfit(operator, left, right, place);
  const joined = kind === "string" ? joinedTerm(left, right) : undefined;
  if (joined !== undefined) return joined;
  const absent = place.unit.short(or(left.absent, right.absent));
  return {
    ...scalar(kind, arithmeticCode(operator, left, right, { ...place, kind, absent })),
    absent,
  };
}

/** Longer texts are put together as they come: what stands in several of them would be written out in each. */
const fillersMax = 8;

/** Two texts that every row has, put together when somebody reads them; undefined for others. */
function joinedTerm(left: Scalar, right: Scalar): Scalar | undefined {
  if (left.absent !== "false" || right.absent !== "false") return undefined;
  const [before, after] = [templateOf(left), templateOf(right)];
  const fillers = [...before.fillers, ...after.fillers];
  if (fillers.length === 0 || fillers.length > fillersMax) return undefined;
  const seam = (before.parts.at(-1) ?? "") + after.parts[0];
  const parts = [...before.parts.slice(0, -1), seam, ...after.parts.slice(1)];
  const code = `${wrapped(left.code)} + ${wrapped(right.code)}`;
  return { ...scalar("string", code), template: { parts, fillers } };
}
function templateOf(term: Scalar): NonNullable<Scalar["template"]> {
  if (typeof term.constant === "string") return { parts: [term.constant], fillers: [] };
  return term.template ?? { parts: ["", ""], fillers: [term] };
}

/** Null and something unknown: the result has no known type. */
function boxedUnless(other: Term, make: () => Term): Term {
  return other.form === "boxed" ? make() : NULL_TERM;
}

function arithmeticCode(
  operator: Arithmetic,
  left: Scalar,
  right: Scalar,
  { node, unit, env, kind, absent }: Place & { kind: string; absent: string },
): string {
  const a = wrapped(unit.short(left.code));
  const b = wrapped(unit.short(right.code));
  if (kind === "string") return `${a} + ${b}`;
  if (kind === "float") {
    return operator === "^" ? `floatPower(${left.code}, ${right.code})` : `${a} ${operator} ${b}`;
  }
  const wrap = kind === "int" ? "BigInt.asIntN" : "BigInt.asUintN";
  if (operator === "+" || operator === "-" || operator === "*") {
    return `${wrap}(64, ${a} ${operator} ${b})`;
  }
  const divisor = right.constant;
  if (operator !== "^" && typeof divisor === "bigint" && divisor !== 0n) {
    return `${wrap}(64, ${a} ${operator} ${b})`;
  }
  const name = operator === "^" ? "power" : operator === "/" ? "divided" : "remainder";
  unit.at(node, env);
  const made = `${name}(${quoted(kind)}, ${a}, ${b})`;
  return unit.bound(absent === "false" ? made : `${wrapped(absent)} ? 0n : ${made}`);
}

/** Kinds that do not fit: an error when it is reached with two values. A null gives null as ever. */
function misfit(operator: BinaryOperator, left: Scalar, right: Scalar, place: Place): Term {
  const { node, unit, env } = place;
  const present = and(negated(left.absent), negated(right.absent));
  unit.raise(
    `unsupportedBinary(${quoted(operator)}, ${quoted(left.kind)}, ${quoted(right.kind)})`,
    node,
    env,
    present,
  );
  return NULL_TERM;
}

const negated = (code: string): string =>
  code === "false" ? "true" : code === "true" ? "false" : `!${wrapped(code)}`;

/** The operator by its only meaning, on values: for what is known only at run time. */
function viaWalk(
  operator: BinaryOperator,
  left: Term,
  right: Term,
  { node, unit, env }: Place,
): { form: "boxed"; code: string } {
  const a = boxed(left, unit);
  const b = boxed(right, unit);
  unit.at(node, env);
  return { form: "boxed", code: unit.bound(`binary(${quoted(operator)}, ${a}, ${b})`, "b") };
}

/** A bool out of a variable that holds a bool or null. */
export function boolOf(variable: string): Scalar {
  return scalar("bool", `${variable}.value === true`, `${variable}.kind === "null"`);
}

function comparison(operator: Comparison, left: Term, right: Term, place: Place): Term {
  if (left.form === "null" || right.form === "null") return nullScalar("bool");
  if (left.form !== "scalar" || right.form !== "scalar") {
    return boolOf(viaWalk(operator, left, right, place).code);
  }
  if (!comparable(operator, left.kind, right.kind)) {
    misfit(operator, left, right, place);
    return nullScalar("bool");
  }
  const { unit } = place;
  const absent = unit.short(or(left.absent, right.absent));
  if (left.kind === "string")
    return scalar("bool", textComparison(operator, left, right, unit), absent);
  const mixed = (left.kind === "float") !== (right.kind === "float");
  const a = mixed ? asFloat(left, unit) : wrapped(unit.short(left.code));
  const b = mixed ? asFloat(right, unit) : wrapped(unit.short(right.code));
  return scalar("bool", `${a} ${jsOperator(operator)} ${b}`, absent);
}

const jsOperator = (operator: Comparison): string =>
  operator === "==" ? "===" : operator === "!=" ? "!==" : operator;

/** An integer beside a float compares as a float. */
function asFloat(term: Scalar, unit: Unit): string {
  if (term.kind === "float") return wrapped(unit.short(term.code));
  if (typeof term.constant === "bigint") return unit.constant(Number(term.constant));
  return `Number(${term.code})`;
}

function textComparison(operator: Comparison, left: Scalar, right: Scalar, unit: Unit): string {
  if (operator !== "==" && operator !== "!=") {
    return `compareUtf8(${left.code}, ${right.code}) ${operator} 0`;
  }
  const equals = jsOperator(operator);
  const byCode =
    codeComparison(equals, left, right, unit) ?? codeComparison(equals, right, left, unit);
  return byCode ?? `${wrapped(left.code)} ${equals} ${wrapped(right.code)}`;
}

/** A dictionary's string against a literal: the literal's code is looked up once a batch. */
function codeComparison(
  equals: string,
  text: Scalar,
  literal: Scalar,
  unit: Unit,
): string | undefined {
  const { coded } = text;
  if (coded === undefined || typeof literal.constant !== "string") return undefined;
  const constant = unit.constant(literal.constant);
  const found = unit.declared(
    `code:${coded.dictionary}:${constant}`,
    "s",
    (name) => `const ${name} = ${coded.dictionary}.find(${constant});`,
  );
  return `${coded.code} ${equals} ${found}`;
}

function match(operator: "=~" | "!~", left: Term, right: Term, place: Place): Term {
  const { unit, node, env } = place;
  if (left.form === "null" || right.form === "null") return nullScalar("bool");
  const pattern = patternOf(right);
  if (left.form !== "scalar" || pattern === undefined) {
    return boolOf(viaWalk(operator, left, right, place).code);
  }
  if (left.kind !== "string") {
    const kinds = `${quoted(left.kind)}, "regexp"`;
    unit.raise(`unsupportedBinary(${quoted(operator)}, ${kinds})`, node, env, negated(left.absent));
    return nullScalar("bool");
  }
  const matches = matchCode(left, pattern, unit);
  const { absent } = left;
  const safe = absent === "false" ? matches : `${wrapped(negated(absent))} && ${matches}`;
  return scalar("bool", operator === "=~" ? safe : `!${wrapped(safe)}`, absent);
}

function patternOf(term: Term): Extract<Constant["value"], { kind: "regexp" }> | undefined {
  return term.form === "constant" && term.value.kind === "regexp" ? term.value : undefined;
}

/** A dictionary's strings are tested once each, and only those that a row holds. */
function matchCode(
  text: Scalar,
  pattern: Extract<Constant["value"], { kind: "regexp" }>,
  unit: Unit,
): string {
  const constant = unit.constant(pattern.value);
  if (text.coded === undefined) return `${constant}.test(${text.code})`;
  const { code, dictionary } = text.coded;
  const known = unit.declared(
    `matches:${dictionary}:${constant}`,
    "m",
    (name) => `const ${name} = matchMemo(${unit.constant(new WeakMap())}, ${dictionary});`,
  );
  return `matches(${known}, ${dictionary}, ${code}, ${constant})`;
}
