import { bool, FALSE, type Value } from "@tocsin/data/value";
import { binary } from "@tocsin/engine/expression";
import type { BinaryOperator } from "@tocsin/language/syntax";
import { isSame } from "./element.ts";
import { notNull, ofType } from "./narrowing.ts";
import {
  type Abstract,
  type Bounds,
  choice,
  type Choice,
  isValue,
  nullCauseOf,
  partsOf,
  type Proof,
  sourcesOf,
  standIn,
  text,
  type TimeUnit,
  typeOf,
  type Unknown,
  unknown,
} from "./value.ts";

/** What `left operator right` gives. */
export function operation(operator: BinaryOperator, left: Abstract, right: Abstract): Abstract {
  if (isValue(left) && isValue(right)) return computed(operator, left, right);
  if (
    left.kind === "null" ||
    right.kind === "null" ||
    left.kind === "gone" ||
    right.kind === "gone"
  )
    return { kind: "null", of: undefined };
  switch (operator) {
    case "+":
    case "-":
    case "*":
    case "/":
    case "%":
    case "^":
      return arithmetic(operator, left, right);
    default:
      return comparison(operator, left, right);
  }
}

function computed(operator: BinaryOperator, left: Value, right: Value): Abstract {
  try {
    return binary(operator, left, right);
  } catch {
    return unknown();
  }
}

function arithmetic(operator: BinaryOperator, left: Abstract, right: Abstract): Abstract {
  const type = typeOf(left) ?? typeOf(right);
  const one = operator === "+" && type === "string" ? partsOf(left) : undefined;
  const other = one && partsOf(right);
  if (one !== undefined && other !== undefined) return text([...one, ...other]);
  if (left.kind === "choice" && isValue(right))
    return each(left, (value) => operation(operator, value, right));
  if (right.kind === "choice" && isValue(left))
    return each(right, (value) => operation(operator, left, value));
  return unknown({
    type,
    from: sourcesOf(left, right),
    mayBeNull: nullCauseOf(left, right),
    sure: isSure(left) && isSure(right),
    stands: standing(operator, left, right),
    unit: unitOf(operator, left, right),
  });
}

const each = ({ options }: Choice, change: (value: Abstract) => Abstract): Abstract =>
  choice(options.map(({ value, when }) => ({ value: change(value), when })));

const isSure = (value: Abstract): boolean => value.kind !== "unknown" || value.sure;

/** The result for values that stand for the operands. */
function standing(operator: BinaryOperator, left: Abstract, right: Abstract): Value | undefined {
  const [one, other] = [standIn(left), standIn(right)];
  if (one === undefined || other === undefined) return undefined;
  const result = computed(operator, one, other);
  return isValue(result) ? result : undefined;
}

const units: readonly TimeUnit[] = ["ns", "us", "ms", "s"];

/** What a count since the epoch counts after arithmetic with a known number. */
function unitOf(operator: BinaryOperator, left: Abstract, right: Abstract): TimeUnit | undefined {
  const unit = left.kind === "unknown" ? left.unit : undefined;
  if (unit === undefined) return undefined;
  const amount = isValue(right) && "value" in right ? Number(right.value) : Number.NaN;
  if (operator === "+" || operator === "-") return Number.isNaN(amount) ? undefined : unit;
  const steps = [1e3, 1e6, 1e9].indexOf(amount) + 1;
  if (steps === 0) return undefined;
  if (operator === "/") return units[units.indexOf(unit) + steps];
  return operator === "*" ? units[units.indexOf(unit) - steps] : undefined;
}

function comparison(operator: BinaryOperator, left: Abstract, right: Abstract): Abstract {
  const from = sourcesOf(left, right);
  const decided = decide(operator, left, right);
  if (decided !== undefined) return decided;
  const yes = new Map<Abstract, Abstract>();
  const no = new Map<Abstract, Abstract>();
  learn(left, right, operator, { yes, no });
  learn(right, left, mirrored[operator] ?? operator, { yes, no });
  const proves: Proof = { yes, no, nullable: !(isSure(left) && isSure(right)) };
  return unknown({ type: "bool", from, proves });
}

/** The answer, where all that a value can be gives the same one. */
function decide(operator: BinaryOperator, left: Abstract, right: Abstract): Abstract | undefined {
  const bounded =
    byBounds(operator, left, right) ?? byBounds(mirrored[operator] ?? operator, right, left);
  if (bounded !== undefined) return bounded;
  const answers = possible(left)?.flatMap((one) =>
    (possible(right) ?? []).map((other) => computed(operator, one, other)),
  );
  if (answers === undefined || answers.length === 0) return undefined;
  const [first] = answers;
  if (first.kind !== "bool") return undefined;
  if (!answers.every((one) => one.kind === "bool" && one.value === first.value)) return undefined;
  if (!first.value) return FALSE;
  return isSure(left) && isSure(right) ? bool(true) : undefined;
}

