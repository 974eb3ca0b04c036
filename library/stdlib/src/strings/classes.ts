import { invalid, isDigit, isLetter, isLower, isUpper, utf8Length } from "@tocsin/data/value";
import { scalar } from "@tocsin/engine/interpret";

function is(name: string, holds: (text: string) => boolean, what: string) {
  return scalar({
    name,
    type: "(v: string) => bool",
    docs: `Whether the one character \`v\` is ${what}. Fails unless \`v\` is one byte long.`,
    example: `import "array"
import "strings"
array.from(rows: [{answer: strings.${name}(v: "A")}])`,
    parameters: { v: "string" },
    result: "bool",
    apply: (v: string) => {
      if (utf8Length(v) === 1) return holds(v);
      throw invalid(
        `strings.${name}: "v" is not a valid argument: argument length is not equal to 1`,
        "it looks at a single character of ASCII; take one with strings.substring, or use a regular expression",
      );
    },
  });
}

export const classFunctions = [
  is("isDigit", isDigit, "a digit"),
  is("isLetter", isLetter, "a letter"),
  is("isLower", isLower, "a letter in lower case"),
  is("isUpper", isUpper, "a letter in upper case"),
];
