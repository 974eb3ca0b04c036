import {
  array,
  codePointCount,
  codePointSlice,
  invalid,
  kindName,
  nullOf,
  replace,
  split,
  splitAfter,
  string,
} from "@tocsin/data/value";
import { type Arguments, native, scalar } from "@tocsin/engine/interpret";

/** A result that is longer is a mistake of the script, or an attack on memory. */
const REPEATED_MAX = 2 ** 26;

/** Counts beyond the length of any text mean the same as a very large one. */
const asCount = (value: bigint): number =>
  Number(value > 2n ** 31n ? 2n ** 31n : value < -1n ? -1n : value);

function splitting(
  name: string,
  cut: (text: string, separator: string, limit?: number) => string[],
  { limited, docs }: { limited: boolean; docs: string },
) {
  const more = limited ? ", i: 2" : "";
  return native({
    name,
    type: `(v: string, t: string${limited ? ", i: int" : ""}) => [string]`,
    docs,
    example: `import "array"
import "strings"
array.from(rows: [{parts: display(v: strings.${name}(v: "a, b, c", t: ", "${more}))}])`,
    call: (args: Arguments) => {
      if (args.optional("v")?.kind === "null") return nullOf(undefined);
      const limit = limited ? asCount(args.int("i")) : -1;
      return array(cut(args.string("v"), args.string("t"), limit).map(string));
    },
  });
}

const repeat = scalar({
  name: "repeat",
  type: "(v: string, i: int) => string",
  docs: "`v`, `i` times one after the other.",
  example: `import "array"
import "strings"
array.from(rows: [{text: strings.repeat(v: "ha", i: 3)}])`,
  parameters: { v: "string", i: "int" },
  result: "string",
  apply: (v: string, i: bigint) => {
    if (i < 0n) throw invalid(`strings.repeat: i must not be negative, but is ${i}`);
    if (BigInt(v.length) * i > BigInt(REPEATED_MAX))
      throw invalid(`strings.repeat: the result would have more than ${REPEATED_MAX} characters`);
    return v.repeat(Number(i));
  },
});

const replaceSome = scalar({
  name: "replace",
  type: "(v: string, t: string, u: string, i: int) => string",
  docs: "`v` with `u` in the place of the first `i` occurrences of `t`; of all when `i` is negative.",
  example: `import "array"
import "strings"
array.from(rows: [{text: strings.replace(v: "oink oink oink", t: "oink", u: "moo", i: 2)}])`,
  parameters: { v: "string", t: "string", u: "string", i: "int" },
  result: "string",
  apply: (v: string, t: string, u: string, i: bigint) => replace(v, t, u, asCount(i)),
});

const replaceAll = scalar({
  name: "replaceAll",
  type: "(v: string, t: string, u: string) => string",
  docs: "`v` with `u` in the place of every `t`.",
  example: `import "array"
import "strings"
array.from(rows: [{text: strings.replaceAll(v: "oink oink", t: "oink", u: "moo")}])`,
  parameters: { v: "string", t: "string", u: "string" },
  result: "string",
  apply: (v: string, t: string, u: string) => replace(v, t, u, -1),
});

const joinStr = native({
  name: "joinStr",
  type: "(arr: [string], v: string) => string",
  docs: "The strings of an array one after the other, with `v` between them.",
  example: `import "array"
import "strings"
array.from(rows: [{text: strings.joinStr(arr: ["a", "b", "c"], v: ",")}])`,
  call: (args) => {
    if (args.optional("arr")?.kind === "null") return nullOf("string");
    const texts = args.array("arr").elements.map((element) => {
      if (element.kind === "string") return element.value;
      throw invalid(
        `expected elements of argument "arr" to be of type string, got type ${kindName(element)}`,
      );
    });
    return string(texts.join(args.string("v")));
  },
});

const strlen = scalar({
  name: "strlen",
  type: "(v: string) => int",
  docs: "The number of characters (code points) of `v`.",
  example: `import "array"
import "strings"
array.from(rows: [{n: strings.strlen(v: "apple")}])`,
  parameters: { v: "string" },
  result: "int",
  apply: (v: string) => BigInt(codePointCount(v)),
});

const substring = scalar({
  name: "substring",
  type: "(v: string, start: int, end: int) => string",
  docs:
    "The characters (code points) of `v` from `start`, counted from 0, up to but not including `end`. Bounds " +
    "beyond the ends of `v` are pulled in.",
  example: `import "array"
import "strings"
array.from(rows: [{text: strings.substring(v: "influx", start: 0, end: 3)}])`,
  parameters: { v: "string", start: "int", end: "int" },
  result: "string",
  apply: (v: string, start: bigint, end: bigint) => {
    const from = asCount(start < 0n ? 0n : start);
    return codePointSlice(v, from, Math.max(from, asCount(end)));
  },
});

export const pieceFunctions = [
  joinStr,
  repeat,
  replaceSome,
  replaceAll,
  splitting("split", split, {
    limited: false,
    docs: "The parts of `v` between the separators `t`; an empty `t` splits into characters.",
  }),
  splitting("splitAfter", splitAfter, {
    limited: false,
    docs: "As `split`, and each part keeps the separator behind it.",
  }),
  splitting("splitAfterN", splitAfter, {
    limited: true,
    docs: "As `splitAfter`, but at most `i` parts, the last of which holds the rest.",
  }),
  splitting("splitN", split, {
    limited: true,
    docs: "As `split`, but at most `i` parts, the last of which holds the rest; all when `i` is negative.",
  }),
  strlen,
  substring,
];
