import { invalid } from "@tocsin/data/value";
import { definePackage, scalar } from "@tocsin/engine/interpret";

type Kind = "int" | "uint";

const prefixes = { int: "s", uint: "u" } as const;

/** The name of an operation on ints (`sand`) or uints (`uand`). */
const named = (kind: Kind, word: string): string => `${prefixes[kind]}${word}`;

function operation(
  kind: Kind,
  word: string,
  docs: string,
  apply: (a: bigint, b: bigint) => bigint,
) {
  const name = named(kind, word);
  const argument = (n: number): string => (kind === "uint" ? `uint(v: ${n})` : `${n}`);
  return scalar({
    name,
    type: `(a: ${kind}, b: ${kind}) => ${kind}`,
    docs,
    example: `import "array"
import "bitwise"
array.from(rows: [{_value: bitwise.${name}(a: ${argument(12)}, b: ${argument(2)})}])`,
    parameters: { a: kind, b: kind },
    result: kind,
    apply: (a: bigint, b: bigint) => wrapped(kind, apply(a, b)),
  });
}

const wrapped = (kind: Kind, value: bigint): bigint =>
  kind === "int" ? BigInt.asIntN(64, value) : BigInt.asUintN(64, value);

/** A number of places to shift by. From 64 on, nothing of the number is left. */
function places(b: bigint): bigint {
  if (b < 0n) throw invalid(`bitwise: cannot shift by a negative number of places: ${b}`);
  return b > 64n ? 64n : b;
}

function not(kind: Kind) {
  const name = named(kind, "not");
  return scalar({
    name,
    type: `(a: ${kind}) => ${kind}`,
    docs: "All bits of `a` turned over.",
    example: `import "array"
import "bitwise"
array.from(rows: [{_value: bitwise.${name}(a: ${kind === "uint" ? "uint(v: 12)" : "12"})}])`,
    parameters: { a: kind },
    result: kind,
    apply: (a: bigint) => wrapped(kind, ~a),
  });
}

const operations = (kind: Kind) => [
  operation(kind, "and", "The bits that are set in both `a` and `b`.", (a, b) => a & b),
  operation(kind, "clear", "The bits of `a` that are not set in `b`.", (a, b) => a & ~b),
  operation(kind, "lshift", "`a` shifted left by `b` bits.", (a, b) => a << places(b)),
  not(kind),
  operation(kind, "or", "The bits that are set in `a` or `b`.", (a, b) => a | b),
  operation(kind, "rshift", "`a` shifted right by `b` bits.", (a, b) => a >> places(b)),
  operation(kind, "xor", "The bits that are set in one of `a` and `b`.", (a, b) => a ^ b),
];

export const packageDefinition = definePackage({
  path: "bitwise",
  docs: "Works on the bits of ints (names that begin with s) and uints (with u).",
  members: [...operations("int"), ...operations("uint")],
});
