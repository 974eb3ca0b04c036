import type { Signal } from "./signal.ts";

/** A database as a script names it. The name may contain a password and is never shown. */
export interface DataSource {
  /** `sqlite3`, `postgres`. */
  readonly driver: string;
  /** The data source name, in the form of the driver: a path, a URL. */
  readonly name: string;
}

/** A column of a table in a database, or of an answer. */
export interface SqlColumn {
  readonly label: string;
  readonly kind: "bool" | "int" | "uint" | "float" | "string" | "time";
}

/** A cell: an int is a bigint, and so is a time, in nanoseconds since the epoch. */
export type SqlCell = boolean | bigint | number | string | null;

/** Some rows, each with a cell for each column. */
export interface SqlRows {
  readonly columns: readonly SqlColumn[];
  readonly rows: readonly (readonly SqlCell[])[];
}

/** Databases that scripts query in SQL. Errors are `DatabaseError`s, for people. */
export interface Databases {
  /** The answer to one statement, in one or more pieces with the same columns. */
  query(source: DataSource, statement: string, signal?: Signal): AsyncIterable<SqlRows>;
  /**
   * Adds rows to a table, all of them or none. A table that does not exist is created with the columns of the first
   * rows.
   */
  insert(
    source: DataSource,
    table: string,
    pieces: Iterable<SqlRows>,
    signal?: Signal,
  ): Promise<void>;
}

/** A database did not do what was asked. `message` says what and why, without a secret. */
export class DatabaseError extends Error {
  readonly hint: string | undefined;
  constructor(message: string, hint?: string, cause?: unknown) {
    super(message, { cause });
    this.name = "DatabaseError";
    this.hint = hint;
  }
}
