import { type Value } from "@tocsin/data/value";
import { equal } from "@tocsin/engine/expression";
import { type Abstract, choice, isValue, sourcesOf, unknown } from "./value.ts";

/** What `object[index]` gives: with an unknown index, one of the elements. */
export function elementOf(object: Abstract, index: Abstract): Abstract {
  const elements =
    object.kind === "list" || object.kind === "array"
      ? (object.elements as readonly Abstract[])
      : undefined;
  if (elements === undefined) return unknown({ from: sourcesOf(object, index) });
  if (index.kind === "int") return elements[Number(index.value)] ?? unknown();
  return choice(elements.map((value) => ({ value, when: [] })));
}

/** What `dict.get` gives: with an unknown key, one of the values or the default. */
export function entryOf(dict: Abstract, key: Abstract, preset: Abstract): Abstract {
  const entries = entriesOf(dict);
  if (entries === undefined) return unknown({ from: sourcesOf(dict, key) });
  if (isValue(key)) {
    const found = entries.findLast(([one]) => isValue(one) && isSame(one, key));
    if (found !== undefined) return found[1];
    if (entries.every(([one]) => isValue(one))) return preset;
  }
  const decided = { test: key, holds: true, at: undefined };
  const possible = entries.filter(([one]) => mayBe(key, one)).map(([, value]) => value);
  return choice([...possible, preset].map((value) => ({ value, when: [decided] })));
}

function mayBe(key: Abstract, one: Abstract): boolean {
  if (key.kind !== "unknown" || key.among === undefined || !isValue(one)) return true;
  return key.among.some((each) => isSame(each, one));
}

export const isSame = (a: Value, b: Value): boolean => a.kind === b.kind && equal(a, b);

function entriesOf(dict: Abstract): readonly (readonly [Abstract, Abstract])[] | undefined {
  return dict.kind === "entries" || dict.kind === "dict" ? dict.entries : undefined;
}
