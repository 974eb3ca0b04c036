import fc from "fast-check";
import { expect, test } from "vitest";
import {
  type Batch,
  batchesOf,
  columnBuilder,
  type ColumnSpec,
  compareKeys,
  type FlatColumn,
  groupKey,
  keyText,
  pieces,
  type Table,
  tableFrom,
} from "@tocsin/data/column";
import type { ColumnKind, Raw } from "@tocsin/data/value";
import { Regrouping } from "../src/regrouping.ts";
import { TableCollector } from "../src/whole-table.ts";
import { shown } from "./row-operators.ts";

interface Given {
  /** Cells of the key column `k`, and of the columns `a` and `b`, which may be missing. */
  readonly k: Raw;
  readonly a: readonly Raw[];
  readonly hasB: boolean;
}

const given: fc.Arbitrary<Given> = fc.record({
  k: fc.constantFrom("x", "y", null),
  a: fc.array(fc.constantFrom(1n, 2n, null), { maxLength: 4 }),
  hasB: fc.boolean(),
});

function columnOf(kind: ColumnKind, values: readonly Raw[]): FlatColumn {
  const builder = columnBuilder(kind, values.length);
  for (const value of values) builder.append(value);
  return builder.finish();
}

function tableOf({ k, a, hasB }: Given, number: number): Table {
  const key = groupKey([
    { label: "k", kind: "string", cell: k },
    { label: "t", kind: "int", cell: BigInt(number) },
  ]);
  const columns = [{ label: "a", column: columnOf("int", a) }];
  if (hasB)
    columns.push({
      label: "b",
      column: columnOf(
        "string",
        a.map((_, i) => `${number}.${i}`),
      ),
    });
  return tableFrom(key, columns, { rows: a.length });
}

/** Rows put into a Map one by one: slow, and obviously right. */
function expected(tables: readonly Given[], by: "k" | "a"): string[] {
  const groups = new Map<string, { key: ReturnType<typeof groupKey>; rows: string[] }>();
  tables.forEach(({ k, a, hasB }, number) => {
    const keyed = (cell: Raw): { rows: string[] } => {
      const key = groupKey([{ label: by, kind: by === "k" ? "string" : "int", cell }]);
      const text = keyText(key);
      let group = groups.get(text);
      if (group === undefined) groups.set(text, (group = { key, rows: [] }));
      return group;
    };
    if (by === "k") keyed(k);
    a.forEach((cell, i) => {
      const b = hasB ? `${number}.${i}` : "";
      const row = by === "k" ? { a: cell, b, t: number } : { k, b, t: number };
      const text = Object.entries(row)
        .map(([label, value]) => `${label}=${value === null ? "" : String(value)}`)
        .sort()
        .join(" ");
      keyed(by === "k" ? k : cell).rows.push(text);
    });
  });
  return [...groups.values()]
    .sort((a, b) => compareKeys(a.key, b.key))
    .map(({ key, rows }) => `${keyText(key)} [${rows.join(" | ")}]`);
}

function found(batches: readonly Batch[], by: "k" | "a"): string[] {
  return batches.flatMap((batch) => {
    const key = batch.schema.find((spec) => spec.key);
    expect(batch.schema.filter((spec) => spec.key).map(({ label }) => label)).toEqual([by]);
    expect(key?.label).toBe(by);
    return shown([batch])[0]
      .split("  ")
      .map((text) => {
        const [head, ...rest] = text.split(" [");
        const rows = rest.join(" [").slice(0, -1);
        const cell = head.slice(by.length + 1);
        const kind = by === "k" ? "string" : "int";
        const shownKey = keyText(
          groupKey([
            { label: by, kind, cell: cell === "" ? null : by === "k" ? cell : BigInt(cell) },
          ]),
        );
        const lines = rows.split(" | ").map((line) => {
          const cells = line.split(" ").filter((one) => one !== "");
          if (line !== "" && !cells.some((one) => one.startsWith("b="))) cells.push("b=");
          return cells.sort().join(" ");
        });
        return `${shownKey} [${lines.join(" | ")}]`;
      });
  });
}

test.each(["k", "a"] as const)("rows regrouped by %s are what a Map of rows gives", (by) => {
  const property = fc.property(fc.array(given, { maxLength: 8 }), (tables) => {
    const regrouping = new Regrouping();
    for (const batch of batchesOf(tables.map(tableOf)))
      regrouping.add(batch, ({ label }) => label === by);
    const wanted = expected(tables, by).map((text) => text.replaceAll(/\bb= ?/gu, ""));
    const batches = [...regrouping.batches()].filter((batch) => batch !== undefined);
    const got = found(batches, by).map((text) => text.replaceAll(/\bb= ?/gu, ""));
    expect(got).toEqual(wanted);
  });
  fc.assert(property, { seed: 3 });
});

/** Tables that several batches give, whole. */
function whole(batches: Iterable<Batch | undefined>): Table[] {
  const tables: Table[] = [];
  const collector = new TableCollector((table) => void tables.push(table));
  for (const batch of batches) if (batch !== undefined) collector.add(batch);
  return tables;
}

const long = fc.record({
  k: fc.constantFrom("x", "y", null),
  hasB: fc.boolean(),
  /** Stretches of equal cells of `a`. */
  a: fc.array(fc.tuple(fc.constantFrom(1n, 2n, 3n, null), fc.constantFrom(1, 2, 900, 3000)), {
    maxLength: 4,
  }),
});

test.each(["k", "a"] as const)("long runs regrouped by %s are what short ones are", (by) => {
  const isKey = ({ label }: ColumnSpec): boolean => label === by;
  const cells = fc.array(long, { maxLength: 5 });
  const property = fc.property(cells, fc.constantFrom(500, 2000, 1e9), (given, most) => {
    const tables = batchesOf(
      given.map(({ k, a, hasB }, number) =>
        tableOf({ k, hasB, a: a.flatMap(([cell, count]) => Array<Raw>(count).fill(cell)) }, number),
      ),
    );
    const inRuns = new Regrouping();
    for (const batch of tables) for (const piece of pieces(batch, most)) inRuns.add(piece, isKey);
    // Many batches of few rows: rows are copied.
    const copied = new Regrouping();
    for (const batch of tables) for (const piece of pieces(batch, 1)) copied.add(piece, isKey);
    expect(whole(inRuns.batches()).flatMap((table) => shown([table]))).toEqual(
      whole(copied.batches()).flatMap((table) => shown([table])),
    );
  });
  fc.assert(property, { seed: 5, numRuns: 12 });
});
