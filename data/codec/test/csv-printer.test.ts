import {
  type Batch,
  Dictionary,
  type FlatColumn,
  groupKey,
  pieces,
  PlainBuilder,
  type Schema,
  TableBuilder,
  batchesOf,
} from "@tocsin/data/column";
import type { ColumnKind, Raw } from "@tocsin/data/value";
import { type Random, seeded, utf8 } from "@tocsin/platform/host";
import { expect, test } from "vitest";
import { CsvEncoder } from "../src/index.ts";
import { pick } from "./written-csv.ts";

// Rows of large batches are printed by machine code that is made for their columns, others by the cell.
// Both must write the same bytes.

const int64 = (random: Random): bigint =>
  BigInt.asIntN(
    64,
    BigInt(Math.floor(random.next() * 2 ** 53)) << BigInt(Math.floor(random.next() * 20)),
  );
const sized = (random: Random): bigint =>
  BigInt(Math.floor(random.next() * 10 ** Math.floor(random.next() * 19)));

const floats: readonly ((random: Random) => number)[] = [
  (random) => Math.round(random.next() * 10_000) / 100,
  (random) => -Math.round(random.next() * 1e6) / 1e6,
  (random) => Math.floor(random.next() * 1e12),
  (random) => random.next() * 10 ** (random.next() * 40 - 20),
  (random) => -random.next() * 10 ** (random.next() * 16 - 6),
  (random) => Math.round(random.next() * 1e9) / 10 ** Math.floor(random.next() * 14),
  (random) => 2 ** Math.floor(random.next() * 60 - 25) * (1 + pick(random, [0, 1, -1]) * 2 ** -52),
  (random) =>
    pick(random, [0, -0, NaN, Infinity, -Infinity, 999_999_999, 1e9, 0.1 + 0.2, 5e-324, 0.000001]),
];
const ints = [0n, -1n, 999_999_999n, 1_000_000_000n, 10n ** 18n, -(2n ** 63n), 2n ** 63n - 1n];
const day = 86_400_000_000_000n;
const times: readonly ((random: Random) => bigint)[] = [
  (random) => 1_767_225_600_000_000_000n + (sized(random) % (5n * day)),
  (random) =>
    BigInt(Math.floor(random.next() * 200_000) - 100_000) * day - pick(random, [0n, 1n, -1n]),
  (random) => 1_767_225_600_000_000_000n + BigInt(Math.floor(random.next() * 100)) * 10_000_000n,
  (random) => int64(random),
  (random) => pick(random, [-(2n ** 63n), 2n ** 63n - 1n, 0n, -1n]),
];
const texts = [
  ...[
    "ok",
    "",
    "a,b",
    'say "hi"',
    "two\nlines",
    "\r\n",
    "\n",
    '"',
    " begins",
    "\tbegins",
    "é",
    "日本",
  ],
  ...["\\.", "\\.x", "\\", "x".repeat(60), "x".repeat(7), "x".repeat(8), '1234567"', "12345678,"],
  ...[
    "\u0085",
    "\u00a0x",
    "\u1680",
    "\u2000",
    "\u200a",
    "\u200b",
    "\u2028",
    "\u202f",
    "\u205f",
    "\u3000",
  ],
  ...["“so”", "€", "\u2060", "ぁ", "\u00a1", "\u169f", "\ufeff"],
];

/** Line by line, so that a difference is told by its line and not by all. */
function sameBothWays(batches: readonly Batch[]): void {
  const printed = written(batches, false).split("\r\n");
  const byCell = written(batches, true).split("\r\n");
  const at = byCell.findIndex((line, i) => line !== printed[i]);
  expect(printed[at]).toBe(byCell[at]);
  expect(printed.length).toBe(byCell.length);
}

/** What a column's cells are: `rare` ones come now and then. */
function cellOf(random: Random, kind: ColumnKind, rare: number): Raw {
  if (random.next() < rare / 2) return null;
  const odd = random.next() < rare;
  switch (kind) {
    case "float":
      return (odd ? pick(random, floats) : floats[0])(random);
    case "int":
      return odd ? pick(random, ints) : sized(random);
    case "uint":
      return odd ? pick(random, [2n ** 64n - 1n, 0n, 10n ** 18n]) : sized(random);
    case "time":
      return (odd ? pick(random, times) : times[0])(random);
    case "bool":
      return random.next() < 0.5;
    case "string":
      if (rare > 0.5) return pick(random, texts) + pick(random, texts);
      return odd
        ? pick(random, texts)
        : `host-${Math.floor(random.next() * (rare === 0 ? 1e9 : 30))}`;
  }
}

const kinds: readonly ColumnKind[] = ["float", "int", "uint", "time", "bool", "string"];

