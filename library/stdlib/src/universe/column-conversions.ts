import { flux } from "@tocsin/engine/interpret";

function conversion(name: string, to: string): ReturnType<typeof flux> {
  return flux({
    name,
    type: `(<-tables: stream[{A with _value: B}]) => stream[{A with _value: ${to}, _value: B}]`,
    docs: `Makes every \`_value\` a ${to}, as \`${to}(v:)\` does.`,
    example: `import "sampledata"
sampledata.int() |> ${name}()`,
    source: `(tables=<-) => tables |> map(fn: (r) => ({r with _value: ${to}(v: r._value)}))`,
  });
}

export const toString = conversion("toString", "string");
export const toInt = conversion("toInt", "int");
export const toUInt = conversion("toUInt", "uint");
export const toFloat = conversion("toFloat", "float");
export const toBool = flux({
  name: "toBool",
  type: "(<-tables: stream[{A with _value: B}]) => stream[{A with _value: bool, _value: B}]",
  docs: "Makes every `_value` a bool, as `bool(v:)` does.",
  example: `import "sampledata"
sampledata.numericBool() |> toBool()`,
  source: `(tables=<-) => tables |> map(fn: (r) => ({r with _value: bool(v: r._value)}))`,
});
export const toTime = conversion("toTime", "time");
