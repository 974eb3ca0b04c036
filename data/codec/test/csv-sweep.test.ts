import type { Batch } from "@tocsin/data/column";
import type { Raw } from "@tocsin/data/value";
import { seeded, utf8 } from "@tocsin/platform/host";
import { expect, test } from "vitest";
import { CsvDecoder } from "../src/index.ts";
import { cellsOf, labels, pick, type Style, table } from "./written-csv.ts";

// Most rows are read column by column as they stand, odd ones cell by cell. Which rows are odd must
// not show: rows whose values are known are written in many ways, and read back in pieces.

function decoded(
  csv: string,
  pieceOf: () => number,
  columns?: ReadonlySet<string>,
): { cells: Raw[][]; tables: number } {
  const bytes = utf8.encode(csv);
  const decoder = new CsvDecoder({ columns });
  const batches: Batch[] = [];
  for (let at = 0; at < bytes.length;) {
    const size = pieceOf();
    for (const { batch } of decoder.push(bytes.subarray(at, at + size))) batches.push(batch);
    at += size;
  }
  for (const { batch } of decoder.finish()) batches.push(batch);
  return cellsOf(batches);
}

/** As the reader of quoted cells has it: a line break is one byte. */
const asRead = (cell: Raw): Raw =>
  typeof cell === "string" ? cell.replaceAll("\r\n", "\n") : cell;

const seed = 20260801;

/** The cells of the key and of some columns. */
function narrow(cells: readonly Raw[], style: Style, columns: ReadonlySet<string>): Raw[] {
  return cells.filter((_, i) => {
    const key = labels[i] === "group" || (style.lastIsKey && labels[i] === "flag");
    return key || columns.has(labels[i]);
  });
}

test(`rows come out as they were written, however odd their neighbours are (seed ${seed})`, () => {
  const random = seeded(seed);
  for (let round = 0; round < 60; round++) {
    const style = {
      odd: pick(random, [0, 0.001, 0.02, 0.3]),
      perTable: pick(random, [3, 40, 5000]),
      lastIsKey: random.next() < 0.5,
    };
    const { csv, cells } = table(random, style, Math.ceil(random.next() * 3000));
    const sizes = pick(random, [[1], [7, 100], [1000, 64], [300_000]]);
    const back = decoded(csv, () => pick(random, sizes));
    expect(back.cells.length).toBe(cells.length);
    cells.forEach((expected, i) => expect(back.cells[i]).toEqual(expected.map(asRead)));
    expect(back.tables).toBe(new Set(cells.map((one) => one[4])).size);
    const columns = new Set(labels.filter(() => random.next() < 0.4));
    const part = decoded(csv, () => pick(random, sizes), columns);
    expect(part.tables).toBe(back.tables);
    expect(part.cells).toEqual(back.cells.map((row) => narrow(row, style, columns)));
  }
});

test("a cell of a wrong type is said also where nobody reads its column", () => {
  const start =
    "#datatype,string,long,long,string,dateTime:RFC3339\n#group,false,false,false,false,false\n";
  const csv = (cell: string, time: string): string =>
    `${start}#default,r,,,,\n,result,table,n,text,at\n,,0,1,x,2026-01-01T00:00:00Z\n,,0,${cell},y,${time}\n`;
  const columns = new Set(["text"]);
  const right = csv("2", "2026-01-01T00:00:10Z");
  expect(decoded(right, () => 1e6, columns).cells).toEqual([["x"], ["y"]]);
  expect(() => decoded(csv("2x", "2026-01-01T00:00:10Z"), () => 1e6, columns)).toThrow(
    /line 6: column "n" holds "2x", which is not a whole number/u,
  );
  expect(() => decoded(csv("2", "yesterday"), () => 1e6, columns)).toThrow(/line 6: column "at"/u);
});

test("a table that lacks a column which is read is given whole", () => {
  const start = "#datatype,string,long,long,string\n#group,false,false,false,false\n";
  const csv = `${start}#default,r,,,\n,result,table,n,text\n,,0,1,x\n`;
  expect(decoded(csv, () => 1e6, new Set(["n", "other"])).cells).toEqual([[1n, "x"]]);
});

test("a line break where a cell should go on is no row of its own length", () => {
  const rows = Array.from({ length: 40 }, (_, i) => `,,0,${i},x\r\n`).join("");
  const start = "#datatype,string,long,long,string\r\n#group,false,false,false,false\r\n";
  const csv = `${start}#default,r,,,\r\n,result,table,n,text\r\n${rows},,0,1\r\n,,0,2,x\r\n`;
  expect(() => decoded(csv, () => 1e6)).toThrow(/line 45: wrong number of fields: 4, but 5/u);
});