function batchOf(random: Random, rare: number): Batch[] {
  const chosen = Array.from({ length: 1 + Math.floor(random.next() * 5) }, () =>
    pick(random, kinds),
  );
  const schema: Schema = [
    ...chosen.slice(0, 1).map((kind) => ({ label: "a", kind, key: false })),
    { label: "host", kind: "string", key: true },
    ...chosen.slice(1).map((kind, i) => ({ label: `c${i}`, kind, key: false })),
  ];
  const tables = Array.from({ length: pick(random, [1, 3, 40]) }, (_, i) => {
    const key = groupKey([
      { label: "host", kind: "string", cell: pick(random, [`h${i}`, `h,${i}`]) },
    ]);
    const builder = new TableBuilder(key, schema);
    const rows = Math.floor(random.next() * pick(random, [2, 100, 3000]));
    for (let row = 0; row < rows; row++) {
      const cells = chosen.map((kind) => cellOf(random, kind, rare));
      builder.add(
        Object.fromEntries(cells.map((cell, at) => [at === 0 ? "a" : `c${at - 1}`, cell])),
      );
    }
    return builder.finish();
  });
  return batchesOf(tables).flatMap((batch) => [
    ...pieces(batch, pick(random, [700, 9000, 20_000])),
  ]);
}

function written(batches: readonly Batch[], byCell: boolean): string {
  const encoder = new CsvEncoder({ byCell });
  const pieces = batches.map((batch) => encoder.batch("_result", batch));
  return [...pieces, encoder.endResult()].map((piece) => utf8.decode(piece)).join("");
}

const seed = 20261128;

test(`rows are printed as they are written by the cell (seed ${seed})`, () => {
  const random = seeded(seed);
  for (let round = 0; round < 40; round++) {
    const rare = pick(random, [0, 0.001, 0.1, 1]);
    const batches = [...batchOf(random, rare), ...batchOf(random, rare)];
    sameBothWays(batches);
  }
});

/** A table of many columns. */
function wideBatches(random: Random, width: number): readonly Batch[] {
  const rare = pick(random, [0.001, 0.1]);
  const chosen = Array.from({ length: width }, () => pick(random, kinds));
  const schema = chosen.map((kind, i) => ({ label: `c${i}`, kind, key: false }));
  const builder = new TableBuilder(groupKey([]), schema);
  for (let row = 0; row < 1500; row++)
    builder.add(Object.fromEntries(chosen.map((kind, i) => [`c${i}`, cellOf(random, kind, rare)])));
  return batchesOf([builder.finish()]);
}

test(`rows of many columns, most of which share their code (seed ${seed})`, () => {
  const random = seeded(seed);
  for (const width of [9, 63, 120, 300]) sameBothWays(wideBatches(random, width));
});

test(`wide tables of several schemas in turns, which are printed in one memory (seed ${seed})`, () => {
  const random = seeded(seed);
  const [small, large, narrow] = [40, 90, 5].map((width) => wideBatches(random, width));
  sameBothWays([...small, ...narrow, ...large, ...small, ...large, ...narrow, ...small]);
});

test(`texts that are all different, short and long, in every form (seed ${seed})`, () => {
  const random = seeded(seed);
  for (const longest of [20, 300, 2000, 300_000]) {
    const rows = Math.min(12_000, Math.floor(8_000_000 / longest));
    const made = Array.from({ length: rows }, (_, i) => {
      const size = Math.floor(random.next() ** 8 * longest);
      return pick(random, texts) + "y".repeat(size) + i + pick(random, texts);
    });
    const valid = Uint8Array.from({ length: (rows + 7) >> 3 }, () => random.next() * 256);
    const plain = new PlainBuilder(rows);
    const dictionary = new Dictionary();
    for (const text of made) plain.append(text);
    const codes = Uint32Array.from(made, (text) => dictionary.code(text));
    const columns: readonly FlatColumn[] = [
      plain.finish(),
      { kind: "string", form: "coded", codes, dictionary, valid },
      { kind: "int", form: "flat", data: BigInt64Array.from(made, () => int64(random)), valid },
    ];
    const parts = ["", " is ", "\n", "!"];
    const lazy: FlatColumn = { kind: "string", form: "lazy", parts, columns, rows, valid };
    const all = [...columns, lazy];
    const schema = all.map(({ kind }, i) => ({ label: `c${i}`, kind, key: false }));
    const tableEnds = Uint32Array.of(rows >> 5, rows >> 1, rows);
    sameBothWays([{ schema, columns: all, rows, tableEnds, open: false }]);
  }
});

test("a batch of more rows than are printed at a time, and texts that are too many", () => {
  const random = seeded(seed);
  for (const distinct of [3000, 9000]) {
    const schema: Schema = [
      { label: "a", kind: "string", key: false },
      { label: "n", kind: "int", key: false },
    ];
    const builder = new TableBuilder(groupKey([]), schema);
    for (let row = 0; row < 30_000; row++)
      builder.add({
        a: `a rather long text, ${row % distinct}`,
        n: row % 7 === 0 ? null : int64(random),
      });
    const batch = builder.finish();
    sameBothWays([batch]);
  }
});
