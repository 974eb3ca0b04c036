import { scalar } from "@tocsin/engine/interpret";

const example = (call: string): string => `import "array"
import "math"
array.from(rows: [{_value: math.${call}}])`;

/** A function of one float called `x`. */
export function ofOne(name: string, apply: (x: number) => number, docs: string, sample = "0.5") {
  return scalar({
    name,
    type: "(x: float) => float",
    docs,
    example: example(`${name}(x: ${sample})`),
    parameters: { x: "float" },
    result: "float",
    apply,
  });
}

/** A function of two floats. */
export function ofTwo(
  name: string,
  parameters: readonly [string, string],
  apply: (first: number, second: number) => number,
  docs: string,
) {
  const [first, second] = parameters;
  return scalar({
    name,
    type: `(${first}: float, ${second}: float) => float`,
    docs,
    example: example(`${name}(${first}: 1.5, ${second}: 2.0)`),
    parameters: { [first]: "float", [second]: "float" },
    result: "float",
    apply,
  });
}
