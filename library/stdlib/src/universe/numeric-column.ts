import {
  type Batch,
  type FloatColumn,
  type IntColumn,
  type UintColumn,
  type Validity,
} from "@tocsin/data/column";

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

/** Validity bits that are set one by one: rows are null until then. */
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

/** Validity bits that are cleared one by one: rows have a value until then. */
export class AbsentBits {
  #bits: Uint8Array | undefined;
  readonly #rows: number;

  constructor(rows: number) {
    this.#rows = rows;
  }
  clear(row: number): void {
    this.#bits ??= new Uint8Array((this.#rows + 7) >> 3).fill(255);
    this.#bits[row >> 3] &= ~(1 << (row & 7));
  }
  /** Undefined when none was cleared. */
  finish(): Validity {
    return this.#bits;
  }
}

/** The times of a batch, one for each row. */
export type TimeColumn = IntColumn;
