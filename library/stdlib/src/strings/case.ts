import { title, toLower, toTitle, toUpper } from "@tocsin/data/value";
import { scalar } from "@tocsin/engine/interpret";

function change(name: string, apply: (text: string) => string, docs: string, sample: string) {
  return scalar({
    name,
    type: "(v: string) => string",
    docs,
    example: `import "array"
import "strings"
array.from(rows: [{text: strings.${name}(v: ${JSON.stringify(sample)})}])`,
    parameters: { v: "string" },
    result: "string",
    apply,
  });
}

export const caseFunctions = [
  change(
    "title",
    title,
    "`v` with the first letter of each word in title case. All other letters stay as they are.",
    "a flux of foxes",
  ),
  change("toLower", toLower, "`v` in lower case, letter by letter.", "KOALA"),
  change("toTitle", toTitle, "`v` with every letter in title case.", "a flux of foxes"),
  change("toUpper", toUpper, "`v` in upper case, letter by letter: `ß` stays.", "koala"),
];
