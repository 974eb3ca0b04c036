import { expect, test } from "vitest";
import {
  type Batch,
  cellOf,
  columnBuilder,
  type FlatColumn,
  groupKey,
  indexOf,
  pieces,
  tableFrom,
} from "@tocsin/data/column";
import type { ColumnKind, Raw } from "@tocsin/data/value";
import { groupKind } from "../src/operators/group.ts";
import { groupFirstKind } from "../src/operators/group-first.ts";
import { sortKind, sortLimitKind } from "../src/operators/sort.ts";
import { limitKind, tailKind } from "../src/operators/limit.ts";
import { run } from "./row-operators.ts";

// More rows than are held without being cut back, in pieces of one table that goes on.
const rows = 150_000;
const pieceRows = 5000;

function columnOf(kind: ColumnKind, take: (row: number) => Raw): FlatColumn {
  const builder = columnBuilder(kind, rows);
  for (let row = 0; row < rows; row++) builder.append(take(row));
  return builder.finish();
}

const mixed = (row: number): number => (row * 7919) % 10_007;
const table: Batch = tableFrom(
  groupKey([{ label: "k", kind: "int", cell: 1n }]),
  Object.entries({
    // The last rows come first when it is sorted downwards: each piece has some that stay for a while.
    time: columnOf("time", (row) => BigInt(row >> 2)),
    value: columnOf("float", (row) => (row % 97 === 5 ? null : row % 89 === 0 ? NaN : mixed(row))),
    host: columnOf("string", (row) => `host${mixed(row) % 3}`),
    row: columnOf("int", BigInt),
  }).map(([label, column]) => ({ label, column })),
);
const given = [...pieces(table, pieceRows)];

/** The numbers of the rows that came out, table after table. */
function rowsIn(batches: readonly Batch[]): string[] {
  const tables: string[] = [];
  let table: Raw[] = [];
  for (const batch of batches) {
    const column = batch.columns[indexOf(batch.schema, "row")] as FlatColumn;
    let row = 0;
    for (const [i, end] of batch.tableEnds.entries()) {
      while (row < end) table.push(cellOf(column, row++, i));
      if (batch.open && i === batch.tableEnds.length - 1) continue;
      tables.push(table.join());
      table = [];
    }
  }
  return tables;
}

const orders = [
  { columns: ["time"], desc: true },
  { columns: ["value", "time"], desc: false },
  { columns: ["value"], desc: true },
  { columns: ["host", "value"], desc: true },
  { columns: ["nowhere"], desc: false },
] as const;

test.each(orders)("the first rows by %o are those of all rows sorted", async (order) => {
  for (const n of [0, 3, 4000]) {
    const all = await run(limitKind, { n, offset: 0 }, await run(sortKind, order, [table]));
    const some = await run(sortLimitKind, { ...order, n }, given);
    expect(rowsIn(some)).toEqual(rowsIn(all));
  }
});

test.each(orders)("so are those of groups by %o", async (order) => {
  const group = { mode: "by", columns: ["host"] } as const;
  const grouped = await run(groupKind, group, [table]);
  for (const n of [3, 2500]) {
    const first = { ...order, n };
    const all = await run(sortLimitKind, first, grouped);
    const some = await run(groupFirstKind, { ...group, first }, given);
    expect(rowsIn(await run(sortLimitKind, first, some))).toEqual(rowsIn(all));
  }
});

test.each([
  { n: 10, offset: 0 },
  { n: 4000, offset: 700 },
  { n: 0, offset: 3 },
  { n: 5, offset: rows - 2 },
  { n: 3 * rows, offset: 0 },
])("the last rows are those of the whole table: %o", async (spec) => {
  const to = Math.max(0, rows - spec.offset);
  const from = Math.max(0, to - spec.n);
  const expected = Array.from({ length: to - from }, (_, i) => from + i).join();
  expect(rowsIn(await run(tailKind, spec, given))).toEqual([expected]);
});
