import {
  type Batch,
  type FloatColumn,
  type IntColumn,
  tableStart,
  type UintColumn,
  type Validity,
} from "@tocsin/data/column";
import { selectRows } from "@tocsin/engine/execute";

/** A column whose cells are numbers in a typed array. */
export type NumericColumn =
  | FloatColumn
  | UintColumn
  | (Omit<IntColumn, "kind"> & { readonly kind: "int" });

/** The numeric column at `at`; undefined for key columns and columns of other types. */
export function numericAt(batch: Batch, at: number): NumericColumn | undefined {
  const column = batch.columns[at];
  if (column.form === "table") return undefined;
  return column.kind === "float" || column.kind === "int" || column.kind === "uint"
    ? (column as NumericColumn)
    : undefined;
}

/** Bits of validity that are set one by one: all rows begin without a value. */
export class ValidBits {
  readonly bits: Uint8Array;
  #count = 0;
  readonly #rows: number;

  constructor(rows: number) {
    this.bits = new Uint8Array((rows + 7) >> 3);
    this.#rows = rows;
  }
  set(row: number): void {
    this.bits[row >> 3] |= 1 << (row & 7);
    this.#count++;
  }
  /** Undefined when every row was set. */
  finish(): Validity {
    return this.#count === this.#rows ? undefined : this.bits;
  }
}

/** The batch without the first row of each table, which has none before it. */
export function withoutFirstRows(batch: Batch): Batch {
  const rows = new Uint32Array(batch.rows);
  const ends = new Uint32Array(batch.tableEnds.length);
  let count = 0;
  for (let table = 0; table < ends.length; table++) {
    for (let row = tableStart(batch, table) + 1; row < batch.tableEnds[table]; row++)
      rows[count++] = row;
    ends[table] = count;
  }
  return selectRows(batch, rows, count, ends);
}

/** The times of a batch, one a row. */
export type TimeColumn = IntColumn;
