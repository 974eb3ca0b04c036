import { type ArrayValue, invalid, kindName, type Value } from "@tocsin/data/value";
import { definePackage, native } from "@tocsin/engine/interpret";
import { jsonValue } from "../../json/json-value.ts";

const parse = native({
  name: "parse",
  type: "(data: bytes) => A",
  docs:
    "The value that JSON text stands for: objects become records, all numbers floats. The elements of an array " +
    "must be of one type. `experimental/dynamic` takes any JSON.",
  example: `import "array"
import "experimental/json"
data = json.parse(data: bytes(v: "{\\"host\\": \\"a\\", \\"load\\": 0.5}"))
array.from(rows: [{host: data.host, load: data.load}])`,
  call: (args) => uniform(jsonValue(args)),
});

/** The value, when the elements of each array in it are of one type. */
function uniform(value: Value): Value {
  if (value.kind === "array") checkElements(value);
  else if (value.kind === "record") for (const one of value.fields.values()) uniform(one);
  return value;
}

function checkElements({ elements }: ArrayValue): void {
  for (const one of elements) {
    uniform(one);
    if (one.kind !== elements[0].kind) {
      throw invalid(
        "array values must all be the same type",
        `found ${kindName(elements[0])} and ${kindName(one)}; dynamic.jsonParse takes both`,
      );
    }
  }
}

export const packageDefinition = definePackage({
  path: "experimental/json",
  docs: "Reads JSON.",
  members: [parse],
});
