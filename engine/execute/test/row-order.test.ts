import fc from "fast-check";
import { expect, test } from "vitest";
import {
  type Batch,
  cellAt,
  columnBuilder,
  compareCells,
  type FlatColumn,
  PlainBuilder,
  rowsOf,
  tableStart,
} from "@tocsin/data/column";
import type { ColumnKind, Raw } from "@tocsin/data/value";
import { firstRows, lastRows } from "../src/first-rows.ts";
import { sortedRows } from "../src/row-order.ts";

const cells: Readonly<Record<ColumnKind, fc.Arbitrary<Raw>>> = {
  float: fc.option(fc.oneof(fc.constantFrom(-0, 0, NaN, Infinity, -Infinity, 1, -1), fc.double())),
  int: fc.option(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
  uint: fc.option(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })),
  time: fc.option(fc.bigInt({ min: -5n, max: 5n })),
  bool: fc.option(fc.boolean()),
  string: fc.option(fc.constantFrom("", "a", "a\0", "é", "z", "\u{1f514}", "\uffff")),
};

function columnOf(kind: ColumnKind, values: readonly Raw[]): FlatColumn {
  // Strings come in both forms that hold them.
  const plain = kind === "string" && values.length % 2 === 1;
  const builder = plain ? new PlainBuilder() : columnBuilder(kind, values.length);
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

test("large tables are counted for themselves, small ones together", () => {
  const rows = 150_000;
  const values = Array.from({ length: rows }, (_, i) => ((i * 7919) % 1009) / 8 - 60);
  const builder = columnBuilder("float", rows);
  values.forEach((value, i) => builder.append(i % 13 === 0 ? null : value));
  const column = builder.finish();
  const ends = [100, 70_000, 70_000, 140_000, 140_003, rows];
  for (const descending of [false, true]) {
    const sorted = sortedRows(batchOf([column], rows, ends), { columns: [0], descending });
    const numbers = values.map((value, i) => {
      if (i % 13 === 0) return -1000;
      return descending ? -value : value;
    });
    const found = ends.flatMap((end, i) =>
      Array.from({ length: end - (ends[i - 1] ?? 0) }, (_, row) => row + (ends[i - 1] ?? 0)).sort(
        (a, b) => numbers[a] - numbers[b] || a - b,
      ),
    );
    expect(sorted).toEqual(Uint32Array.from(found));
  }
});

test("stretches that ascend already are merged to what comparing gives", () => {
  const rows = 3000;
  // In each stretch of 500 rows cells ascend, with many equal ones; in another they do not at all.
  const climbing = (shift: number): Raw[] =>
    Array.from({ length: rows }, (_, i) => BigInt(Math.floor((i % 500) / 3) + shift));
  const someNull = climbing(0).map((cell, i) => (i % 500 < 20 ? null : cell));
  const ends = [1200, 1200, 1201, rows];
  for (const values of [climbing(0), climbing(-100), someNull]) {
    check(batchOf([columnOf("int", values)], rows, ends), false);
    check(batchOf([columnOf("time", values.toReversed())], rows, ends), true);
  }
  check(batchOf([columnOf("int", climbing(3)), columnOf("time", climbing(0))], rows, ends), false);
});

test.each(kinds)(
  "the first and last rows by a %s are those at the ends when all are sorted",
  (kind) => {
    const property = fc.property(
      fc.array(cells[kind], { maxLength: 60 }),
      fc.boolean(),
      fc.record({ cut: fc.nat(60), most: fc.nat(9), sorted: fc.boolean(), common: fc.boolean() }),
      (given, descending, { cut, most, sorted: isSorted, common }) => {
        // Texts also begin alike, and differ late.
        const longer = (cell: Raw): Raw => {
          if (kind !== "string" || !common) return cell;
          return `common ${cell ?? "none"}${cell}${cell}${cell}`;
        };
        const values = (isSorted ? given.toSorted(compareCells) : given).map(longer);
        const ends = [Math.min(cut, values.length), values.length];
        const batch = batchOf([columnOf(kind, values)], values.length, ends);
        const found = firstRows(batch, { columns: [0], descending }, most);
        const sorted = expected(batch, descending);
        let from = 0;
        const first = ends.flatMap((end) => {
          const some = sorted.slice(from, Math.min(end, from + most));
          from = end;
          return some;
        });
        expect([...found.rows.subarray(0, found.ends.at(-1))]).toEqual(first);
        const behind = lastRows(batch, { columns: [0], descending }, most);
        from = 0;
        const last = ends.flatMap((end) => {
          const some = sorted.slice(Math.max(from, end - most), end);
          from = end;
          return some;
        });
        expect([...behind.rows.subarray(0, behind.ends.at(-1))]).toEqual(last);
      },
    );
    fc.assert(property, { seed: 6, numRuns: 300 });
  },
);

test("rows that are equal in the first column are told apart by the next", () => {
  const few: Readonly<Record<ColumnKind, fc.Arbitrary<Raw>>> = {
    ...cells,
    float: fc.constantFrom(null, NaN, -0, 0, 1),
    int: fc.constantFrom(null, -1n, 3n),
  };
  const kind = fc.constantFrom(...kinds);
  const columns = fc
    .tuple(kind, kind, fc.integer({ min: 1, max: 60 }))
    .chain(([one, other, rows]) =>
      fc.tuple(
        ...[one, other].map((of) =>
          fc.array(few[of], { minLength: rows, maxLength: rows }).map((made) => columnOf(of, made)),
        ),
      ),
    );
  const property = fc.property(columns, fc.boolean(), fc.nat(9), (both, descending, most) => {
    const rows = rowsOf(both[0]);
    const batch = batchOf(both, rows, [rows]);
    const found = firstRows(batch, { columns: [0, 1], descending }, most);
    const sorted = expected(batch, descending);
    expect([...found.rows.subarray(0, found.ends.at(-1))]).toEqual(sorted.slice(0, most));
    const behind = lastRows(batch, { columns: [0, 1], descending }, most);
    const last = sorted.slice(Math.max(0, rows - most));
    expect([...behind.rows.subarray(0, behind.ends.at(-1))]).toEqual(last);
    check(batch, descending);
  });
  fc.assert(property, { seed: 9, numRuns: 500 });
});
