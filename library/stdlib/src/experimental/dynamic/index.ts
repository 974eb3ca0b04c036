import {
  array,
  bool,
  bytes,
  type DynamicValue,
  FALSE,
  invalid,
  kindName,
  record,
  type Value,
} from "@tocsin/data/value";
import { definePackage, flux, native } from "@tocsin/engine/interpret";
import { utf8 } from "@tocsin/platform/host";
import { jsonText } from "../../json/encode.ts";
import { jsonValue } from "../../json/json-value.ts";

const sample = (call: string): string => `import "array"
import "experimental/dynamic"
array.from(rows: [{text: display(v: ${call})}])`;

const wrapped = (value: Value): DynamicValue =>
  value.kind === "dynamic" ? value : { kind: "dynamic", inner: bare(value) };

/** What is inside a dynamic value has no other one in it: members are wrapped when they are read. */
function bare(value: Value): Value {
  switch (value.kind) {
    case "dynamic":
      return value.inner;
    case "array":
      return array(value.elements.map(bare));
    case "record":
      return record([...value.fields].map(([label, field]) => [label, bare(field)]));
    default:
      return value;
  }
}

const dynamic = native({
  name: "dynamic",
  type: "(v: A) => dynamic",
  docs:
    "A value whose type only the run knows: its members can be read without the checker knowing them. Convert " +
    "it back with `string`, `int`, `asArray` and so on.",
  example: sample("dynamic.dynamic(v: {host: 1}).host"),
  call: (args) => wrapped(args.value("v")),
});

const asArray = native({
  name: "asArray",
  type: "(<-v: dynamic) => [dynamic]",
  docs: "The elements of a dynamic array. Fails when it is none.",
  example: sample("dynamic.asArray(v: dynamic.dynamic(v: [1, 2]))"),
  call: (args) => {
    const value = args.value("v");
    const inner = value.kind === "dynamic" ? value.inner : value;
    if (inner.kind === "array") return array(inner.elements.map(wrapped));
    const found = inner.kind === "null" ? "<null>" : kindName(inner);
    throw invalid(`unable to convert ${found} to array`);
  },
});

const typeNames: Partial<Record<Value["kind"], string>> = {
  record: "object",
  dict: "dictionary",
};

const isType = native({
  name: "isType",
  type: "(v: dynamic, type: string) => bool",
  docs:
    "Whether what is inside has the type named: `string`, `bytes`, `int`, `uint`, `float`, `bool`, `time`, " +
    "`duration`, `regexp`, `array`, `object`, `function` or `dictionary`.",
  example: sample(`dynamic.isType(v: dynamic.dynamic(v: [1]), type: "array")`),
  call: (args) => {
    const value = args.value("v");
    const inner = value.kind === "dynamic" ? value.inner : value;
    if (inner.kind === "null") return FALSE;
    return bool((typeNames[inner.kind] ?? inner.kind) === args.string("type"));
  },
});

const jsonParse = native({
  name: "jsonParse",
  type: "(data: bytes) => dynamic",
  docs: "The value that JSON text stands for. All numbers are floats.",
  example: sample(`dynamic.jsonParse(data: bytes(v: "[1, true, null]"))`),
  call: (args) => wrapped(jsonValue(args)),
});

const jsonEncode = native({
  name: "jsonEncode",
  type: "(v: dynamic) => bytes",
  docs: "A dynamic value as JSON, in bytes; see `json.encode`.",
  example: sample("string(v: dynamic.jsonEncode(v: dynamic.dynamic(v: {a: [1, 2]})))"),
  call: (args) => bytes(utf8.encode(jsonText(args.value("v")))),
});

const isNotDistinct = flux({
  name: "_isNotDistinct",
  type: "(a: A, b: B) => bool",
  docs: "Whether two dynamic values look the same; two nulls do.",
  source: "(a, b) => display(v: a) == display(v: b)",
});

export const packageDefinition = definePackage({
  path: "experimental/dynamic",
  docs: "Values whose type only the run knows, such as parsed JSON.",
  members: [asArray, dynamic, isNotDistinct, isType, jsonEncode, jsonParse],
});
