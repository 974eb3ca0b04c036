import {
  bool,
  compareUtf8,
  type Duration,
  type DurationValue,
  type FloatValue,
  FluxError,
  float,
  formatDuration,
  formatFloat,
  formatTime9,
  int,
  type IntValue,
  invalid,
  kindName,
  negateDuration,
  NULL,
  nullOf,
  string,
  type StringValue,
  type UintValue,
  uint,
  type Value,
} from "@tocsin/data/value";
import type { BinaryOperator } from "@tocsin/language/syntax";
import { power } from "./power.ts";

/** What `operator` gives for two values. The only meaning of the binary operators. */
export function binary(operator: BinaryOperator, left: Value, right: Value): Value {
  switch (operator) {
    case "+":
    case "-":
    case "*":
    case "/":
    case "%":
    case "^":
      return arithmetic(operator, left, right);
    case "=~":
    case "!~":
      return match(operator, left, right);
    default:
      return comparison(operator, left, right);
  }
}

type ArithmeticOperator = "+" | "-" | "*" | "/" | "%" | "^";
type ComparisonOperator = Exclude<BinaryOperator, ArithmeticOperator | "=~" | "!~">;

/** The type of a value, or the one that a null would have; undefined when that is not known. */
function typeOf(value: Value): Exclude<Value["kind"], "null"> | undefined {
  return value.kind === "null" ? value.of : value.kind;
}

export const unsupportedBinary = (operator: string, left: string, right: string): FluxError =>
  invalid(`unsupported binary expression ${left} ${operator} ${right}`);

const typeName = (value: Value): string => {
  const type = typeOf(value);
  return type === undefined || type === "package" ? kindName(value) : type;
};

/** The type of an arithmetic result, or undefined when the operator has no meaning for the operands. */
export function arithmeticKind(
  operator: ArithmeticOperator,
  left: string,
  right: string,
): "int" | "uint" | "float" | "string" | undefined {
  if (left !== right) return undefined;
  if (left === "int" || left === "uint" || left === "float") return left;
  return left === "string" && operator === "+" ? left : undefined;
}

function arithmetic(operator: ArithmeticOperator, left: Value, right: Value): Value {
  const leftType = typeOf(left) ?? typeOf(right);
  const rightType = typeOf(right) ?? leftType;
  const kind =
    leftType === undefined || rightType === undefined
      ? undefined
      : arithmeticKind(operator, leftType, rightType);
  if (left.kind === "null" || right.kind === "null") return nullOf(kind);
  switch (kind) {
    case undefined:
      throw unsupportedBinary(operator, typeName(left), typeName(right));
    case "int":
      return int(integerArithmetic(operator, left as IntValue, right as IntValue));
    case "uint":
      return uint(integerArithmetic(operator, left as UintValue, right as UintValue));
    case "float":
      return float(
        floatArithmetic(operator, (left as FloatValue).value, (right as FloatValue).value),
      );
    case "string":
      return string((left as StringValue).value + (right as StringValue).value);
  }
}

function integerArithmetic(
  operator: ArithmeticOperator,
  left: IntValue | UintValue,
  right: IntValue | UintValue,
): bigint {
  switch (operator) {
    case "+":
      return left.value + right.value;
    case "-":
      return left.value - right.value;
    case "*":
      return left.value * right.value;
    case "/":
      if (right.value === 0n) throw divisionByZero();
      return left.value / right.value;
    case "%":
      if (right.value === 0n) throw moduloByZero();
      return left.value % right.value;
    case "^":
      return power(left.kind, left.value, right.value);
  }
}

export const divisionByZero = (): FluxError =>
  invalid("cannot divide by zero", "guard it: if x != 0 then y / x else …");
export const moduloByZero = (): FluxError =>
  invalid("cannot mod zero", "guard it: if x != 0 then y % x else …");

function floatArithmetic(operator: ArithmeticOperator, left: number, right: number): number {
  switch (operator) {
    case "+":
      return left + right;
    case "-":
      return left - right;
    case "*":
      return left * right;
    case "/":
      return left / right;
    case "%":
      return left % right;
    case "^":
      return floatPower(left, right);
  }
}

/** IEEE's power, from which JavaScript deviates: there 1 to any power is 1, even to NaN, and so is -1 to ±Inf. */
export function floatPower(base: number, exponent: number): number {
  if (base === 1) return 1;
  if (base === -1 && (exponent === Infinity || exponent === -Infinity)) return 1;
  return base ** exponent;
}

const numbers: ReadonlySet<string> = new Set(["int", "uint", "float"]);

