import type { DictValue, Value } from "@tocsin/data/value";
import { invalid, kindName } from "@tocsin/data/value";
import { compareKeys } from "./compare.ts";
import { definePackage, native } from "@tocsin/engine/interpret";

type Entry = readonly [key: Value, value: Value];

/** Position of `key`, or where it would be. */
function position(entries: readonly Entry[], key: Value): { at: number; found: boolean } {
  let low = 0;
  let high = entries.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const order = compareKeys(entries[middle][0], key);
    if (order === 0) return { at: middle, found: true };
    if (order < 0) low = middle + 1;
    else high = middle;
  }
  return { at: low, found: false };
}

function inserted(entries: readonly Entry[], key: Value, value: Value): Entry[] {
  const { at, found } = position(entries, key);
  return entries.toSpliced(at, found ? 1 : 0, [key, value]);
}

const dict = (entries: readonly Entry[]): DictValue => ({ kind: "dict", entries });

const fromList = native({
  name: "fromList",
  type: "(pairs: [{key: K, value: V}]) => [K:V] where K: Comparable",
  docs: "A dictionary from records with `key` and `value`. Of equal keys the last one counts.",
  example: `import "array"
import "dict"
levels = dict.fromList(pairs: [{key: 0, value: "ok"}, {key: 1, value: "crit"}])
array.from(rows: [{level: dict.get(dict: levels, key: 1, default: "unknown")}])`,
  call: (args) => {
    const last = new Map<number, Entry>();
    const entries: Entry[] = args.array("pairs").elements.map((pair) => {
      const key = pair.kind === "record" ? pair.fields.get("key") : undefined;
      const value = pair.kind === "record" ? pair.fields.get("value") : undefined;
      if (key === undefined || value === undefined)
        throw invalid(
          `dict.fromList: pairs should be records with key and value, but one is ${kindName(pair)}`,
        );
      return [key, value];
    });
    const order = entries.map((_, i) => i);
    order.sort((a, b) => compareKeys(entries[a][0], entries[b][0]) || a - b);
    let count = -1;
    order.forEach((index, i) => {
      const repeats = i > 0 && compareKeys(entries[order[i - 1]][0], entries[index][0]) === 0;
      if (!repeats) count += 1;
      last.set(count, entries[index]);
    });
    return dict([...last.values()]);
  },
});

const get = native({
  name: "get",
  type: "(dict: [K:V], key: K, default: V) => V where K: Comparable",
  docs: "The value of `key`, or `default` when the dictionary has no such key.",
  example: `import "array"
import "dict"
array.from(rows: [{level: dict.get(dict: ["a": "ok"], key: "b", default: "unknown")}])`,
  call: (args) => {
    const { entries } = args.dict("dict");
    const { at, found } = position(entries, args.value("key"));
    return found ? entries[at][1] : args.value("default");
  },
});

const insert = native({
  name: "insert",
  type: "(dict: [K:V], key: K, value: V) => [K:V] where K: Comparable",
  docs: "A dictionary with `value` under `key`, in place of what was there. The old one stays as it is.",
  example: `import "array"
import "dict"
more = dict.insert(dict: ["a": 1], key: "b", value: 2)
array.from(rows: [{text: display(v: more)}])`,
  call: (args) => dict(inserted(args.dict("dict").entries, args.value("key"), args.value("value"))),
});

const remove = native({
  name: "remove",
  type: "(dict: [K:V], key: K) => [K:V] where K: Comparable",
  docs: "A dictionary without `key`. The old one stays as it is.",
  example: `import "array"
import "dict"
fewer = dict.remove(dict: ["a": 1, "b": 2], key: "a")
array.from(rows: [{text: display(v: fewer)}])`,
  call: (args) => {
    const { entries } = args.dict("dict");
    const { at, found } = position(entries, args.value("key"));
    return found ? dict(entries.toSpliced(at, 1)) : dict(entries);
  },
});

export const packageDefinition = definePackage({
  path: "dict",
  docs: "Works with dictionaries: values by key, where neither keys nor their number are fixed.",
  members: [fromList, get, insert, remove],
});
