import { formatFloat, jsonString } from "@tocsin/data/value";
import type { StorageComparison, StoragePredicate } from "@tocsin/engine/plan";

/** A condition that storage evaluates, as a script has it: `r.host == "a" and r._value > 90.0`. */
export function predicateText(predicate: StoragePredicate): string {
  switch (predicate.kind) {
    case "and":
      return `${predicateText(predicate.left)} and ${predicateText(predicate.right)}`;
    case "or":
      return `(${predicateText(predicate.left)} or ${predicateText(predicate.right)})`;
    case "exists":
      return `exists ${member(predicate.column)}`;
    case "comparison":
      return `${member(predicate.column)} ${predicate.operator} ${literal(predicate.literal)}`;
  }
}

/** The parts of a condition that must all hold, in the order of the script. */
export function conjunctsOf(predicate: StoragePredicate): StoragePredicate[] {
  if (predicate.kind !== "and") return [predicate];
  return [...conjunctsOf(predicate.left), ...conjunctsOf(predicate.right)];
}

/** Columns that a condition compares; those that it asks for with `exists` may be missing. */
export function comparedColumns(predicate: StoragePredicate): string[] {
  const guarded = new Set(columnsIn(predicate, "exists"));
  return columnsIn(predicate, "comparison").filter((column) => !guarded.has(column));
}

function columnsIn(predicate: StoragePredicate, kind: "comparison" | "exists"): string[] {
  if (predicate.kind === "and" || predicate.kind === "or")
    return [...columnsIn(predicate.left, kind), ...columnsIn(predicate.right, kind)];
  return predicate.kind === kind ? [predicate.column] : [];
}

function member(column: string): string {
  return /^[\p{L}_][\p{L}\p{N}_]*$/u.test(column) ? `r.${column}` : `r[${jsonString(column)}]`;
}

function literal({ kind, value }: StorageComparison["literal"]): string {
  if (kind === "string") return jsonString(String(value));
  if (kind === "regexp") return `/${String(value)}/`;
  if (kind !== "float") return String(value);
  const digits = formatFloat(Number(value));
  return /^-?\d+$/.test(digits) ? `${digits}.0` : digits;
}
