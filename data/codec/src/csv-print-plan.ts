import type { FlatColumn } from "@tocsin/data/column";
import { powersOfTen } from "./powers-of-ten.ts";

/** What the cells of a column are printed as. */
export type PrintKind = "float" | "int" | "uint" | "time" | "bool" | "text" | "plain";

/** Where a column is in the memory of the code that prints it. */
export interface PrintPlace {
  readonly kind: PrintKind;
  /** A value for each row: of eight bytes, codes of four, truth values of one. */
  readonly values: number;
  /** Whether some rows have none, and a bit a row, 1 where there is one. */
  readonly holes: number;
  readonly valid: number;
  /** Of codes: where the text of each begins, and the one behind them; texts lie end to end. */
  readonly offsets: number;
  /** Of plain texts these are of rows, and `shift` has what is to be added to them; `texts` is where they lie. */
  readonly shift: number;
  readonly texts: number;
  /** The bytes before the cell, the same in all rows of a table, and how many. */
  readonly fixed: number;
  readonly fixedLength: number;
  /** Of times: the date that was printed last. */
  readonly date: number;
}

export interface PrintLayout {
  readonly places: readonly PrintPlace[];
  /** The bytes behind the last cell, and how many. */
  readonly rest: number;
  readonly restLength: number;
  /** Texts of codes, of all columns. */
  readonly texts: number;
  /** Where the next byte goes, and where a row must begin to have room. */
  readonly to: number;
  readonly limit: number;
  /** Powers of ten, and their upper halves. */
  readonly powers: number;
  readonly halves: number;
  /**
   * By the exponent of a double from 2^-20 on: the power of ten that gives it 17 digits; half the distance to the next
   * one.
   */
  readonly scales: number;
  readonly gaps: number;
  readonly out: number;
  readonly size: number;
}

/** Exponents of doubles from 2^-20 to 2^29. */
export const exponents = 50;
/** Rows that are printed at a time. */
export const printRows = 8192;
/** Fixed bytes before a cell. */
export const fixedMax = 1024;
/** Codes of a column, and bytes of the texts of all columns. Memory that none comes to is never touched. */
export const codesMax = 65_536;
export const textsMax = 2 * 1024 * 1024;
/** Bytes of the texts of a dictionary; those of larger ones are printed row by row. */
const dictionaryMax = 1024 * 1024;
/** Bytes of plain texts of a column at a time. */
export const plainMax = 512 * 1024;
/** Bytes of output at a time. */
export const outBytes = 512 * 1024;

export function printKind(column: FlatColumn): PrintKind {
  if (column.kind !== "string") return column.kind;
  if (column.form !== "coded") return "plain";
  const { size, plain } = column.dictionary;
  return size < codesMax && plain.offsets[size] <= dictionaryMax ? "text" : "plain";
}

export function printLayout(kinds: readonly PrintKind[]): PrintLayout {
  let size = 64;
  const room = (bytes: number): number => {
    const at = size;
    size += Math.ceil(bytes / 8) * 8;
    return at;
  };
  const places = kinds.map((kind): PrintPlace => ({
    kind,
    values: room(kind === "plain" ? 0 : printRows * 8),
    holes: room(4),
    valid: room(printRows / 8),
    offsets: room(
      kind === "text" ? (codesMax + 1) * 4 : kind === "plain" ? (printRows + 1) * 4 : 0,
    ),
    shift: room(4),
    texts: room(kind === "plain" ? plainMax + 8 : 0),
    fixed: room(fixedMax + 8),
    fixedLength: room(4),
    date: room(kind === "time" ? 16 : 0),
  }));
  return {
    places,
    rest: room(fixedMax + 8),
    restLength: room(4),
    texts: room(kinds.includes("text") ? textsMax + 8 : 0),
    to: room(4),
    limit: room(4),
    powers: room(powersOfTen * 8),
    halves: room(powersOfTen * 8),
    scales: room(exponents),
    gaps: room(exponents * 8),
    out: room(outBytes),
    size,
  };
}

/** No row takes more bytes, beside those of texts and before cells. */
export const rowBytes = (cells: number): number => 64 * (cells + 1);
