import { expect, test } from "vitest";
import {
  type Batch,
  columnBuilder,
  type FlatColumn,
  groupKey,
  tableFrom,
} from "@tocsin/data/column";
import type { ColumnKind, Raw } from "@tocsin/data/value";
import { meanKind } from "../src/operators/aggregates.ts";
import { groupKind } from "../src/operators/group.ts";
import { maxKind, minKind } from "../src/operators/selectors.ts";
import { run, shown } from "./row-operators.ts";

// Loops go through rows in calls of about a thousand: what they know goes on from one to the next.
const rows = 5000;
const mixed = (row: number): bigint => BigInt(row) * 0x9e3779b97f4a7c15n;

function columnOf(kind: ColumnKind, cells: readonly Raw[]): FlatColumn {
  const builder = columnBuilder(kind, cells.length);
  for (const one of cells) builder.append(one);
  return builder.finish();
}

function tableOf(columns: Readonly<Record<string, FlatColumn>>): Batch {
  const named = Object.entries(columns).map(([label, column]) => ({ label, column }));
  return tableFrom(groupKey([{ label: "k", kind: "int", cell: 1n }]), named, { rows });
}

const numbers = (take: (row: number) => Raw): Raw[] =>
  Array.from({ length: rows }, (_, i) => take(i));

test.each<[ColumnKind, (row: number) => bigint]>([
  ["int", (row) => BigInt.asIntN(64, mixed(row))],
  ["int", (row) => BigInt(row % 7) - 3n],
  ["uint", (row) => BigInt.asUintN(64, mixed(row))],
  ["time", (row) => BigInt(row % 3000) * 4_000_000_000n],
])("the first of the extremes of %ss is found in a long table", async (kind, take) => {
  const cells = numbers((row) => (row % 11 === 5 ? null : take(row)));
  const given = tableOf({ v: columnOf(kind, cells), row: columnOf("int", numbers(BigInt)) });
  const values = cells.filter((cell) => cell !== null) as bigint[];
  for (const [selector, beats] of [
    [minKind, (a: bigint, b: bigint) => a < b],
    [maxKind, (a: bigint, b: bigint) => a > b],
  ] as const) {
    const best = values.reduce((found, one) => (beats(one, found) ? one : found));
    const at = cells.indexOf(best);
    expect(shown(await run(selector, { column: "v" }, [given]))).toEqual([
      `k=1 [v=${best} row=${at}]`,
    ]);
  }
});

test("rows of a long table come to their groups in order, and each group's mean is its own", async () => {
  const texts = numbers((row) => `g${(row * 7919) % 13}${row > 4000 ? "late" : ""}`);
  const given = tableOf({
    g: columnOf("string", texts),
    v: columnOf(
      "float",
      numbers((row) => row),
    ),
  });
  const grouped = await run(groupKind, { mode: "by", columns: ["g"] }, [given]);
  const groups = new Map<Raw, number[]>();
  texts.forEach((text, row) => groups.set(text, [...(groups.get(text) ?? []), row]));
  const sorted = [...groups].sort(([a], [b]) => (String(a) < String(b) ? -1 : 1));
  const all = sorted.map(
    ([text, some]) => `g=${text} [${some.map((row) => `k=1 v=${row}`).join(" | ")}]`,
  );
  expect(shown(grouped).join("  ")).toBe(all.join("  "));
  const means = sorted.map(([text, some]) => {
    const sum = some.reduce((total, one) => total + one, 0);
    return `g=${text} [v=${sum / some.length}]`;
  });
  expect(shown(await run(meanKind, { column: "v" }, grouped)).join("  ")).toBe(means.join("  "));
});
