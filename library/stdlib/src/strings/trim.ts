import { trim, trimLeft, trimPrefix, trimRight, trimSpace, trimSuffix } from "@tocsin/data/value";
import { scalar } from "@tocsin/engine/interpret";

function trimming(
  name: string,
  second: "cutset" | "prefix" | "suffix",
  apply: (text: string, other: string) => string,
  { docs, sample }: { docs: string; sample: readonly [string, string] },
) {
  const [v, other] = sample.map((text) => JSON.stringify(text));
  return scalar({
    name,
    type: `(v: string, ${second}: string) => string`,
    docs,
    example: `import "array"
import "strings"
array.from(rows: [{text: strings.${name}(v: ${v}, ${second}: ${other})}])`,
    parameters: { v: "string", [second]: "string" },
    result: "string",
    apply,
  });
}

export const trimFunctions = [
  trimming("trim", "cutset", trim, {
    docs: "`v` without the characters of `cutset` at both ends.",
    sample: [".abc.", "."],
  }),
  trimming("trimLeft", "cutset", trimLeft, {
    docs: "`v` without the characters of `cutset` at its start.",
    sample: [".abc.", "."],
  }),
  trimming("trimPrefix", "prefix", trimPrefix, {
    docs: "`v` without `prefix` at its start, once; as it is when it does not start so.",
    sample: ["123_abc", "123"],
  }),
  trimming("trimRight", "cutset", trimRight, {
    docs: "`v` without the characters of `cutset` at its end.",
    sample: [".abc.", "."],
  }),
  scalar({
    name: "trimSpace",
    type: "(v: string) => string",
    docs: "`v` without white space at both ends.",
    example: `import "array"
import "strings"
array.from(rows: [{text: strings.trimSpace(v: "  abc  ")}])`,
    parameters: { v: "string" },
    result: "string",
    apply: (v: string) => trimSpace(v),
  }),
  trimming("trimSuffix", "suffix", trimSuffix, {
    docs: "`v` without `suffix` at its end, once; as it is when it does not end so.",
    sample: ["abc_123", "123"],
  }),
];