/** Whether two types can be compared by `operator`. Different types can only if both are numbers. */
export function comparable(operator: ComparisonOperator, left: string, right: string): boolean {
  if (numbers.has(left) && numbers.has(right)) return true;
  if (left !== right) return false;
  if (left === "string" || left === "time") return true;
  const equality = operator === "==" || operator === "!=";
  return equality && (left === "bool" || left === "bytes" || left === "array" || left === "record");
}

function comparison(operator: ComparisonOperator, left: Value, right: Value): Value {
  if (left.kind === "null" || right.kind === "null") return nullOf("bool");
  if (!comparable(operator, left.kind, right.kind)) {
    throw unsupportedBinary(operator, typeName(left), typeName(right));
  }
  switch (operator) {
    case "==":
      return bool(equal(left, right));
    case "!=":
      return bool(!equal(left, right));
    case "<":
      return bool(order(left, right) < 0);
    case "<=":
      return bool(order(left, right) <= 0);
    case ">":
      return bool(order(left, right) > 0);
    case ">=":
      return bool(order(left, right) >= 0);
  }
}

/** Negative, 0 or positive; NaN when one operand is NaN. An int is compared with a float as a float. */
function order(left: Value, right: Value): number {
  if (left.kind === "string" && right.kind === "string")
    return compareUtf8(left.value, right.value);
  const a = (left as IntValue | FloatValue).value;
  const b = (right as IntValue | FloatValue).value;
  if (typeof a === "bigint" && typeof b === "bigint") return a < b ? -1 : a > b ? 1 : 0;
  const x = Number(a);
  const y = Number(b);
  return x < y ? -1 : x > y ? 1 : x === y ? 0 : Number.NaN;
}

/** `==` of two values that are not null. Nulls within arrays and records equal each other. */
export function equal(left: Value, right: Value): boolean {
  if (left.kind === "null" || right.kind === "null") return left.kind === right.kind;
  if (numbers.has(left.kind) && numbers.has(right.kind)) return order(left, right) === 0;
  switch (left.kind) {
    case "array":
      return right.kind === "array" && equalLists(left.elements, right.elements);
    case "record":
      return right.kind === "record" && equalRecords(left.fields, right.fields);
    case "bytes":
      return right.kind === "bytes" && equalBytes(left.value, right.value);
    case "duration":
      return right.kind === "duration" && equalDurations(left, right);
    case "bool":
    case "string":
    case "time":
      return right.kind === left.kind && left.value === right.value;
    default:
      return left === right;
  }
}

/** `==` of parts of arrays and records: there an int never equals a float, as in upstream. */
function equalParts(left: Value, right: Value): boolean {
  return left.kind === right.kind && equal(left, right);
}

function equalLists(left: readonly Value[], right: readonly Value[]): boolean {
  return left.length === right.length && left.every((one, i) => equalParts(one, right[i]));
}

function equalRecords(
  left: ReadonlyMap<string, Value>,
  right: ReadonlyMap<string, Value>,
): boolean {
  if (left.size !== right.size) return false;
  for (const [label, value] of left) {
    const other = right.get(label);
    if (other === undefined || !equalParts(value, other)) return false;
  }
  return true;
}

function equalBytes(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && left.every((byte, i) => byte === right[i]);
}

function equalDurations(left: DurationValue, right: DurationValue): boolean {
  const a: Duration = left.value;
  const b: Duration = right.value;
  return a.months === b.months && a.nanoseconds === b.nanoseconds && a.negative === b.negative;
}

function match(operator: "=~" | "!~", left: Value, right: Value): Value {
  if (left.kind === "null" || right.kind === "null") return nullOf("bool");
  if (left.kind !== "string" || right.kind !== "regexp") {
    throw unsupportedBinary(operator, typeName(left), typeName(right));
  }
  return bool(right.value.test(left.value) === (operator === "=~"));
}

/** Whether a condition holds; null counts as false. Throws where it is not a boolean. */
export function holds(value: Value, what: string): boolean {
  if (value.kind === "bool") return value.value;
  if (value.kind === "null") return false;
  throw notBoolean(what, typeName(value));
}

export const notBoolean = (what: string, kind: string): FluxError =>
  invalid(`${what} is not a boolean value, got ${kind}`);

/** How messages call the values that must be booleans. */
export const operandNames = {
  left: "left operand to logical expression",
  right: "right operand to logical expression",
  test: "conditional test expression",
  row: "result of the row function",
} as const;

/** The right operand of `and` or `or`, which decides. */
export function rightOperand(value: Value): Value {
  holds(value, operandNames.right);
  return value.kind === "null" ? nullOf("bool") : value;
}

/** Whether the left operand alone decides a three-valued `and` or `or`. */
export function decides(operator: "and" | "or", left: Value): boolean {
  return holds(left, operandNames.left)
    ? operator === "or"
    : operator === "and" && left.kind === "bool";
}

