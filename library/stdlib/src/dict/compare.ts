import { compareCells } from "@tocsin/data/column";
import { compareDurations, unboxed, type Value } from "@tocsin/data/value";

/** Order of the keys of a dictionary, by type first: the order in which its literals keep them. */
export function compareKeys(a: Value, b: Value): number {
  if (a.kind !== b.kind) return a.kind < b.kind ? -1 : 1;
  if (a.kind === "duration" && b.kind === "duration") return compareDurations(a.value, b.value);
  const left = unboxed(a);
  const right = unboxed(b);
  return left === undefined || right === undefined ? 0 : compareCells(left, right);
}
