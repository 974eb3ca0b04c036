import {
  compareUtf8,
  containsAny,
  countOf,
  equalFold,
  indexOfAny,
  lastIndexOf,
  lastIndexOfAny,
  textIndexOf,
} from "@tocsin/data/value";
import { scalar } from "@tocsin/engine/interpret";

type Other = "prefix" | "suffix" | "substr" | "chars" | "t";
interface Words {
  readonly name: string;
  readonly other: Other;
  readonly docs: string;
  readonly sample: readonly [string, string];
}

function words({ name, other, docs, sample }: Words, result: "bool" | "int") {
  const [v, second] = sample.map((text) => JSON.stringify(text));
  return {
    name,
    type: `(v: string, ${other}: string) => ${result}`,
    docs,
    example: `import "array"
import "strings"
array.from(rows: [{answer: strings.${name}(v: ${v}, ${other}: ${second})}])`,
    parameters: { v: "string", [other]: "string" } as const,
  };
}

function test(said: Words, apply: (text: string, other: string) => boolean) {
  return scalar({ ...words(said, "bool"), result: "bool", apply });
}

function number(said: Words, find: (text: string, other: string) => number) {
  return scalar({
    ...words(said, "int"),
    result: "int",
    apply: (text: string, other: string) => BigInt(find(text, other)),
  });
}

export const searchFunctions = [
  number(
    {
      name: "compare",
      other: "t",
      docs: "0 when `v` and `t` are equal, -1 when `v` comes first in the order of bytes, else 1.",
      sample: ["a", "b"],
    },
    (v, t) => Math.sign(compareUtf8(v, t)),
  ),
  test(
    {
      name: "containsAny",
      other: "chars",
      docs: "Whether `v` has at least one of the characters of `chars`.",
      sample: ["abc", "cd"],
    },
    containsAny,
  ),
  test(
    {
      name: "containsStr",
      other: "substr",
      docs: "Whether `substr` is in `v`.",
      sample: ["abc", "bc"],
    },
    (v, part) => v.includes(part),
  ),
  number(
    {
      name: "countStr",
      other: "substr",
      docs: "How often `substr` is in `v` without overlap. The empty string once more than there are characters.",
      sample: ["Hello mellow fellow", "ello"],
    },
    countOf,
  ),
  test(
    {
      name: "equalFold",
      other: "t",
      docs: "Whether `v` and `t` are equal when case does not count.",
      sample: ["Go", "GO"],
    },
    equalFold,
  ),
  test(
    {
      name: "hasPrefix",
      other: "prefix",
      docs: "Whether `v` begins with `prefix`.",
      sample: ["go gopher", "go"],
    },
    (v, prefix) => v.startsWith(prefix),
  ),
  test(
    {
      name: "hasSuffix",
      other: "suffix",
      docs: "Whether `v` ends with `suffix`.",
      sample: ["go gopher", "go"],
    },
    (v, suffix) => v.endsWith(suffix),
  ),
  number(
    {
      name: "index",
      other: "substr",
      docs: "Where `substr` first begins in `v`, in UTF-8 bytes from 0; -1 when it is not there.",
      sample: ["go gopher", "go"],
    },
    textIndexOf,
  ),
  number(
    {
      name: "indexAny",
      other: "chars",
      docs: "Where the first of the characters of `chars` stands in `v`, in UTF-8 bytes from 0; -1 when none does.",
      sample: ["chicken", "aeiouy"],
    },
    indexOfAny,
  ),
  number(
    {
      name: "lastIndex",
      other: "substr",
      docs: "Where `substr` last begins in `v`, in UTF-8 bytes from 0; -1 when it is not there.",
      sample: ["go gopher", "go"],
    },
    lastIndexOf,
  ),
  number(
    {
      name: "lastIndexAny",
      other: "chars",
      docs: "Where the last of the characters of `chars` stands in `v`, in UTF-8 bytes from 0; -1 when none does.",
      sample: ["go gopher", "go"],
    },
    lastIndexOfAny,
  ),
];
