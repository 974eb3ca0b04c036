import type { Value } from "@tocsin/data/value";
import { equal } from "@tocsin/engine/expression";
import {
  type Abstract,
  type Bounds,
  type Narrowing,
  NO_NARROWING,
  type Proof,
  type Unknown,
} from "./value.ts";

/** What a value is known to be while `narrowing` holds. */
export function narrowed(value: Abstract, narrowing: Narrowing): Abstract {
  let now = value;
  for (;;) {
    const next = narrowing.get(now);
    if (next === undefined || next === now) return now;
    now = next;
  }
}

/** Both hold. `second` was found while `first` held. */
export function both(first: Narrowing, second: Narrowing): Narrowing {
  if (first.size === 0) return second;
  return second.size === 0 ? first : new Map([...first, ...second]);
}

/** One of them holds: only what is known either way is known. */
export function either(left: Narrowing, right: Narrowing): Narrowing {
  const known = new Map<Abstract, Abstract>();
  for (const value of left.keys()) {
    const one = narrowed(value, left);
    const other = narrowed(value, right);
    if (other === value) continue;
    const joined = join(value, one, other);
    if (joined !== undefined) known.set(value, joined);
  }
  return known;
}

function join(value: Abstract, one: Abstract, other: Abstract): Abstract | undefined {
  if (value.kind === "choice") {
    const left = one.kind === "choice" ? one.options.map((each) => each.value) : [one];
    const right = other.kind === "choice" ? other.options.map((each) => each.value) : [other];
    const options = value.options.filter((each) => [...left, ...right].includes(each.value));
    return { kind: "choice", options };
  }
  if (value.kind !== "unknown" || one.kind !== "unknown" || other.kind !== "unknown")
    return undefined;
  const among =
    one.among === undefined || other.among === undefined
      ? undefined
      : [...one.among, ...other.among.filter((each) => !includes(one.among ?? [], each))];
  const bounds =
    one.bounds === undefined || other.bounds === undefined
      ? undefined
      : hull(one.bounds, other.bounds);
  const except = one.except.filter((each) => includes(other.except, each));
  return { ...value, sure: one.sure && other.sure, among, except, bounds };
}

/** The smallest stretch that holds both. */
function hull(one: Bounds, other: Bounds): Bounds {
  const lower = one.low <= other.low ? one : other;
  const upper = one.high >= other.high ? one : other;
  return { low: lower.low, withLow: lower.withLow, high: upper.high, withHigh: upper.withHigh };
}

const includes = (values: readonly Value[], value: Value): boolean =>
  values.some((one) => one.kind === value.kind && equal(one, value));

/** The value is not null. */
export const notNull = (value: Unknown): Unknown =>
  value.sure ? value : { ...value, sure: true, mayBeNull: undefined };

/** The value is not null and of `type`. */
export const ofType = (value: Unknown, type: Unknown["type"]): Unknown => ({
  ...notNull(value),
  type: value.type ?? type,
});

/** What is known where a condition does not hold: a null condition counts as false, too. */
export const otherwise = (proof: Proof): Narrowing => (proof.nullable ? NO_NARROWING : proof.no);

/** What a condition proves of which nothing is known. */
export const provesNothing: Proof = { yes: NO_NARROWING, no: NO_NARROWING, nullable: true };
