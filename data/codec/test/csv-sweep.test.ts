import { type Batch, cellOf } from "@tocsin/data/column";
import { formatTimeNano, type Raw } from "@tocsin/data/value";
import { type Random, seeded, utf8 } from "@tocsin/platform/host";
import { expect, test } from "vitest";
import { CsvDecoder } from "../src/index.ts";

// Most rows are read column by column as they stand, odd ones cell by cell. Which rows are odd must
// not show: rows whose values are known are written in many ways, and read back in pieces.

interface Style {
  /** How often a cell is written in an odd way, or is of an odd length. */
  readonly odd: number;
  /** Rows of a table, about. */
  readonly perTable: number;
  readonly lastIsKey: boolean;
}

interface Row {
  readonly text: string;
  readonly cells: readonly Raw[];
}

const labels = ["time", "value", "count", "name", "group", "flag"];
const types = ["dateTime:RFC3339", "double", "long", "string", "string", "boolean"];

function head(style: Style): string {
  const keys = labels.map((label) => label === "group" || (style.lastIsKey && label === "flag"));
  return (
    `#datatype,string,long,${types.join(",")}\r\n#group,false,false,${keys.join(",")}\r\n` +
    `#default,_result,,${labels.map(() => "").join(",")}\r\n,result,table,${labels.join(",")}\r\n`
  );
}

const pick = <T>(random: Random, list: readonly T[]): T =>
  list[Math.floor(random.next() * list.length)];

const days = ["2026-01-01", "2026-02-28", "1969-12-31", "1972-02-29", "2262-04-10"];
const clocks = ["T00:00:00Z", "T23:59:59Z", "T12:34:56.789Z", "T01:02:03.000000001Z"];
const oddTimes = ["2026-01-01T00:00:00+02:00", "2026-01-01T00:00:00.1-00:30", ""];
const numbers = ["1.5", "-0", "0", "83.21", "100", "-7.25", "0.000001", "123456789.123456"];
const oddNumbers = [
  "1e-7",
  "NaN",
  "+Inf",
  "",
  "0.1234567890123456789",
  "12345678901234567890",
  ".5",
];
const counts = ["0", "-1", "42", "9007199254740993", "-9223372036854775808", "999999999999999"];
const names = ["a", "bc", "request-17", "ünïcode", "a b", 'say "hi"', "x".repeat(70)];
const oddNames = ["", "with,comma", "two\nlines", '"quoted"', "end\r"];

const numberOf = (text: string): number => (text === "+Inf" ? Infinity : Number(text));

function timeOf(text: string): string {
  const [, whole, fraction = "", zone] =
    /^([^.+Z]*T[^.+Z-]*)(\.[0-9]+)?(Z|[+-].*)$/u.exec(text) ?? [];
  const seconds = new Date(`${whole}${zone}`).toISOString().slice(0, 19);
  return `${seconds}${fraction}Z`;
}

function quoted(text: string, random: Random, odd: number): string {
  const must = /[,"\r\n]/u.test(text);
  return must || (text !== "" && random.next() < odd) ? `"${text.replaceAll('"', '""')}"` : text;
}

function row(random: Random, style: Style, key: { group: string; flag: string }): Row {
  const isOdd = (): boolean => random.next() < style.odd;
  const time = isOdd() ? pick(random, oddTimes) : pick(random, days) + pick(random, clocks);
  const value = pick(random, isOdd() ? oddNumbers : numbers);
  const count = isOdd() ? "" : pick(random, counts);
  const name = pick(random, isOdd() ? oddNames : names);
  const flag = style.lastIsKey ? key.flag : pick(random, ["true", "false"]);
  const cells = [
    time === "" ? null : timeOf(time),
    value === "" ? null : numberOf(value),
    count === "" ? null : BigInt(count),
    name === "" ? null : name,
    key.group,
    flag === "true",
  ];
  const texts = [time, value, count, quoted(name, random, style.odd), key.group, flag];
  return { text: texts.join(","), cells };
}

function table(random: Random, style: Style, rows: number): { csv: string; cells: Raw[][] } {
  let csv = head(style);
  const cells: Raw[][] = [];
  let number = -1;
  let key = { group: "", flag: "true" };
  for (let i = 0; i < rows; i++) {
    if (i === 0 || random.next() < 1 / style.perTable) {
      number += 1;
      const group = `g${number}${"-".repeat(Math.floor(random.next() * 5))}`;
      key = { group, flag: random.next() < 0.5 ? "true" : "false" };
    }
    const made = row(random, style, key);
    const newline = random.next() < style.odd ? "\n" : "\r\n";
    csv += `,${random.next() < style.odd ? "_result" : ""},${number},${made.text}${newline}`;
    if (random.next() < style.odd / 10) csv += "\r\n";
    cells.push([...made.cells]);
  }
  return { csv, cells };
}

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
  const cells: Raw[][] = [];
  let tables = 0;
  for (const batch of batches) {
    tables += batch.tableEnds.length - (batch.open ? 1 : 0);
    for (let i = 0, t = 0; i < batch.rows; i++) {
      while (i >= batch.tableEnds[t]) t++;
      cells.push(
        batch.columns.map((column) => {
          const cell = cellOf(column, i, t);
          return column.kind === "time" && cell !== null ? formatTimeNano(cell as bigint) : cell;
        }),
      );
    }
  }
  return { cells, tables };
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
