import fc from "fast-check";
import { expect, test } from "vitest";
import {
  type Batch,
  cellAt,
  columnBuilder,
  compareCells,
  type FlatColumn,
  tableStart,
} from "@tocsin/data/column";
import type { ColumnKind, Raw } from "@tocsin/data/value";
import { sortedRows } from "../src/row-order.ts";

const cells: Readonly<Record<ColumnKind, fc.Arbitrary<Raw>>> = {
  float: fc.option(fc.oneof(fc.constantFrom(-0, 0, NaN, Infinity, -Infinity, 1, -1), fc.double())),
  int: fc.option(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
  uint: fc.option(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })),
  time: fc.option(fc.bigInt({ min: -5n, max: 5n })),
  bool: fc.option(fc.boolean()),
  string: fc.option(fc.constantFrom("", "a", "é", "z", "\u{1f514}", "\uffff")),
};

function columnOf(kind: ColumnKind, values: readonly Raw[]): FlatColumn {
  const builder = columnBuilder(kind, values.length);
  for (const value of values) builder.append(value);
  return builder.finish();
}

function batchOf(columns: readonly FlatColumn[], rows: number, ends: readonly number[]): Batch {
  const schema = columns.map(({ kind }, i) => ({ label: `c${i}`, kind, key: false }));
  return { schema, columns, rows, tableEnds: Uint32Array.from(ends), open: false };
}

/** Every table sorted by comparing cells: slow, and obviously right. */
function expected(batch: Batch, descending: boolean): number[] {
  const out: number[] = [];
  for (let table = 0; table < batch.tableEnds.length; table++) {
    const rows: number[] = [];
    for (let row = tableStart(batch, table); row < batch.tableEnds[table]; row++) rows.push(row);
    rows.sort((a, b) => {
      for (const column of batch.columns as readonly FlatColumn[]) {
        const [left, right] = [cellAt(column, a), cellAt(column, b)];
        const nulls = Number(right === null) - Number(left === null);
        if (nulls !== 0) return nulls;
        const order = compareCells(left, right);
        if (order !== 0 && !(left === 0 && right === 0)) return descending ? -order : order;
      }
      return a - b;
    });
    out.push(...rows);
  }
  return out;
}

function check(batch: Batch, descending: boolean): void {
  const columns = batch.columns.map((_, i) => i);
  const sorted = sortedRows(batch, { columns, descending });
  const found = sorted === undefined ? [...Array(batch.rows).keys()] : [...sorted];
  expect(found).toEqual(expected(batch, descending));
}

const kinds = Object.keys(cells) as ColumnKind[];

test.each(kinds)(
  "a column of type %s sorts by its cells, nulls first, equal ones as they came",
  (kind) => {
    const property = fc.property(
      fc.array(cells[kind], { maxLength: 40 }),
      fc.boolean(),
      fc.nat(40),
      (values, descending, cut) => {
        const ends = [Math.min(cut, values.length), values.length];
        check(batchOf([columnOf(kind, values)], values.length, ends), descending);
      },
    );
    fc.assert(property, { seed: 2 });
  },
);

test("counting digits gives what comparing gives", () => {
  // Enough rows that digits are counted: a few different cells each, in several tables.
  const rows = 5000;
  const pick = (values: readonly Raw[]): Raw[] =>
    Array.from({ length: rows }, (_, i) => values[(i * i * 31 + i * 7) % values.length]);
  const columns = [
    columnOf("string", pick(["b", null, "a", "é", "zz"])),
    columnOf("float", pick([1.5, -2, NaN, null, -0, 0, 1e300, -1e-300])),
    columnOf("int", pick([-1n, 5n, null, 2n ** 62n, -(2n ** 62n), 7n, 8n])),
  ];
  for (const descending of [false, true])
    check(batchOf(columns, rows, [10, 10, 4000, rows]), descending);
});
