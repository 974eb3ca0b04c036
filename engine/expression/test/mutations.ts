import { bool, FALSE, formatTimeNano, type Value } from "@tocsin/data/value";
import type { Tampering } from "../src/compile/program.ts";
import { runtime } from "../src/compile/runtime.ts";

const source =
  (from: RegExp, to: string) =>
  (text: string): string =>
    text.replace(from, to);

/** Mistakes that a compiler of row functions could make, each small. The differential test finds them. */
export const mutations: Readonly<Record<string, Tampering>> = {
  "int results wrap at 63 bits": { source: source(/asIntN\(64/g, "asIntN(63") },
  "uint results wrap as ints": { source: source(/asUintN\(64/g, "asIntN(64") },
  "nulls are not seen": { runtime: { isNull: () => false } },
  "division by zero gives zero": {
    runtime: { divided: (kind, a, b) => (b === 0n ? 0n : runtime.divided(kind, a, b)) },
  },
  "the remainder takes the divisor's sign": {
    runtime: {
      remainder: (kind, a, b) => {
        const rest = runtime.remainder(kind, a, b);
        return rest !== 0n && rest < 0n !== b < 0n ? rest + b : rest;
      },
    },
  },
  "strings are ordered by UTF-16": {
    runtime: { compareUtf8: (a, b) => (a < b ? -1 : a > b ? 1 : 0) },
  },
  ">= is >": { source: source(/>= /g, "> ") },
  "and is or": { source: source(/(if \(.*) && /g, "$1 || ") },
  "int against float is exact": { source: source(/Number\((c\d+\[i\])\)/g, "$1") },
  "the place of an error is that of the one before": { source: source(/at = k\d+;/, "") },
  "a missing text is empty": {
    runtime: { textColumn: (texts) => runtime.textColumn(texts.map((one) => one ?? "")) },
  },
  "all strings match when the first one does": {
    runtime: {
      matches: (known, dictionary, _, pattern) => runtime.matches(known, dictionary, 0, pattern),
    },
  },
  "a call for one string counts for all": {
    runtime: {
      once: (known, dictionary, code, work) => (known[0] ??= work(dictionary.text(code))),
    },
  },
  "key columns are read at the first table": { source: source(/(c\d+)\[t\]/g, "$1[0]") },
  "!= is ==": { source: source(/!== /g, "=== ") },
  "a null right operand is false": {
    runtime: {
      rightOperand: (value: Value) => (value.kind === "null" ? FALSE : runtime.rightOperand(value)),
    },
  },
  "fillers of a text change places": {
    runtime: {
      lazyColumn: (parts, columns, rows) => runtime.lazyColumn(parts, columns.toReversed(), rows),
    },
  },
  "1.0 ^ NaN is NaN": { runtime: { floatPower: (base, exponent) => base ** exponent } },
  "-0.0 becomes 0.0": {
    runtime: {
      constantColumn: (kind, raw, rows) => runtime.constantColumn(kind, raw === 0 ? 0 : raw, rows),
    },
  },
  "nulls are noted every four rows": { source: source(/1 << \(i & 7\)/g, "1 << (i & 3)") },
  "accumulators go on over tables": { source: source(/^ +a0 = identity\[0\];$/m, "") },
  "the next part of the rows begins anew": { source: source(/next = i, table = t;/, "") },
  "a null condition holds": {
    runtime: { holds: (value, what) => value.kind === "null" || runtime.holds(value, what) },
  },
  "powers wrap": {
    runtime: {
      power: (_, base, exponent) =>
        exponent < 0n || exponent > 64n ? 0n : BigInt.asIntN(64, base ** exponent),
    },
  },
  "times in text lose their zeros": { runtime: { formatTime9: formatTimeNano } },
  "exists looks at the type only": {
    runtime: { exists: (value) => bool(value.kind !== "null").value },
  },
};
