import { boxed, type Raw, type Value } from "@tocsin/data/value";
import { formatFloat, formatTime9 } from "@tocsin/data/value";
import { utf8 } from "@tocsin/platform/host";
import type { Batch, Column, FlatColumn, LazyColumn, Validity } from "./column.ts";

/** Whether row `row` of a flat column has a value. */
export function isValid(valid: Validity, row: number): boolean {
  return valid === undefined || (valid[row >> 3] & (1 << (row & 7))) !== 0;
}

/** The cell without its wrapper; null when there is none. `row` counts within a flat column. */
export function cellAt(column: FlatColumn, row: number): Raw {
  if (!isValid(column.valid, row)) return null;
  switch (column.form) {
    case "coded":
      return column.dictionary.text(column.codes[row]);
    case "plain":
      return utf8.decode(column.bytes.subarray(column.offsets[row], column.offsets[row + 1]));
    case "lazy":
      return lazyText(column, row);
    case "flat":
      return column.kind === "bool" ? column.data[row] === 1 : column.data[row];
  }
}

/** The cell of any column of a batch, at `row` of the batch, which lies in table `table`. */
export function cellOf(column: Column, row: number, table: number): Raw {
  return column.form === "table" ? cellAt(column.values, table) : cellAt(column, row);
}

/** As `cellOf`, wrapped as a value of the language. */
export function valueOf(column: Column, row: number, table: number): Value {
  return boxed(column.kind, cellOf(column, row, table));
}

function lazyText(column: LazyColumn, row: number): string {
  let text = column.parts[0];
  for (let i = 0; i < column.columns.length; i++) {
    const filler = column.columns[i];
    if (filler.form === "table") throw new Error("a lazy column holds a column per table");
    text += cellText(filler, row) + column.parts[i + 1];
  }
  return text;
}

/** The text that interpolation makes of a cell that has a value. */
function cellText(column: FlatColumn, row: number): string {
  const raw = cellAt(column, row);
  if (typeof raw === "number") return formatFloat(raw);
  if (column.kind === "time") return formatTime9(raw as bigint);
  return String(raw);
}

/** Number of the first row of table `table`. */
export function tableStart(batch: Batch, table: number): number {
  return table === 0 ? 0 : batch.tableEnds[table - 1];
}
