import type { Signal, SqlRows } from "@tocsin/platform/host";

/** How a query is to be made. */
export interface Asking {
  /** Whether the database is to refuse statements that change something. */
  readonly readOnly: boolean;
  readonly signal: Signal | undefined;
}

/** One kind of database. `name` is the data source name of scripts. */
export interface Driver {
  query(name: string, statement: string, asking: Asking): AsyncIterable<SqlRows>;
  insert(
    name: string,
    table: string,
    pieces: Iterable<SqlRows>,
    signal: Signal | undefined,
  ): Promise<void>;
}

/** Rows of a piece; between pieces other work gets its turn. */
export const PIECE_ROWS = 1000;

/** Throws the reason when the run has ended. */
export function checkEnded(signal: Signal | undefined): void {
  if (signal?.aborted === true) throw signal.reason ?? new Error("stopped");
}