/** `and` and `or` in which null means "not known", where `left` alone does not decide. */
export function threeValued(operator: "and" | "or", left: Value, right: Value): Value {
  const value = rightOperand(right);
  if (left.kind !== "null" || value.kind === "null") return value;
  return holds(value, operandNames.right) === (operator === "or") ? value : nullOf("bool");
}

/** `-x`, `+x`, `not x`. `exists` is not among them, as it may look at values that must not be used (see `present`). */
export function unary(operator: "+" | "-" | "not", value: Value): Value {
  if (value.kind === "null") return operator === "not" ? nullOf("bool") : value;
  if (operator === "not") {
    if (value.kind !== "bool") throw unsupportedUnary(operator, typeName(value));
    return bool(!value.value);
  }
  if (!negatable(value.kind)) throw unsupportedUnary(operator, typeName(value));
  return operator === "+" ? value : negated(value);
}

/** Whether `-x` has a meaning for this type. */
export const negatable = (type: string | undefined): boolean =>
  type !== undefined && (numbers.has(type) || type === "duration");

export const unsupportedUnary = (operator: string, kind: string): FluxError =>
  invalid(`unsupported unary expression ${operator} ${kind}`);

function negated(value: Value): Value {
  switch (value.kind) {
    case "int":
      return int(-value.value);
    case "uint":
      return uint(-value.value);
    case "float":
      return float(-value.value);
    case "duration":
      return { kind: "duration", value: negateDuration(value.value) };
    default:
      throw unsupportedUnary("-", typeName(value));
  }
}

/** `exists x`. */
export function exists(value: Value): boolean {
  return value.kind === "dynamic" ? value.inner.kind !== "null" : value.kind !== "null";
}

/**
 * A value about to be used. Throws if it is missing because no row was found: an alert must not go by what nobody
 * measured.
 */
export function present(value: Value): Value {
  if (value.kind !== "null" || value.missing === undefined) return value;
  throw new FluxError("not found", value.missing, {
    hint: "ask for it first: if exists record.field then … else …",
  });
}

/** `object.label`. A label that a record lacks is null; so is any label of null. */
export function member(object: Value, label: string): Value {
  switch (object.kind) {
    case "record":
      return object.fields.get(label) ?? NULL;
    case "package": {
      const cell = object.cells.get(label);
      if (cell === undefined) throw invalid(`package "${object.name}" has no member "${label}"`);
      return cell.value;
    }
    case "dynamic":
      return { kind: "dynamic", inner: dynamicMember(object.inner, label) };
    case "null":
      return NULL;
    default:
      throw invalid(`cannot access member "${label}" of ${kindName(object)}: it is not a record`);
  }
}

/** Unlike members of null: a script that expects something of data from outside and does not find it gets an error. */
function dynamicMember(inner: Value, label: string): Value {
  if (inner.kind === "record") return inner.fields.get(label) ?? NULL;
  throw invalid(`cannot access property "${label}" on value of type ${kindName(inner)}`);
}

/** `object[index]`. */
export function element(object: Value, index: Value): Value {
  if (object.kind === "null" || index.kind === "null") return NULL;
  if (object.kind !== "array")
    throw invalid(`cannot index into a value of type ${kindName(object)}`);
  if (index.kind !== "int")
    throw invalid(`an array's index must be an int, got ${kindName(index)}`);
  const { elements } = object;
  if (index.value < 0n || index.value >= BigInt(elements.length)) {
    throw invalid(`cannot access element ${index.value} of array of length ${elements.length}`);
  }
  return elements[Number(index.value)];
}

export const nullInterpolated = (): FluxError =>
  invalid(
    "interpolated expression produced a null value",
    'guard it: if exists r.x then string(v: r.x) else "none"',
  );

const notInterpolatable = (kind: string): FluxError =>
  invalid(`cannot put a value of type ${kind} into a string`);

/** The text that `"${x}"` puts in place of `x`. */
export function interpolated(value: Value): string {
  switch (value.kind) {
    case "null":
      throw nullInterpolated();
    case "string":
      return value.value;
    case "float":
      return formatFloat(value.value);
    case "time":
      return formatTime9(value.value);
    case "duration":
      return formatDuration(value.value);
    case "bool":
    case "int":
    case "uint":
      return String(value.value);
    default:
      throw notInterpolatable(kindName(value));
  }
}

/** The order of two keys of a dictionary, which have one scalar type. */
export function compareDictKeys(left: Value, right: Value): number {
  if (left.kind !== right.kind) return left.kind < right.kind ? -1 : 1;
  return order(left, right) || 0;
}
