import { type Batch, cellOf } from "@tocsin/data/column";
import { formatTimeNano, type Raw } from "@tocsin/data/value";
import type { Random } from "@tocsin/platform/host";

/** How rows are written. */
export interface Style {
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

/** Columns of each row. */
export const labels = ["time", "value", "count", "name", "group", "flag"];
const types = ["dateTime:RFC3339", "double", "long", "string", "string", "boolean"];

function head(style: Style): string {
  const keys = labels.map((label) => label === "group" || (style.lastIsKey && label === "flag"));
  return (
    `#datatype,string,long,${types.join(",")}\r\n#group,false,false,${keys.join(",")}\r\n` +
    `#default,_result,,${labels.map(() => "").join(",")}\r\n,result,table,${labels.join(",")}\r\n`
  );
}

/** One of a list. */
export const pick = <T>(random: Random, list: readonly T[]): T =>
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

/** Rows as CSV, and their cells. */
export function table(random: Random, style: Style, rows: number): { csv: string; cells: Raw[][] } {
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

/** The cells of batches, times as text, and how many tables they have. */
export function cellsOf(batches: readonly Batch[]): { cells: Raw[][]; tables: number } {
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