/** All that a value can be, when the script tells. */
function possible(value: Abstract): readonly Value[] | undefined {
  if (isValue(value)) return [value];
  if (value.kind === "unknown") return value.among;
  if (value.kind !== "choice") return undefined;
  const values = value.options.map((option) => option.value);
  return values.every(isValue) ? values : undefined;
}

/** What the answer of a comparison tells about `value`. */
function learn(
  value: Abstract,
  other: Abstract,
  operator: BinaryOperator,
  into: { yes: Map<Abstract, Abstract>; no: Map<Abstract, Abstract> },
): void {
  if (value.kind === "choice" && isValue(other)) {
    const kept = (answer: boolean): Abstract => remaining(value, other, operator, answer);
    into.yes.set(value, kept(true));
    into.no.set(value, kept(false));
    return;
  }
  if (value.kind !== "unknown") return;
  const compared = operator === "=~" || operator === "!~" ? "string" : typeOf(other);
  const seen =
    compared === "string" || compared === "time" ? ofType(value, compared) : notNull(value);
  const number = numberOf(other);
  if (number !== undefined && bounded[operator] !== undefined) {
    const [low, high] = [bounded[operator], bounded[opposite[operator] ?? ""]];
    into.yes.set(value, within(seen, number, low));
    if (high !== undefined) into.no.set(value, within(seen, number, high));
    return;
  }
  const equals = isValue(other) ? { ...seen, among: [other] } : seen;
  into.yes.set(
    value,
    operator === "==" ? equals : without(seen, operator === "!=" ? other : undefined),
  );
  into.no.set(
    value,
    operator === "!=" ? equals : without(seen, operator === "==" ? other : undefined),
  );
}

/** `value`, which does not equal `other`. */
function without(value: Unknown, other: Abstract | undefined): Unknown {
  if (other === undefined || !isValue(other)) return value;
  const among = value.among?.filter((one) => !isSame(one, other));
  return { ...value, among, except: [...value.except, other] };
}

function remaining(
  value: Choice,
  other: Value,
  operator: BinaryOperator,
  answer: boolean,
): Abstract {
  const options = value.options.filter((option) => {
    const result = operation(operator, option.value, other);
    return result.kind !== "bool" || result.value === answer;
  });
  const [only] = options;
  return options.length === 1 && only.when.length === 0 ? only.value : { kind: "choice", options };
}

/** What each comparison with a number says about the number on its left. */
const bounded: Readonly<Record<string, "above" | "from" | "below" | "upto">> = {
  ">": "above",
  ">=": "from",
  "<": "below",
  "<=": "upto",
};
/** The same comparison with its sides swapped. */
const mirrored: Readonly<Record<string, BinaryOperator>> = {
  ">": "<",
  ">=": "<=",
  "<": ">",
  "<=": ">=",
};
const opposite: Readonly<Record<string, string>> = { ">": "<=", ">=": "<", "<": ">=", "<=": ">" };

const numberOf = (value: Abstract): number | undefined =>
  value.kind === "int" || value.kind === "uint" || value.kind === "float"
    ? Number(value.value)
    : undefined;

function within(value: Unknown, limit: number, side: "above" | "from" | "below" | "upto"): Unknown {
  const { low, high, withLow, withHigh } = value.bounds ?? everything;
  const rises = side === "above" || side === "from";
  const bounds: Bounds = rises
    ? {
        low: Math.max(low, limit),
        withLow: limit > low ? side === "from" : withLow,
        high,
        withHigh,
      }
    : {
        high: Math.min(high, limit),
        withHigh: limit < high ? side === "upto" : withHigh,
        low,
        withLow,
      };
  return { ...value, bounds };
}

const everything: Bounds = { low: -Infinity, high: Infinity, withLow: false, withHigh: false };

/** The answer that the bounds of a number give for it. */
function byBounds(
  operator: BinaryOperator,
  value: Abstract,
  other: Abstract,
): Abstract | undefined {
  const limit = numberOf(other);
  if (value.kind !== "unknown" || value.bounds === undefined || !value.sure || limit === undefined)
    return undefined;
  const { low, high, withLow, withHigh } = value.bounds;
  const above = low > limit || (low === limit && !withLow);
  const from = low >= limit;
  const below = high < limit || (high === limit && !withHigh);
  const upto = high <= limit;
  switch (operator) {
    case ">":
      return above ? bool(true) : upto ? FALSE : undefined;
    case ">=":
      return from ? bool(true) : below ? FALSE : undefined;
    case "<":
      return below ? bool(true) : from ? FALSE : undefined;
    case "<=":
      return upto ? bool(true) : above ? FALSE : undefined;
    case "==":
      return above || below ? FALSE : undefined;
    default:
      return undefined;
  }
}
