import { type Definition, definePackage, flux } from "@tocsin/engine/interpret";
import { concat, filter, map } from "../../array/elements.ts";
import { from } from "../../array/from.ts";

const samples = {
  bool: '"true", "false"',
  duration: '"1h", "30m"',
  float: '"1.5", "2"',
  int: '"1", "2"',
  string: "1, 2",
  time: '"2024-05-06", "2024-05-07"',
  uint: '"1", "2"',
} as const;

function conversion(name: string, to: keyof typeof samples): Definition {
  return flux({
    name,
    type: `(<-arr: [A]) => [${to}]`,
    docs: `All elements of an array as ${to}; see the function \`${to}\`.`,
    example: `import "array"
import conversions "experimental/array"
array.from(rows: [{text: display(v: conversions.${name}(arr: [${samples[to]}]))}])`,
    source: `(arr=<-) => arr |> map(fn: (x) => ${to}(v: x))`,
  });
}

export const packageDefinition = definePackage({
  path: "experimental/array",
  docs: "The old place of `array`, and conversions of whole arrays.",
  members: [
    concat,
    filter,
    from,
    map,
    ...(
      [
        ["toBool", "bool"],
        ["toDuration", "duration"],
        ["toFloat", "float"],
        ["toInt", "int"],
        ["toString", "string"],
        ["toTime", "time"],
        ["toUInt", "uint"],
      ] as const
    ).map(([name, to]) => conversion(name, to)),
  ],
});
