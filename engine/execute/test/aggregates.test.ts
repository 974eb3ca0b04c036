import fc from "fast-check";
import { expect, test } from "vitest";
import {
  type Batch,
  batchesOf,
  columnBuilder,
  groupKey,
  pieces,
  tableFrom,
} from "@tocsin/data/column";
import type { ColumnKind, Raw } from "@tocsin/data/value";
import { countKind, meanKind, sumKind } from "../src/operators/aggregates.ts";
import { run, shown } from "./row-operators.ts";

const cells: Readonly<Record<"float" | "int" | "uint", fc.Arbitrary<Raw>>> = {
  float: fc.oneof(fc.double({ noNaN: true }), fc.integer().map(Number)),
  int: fc.oneof(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), fc.constant(-1n)),
  uint: fc.oneof(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), fc.constant(7n)),
};

function batchOf(kind: ColumnKind, tables: readonly (readonly Raw[])[]): Batch | undefined {
  const made = tables.map((values, number) => {
    const builder = columnBuilder(kind, values.length);
    for (const value of values) builder.append(value);
    const key = groupKey([{ label: "k", kind: "int", cell: BigInt(number) }]);
    return tableFrom(key, [{ label: "v", column: builder.finish() }], { rows: values.length });
  });
  return batchesOf(made)[0];
}

test.each(["float", "int", "uint"] as const)(
  "%s tables aggregated together are what they are row by row",
  async (kind) => {
    const tables = fc.array(fc.array(fc.option(cells[kind], { freq: 6 }), { maxLength: 5 }), {
      minLength: 1,
      maxLength: 6,
    });
    const property = fc.asyncProperty(tables, fc.nat(5), async (given, most) => {
      const batch = batchOf(kind, given);
      if (batch === undefined) return;
      for (const aggregate of [sumKind, meanKind, countKind]) {
        const tablesOf = async (batches: Iterable<Batch>): Promise<string[]> => {
          const made = await run(aggregate, { column: "v" }, [...batches]);
          return shown(made).flatMap((text) => text.split("  "));
        };
        const together = await tablesOf(pieces(batch, most === 0 ? 1000 : most));
        expect(together).toEqual(await tablesOf(pieces(batch, 1)));
      }
    });
    await fc.assert(property, { seed: 8, numRuns: 60 });
  },
);

test("64-bit sums wrap, their means too", async () => {
  const batch = batchOf("int", [[2n ** 62n, 2n ** 62n], [-(2n ** 63n), -1n], [-3n, 2n], []]);
  const results = async (kind: typeof sumKind): Promise<string> =>
    shown(await run(kind, { column: "v" }, batch === undefined ? [] : [batch])).join();
  expect(await results(sumKind)).toBe(
    "k=0 [v=-9223372036854775808]  k=1 [v=9223372036854775807]  k=2 [v=-1]  k=3 [v=]",
  );
  expect(await results(meanKind)).toBe(
    "k=0 [v=-4611686018427388000]  k=1 [v=4611686018427388000]  k=2 [v=-0.5]  k=3 [v=]",
  );
});
