import type { ColumnKind } from "@tocsin/data/value";
import type { Dictionary } from "./dictionary.ts";

/** One bit for each row, 1 where there is a value; undefined where every row has one. */
export type Validity = Uint8Array | undefined;

/** Doubles, one for each row. */
export interface FloatColumn {
  readonly kind: "float";
  readonly form: "flat";
  readonly data: Float64Array;
  readonly valid: Validity;
}
/** 64-bit signed integers or times (nanoseconds since the epoch), one for each row. */
export interface IntColumn {
  readonly kind: "int" | "time";
  readonly form: "flat";
  readonly data: BigInt64Array;
  readonly valid: Validity;
}
/** 64-bit unsigned integers, one for each row. */
export interface UintColumn {
  readonly kind: "uint";
  readonly form: "flat";
  readonly data: BigUint64Array;
  readonly valid: Validity;
}
/** 0 or 1, one byte for each row. */
export interface BoolColumn {
  readonly kind: "bool";
  readonly form: "flat";
  readonly data: Uint8Array;
  readonly valid: Validity;
}
/** Strings as numbers into a dictionary that only ever grows: few distinct values. */
export interface CodedColumn {
  readonly kind: "string";
  readonly form: "coded";
  readonly codes: Uint32Array;
  readonly dictionary: Dictionary;
  readonly valid: Validity;
}
/** Strings as UTF-8 bytes end to end: row `i` is `bytes[offsets[i] .. offsets[i + 1]]`. Many distinct values. */
export interface PlainColumn {
  readonly kind: "string";
  readonly form: "plain";
  readonly bytes: Uint8Array;
  readonly offsets: Uint32Array;
  readonly valid: Validity;
}
/**
 * Strings that are not made until somebody reads them: a template and the columns that fill it.
 * Nothing in it can fail: what could was tested when the column was made.
 */
export interface LazyColumn {
  readonly kind: "string";
  readonly form: "lazy";
  /** `parts[0] column[0] parts[1] column[1] … parts[n]`. */
  readonly parts: readonly string[];
  readonly columns: readonly Column[];
  readonly rows: number;
  readonly valid: Validity;
}

/** One value for each row, in one of the forms that hold its kind. */
export type FlatColumn =
  | FloatColumn
  | IntColumn
  | UintColumn
  | BoolColumn
  | CodedColumn
  | PlainColumn
  | LazyColumn;

/** One value a table: `values` has as many rows as the batch has tables. All group-key columns are so. */
export interface TableColumn {
  readonly kind: ColumnKind;
  readonly form: "table";
  readonly values: FlatColumn;
}

/** Any column of a batch. */
export type Column = FlatColumn | TableColumn;

/** A column's name and type; `key`: it is part of the group key. */
export interface ColumnSpec {
  readonly label: string;
  readonly kind: ColumnKind;
  readonly key: boolean;
}

/** The columns of a table in the order in which they are shown. No label occurs twice. */
export type Schema = readonly ColumnSpec[];

/**
 * Rows of one schema, belonging to one or more tables that follow each other. Table `t` has the rows
 * `tableEnds[t - 1] .. tableEnds[t]` (it may have none). Key columns are in the form `table`.
 */
export interface Batch {
  readonly schema: Schema;
  readonly columns: readonly Column[];
  readonly rows: number;
  readonly tableEnds: Uint32Array;
  /** The last table goes on: the next batch has the same schema and its first table the same key. */
  readonly open: boolean;
}
