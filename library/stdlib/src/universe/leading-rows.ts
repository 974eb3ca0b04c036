import { type Batch, type Column, slice, tableStart, takeRuns } from "@tocsin/data/column";

/**
 * Leaves out rows at the beginning of each table, whose rows may come in several batches. How many are left out may
 * depend on how many rows the table has: then its last row is kept until it is known to be the last.
 */
export class LeadingRows {
  readonly #skipped: (rows: number) => number;
  readonly #most: number;
  /** Rows so far of the table that goes on. */
  #rows = 0;
  /** The last of them, where it stays if no other follows. */
  #last: Batch | undefined;

  /** `skipped`: how many rows of a table of `rows` rows are left out; never fewer of a longer one. */
  constructor(skipped = (rows: number): number => Math.min(rows, 1)) {
    this.#skipped = skipped;
    this.#most = skipped(Infinity);
  }
  /** What is to be passed on when a batch has come. */
  after(batch: Batch): readonly Batch[] {
    const last = this.#lastRow(batch);
    const rest = this.#without(batch);
    if (this.#rows > this.#most) this.#last = undefined;
    else if (batch.open && batch.rows > tableStart(batch, batch.tableEnds.length - 1))
      this.#last = lastRowOf(batch);
    return last === undefined ? [rest] : [last, rest];
  }
  /** The row that was kept, where the table has ended with it. */
  #lastRow({ tableEnds, open }: Batch): Batch | undefined {
    const last = this.#last;
    if (open && tableEnds.length === 1 && tableEnds[0] === 0) return undefined;
    this.#last = undefined;
    return tableEnds[0] === 0 && this.#skipped(this.#rows) < this.#rows ? last : undefined;
  }
  #without(batch: Batch): Batch {
    const runs: number[] = [];
    const tableEnds = new Uint32Array(batch.tableEnds.length);
    let rows = 0;
    for (let table = 0; table < tableEnds.length; table++) {
      const [start, to] = [tableStart(batch, table), batch.tableEnds[table]];
      const before = table === 0 ? this.#rows : 0;
      const goesOn = batch.open && table === tableEnds.length - 1;
      this.#rows = before + to - start;
      const skipped = (goesOn ? this.#most : this.#skipped(this.#rows)) - before;
      const from = start + Math.max(0, skipped);
      if (from < to) {
        runs.push(from, to);
        rows += to - from;
      }
      tableEnds[table] = rows;
    }
    if (!batch.open) this.#rows = 0;
    const kept = { runs, rows, tableEnds };
    const columns = batch.columns.map((column) =>
      column.form === "table" ? column : takeRuns(column, kept),
    );
    return { schema: batch.schema, columns, rows, tableEnds, open: batch.open };
  }
}

/** The last row of a batch, as a table that goes on. */
function lastRowOf({ schema, columns, rows, tableEnds }: Batch): Batch {
  const last = columns.map((column): Column =>
    column.form === "table"
      ? { ...column, values: slice(column.values, tableEnds.length - 1, tableEnds.length) }
      : slice(column, rows - 1, rows),
  );
  return { schema, columns: last, rows: 1, tableEnds: Uint32Array.of(1), open: true };
}
