import { bool } from "@tocsin/data/value";
import { definePackage, flux, native } from "@tocsin/engine/interpret";

const basic = new Set([
  "string",
  "bytes",
  "int",
  "uint",
  "float",
  "bool",
  "time",
  "duration",
  "regexp",
]);

const isType = native({
  name: "isType",
  type: "(v: A, type: string) => bool where A: Basic",
  docs:
    "Whether `v` has the type named: `string`, `bytes`, `int`, `uint`, `float`, `bool`, `time`, `duration` or " +
    "`regexp`. A null has the type of its column; arrays, records and functions have none of these.",
  example: `import "array"
import "types"
array.from(rows: [{yes: types.isType(v: 1.5, type: "float")}])`,
  call: (args) => {
    const value = args.value("v");
    const kind = value.kind === "null" ? value.of : value.kind;
    return bool(kind !== undefined && basic.has(kind) && kind === args.string("type"));
  },
});

const isNumeric = flux({
  name: "isNumeric",
  type: "(v: A) => bool where A: Basic",
  docs: "Whether `v` is an int, a uint or a float.",
  example: `import "array"
import "types"
array.from(rows: [{yes: types.isNumeric(v: 1), no: types.isNumeric(v: "1")}])`,
  source: `(v) => isType(v: v, type: "int") or isType(v: v, type: "uint") or isType(v: v, type: "float")`,
});

export const packageDefinition = definePackage({
  path: "types",
  docs: "Asks values for their types.",
  members: [isNumeric, isType],
});
