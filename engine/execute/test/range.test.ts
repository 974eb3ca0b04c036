import fc from "fast-check";
import { expect, test } from "vitest";
import { type Batch, columnBuilder, type FlatColumn } from "@tocsin/data/column";
import type { ColumnKind, Raw } from "@tocsin/data/value";
import { rangeKind } from "../src/operators/range.ts";
import { run, shown } from "./row-operators.ts";

function columnOf(kind: ColumnKind, cells: readonly Raw[]): FlatColumn {
  const builder = columnBuilder(kind, cells.length);
  for (const one of cells) builder.append(one);
  return builder.finish();
}

/** A batch of tables `t`, whose rows have their number as a number and as text. */
function batchOf(times: readonly (bigint | null)[], ends: readonly number[]): Batch {
  const key = columnOf(
    "int",
    ends.map((_, table) => BigInt(table)),
  );
  return {
    schema: [
      { label: "t", kind: "int", key: true },
      { label: "_time", kind: "time", key: false },
      { label: "row", kind: "int", key: false },
      { label: "text", kind: "string", key: false },
    ],
    columns: [
      { kind: "int", form: "table", values: key },
      columnOf("time", times),
      columnOf(
        "int",
        times.map((_, row) => BigInt(row)),
      ),
      columnOf(
        "string",
        times.map((_, row) => `row ${row}`),
      ),
    ],
    rows: times.length,
    tableEnds: Uint32Array.from(ends),
    open: false,
  };
}

/** Lengths of stretches of a table, each within the bounds or not, and how many rows of them have no time. */
const tables = fc.array(
  fc.array(
    fc.record({
      rows: fc.oneof(fc.nat(3), fc.integer({ min: 0, max: 3000 })),
      at: fc.constantFrom(-(2n ** 40n), 9n, 10n, 15n, 19n, 20n, 2n ** 62n),
      nulls: fc.constantFrom(0, 0, 0, 7),
    }),
    { maxLength: 4 },
  ),
  { maxLength: 5 },
);

test("a range keeps the rows of each table whose time is inside, however they lie", async () => {
  const [start, stop] = [10n, 20n];
  const property = fc.asyncProperty(tables, fc.boolean(), async (given, mixed) => {
    const times: (bigint | null)[] = [];
    const ends: number[] = [];
    for (const stretches of given) {
      for (const { rows, at, nulls } of stretches)
        for (let i = 0; i < rows; i++) {
          // Mixed: inside and outside in turns.
          const time = mixed && i % 2 === 0 ? 12n : at;
          times.push(nulls > 0 && i % nulls === 1 ? null : time);
        }
      ends.push(times.length);
    }
    const spec = {
      start,
      stop,
      timeColumn: "_time",
      startColumn: "_start",
      stopColumn: "_stop",
    };
    const inside = (row: number): boolean => {
      const time = times[row];
      return time !== null && time >= start && time < stop;
    };
    const expected = ends.map((end, table) => {
      const rows: string[] = [];
      for (let row = ends[table - 1] ?? 0; row < end; row++)
        if (inside(row)) rows.push(`_time=${times[row]} row=${row} text=row ${row}`);
      return `_start=10 _stop=20 t=${table} [${rows.join(" | ")}]`;
    });
    expect(shown(await run(rangeKind, spec, [batchOf(times, ends)]))).toEqual([
      expected.join("  "),
    ]);
  });
  await fc.assert(property, { seed: 11, numRuns: 150 });
});
