import { closeSync, existsSync, openSync, writeSync } from "node:fs";
import { type Random, seeded } from "@tocsin/platform/host";

const start = Date.UTC(2026, 0, 1);

/** How many rows in how many tables, and what is special about them. */
export interface Shape {
  readonly rows: number;
  readonly tables: number;
  /** Significant digits of `_value`; default: two decimals. */
  readonly digits?: number;
  /** Distinct times of each table, over which its rows are spread; default: as many as rows. */
  readonly times?: number;
  /** Columns outside the key: `status` (few distinct texts), `code` (an int), `request` (all distinct). */
  readonly wide?: boolean;
  /** Rows of a table come in random order of time. */
  readonly shuffled?: boolean;
  /** One in so many rows has no `_value`. */
  readonly gaps?: number;
}

/**
 * Annotated CSV of points 10 s apart, one series a table: `_time`, `_value`, `_field`, `_measurement`,
 * `host`. The same shape gives the same bytes.
 */
export function writeCsv(path: string, shape: Shape): void {
  if (existsSync(path)) return;
  const random = seeded(7);
  const file = openSync(path, "w");
  const wide = shape.wide === true;
  writeSync(
    file,
    `#datatype,string,long,dateTime:RFC3339,double,string,string,string${wide ? ",string,long,string" : ""}\r\n` +
      `#group,false,false,false,false,true,true,true${wide ? ",false,false,false" : ""}\r\n` +
      `#default,_result,,,,,,${wide ? ",,," : ""}\r\n` +
      `,result,table,_time,_value,_field,_measurement,host${wide ? ",status,code,request" : ""}\r\n`,
  );
  const perTable = Math.ceil(shape.rows / shape.tables);
  let lines: string[] = [];
  for (let row = 0; row < shape.rows; row++) {
    lines.push(lineOf(row, perTable, shape, random));
    if (lines.length === 10_000) {
      writeSync(file, lines.join(""));
      lines = [];
    }
  }
  writeSync(file, lines.join(""));
  closeSync(file);
}

const statuses = ["ok", "warn", "crit", "info", "unknown"];

function lineOf(row: number, perTable: number, shape: Shape, random: Random): string {
  const table = Math.floor(row / perTable);
  const at = shape.shuffled === true ? ((row % perTable) * 7919) % perTable : row % perTable;
  const tick = shape.times === undefined ? at : at % shape.times;
  const time = new Date(start + tick * 10_000).toISOString().replace(".000Z", "Z");
  const number =
    shape.digits === undefined
      ? String(Math.round(random.next() * 10_000) / 100)
      : String(Number((random.next() * 100).toPrecision(shape.digits)));
  const value = shape.gaps !== undefined && row % shape.gaps === 0 ? "" : number;
  const more =
    shape.wide === true
      ? `,${statuses[Math.floor(random.next() * 5)]},${Math.floor(random.next() * 1000)},request-${1_000_000 + row}`
      : "";
  return `,,${table},${time},${value},f${table % 10},cpu,host${Math.floor(table / 10)}${more}\r\n`;
}

/** A script of `lines` lines: functions that call each other, records, a pipeline; it yields one row. */
export function longScript(lines: number): string {
  const made = ['import "array"'];
  for (let i = 0; made.length < lines - 2; i++) {
    const before = i === 0 ? "1.0" : `f${i - 1}(x: x, y: y)`;
    made.push(
      `f${i} = (x, y=${i}.5) => if x > y then x * ${i}.0 + y else ${i % 20 === 0 ? "x" : before}`,
      `r${i} = {name: "n${i}", limit: ${i}.0, ok: ${i} > 3, text: "value \${${i}} of n${i}"}`,
      `v${i} = r${i}.limit + f${i}(x: ${i}.0)`,
      `p${i} = (tables=<-) => tables |> filter(fn: (r) => r._value > v${i}) |> limit(n: ${i + 1})`,
    );
  }
  made.push("array.from(rows: [{_value: v0}]) |> p0()", "");
  return made.join("\n");
}
