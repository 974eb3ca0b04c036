import type { ColumnKind } from "@tocsin/data/value";

/** Cells of a column, one for each row; of texts, their codes in a dictionary. */
export type Cells = Float64Array | BigInt64Array | BigUint64Array | Uint8Array | Uint32Array;
/** Cells of a column that is not text, in memory that is not shared with other threads. */
export type NumberCells =
  | Float64Array<ArrayBuffer>
  | BigInt64Array<ArrayBuffer>
  | BigUint64Array<ArrayBuffer>
  | Uint8Array<ArrayBuffer>;

/** 64-bit cells as halves, low ones first, sharing their memory. */
export const wordsOf = (cells: BigInt64Array | BigUint64Array): Uint32Array =>
  new Uint32Array(cells.buffer, cells.byteOffset, 2 * cells.length);

/** The same with sign: halves that are compared as small integers need no memory of their own. */
export const halvesOf = (cells: BigInt64Array | BigUint64Array): Int32Array =>
  new Int32Array(cells.buffer, cells.byteOffset, 2 * cells.length);

/** Flipped, the highest bit of a lower half orders it among the signed, and unsigned numbers as signed ones. */
export const topBit = -0x80000000;

/** Memory for `length` cells of a kind, all 0. */
export function cellsOf(kind: Exclude<ColumnKind, "string">, length: number): NumberCells;
export function cellsOf(kind: ColumnKind, length: number): Cells;
export function cellsOf(kind: ColumnKind, length: number): Cells {
  switch (kind) {
    case "float":
      return new Float64Array(length);
    case "int":
    case "time":
      return new BigInt64Array(length);
    case "uint":
      return new BigUint64Array(length);
    case "bool":
      return new Uint8Array(length);
    case "string":
      return new Uint32Array(length);
  }
}
