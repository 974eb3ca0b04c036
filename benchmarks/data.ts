import { closeSync, existsSync, openSync, writeSync } from "node:fs";
import { seeded } from "@tocsin/platform/host";

const start = Date.UTC(2026, 0, 1);

/** How many rows in how many tables. */
export interface Shape {
  readonly rows: number;
  readonly tables: number;
}

/**
 * Annotated CSV of points 10 s apart, one series a table: `_time`, `_value` (two decimals), `_field`,
 * `_measurement`, `host`. The same shape gives the same bytes.
 */
export function writeCsv(path: string, { rows, tables }: Shape): void {
  if (existsSync(path)) return;
  const random = seeded(7);
  const file = openSync(path, "w");
  writeSync(
    file,
    "#datatype,string,long,dateTime:RFC3339,double,string,string,string\r\n" +
      "#group,false,false,false,false,true,true,true\r\n#default,_result,,,,,,\r\n" +
      ",result,table,_time,_value,_field,_measurement,host\r\n",
  );
  const perTable = Math.ceil(rows / tables);
  let lines: string[] = [];
  for (let row = 0; row < rows; row++) {
    const table = Math.floor(row / perTable);
    const time = new Date(start + (row % perTable) * 10_000).toISOString().replace(".000Z", "Z");
    const value = Math.round(random.next() * 10_000) / 100;
    lines.push(`,,${table},${time},${value},f${table % 10},cpu,host${Math.floor(table / 10)}\r\n`);
    if (lines.length === 10_000) {
      writeSync(file, lines.join(""));
      lines = [];
    }
  }
  writeSync(file, lines.join(""));
  closeSync(file);
}
