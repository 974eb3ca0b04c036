import { cellAt, columnBuilder, type FlatColumn, PlainBuilder, slice } from "@tocsin/data/column";
import type { Raw } from "@tocsin/data/value";
import { type Random, seeded } from "@tocsin/platform/host";
import { expect, test } from "vitest";
import { filledDown, filledWith } from "../src/filled-column.ts";

const seed = 20261128;
const rows = 200;

/** How a column is made, a cell of it, and what it is filled with. */
const forms = {
  float: [() => columnBuilder("float"), (n: number) => n / 4, NaN],
  int: [() => columnBuilder("int"), (n: number) => BigInt(n) << 40n, -1n],
  uint: [() => columnBuilder("uint"), (n: number) => BigInt(n) << 50n, 2n ** 64n - 1n],
  time: [() => columnBuilder("time"), (n: number) => BigInt(n) * 10n ** 15n, 5n],
  bool: [() => columnBuilder("bool"), (n: number) => n % 2 === 0, true],
  coded: [() => columnBuilder("string"), (n: number) => `t${n}`, "filled"],
  plain: [() => new PlainBuilder(), (n: number) => `text ${n}`, "filled"],
} satisfies Record<string, readonly [() => unknown, (n: number) => Raw, Raw]>;

function cellsOf(random: Random, cell: (n: number) => Raw): Raw[] {
  let nulls = 0.3;
  return Array.from({ length: rows }, (_, row) => {
    if (row % 40 === 0) nulls = [0, 0.1, 0.5, 1][Math.floor(random.next() * 4)];
    return random.next() < nulls ? null : cell(Math.floor(random.next() * 20));
  });
}

function columnOf(cells: readonly Raw[], make: (typeof forms)[keyof typeof forms][0]): FlatColumn {
  const builder = make();
  for (const cell of cells) builder.append(cell);
  return builder.finish();
}

const shown = (column: FlatColumn, count: number): Raw[] =>
  Array.from({ length: count }, (_, row) => cellAt(column, row));

test.each(Object.entries(forms))(
  `gaps of %s are filled (seed ${seed})`,
  (_, [make, cell, fill]) => {
    const random = seeded(seed);
    for (let round = 0; round < 30; round++) {
      const cells = cellsOf(random, cell);
      // A slice begins in the middle of bytes and of bits.
      const from = Math.floor(random.next() * 20);
      const column = slice(columnOf(cells, make), from, rows);
      const own = cells.slice(from);
      const value = filledWith(column, fill) as FlatColumn;
      expect(shown(value, own.length)).toEqual(own.map((raw) => raw ?? fill));

      const ends = Uint32Array.of(0, 3, 3, 90, own.length);
      const before = random.next() < 0.5 ? undefined : columnOf([cell(19)], make);
      const expected: Raw[] = [];
      let last: Raw = null;
      own.forEach((raw, row) => {
        if (row === 0 || row === 3 || row === 90) last = null;
        expected.push((last = raw ?? last));
      });
      // No table of its own goes on: the first one is empty, and the value before is of it.
      expect(shown(filledDown(column, ends, before), own.length)).toEqual(expected);
      last = before === undefined ? null : cell(19);
      for (let row = 0; row < 3 && own[row] === null; row++) expected[row] = last;
      const going = filledDown(column, ends.subarray(1), before);
      expect(shown(going, own.length)).toEqual(expected);
      // What was given stays as it is.
      expect(shown(column, own.length)).toEqual(own);
    }
  },
);
